/** What happened to one stock row, newest first, read backwards from the log. */
import { Effect } from "effect";
import { dashboardLimits } from "../src/limits.ts";
import type { StockDelta } from "../src/inventory/stock.ts";
import { keys } from "../src/store/keys.ts";
import type { LogRecord, Position, StoredLogEntry } from "../src/store/log.ts";
import { type Key, Store } from "../src/store/store.ts";
import { valueOf } from "../src/store/values.ts";

export interface StockChange {
  readonly position: Position;
  readonly at: string;
  readonly by: string;
  /** What happened: events of an order, or the kind of stock change. */
  readonly types: readonly string[];
  readonly orderId?: string;
  readonly reason?: string;
  readonly reference?: string;
  readonly delta: StockDelta;
}

export interface StockHistoryPage {
  readonly changes: readonly StockChange[];
  /** Log entries that were looked at for it. */
  readonly entries: number;
  /** From where to look further back; null at the beginning of the log. */
  readonly before: Position | null;
}

const changesIn = (
  record: LogRecord,
  position: Position,
  row: { readonly locationId: string; readonly sku: string },
): readonly StockChange[] => {
  if (record.kind !== "order" && record.kind !== "stock") return [];
  const { at, by } = record;
  return record.stock
    .filter(({ locationId, sku }) => locationId === row.locationId && sku === row.sku)
    .map((delta) =>
      record.kind === "order"
        ? {
          position,
          at,
          by,
          delta,
          orderId: record.orderId,
          types: [...new Set(record.events.map(({ type }) => type))],
        }
        : {
          position,
          at,
          by,
          delta,
          types: [record.type],
          reason: record.reason,
          ...(record.reference === undefined ? {} : { reference: record.reference }),
        }
    );
};

/** Looks at log entries before a position until a page is full, or as many as the limits say. */
export const stockHistory = Effect.fnUntraced(function* (
  row: { readonly locationId: string; readonly sku: string },
  before: Position | undefined,
) {
  const store = yield* Store;
  const changes: StockChange[] = [];
  let end: Key = before === undefined ? ["log", Number.POSITIVE_INFINITY] : keys.log(before);
  let oldest: Position | null = null;
  let looked = 0;
  while (
    looked < dashboardLimits.stockHistoryEntries &&
    changes.length < dashboardLimits.stockHistoryChanges
  ) {
    const entries = yield* store.list({
      start: keys.log(""),
      end,
      limit: dashboardLimits.stockHistoryBatch,
      reverse: true,
    });
    for (const entry of entries) {
      const position = String(entry.key[1]);
      const stored = yield* valueOf<StoredLogEntry>(
        entry,
        (n, stamp) => keys.logPart(stamp, n),
      );
      for (const record of stored?.value.records ?? []) {
        changes.push(...changesIn(record, position, row).toReversed());
      }
      oldest = position;
    }
    looked += entries.length;
    if (entries.length < dashboardLimits.stockHistoryBatch || oldest === null) {
      return { changes, entries: looked, before: null } satisfies StockHistoryPage;
    }
    end = keys.log(oldest);
  }
  return { changes, entries: looked, before: oldest } satisfies StockHistoryPage;
});
