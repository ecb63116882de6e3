/** Live readers of the status stream, grouped by the part that they see: an entry passes the others by. */
import type { ChangeFilter } from "../../src/status/changes.ts";
import {
  type EntryFrames,
  type Narrowing,
  narrowingOf,
  narrowings,
} from "../../src/status/frames.ts";

interface LiveReader {
  readonly request: { readonly filter: ChangeFilter };
}

/** Readers by the value that narrows their view. */
type ReaderGroups<Reader> = Map<string, Set<Reader>>;

const wholeGroup = "";

export class LiveReaders<Reader extends LiveReader> {
  /** Readers that see something of every entry. */
  readonly #all: ReaderGroups<Reader> = new Map();
  readonly #narrowed: Readonly<Record<Narrowing, ReaderGroups<Reader>>> = {
    orderId: new Map(),
    locationId: new Map(),
    channel: new Map(),
  };

  get isEmpty(): boolean {
    return this.#all.size === 0 && narrowings.every((each) => this.#narrowed[each].size === 0);
  }

  add(reader: Reader): void {
    const { groups, value } = this.#placeOf(reader);
    const group = groups.get(value);
    if (group === undefined) groups.set(value, new Set([reader]));
    else group.add(reader);
  }

  delete(reader: Reader): void {
    const { groups, value } = this.#placeOf(reader);
    const group = groups.get(value);
    group?.delete(reader);
    if (group?.size === 0) groups.delete(value);
  }

  /** Readers that may see something of an entry. */
  *of(frames: EntryFrames): Iterable<Reader> {
    yield* this.#all.get(wholeGroup) ?? [];
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
    yield* this.#all.get(wholeGroup) ?? [];
    for (const narrowing of narrowings) {
      for (const group of this.#narrowed[narrowing].values()) yield* group;
    }
  }

  #placeOf({ request: { filter } }: Reader): { groups: ReaderGroups<Reader>; value: string } {
    const narrowing = narrowingOf(filter);
    return narrowing === null
      ? { groups: this.#all, value: wholeGroup }
      : { groups: this.#narrowed[narrowing], value: filter[narrowing] ?? "" };
  }
}
