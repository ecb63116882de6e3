/** The orders whose rows may still come, in the order of their first rows, and those that are through. */
import { wideHash } from "../kernel/hash.ts";

/** First in, first out, in constant time. */
export class Queue<A> {
  #entries: (A | undefined)[] = [];
  #head = 0;

  push(entry: A): void {
    this.#entries.push(entry);
  }

  shift(): A | undefined {
    const entry = this.#entries[this.#head];
    if (this.#head >= this.#entries.length) return undefined;
    this.#entries[this.#head++] = undefined;
    if (this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }
}

/** At least so many of the texts that came last, as hashes, and at most twice as many. */
export class RecentTexts {
  #recent = new Set<number>();
  #before = new Set<number>();

  constructor(readonly count: number) {}

  add(text: string): void {
    this.#recent.add(wideHash(text));
    if (this.#recent.size < this.count) return;
    this.#before = this.#recent;
    this.#recent = new Set();
  }

  has(text: string): boolean {
    if (this.#recent.size === 0 && this.#before.size === 0) return false;
    const hash = wideHash(text);
    return this.#recent.has(hash) || this.#before.has(hash);
  }
}
