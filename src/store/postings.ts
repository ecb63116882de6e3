/**
 * Posting lists: the ids that have a value in some dimension, ascending, in pages. A page is named by its
 * lower bound: it holds the list's ids from there up to the name of the next page. The first page of a list
 * is named by the empty string, so that it takes whatever is smaller than all that came before.
 */
import { Effect } from "effect";
import { indexLimits, storeLimits } from "./limits.ts";
import { below } from "../kernel/key.ts";
import type { Dimension } from "../subject/dimension.ts";
import { keys } from "./keys.ts";
import { hashOf } from "../kernel/hash.ts";
import type { Entry, Store, StoreError } from "./store.ts";
import type { Key } from "../kernel/key.ts";

export interface PostingList {
  readonly dimension: string;
  readonly value: string;
  /** Its key in a map; neither part is parsed out of it again. */
  readonly name: string;
  /** Several lists may share their pages: then each id stands there with its own list's mark behind it. */
  readonly mark?: string;
}

/** Lists of each dimension by value: each record asks for several, mostly for those that the last one asked for. */
const knownLists = new WeakMap<Dimension, Map<string, PostingList>>();

const listOf = (dimension: Dimension, value: string): PostingList => {
  let lists = knownLists.get(dimension);
  if (lists === undefined) {
    lists = new Map();
    knownLists.set(dimension, lists);
  }
  let list = lists.get(value);
  if (list === undefined) {
    if (lists.size >= indexLimits.knownLists) lists.clear();
    const { name } = dimension;
    list = { dimension: name, value, name: `${name}\u0000${value}` };
    lists.set(value, list);
  }
  return list;
};

/** The list of a value. Of values that share lists, the mark is another hash of theirs. */
export const postingList = (dimension: Dimension, value: string): PostingList => {
  const { sharedLists } = dimension;
  if (sharedLists === undefined) return listOf(dimension, value);
  const hash = hashOf(value);
  return {
    ...listOf(dimension, String(hash % sharedLists)),
    mark: `~${Math.floor(hash / sharedLists).toString(36)}`,
  };
};

/** An id as it stands in the list's pages. */
export const entryOf = (list: PostingList, id: string): string => `${id}${list.mark ?? ""}`;

const decoder = new TextDecoder();

/**
 * Ids that follow each other begin alike, since they begin with their time. Of each id are written: the
 * length of the beginning that it shares with the id before, the length of the rest, and the rest. Ids are
 * ASCII and at most 255 characters long.
 */
export const encodePage = (ids: readonly string[]): Uint8Array => {
  let room = 0;
  for (const id of ids) room += idBytes(id);
  const bytes = new Uint8Array(room);
  let offset = 0;
  let before = "";
  for (const id of ids) {
    const { length } = id;
    const longest = Math.min(before.length, length);
    let shared = 0;
    while (shared < longest && before.charCodeAt(shared) === id.charCodeAt(shared)) shared++;
    bytes[offset++] = shared;
    bytes[offset++] = length - shared;
    for (let i = shared; i < length; i++) bytes[offset++] = id.charCodeAt(i);
    before = id;
  }
  return bytes.subarray(0, offset);
};

export const decodePage = (bytes: Uint8Array): string[] => {
  const ids: string[] = [];
  let before = "";
  for (let offset = 0; offset + 2 <= bytes.length;) {
    const shared = bytes[offset] ?? 0;
    const start = offset + 2;
    const end = start + (bytes[offset + 1] ?? 0);
    before = before.slice(0, shared) + decoder.decode(bytes.subarray(start, end));
    ids.push(before);
    offset = end;
  }
  return ids;
};

/** Bytes that an id takes in a page, at most: commits are packed by them. */
export const idBytes = (id: string): number => 2 + id.length;

export const postingKey = (list: PostingList, lower: string): Key =>
  keys.posting(list.dimension, list.value, lower);

/** At most how many bytes a page's key takes: UTF-8 is up to three for one of UTF-16. */
export const postingKeyBytes = (list: PostingList, lower: string): number =>
  32 + list.dimension.length + lower.length + list.value.length * 3;

/** The name of a page, out of its key. */
export const lowerOf = (entry: Entry): string => String(entry.key[3]);

/** All pages of a list. */
export const pagesOf = (list: PostingList): { readonly start: Key; readonly end: Key } =>
  below(["posting", list.dimension, list.value]);

/** Below every character that an id or a mark begins with. */
const afterId = "\u0000";

/** Just above an id, so that "below this" means the id and everything before it. */
export const above = (id: string): string => `${id}${afterId}`;

/** Index of the first id that is not below `bound`, in ascending ids. */
export const indexOfBound = (ids: readonly string[], bound: string): number => {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? "") < bound) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Above every id. */
export const everything = "\uffff";

/** The ids of a list in its pages, which others may share. */
const idsOf = ({ mark }: PostingList, entries: readonly string[]): readonly string[] =>
  mark === undefined ? entries : entries.filter((entry) => entry.endsWith(mark))
    .map((entry) => entry.slice(0, -mark.length));

/** Turns a bound on ids into one on entries: just above an id is above the id with any mark. */
const entryBound = ({ mark }: PostingList, bound: string): string =>
  mark !== undefined && bound.endsWith(afterId) ? `${bound.slice(0, -1)}\u007f` : bound;

/** A way through ids from the newest to the oldest. */
export interface Walk {
  /** How many pages it has read. */
  readonly pages: number;
  /** The greatest id below `bound`; null when there is none. Bounds must not grow from call to call. */
  readonly seek: (bound: string) => Effect.Effect<string | null, StoreError>;
}

/** Walks one list from its newest id to its oldest, skipping pages that cannot matter. */
export class PostingWalk implements Walk {
  #ids: readonly string[] = [];
  /** Pages from here on have been read. */
  #lower = everything;
  #pages = 0;

  constructor(
    private readonly store: Store["Service"],
    readonly list: PostingList,
    private readonly pagesPerRead: number = indexLimits.pagesPerRead,
  ) {}

  get pages(): number {
    return this.#pages;
  }

  readonly seek = (bound: string): Effect.Effect<string | null, StoreError> =>
    Effect.suspend(() => {
      const id = this.#buffered(bound);
      return id !== undefined ? Effect.succeed(id) : this.#read(bound);
    });

  #buffered(bound: string): string | undefined {
    const index = indexOfBound(this.#ids, bound);
    return index > 0 ? this.#ids[index - 1] : undefined;
  }

  #read(bound: string): Effect.Effect<string | null, StoreError> {
    const upper = entryBound(this.list, bound);
    const end = upper < this.#lower ? upper : this.#lower;
    return Effect.flatMap(
      this.store.list({
        start: postingKey(this.list, ""),
        end: postingKey(this.list, end),
        limit: this.pagesPerRead,
        reverse: true,
      }),
      (pages) => {
        const last = pages.at(-1);
        if (last === undefined) return Effect.succeed(null);
        this.#pages += pages.length;
        this.#lower = lowerOf(last);
        this.#ids = idsOf(
          this.list,
          pages.toReversed().flatMap(({ value }) => value === null ? [] : decodePage(value)),
        );
        const id = this.#buffered(bound);
        return id !== undefined ? Effect.succeed(id) : this.#read(bound);
      },
    );
  }
}

/** The ids of any of several walks. */
export class UnionWalk implements Walk {
  #walks: readonly Walk[];
  #isFirst = true;
  /** Of walks that are at their end. */
  #pages = 0;

  constructor(walks: readonly Walk[]) {
    this.#walks = walks;
  }

  get pages(): number {
    return this.#walks.reduce((sum, { pages }) => sum + pages, this.#pages);
  }

  readonly seek = (bound: string): Effect.Effect<string | null, StoreError> =>
    Effect.map(this.#each(bound), (ids) => {
      let greatest: string | null = null;
      for (const id of ids) if (id !== null && (greatest === null || id > greatest)) greatest = id;
      this.#leaveOut(ids);
      return greatest;
    });

  /** At first each walk has to read; later most of them know. */
  #each(bound: string): Effect.Effect<readonly (string | null)[], StoreError> {
    const concurrency = this.#isFirst ? storeLimits.concurrentReads : 1;
    this.#isFirst = false;
    return Effect.forEach(this.#walks, (walk) => walk.seek(bound), { concurrency });
  }

  /** Bounds only fall: a walk that is at its end has nothing more to say, and would look each time. */
  #leaveOut(ids: readonly (string | null)[]): void {
    if (!ids.includes(null)) return;
    const pages = this.pages;
    this.#walks = this.#walks.filter((_, n) => ids[n] !== null);
    this.#pages = 0;
    this.#pages = pages - this.pages;
  }
}

/**
 * The greatest id below `bound` that is in all the lists; null when there is none. Each list is searched for
 * the ids of the others, so the shortest decides how much is read. Stops after `indexLimits.pagesPerQuery`
 * pages with where it got to.
 */
export const seekCommon = Effect.fnUntraced(function* (
  walks: readonly Walk[],
  bound: string,
): Effect.fn.Return<
  { readonly id: string | null; readonly stoppedBelow?: string },
  StoreError
> {
  let target = bound;
  while (true) {
    let common: string | null = null;
    let agreed = true;
    for (const walk of walks) {
      const id: string | null = yield* walk.seek(common === null ? target : above(common));
      if (id === null) return { id: null };
      if (common !== null && id !== common) agreed = false;
      common = id;
      if (!agreed) break;
    }
    if (agreed) return { id: common };
    target = above(common ?? "");
    if (walks.reduce((sum, walk) => sum + walk.pages, 0) >= indexLimits.pagesPerQuery) {
      return { id: null, stoppedBelow: target };
    }
  }
});
