/** Something that there is only so much of, and of which no key may have all. */
export class Shares {
  #taken = 0;
  readonly #byKey = new Map<string, number>();

  constructor(readonly total: number, readonly perKey: number) {}

  get taken(): number {
    return this.#taken;
  }

  /** Without a key only the total counts. False: there is not so much left, or not for this key. */
  take(keyId: string | undefined, amount = 1): boolean {
    if (this.#taken + amount > this.total) return false;
    if (keyId !== undefined) {
      const own = (this.#byKey.get(keyId) ?? 0) + amount;
      if (own > this.perKey) return false;
      this.#byKey.set(keyId, own);
    }
    this.#taken += amount;
    return true;
  }

  giveBack(keyId: string | undefined, amount = 1): void {
    this.#taken -= amount;
    if (keyId === undefined) return;
    const left = (this.#byKey.get(keyId) ?? 0) - amount;
    if (left > 0) this.#byKey.set(keyId, left);
    else this.#byKey.delete(keyId);
  }
}

/** So much that one key can use an engine nearly alone, and so little that others always get in. */
export const shareOf = (total: number): number => Math.max(1, Math.ceil(total * 3 / 4));
