/** Walks a range of keys a page at a time: no read is larger than one page, however long the range is. */
import { Effect } from "effect";
import type { Entry, Range, Store, StoreError } from "./store.ts";

/**
 * Hands over every entry of the range in order; `range.limit` is the size of a page. The walk ends where
 * the range does, or when `onPage` answers false. What is written behind the page in hand meanwhile is seen.
 */
export const forEachPage = Effect.fnUntraced(function* <E = never, R = never>(
  store: Store["Service"],
  range: Omit<Range, "reverse">,
  onPage: (entries: readonly Entry[]) => Effect.Effect<boolean | void, E, R>,
): Effect.fn.Return<void, StoreError | E, R> {
  const { end, limit } = range;
  let start = range.start;
  while (true) {
    const entries = yield* store.list({ start, end, limit });
    const last = entries.at(-1);
    if (last === undefined) return;
    if ((yield* onPage(entries)) === false || entries.length < limit) return;
    start = [...last.key, ""];
  }
});
