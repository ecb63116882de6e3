/** Who follows the status stream as it comes, by what they see of it: an entry is not shown to all the others. */
import type { ChangeFilter } from "../src/status/changes.ts";
import { type EntryFrames, type Narrowing, narrowingOf, narrowings } from "../src/status/frames.ts";

interface Follower {
  readonly request: { readonly filter: ChangeFilter };
}

export class LiveReaders<Reader extends Follower> {
  /** Those who see something of every entry. */
  readonly #all = new Set<Reader>();
  readonly #narrowed: Readonly<Record<Narrowing, Map<string, Set<Reader>>>> = {
    orderId: new Map(),
    locationId: new Map(),
    channel: new Map(),
  };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(reader: Reader): void {
    const { filter } = reader.request;
    const narrowing = narrowingOf(filter);
    if (narrowing === null) this.#all.add(reader);
    else {
      const value = filter[narrowing] ?? "";
      const group = this.#narrowed[narrowing].get(value);
      if (group === undefined) this.#narrowed[narrowing].set(value, new Set([reader]));
      else group.add(reader);
    }
    this.#size++;
  }

  delete(reader: Reader): void {
    const { filter } = reader.request;
    const narrowing = narrowingOf(filter);
    if (narrowing === null) {
      if (this.#all.delete(reader)) this.#size--;
      return;
    }
    const value = filter[narrowing] ?? "";
    const group = this.#narrowed[narrowing].get(value);
    if (group?.delete(reader) !== true) return;
    this.#size--;
    if (group.size === 0) this.#narrowed[narrowing].delete(value);
  }

  /** Those who may see something of an entry. */
  *of(frames: EntryFrames): Iterable<Reader> {
    yield* this.#all;
    for (const narrowing of narrowings) {
      const groups = this.#narrowed[narrowing];
      if (groups.size === 0) continue;
      for (const value of frames.values(narrowing)) {
        const group = groups.get(value);
        if (group !== undefined) yield* group;
      }
    }
  }

  *[Symbol.iterator](): Iterator<Reader> {
    yield* this.#all;
    for (const narrowing of narrowings) {
      for (const group of this.#narrowed[narrowing].values()) yield* group;
    }
  }
}
