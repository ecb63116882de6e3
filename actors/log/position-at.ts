/** Finds the place in the log of a time, without reading all of it: entries are in the order of their commits. */
import { Effect } from "effect";
import { epochMsOf } from "../../src/kernel/instant.ts";
import { keys } from "../../src/store/keys.ts";
import { beginning, type Position } from "../../src/store/log.ts";
import { entryPartKey, unpackHead } from "../../src/store/log-entry.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { valueOf } from "../../src/store/values.ts";
import { logRange } from "./log-reader.ts";

const digits = 20;
const textOf = (n: bigint): Position => n.toString(16).padStart(digits, "0");
const numberOf = (position: Position): bigint => BigInt(`0x${position}`);

/** When an entry was committed, by the clock of its process, epoch milliseconds. */
const atMsOf = (store: Store["Service"], entry: Entry): Effect.Effect<number, StoreError> =>
  valueOf(entry, unpackHead, (n, stamp) => entryPartKey(n, stamp)).pipe(
    Effect.provideService(Store, store),
    Effect.map((stored) => stored === null ? 0 : epochMsOf(stored.value.at)),
  );

/**
 * The last position before the time, or one near it where clocks of processes differed; `beginning` when the
 * whole log is later.
 */
export const positionBefore = Effect.fnUntraced(function* (
  store: Store["Service"],
  atMs: number,
): Effect.fn.Return<Position, StoreError> {
  const first = yield* store.list({ ...logRange, limit: 1 });
  const last = yield* store.list({ ...logRange, limit: 1, reverse: true });
  if (first[0] === undefined || last[0] === undefined) return beginning;
  let low = numberOf(String(first[0].key[1]));
  let high = numberOf(String(last[0].key[1]));
  if ((yield* atMsOf(store, first[0])) >= atMs) return beginning;
  if ((yield* atMsOf(store, last[0])) < atMs) return textOf(high);
  // `low` is before the time, `high` is not.
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const [next] = yield* store.list({
      start: keys.log(textOf(middle)),
      end: keys.log(textOf(high)),
      limit: 1,
    });
    if (next === undefined) {
      high = middle;
      continue;
    }
    const at = numberOf(String(next.key[1]));
    if ((yield* atMsOf(store, next)) < atMs) low = at;
    else high = middle;
  }
  return textOf(low);
});
