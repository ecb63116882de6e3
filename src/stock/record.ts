/** The log record of a change of stock by people, and how all changes of stock are counted. Pure. */
import { type LogRecord, type RecordKind, recordKind, storedAsJson } from "../subject/record.ts";
import type { Tallies } from "../subject/tally.ts";
import type { StockDelta } from "./stock.ts";

const stockRecordKind = "stock";

export interface StockRecord extends LogRecord {
  readonly kind: typeof stockRecordKind;
  readonly type: "stock.adjusted" | "stock.counted" | "stock.safety_changed";
  readonly locationId: string;
  /** `received`, `damaged`, ...: why, in the words of the person who changed it. */
  readonly reason: string;
  readonly reference?: string;
  readonly stock: readonly StockDelta[];
}

export const stockRecord = (record: Omit<StockRecord, "kind">): StockRecord => ({
  kind: stockRecordKind,
  ...record,
});

export const isStockRecord = (record: LogRecord): record is StockRecord =>
  record.kind === stockRecordKind;

/** The name of the balance that records change. */
export const stockBalance = "stock";

/** Changes of stock by a record of any kind. */
export const stockDeltasOf = (kind: RecordKind, record: LogRecord): readonly StockDelta[] => {
  for (const { balance, deltas } of kind.deltasOf(record)) {
    if (balance === stockBalance) return deltas as readonly StockDelta[];
  }
  return noDeltas;
};

const noDeltas: readonly StockDelta[] = [];

/** Sums of units by location; other records that change stock are counted in it, too. */
export const unitsTally = "units";

export const countStock = (stock: readonly StockDelta[], tallies: Tallies): void => {
  for (const { locationId, onHand, reserved, unavailable, safetyStock } of stock) {
    // Whatever changed, the location is one that has stock.
    tallies.add(unitsTally, locationId, "onHand", onHand);
    if (reserved !== 0) tallies.add(unitsTally, locationId, "reserved", reserved);
    if (unavailable !== 0) tallies.add(unitsTally, locationId, "unavailable", unavailable);
    if (safetyStock !== 0) tallies.add(unitsTally, locationId, "safetyStock", safetyStock);
  }
};

export const stockRecords: RecordKind = recordKind<StockRecord>({
  kind: stockRecordKind,
  ...storedAsJson(),
  ownerOf: () => null,
  deltasOf: ({ stock }) => [{ balance: stockBalance, deltas: stock }],
  listChangesOf: () => [],
  typesOf: ({ type }) => [type],
  tell: ({ type, locationId, reason, reference, stock }) => {
    const changes = stock.map(({ locationId: _locationId, ...change }) => change);
    return [{ type, locationIds: [locationId], details: { reason, reference, changes } }];
  },
  count: ({ stock }, tallies) => countStock(stock, tallies),
  unattributed: ({ reason }) => reason ? null : "A change of stock does not say why.",
});
