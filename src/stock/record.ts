/** Log records of stock changes that no order makes, and how stock is counted and shown. Pure. */
import { aggregateRecords, type RecordKindSource } from "../subject/aggregate-record.ts";
import { subjectOf } from "../subject/event-type.ts";
import { type LogRecord, type RecordKind, recordKind, storedAsJson } from "../subject/record.ts";
import type { Tallies } from "../subject/tally.ts";
import { type BalanceDeltas, noDeltas } from "../subject/balance.ts";
import { type ChangesOthers, toldLots } from "../lot/record.ts";
import { inStock, stockBalance } from "./balance.ts";
import { stockEvents, type stockEventTypes } from "./event-types.ts";
import type { StockDelta } from "./stock.ts";

const stockRecordKind = "stock";

export interface StockRecord extends LogRecord, ChangesOthers {
  readonly kind: typeof stockRecordKind;
  readonly type: keyof typeof stockEventTypes;
  readonly locationId: string;
  /** The reason, in the words of the caller: `received`, `damaged`, ... */
  readonly reason: string;
  readonly reference?: string;
  readonly stock: readonly StockDelta[];
}

export const isStockRecord = (record: LogRecord): record is StockRecord =>
  record.kind === stockRecordKind;

/** The stock deltas among changes of balances. */
export const stockDeltasIn = (changes: readonly BalanceDeltas[]): readonly StockDelta[] => {
  for (const { balance, deltas } of changes) {
    if (balance === stockBalance.name) return deltas as readonly StockDelta[];
  }
  return noStockDeltas;
};

const noStockDeltas: readonly StockDelta[] = [];

/** Changes of balances beside those of stock. */
export const othersThanStock = (changes: readonly BalanceDeltas[]): readonly BalanceDeltas[] => {
  for (const { balance } of changes) {
    if (balance !== stockBalance.name) {
      return changes.filter((each) => each.balance !== stockBalance.name);
    }
  }
  return noDeltas;
};

/** The stock deltas of a record of any kind. */
export const stockDeltasOf = (kind: RecordKind, record: LogRecord): readonly StockDelta[] =>
  stockDeltasIn(kind.deltasOf(record));

/** Sums of units by location; other records that change stock are counted in it, too. */
export const unitsTally = "units";

export const countStock = (stock: readonly StockDelta[], tallies: Tallies): void => {
  for (const { locationId, onHand, reserved, unavailable, safetyStock, claimed = 0 } of stock) {
    // Any change shows that the location has stock.
    tallies.add(unitsTally, locationId, "onHand", onHand);
    if (reserved !== 0) tallies.add(unitsTally, locationId, "reserved", reserved);
    if (unavailable !== 0) tallies.add(unitsTally, locationId, "unavailable", unavailable);
    if (safetyStock !== 0) tallies.add(unitsTally, locationId, "safetyStock", safetyStock);
    if (claimed !== 0) tallies.add(unitsTally, locationId, "claimed", claimed);
  }
};

/** The records of an aggregate that changes stock: they are counted as all that change it are. */
export const recordsWithStock = (source: RecordKindSource): RecordKind => {
  const kind = aggregateRecords(source);
  return {
    ...kind,
    count: (record, tallies) => {
      kind.count(record, tallies);
      countStock(stockDeltasOf(kind, record), tallies);
    },
  };
};

export const stockRecords: RecordKind = recordKind<StockRecord>({
  kind: stockRecordKind,
  ...storedAsJson(),
  ownerOf: () => null,
  deltasOf: ({ stock, others }) =>
    others === undefined ? inStock(stock) : [...inStock(stock), ...others],
  listChangesOf: () => [],
  typesOf: ({ type }) => [type],
  tell: ({ type, locationId, reason, reference, stock, others }) => {
    const changes = stock.map(({ locationId: _locationId, ...change }) => change);
    const [first, ...further] = changes;
    return [{
      type,
      subject: first === undefined || further.length > 0
        ? subjectOf("stock", locationId)
        : subjectOf("stock", locationId, first.sku),
      locationIds: [locationId],
      details: {
        reason,
        ...(reference === undefined ? {} : { reference }),
        changes,
        ...(others === undefined ? {} : { lots: toldLots(others) }),
      },
    }];
  },
  events: stockEvents,
  count: ({ stock }, tallies) => countStock(stock, tallies),
  unattributed: ({ reason }) => reason ? null : "A change of stock does not say why.",
});
