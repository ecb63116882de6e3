/**
 * Posting pages in memory while they are written: finds the page of an id, splits full pages, merges nearly
 * empty ones, and says which writes bring the store to the same state.
 */
import { Effect } from "effect";
import { indexLimits } from "./limits.ts";
import {
  above,
  decodePage,
  encodePage,
  idBytes,
  indexOfBound,
  lowerOf,
  pagesOf,
  postingKey,
  postingKeyBytes,
  type PostingList,
} from "./postings.ts";
import type { Mutation, Store, StoreError } from "./store.ts";

interface CachedPage {
  readonly list: PostingList;
  readonly siblings: CachedPage[];
  /** Its name: none of its ids is below. */
  readonly lower: string;
  /** The name of the next page of the list; null for the last. */
  until: string | null;
  ids: string[];
  /** Whether the store has a page of this name. */
  stored: boolean;
  /** The round of its last use, to forget the longest unused. */
  usedAt: number;
}

/** Pages with fewer ids than this join the one before, if both fit there with room to grow. */
const mergeBelowIds = indexLimits.idsPerPage / 4;
const mergedIds = (indexLimits.idsPerPage * 3) / 4;

export class PostingPages {
  /** Cached pages of each list, by their lower bound; not necessarily neighbors. */
  readonly #lists = new Map<string, CachedPage[]>();
  readonly #changed = new Set<CachedPage>();
  #cached = 0;
  #round = 0;
  #changedBytes = 0;
  #changedKeyBytes = 0;

  constructor(private readonly store: Store["Service"]) {}

  /** Pages with changes that the store does not have. */
  get changedPages(): number {
    return this.#changed.size;
  }

  /** At most how many bytes their writes take, before any are merged. */
  get changedBytes(): number {
    return this.#changedBytes;
  }

  get changedKeyBytes(): number {
    return this.#changedKeyBytes;
  }

  get cachedPages(): number {
    return this.#cached;
  }

  /** Adds or removes an id; false when its page has to be loaded first. */
  apply(list: PostingList, id: string, present: boolean): boolean {
    const page = this.#find(list, id);
    if (page === undefined) return false;
    // Ids come mostly in their order.
    const last = page.ids.at(-1);
    const index = last !== undefined && last < id ? page.ids.length : indexOfBound(page.ids, id);
    const there = page.ids[index] === id;
    if (there === present) return true;
    if (present) page.ids.splice(index, 0, id);
    else page.ids.splice(index, 1);
    this.#touch(page);
    this.#changedBytes += idBytes(id);
    if (page.ids.length > indexLimits.idsPerPage) this.#split(page, index);
    return true;
  }

  /** Reads the page in which the id is or would be. */
  readonly load = Effect.fnUntraced(
    function* (this: PostingPages, list: PostingList, id: string): Effect.fn.Return<
      void,
      StoreError
    > {
      const range = pagesOf(list);
      const bound = postingKey(list, above(id));
      const [page] = yield* this.store.list({
        start: range.start,
        end: bound,
        limit: 1,
        reverse: true,
      });
      const [next] = yield* this.store.list({ start: bound, end: range.end, limit: 1 });
      this.#insert(list, {
        lower: page === undefined ? "" : lowerOf(page),
        until: next === undefined ? null : lowerOf(next),
        ids: page?.value == null ? [] : decodePage(page.value),
        stored: page !== undefined,
      });
    },
  ).bind(this);

  /**
   * The writes for all changes. The pages count as written only after `written`. Merging adds writes, so it
   * happens only while `mayMerge` says that there is room.
   */
  mutations(mayMerge: () => boolean): readonly Mutation[] {
    for (const page of [...this.#changed]) if (mayMerge()) this.#merge(page);
    return [...this.#changed].flatMap((page): Mutation[] => {
      const key = postingKey(page.list, page.lower);
      if (page.ids.length > 0) return [{ type: "set", key, value: encodePage(page.ids) }];
      // The first page stays, however empty: it takes ids that are smaller than all others.
      if (page.lower === "") {
        return page.stored ? [{ type: "set", key, value: encodePage([]) }] : [];
      }
      return page.stored ? [{ type: "delete", key }] : [];
    });
  }

  /** The store took the last `mutations`: forgets empty pages, and the longest unused of too many. */
  written(): void {
    for (const page of this.#changed) {
      if (page.ids.length === 0 && page.lower !== "") this.#forget(page);
      else page.stored = page.stored || page.ids.length > 0;
    }
    this.#changed.clear();
    this.#changedBytes = 0;
    this.#changedKeyBytes = 0;
    this.#round++;
    if (this.#cached > indexLimits.cachedPages) this.#evict();
  }

  /** Forgets everything, changes too: somebody else may have written. */
  clear(): void {
    this.#lists.clear();
    this.#changed.clear();
    this.#cached = 0;
    this.#changedBytes = 0;
    this.#changedKeyBytes = 0;
  }

  #find(list: PostingList, id: string): CachedPage | undefined {
    const siblings = this.#lists.get(list.name);
    if (siblings === undefined) return undefined;
    const last = siblings.at(-1);
    const page = last !== undefined && last.lower <= id
      ? last
      : siblings[indexAfter(siblings, id) - 1];
    if (page === undefined || (page.until !== null && id >= page.until)) return undefined;
    page.usedAt = this.#round;
    return page;
  }

  #insert(
    list: PostingList,
    loaded: Pick<CachedPage, "lower" | "until" | "ids" | "stored">,
  ): CachedPage {
    const { name } = list;
    let siblings = this.#lists.get(name);
    if (siblings === undefined) {
      siblings = [];
      this.#lists.set(name, siblings);
    }
    const page: CachedPage = { list, siblings, usedAt: this.#round, ...loaded };
    siblings.splice(indexAfter(siblings, page.lower), 0, page);
    this.#cached++;
    return page;
  }

  #touch(page: CachedPage): void {
    if (this.#changed.has(page)) return;
    this.#changed.add(page);
    const keyBytes = postingKeyBytes(page.list, page.lower);
    this.#changedKeyBytes += keyBytes;
    this.#changedBytes += keyBytes;
    for (const id of page.ids) this.#changedBytes += id.length + 2;
  }

  /** Ids come mostly in their order, so a page that overflows at its end is left full. */
  #split(page: CachedPage, at: number): void {
    const middle = at === page.ids.length - 1 ? at : page.ids.length >> 1;
    const ids = page.ids.splice(middle);
    const lower = ids[0] ?? "";
    const next = this.#insert(page.list, { lower, until: page.until, ids, stored: false });
    page.until = lower;
    this.#touch(next);
  }

  #merge(page: CachedPage): void {
    if (page.ids.length >= mergeBelowIds || page.lower === "") return;
    const before = page.siblings[page.siblings.indexOf(page) - 1];
    if (before === undefined || before.until !== page.lower) return;
    // An empty page is about to go, and its ids may already be where this one's would not follow.
    if (before.ids.length === 0 && before.lower !== "") return;
    if (before.ids.length + page.ids.length > mergedIds) return;
    if (page.ids.length > 0) {
      this.#touch(before);
      before.ids.push(...page.ids);
      page.ids = [];
    }
  }

  #forget(page: CachedPage): void {
    const index = page.siblings.indexOf(page);
    const before = page.siblings[index - 1];
    if (before !== undefined && before.until === page.lower) before.until = page.until;
    page.siblings.splice(index, 1);
    this.#cached--;
    if (page.siblings.length === 0) this.#lists.delete(page.list.name);
  }

  /** Drops a quarter of the pages that may stay as well, so that this is seldom. */
  #evict(): void {
    const pages = [...this.#lists.values()].flat().sort((one, other) => one.usedAt - other.usedAt);
    for (const page of pages.slice(0, pages.length - (indexLimits.cachedPages * 3) / 4)) {
      page.siblings.splice(page.siblings.indexOf(page), 1);
      this.#cached--;
      if (page.siblings.length === 0) this.#lists.delete(page.list.name);
    }
  }
}

/** Index of the first page whose lower bound is above the id. */
const indexAfter = (pages: readonly CachedPage[], id: string): number => {
  let low = 0;
  let high = pages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pages[middle]?.lower ?? "") <= id) low = middle + 1;
    else high = middle;
  }
  return low;
};
