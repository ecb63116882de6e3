/** Log records of lots themselves, and the changes of lots in records of others. Pure. */
import type { BalanceDeltas } from "../subject/balance.ts";
import { subjectOf } from "../subject/event-type.ts";
import { type LogRecord, type RecordKind, recordKind, storedAsJson } from "../subject/record.ts";
import { lotDeltasIn } from "./balance.ts";
import { lotEvents, type lotEventTypes } from "./event-types.ts";
import { type LotName, lotOfRow } from "./lot.ts";

const lotRecordKind = "lot";

/** Members of records that change lots, of whatever kind. */
export interface ChangesOthers {
  /** Changes of balances beside that of the record's own subject. Absent without any. */
  readonly others?: readonly BalanceDeltas[] | undefined;
}

export interface LotRecord extends LogRecord, ChangesOthers {
  readonly kind: typeof lotRecordKind;
  readonly type: keyof typeof lotEventTypes;
  readonly locationId: string;
  readonly sku: string;
}

export const lotRecordOf = (record: Omit<LotRecord, "kind">): LotRecord => ({
  kind: lotRecordKind,
  ...record,
});

export interface ToldLot extends LotName {
  readonly sku: string;
  readonly onHand: number;
  readonly setAside: number;
}

/** Lots as events tell by how much they have changed; those that only were picked are told with the pick. */
export const toldLots = (others: readonly BalanceDeltas[] = []): readonly ToldLot[] =>
  lotDeltasIn(others)
    .filter(({ onHand, setAside }) => onHand !== 0 || setAside !== 0)
    .map(({ row, onHand, setAside }) => ({ ...lotOfRow(row), onHand, setAside }));

export const lotRecords: RecordKind = recordKind<LotRecord>({
  kind: lotRecordKind,
  ...storedAsJson(),
  ownerOf: () => null,
  deltasOf: ({ others = [] }) => others,
  listChangesOf: () => [],
  typesOf: ({ type }) => [type],
  tell: ({ type, locationId, sku, others }) => [{
    type,
    subject: subjectOf("stock", locationId, sku),
    locationIds: [locationId],
    details: { sku, lots: toldLots(others) },
  }],
  events: lotEvents,
  count: () => {},
});
