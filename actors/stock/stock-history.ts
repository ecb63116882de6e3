/** What happened to one stock row, newest first, read backwards from the log. */
import { Effect } from "effect";
import { dashboardLimits } from "../../src/kernel/limits.ts";
import type { StockDelta } from "../../src/stock/stock.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogRecord, Position, StoredLogEntry } from "../../src/store/log.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { type Key } from "../../src/kernel/key.ts";
import { valueOf } from "../../src/store/values.ts";

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
  readonly before: HistoryCursor | null;
}

/**
 * A log position, and how many changes of its entry are still to be shown: one commit may change a row
 * for hundreds of orders.
 */
export type HistoryCursor = string;

const cursorPattern = /^([0-9a-f]{20})(?:\.([0-9]{1,7}))?$/;

/** Where a cursor begins; a text that is none begins at the end of the log. */
const startOf = (before: HistoryCursor | undefined) => {
  const [, position, left] = cursorPattern.exec(before ?? "") ?? [];
  return {
    end: position === undefined
      ? ["log", Number.POSITIVE_INFINITY]
      // Just above the entry of which something is left.
      : keys.log(left === undefined ? position : `${position}\0`),
    left: left === undefined ? Number.POSITIVE_INFINITY : Number(left),
  };
};

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

/** The changes of one entry to the row, oldest first. */
const changesOf = Effect.fnUntraced(function* (
  entry: Entry,
  position: Position,
  row: { readonly locationId: string; readonly sku: string },
) {
  const stored = yield* valueOf<StoredLogEntry>(entry, (n, stamp) => keys.logPart(stamp, n));
  return (stored?.value.records ?? []).flatMap((record) => changesIn(record, position, row));
});

/** Looks at log entries before a position until a page is full, or as many as the limits say. */
export const stockHistory = Effect.fnUntraced(function* (
  row: { readonly locationId: string; readonly sku: string },
  before: HistoryCursor | undefined,
): Effect.fn.Return<StockHistoryPage, StoreError, Store> {
  const store = yield* Store;
  const changes: StockChange[] = [];
  let { end, left }: { end: Key; left: number } = startOf(before);
  let looked = 0;
  while (looked < dashboardLimits.stockHistoryEntries) {
    const entries = yield* store.list({
      start: keys.log(""),
      end,
      limit: dashboardLimits.stockHistoryBatch,
      reverse: true,
    });
    for (const entry of entries) {
      const position = String(entry.key[1]);
      const found = (yield* changesOf(entry, position, row)).slice(0, left);
      left = Number.POSITIVE_INFINITY;
      looked++;
      const room = dashboardLimits.stockHistoryChanges - changes.length;
      changes.push(...found.slice(Math.max(0, found.length - room)).reverse());
      if (found.length >= room) {
        const rest = found.length - room;
        return {
          changes,
          entries: looked,
          before: rest === 0 ? position : `${position}.${rest}`,
        };
      }
      end = entry.key;
    }
    if (entries.length < dashboardLimits.stockHistoryBatch) {
      return { changes, entries: looked, before: null };
    }
  }
  return { changes, entries: looked, before: String(end[1]) };
});
