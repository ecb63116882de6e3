/** The history of one stock row, newest first, read backwards from the log. */
import { Effect } from "effect";
import type { Instant } from "../../src/kernel/instant.ts";
import type { Key } from "../../src/kernel/key.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import { isStockRecord, stockDeltasOf } from "../../src/stock/record.ts";
import type { StockDelta } from "../../src/stock/stock.ts";
import { keys } from "../../src/store/keys.ts";
import { logEntryIn } from "../../src/store/log-entry.ts";
import type { Position } from "../../src/store/log.ts";
import {
  eventCountOf,
  type EventEnvelope,
  eventsOfRecord,
  withinLength,
} from "../../src/subject/event.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import type { LogRecord, RecordKinds, RecordOwner } from "../../src/subject/record.ts";
import { Subjects } from "../../src/subject/subject.ts";

export interface StockHistoryEntry {
  readonly position: Position;
  readonly at: Instant;
  readonly by: string;
  /** Types of the events of its record. */
  readonly types: readonly string[];
  /** The owner of the change; null for a change of the stock itself. */
  readonly owner: RecordOwner | null;
  readonly reason?: string;
  readonly reference?: string;
  readonly delta: StockDelta;
  /** The events of its record, without details that are large. */
  readonly events: readonly EventEnvelope[];
}

/** One that may not be shown: its events are told when it is. */
interface FoundChange extends Omit<StockHistoryEntry, "events"> {
  readonly tell: () => StockHistoryEntry["events"];
}

const shown = ({ tell, ...change }: FoundChange): StockHistoryEntry => ({
  ...change,
  events: tell(),
});

export interface StockHistoryPage {
  readonly changes: readonly StockHistoryEntry[];
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

/** The place where a cursor begins; a text that is no cursor begins at the end of the log. */
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

export const isHistoryCursor = (text: string): boolean => cursorPattern.test(text);

interface StockRowName {
  readonly locationId: string;
  readonly sku: string;
}

export interface HistoryQuery {
  readonly before?: HistoryCursor | undefined;
  /** Changes of one page; as many as the limits say when absent. */
  readonly limit?: number;
  /** Only changes by things of this channel. */
  readonly channel?: string | undefined;
}

const changesIn = (
  record: LogRecord,
  position: Position,
  firstEvent: number,
  row: StockRowName,
  { channel }: HistoryQuery,
  kinds: RecordKinds,
): readonly FoundChange[] => {
  const kind = kinds.kindOf(record);
  const deltas = stockDeltasOf(kind, record)
    .filter(({ locationId, sku }) => locationId === row.locationId && sku === row.sku);
  if (deltas.length === 0) return [];
  if (channel !== undefined && kind.tell(record)[0]?.channel !== channel) return [];
  const { at, by } = record;
  const types = [...new Set(kind.typesOf(record))];
  const owner = kind.ownerOf(record);
  const { reason, reference }: { readonly reason?: string; readonly reference?: string } =
    isStockRecord(record) ? record : {};
  const tell = () =>
    eventsOfRecord(position, record, firstEvent, kinds)
      .map(({ event }) => withinLength(event, stockLimits.historyEventLength));
  return deltas.map((delta) => ({
    position,
    at,
    by,
    delta,
    types,
    owner,
    tell,
    ...(reason === undefined ? {} : { reason }),
    ...(reference === undefined ? {} : { reference }),
  }));
};

/** The changes of one entry to the row, oldest first. */
const changesOf = Effect.fnUntraced(function* (
  entry: Entry,
  position: Position,
  row: StockRowName,
  query: HistoryQuery,
) {
  const kinds = yield* Subjects;
  const stored = yield* logEntryIn(kinds, entry);
  let firstEvent = 0;
  return (stored?.value.records ?? []).flatMap((record) => {
    const changes = changesIn(record, position, firstEvent, row, query, kinds);
    firstEvent += eventCountOf(record, kinds);
    return changes;
  });
});

/** Looks at log entries before a position until a page is full, or as many as the limits say. */
export const stockHistory = Effect.fnUntraced(function* (
  row: StockRowName,
  query: HistoryQuery = {},
): Effect.fn.Return<StockHistoryPage, StoreError, Store | Subjects> {
  const store = yield* Store;
  const changes: StockHistoryEntry[] = [];
  const limit = Math.min(query.limit ?? stockLimits.historyChanges, stockLimits.historyChanges);
  let { end, left }: { end: Key; left: number } = startOf(query.before);
  let looked = 0;
  while (looked < stockLimits.historyEntries) {
    const entries = yield* store.list({
      start: keys.log(""),
      end,
      limit: stockLimits.historyBatch,
      reverse: true,
    });
    for (const entry of entries) {
      const position = String(entry.key[1]);
      const found = (yield* changesOf(entry, position, row, query)).slice(0, left);
      left = Number.POSITIVE_INFINITY;
      looked++;
      const room = limit - changes.length;
      changes.push(...found.slice(Math.max(0, found.length - room)).reverse().map(shown));
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
    if (entries.length < stockLimits.historyBatch) {
      return { changes, entries: looked, before: null };
    }
  }
  return { changes, entries: looked, before: String(end[1]) };
});
