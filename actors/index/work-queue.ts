/** Reads posting lists from their oldest ends: the longest waiting comes first. */
import { Effect } from "effect";
import { indexLimits } from "../../src/store/limits.ts";
import {
  above,
  decodePage,
  pagesOf,
  postingKey,
  type PostingList,
} from "../../src/store/postings.ts";
import type { Store, StoreError } from "../../src/store/store.ts";

/** The first ids of a list above a bound, ascending; fewer only where the list ends. */
const idsAbove = Effect.fnUntraced(function* (
  store: Store["Service"],
  list: PostingList,
  bound: string,
  count: number,
): Effect.fn.Return<readonly string[], StoreError> {
  const { start, end } = pagesOf(list);
  // The page that the bound itself would stand in is the last one named at or below it.
  const [page] = yield* store.list({
    start,
    end: postingKey(list, above(bound)),
    limit: 1,
    reverse: true,
  });
  const ids: string[] = [];
  let from = page?.key ?? start;
  while (ids.length < count) {
    const pages = yield* store.list({ start: from, end, limit: indexLimits.pagesPerRead });
    for (const { value } of pages) {
      if (value !== null) ids.push(...decodePage(value).filter((id) => id > bound));
    }
    const last = pages.at(-1);
    if (last === undefined || pages.length < indexLimits.pagesPerRead) break;
    from = postingKey(list, above(String(last.key[3])));
  }
  return ids.slice(0, count);
});

/** The ids after `after` in all the lists of a queue together, ascending: at most `count`. */
export const queuedIds = Effect.fnUntraced(function* (
  store: Store["Service"],
  lists: readonly PostingList[],
  after: string,
  count: number,
) {
  const found = yield* Effect.forEach(
    lists,
    (list) => idsAbove(store, list, after, count),
    { concurrency: "unbounded" },
  );
  // One that moves from list to list just now may stand in two.
  return [...new Set(found.flat())].sort().slice(0, count);
});
