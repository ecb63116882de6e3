/** Something that there is only so much of, and of which no key may have all. */

/** Whose share it is; undefined for whoever asks without a key, all of them together. */
export type ShareHolder = string | undefined;

/** Holders that are remembered while they hold nothing: most come again at once. */
const idleHolders = 1_024;

export class Shares {
  #taken = 0;
  readonly #byHolder = new Map<ShareHolder, { taken: number }>();

  constructor(readonly total: number, readonly perKey: number = shareOf(total)) {}

  get taken(): number {
    return this.#taken;
  }

  /** False: there is not so much left, or not for this key. */
  take(holder: ShareHolder, amount = 1): boolean {
    const own = this.#byHolder.get(holder) ?? this.#add(holder);
    if (this.#taken + amount > this.total || own.taken + amount > this.perKey) return false;
    own.taken += amount;
    this.#taken += amount;
    return true;
  }

  giveBack(holder: ShareHolder, amount = 1): void {
    this.#taken -= amount;
    const own = this.#byHolder.get(holder);
    if (own !== undefined) own.taken -= amount;
  }

  #add(holder: ShareHolder): { taken: number } {
    if (this.#byHolder.size >= idleHolders) {
      for (const [each, { taken }] of this.#byHolder) if (taken === 0) this.#byHolder.delete(each);
    }
    const own = { taken: 0 };
    this.#byHolder.set(holder, own);
    return own;
  }
}

/** So much that one key can use an engine nearly alone, and so little that others always get in. */
const shareOf = (total: number): number => Math.max(1, Math.ceil(total * 3 / 4));
