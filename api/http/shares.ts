/** Shares of a bounded amount, of which no key may take all. */

/** The id of the key whose share it is; undefined for all callers without a key together. */
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

/** The share of one key: it can use an engine nearly alone, and others always get in. */
const shareOf = (total: number): number => Math.max(1, Math.ceil(total * 3 / 4));
