/** Reads how many units of SKUs are available for a feed, and which SKUs there are. */
import { Effect } from "effect";
import type { StockFeed } from "../../src/stock-feed/feed.ts";
import type { Level, Levels } from "../../src/stock-feed/told.ts";
import { below } from "../../src/kernel/key.ts";
import { availableFor } from "../../src/stock/available-for.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import { stockKey } from "../../src/stock/keys.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import type { StockRow } from "../../src/stock/stock.ts";
import { isAfter } from "../../src/store/keys.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { eventIdOf } from "../../src/subject/event.ts";
import { Books } from "../balance/books.ts";
import { LogTail } from "../log/log-tail.ts";

/** A log that nobody has read yet comes before all positions. */
const positionDigits = 20;

type Choice = Pick<StockFeed, "locationIds" | "buffer">;

export interface LevelsReader {
  /** As the store has them now: holds of this process may be dropped, and nobody would be told. */
  readonly levels: (
    choice: Choice,
    skus: readonly string[],
  ) => Effect.Effect<Levels, StoreError>;
  /** Whether none of a SKU is available, as far as memory tells. */
  readonly isKnownEmpty: (choice: Choice, sku: string) => boolean;
  /** SKUs after one that have a row at any of the locations, in the order of the store. */
  readonly skusAfter: (
    choice: Choice,
    after: string,
    limit: number,
  ) => Effect.Effect<readonly string[], StoreError>;
}

const inStoreOrder = (one: string, other: string): number =>
  one === other ? 0 : isAfter(one, other) ? 1 : -1;

export const levelsReader: Effect.Effect<LevelsReader, never, Store | LogTail | Books> = Effect
  .gen(function* () {
    const store = yield* Store;
    const tail = yield* LogTail;
    const book = (yield* Books).bookOf(stockBalance);

    const rowsOf = Effect.fnUntraced(function* ({ locationIds }: Choice, skus: readonly string[]) {
      const names = skus.flatMap((sku) =>
        locationIds.map((locationId) => stockKey(locationId, sku))
      );
      const entries: Entry[] = [];
      for (let n = 0; n < names.length; n += stockLimits.rowsPerRead) {
        entries.push(...yield* store.getMany(names.slice(n, n + stockLimits.rowsPerRead)));
      }
      const rows = entries.flatMap(({ value }) =>
        value === null ? [] : [decodeJson<StockRow>(value)]
      );
      return Map.groupBy(rows, ({ sku }) => sku);
    });

    const levels = Effect.fnUntraced(function* (choice: Choice, skus: readonly string[]) {
      // Before the rows are read: whatever changes them from now on has a greater one.
      const sequence = eventIdOf(tail.position().padStart(positionDigits, "0"), null);
      const rows = yield* rowsOf(choice, skus);
      const found = skus.map((sku): Level => ({
        sku,
        available: availableFor(rows.get(sku) ?? [], choice.buffer),
      }));
      return { sequence, levels: found };
    });

    const skusAfter = Effect.fnUntraced(function* (
      { locationIds }: Choice,
      after: string,
      limit: number,
    ) {
      const skus = new Set<string>();
      for (const locationId of locationIds) {
        const { start, end } = below(stockKey(locationId, "").slice(0, 2));
        const first = after === "" ? start : [...stockKey(locationId, after), ""];
        const entries = yield* store.list({ start: first, end, limit });
        for (const { key } of entries) skus.add(String(key[2]));
      }
      return [...skus].sort(inStoreOrder).slice(0, limit);
    });

    return {
      levels,
      isKnownEmpty: ({ locationIds, buffer }, sku) => {
        const rows: StockRow[] = [];
        for (const locationId of locationIds) {
          const row = book.row(locationId, sku);
          if (row === undefined) return false;
          rows.push(row);
        }
        return availableFor(rows, buffer) === 0;
      },
      skusAfter,
    };
  });
