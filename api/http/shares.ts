/** Something that there is only so much of, and of which no key may have all. */

/** Whose share it is; undefined for whoever asks without a key, all of them together. */
export type ShareHolder = string | undefined;

export class Shares {
  #taken = 0;
  readonly #byHolder = new Map<ShareHolder, number>();

  constructor(readonly total: number, readonly perKey: number = shareOf(total)) {}

  get taken(): number {
    return this.#taken;
  }

  /** False: there is not so much left, or not for this key. */
  take(holder: ShareHolder, amount = 1): boolean {
    const own = (this.#byHolder.get(holder) ?? 0) + amount;
    if (this.#taken + amount > this.total || own > this.perKey) return false;
    this.#byHolder.set(holder, own);
    this.#taken += amount;
    return true;
  }

  giveBack(holder: ShareHolder, amount = 1): void {
    this.#taken -= amount;
    const left = (this.#byHolder.get(holder) ?? 0) - amount;
    if (left > 0) this.#byHolder.set(holder, left);
    else this.#byHolder.delete(holder);
  }
}

/** So much that one key can use an engine nearly alone, and so little that others always get in. */
const shareOf = (total: number): number => Math.max(1, Math.ceil(total * 3 / 4));
