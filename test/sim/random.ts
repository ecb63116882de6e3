/** Seeded chance: the same seed gives the same run, on every machine. */

export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    // Neighboring seeds begin alike.
    for (let n = 0; n < 4; n++) this.next();
  }

  /** From 0 (included) to 1 (not included). Mulberry32, by Tommy Ettinger, in the public domain. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** Whole, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  happens(share: number): boolean {
    return this.next() < share;
  }

  pick<A>(from: readonly A[]): A {
    if (from.length === 0) throw new RangeError("nothing to pick from");
    return from[this.between(0, from.length - 1)] as A;
  }

  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new RangeError("no weights");
  }

  /** A chance of its own, so that what one part draws does not shift what another does. */
  fork(): Chance {
    return new Chance(Math.floor(this.next() * 0x1_0000_0000));
  }
}
