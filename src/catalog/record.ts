/** The log record of a location, an item or an import mapping that somebody saved. Pure. */
import { type LogRecord, type RecordKind, recordKind, storedAsJson } from "../subject/record.ts";

const catalogRecordKind = "catalog";

export interface CatalogRecord extends LogRecord {
  readonly kind: typeof catalogRecordKind;
  readonly type: "location.saved" | "item.saved" | "mapping.saved";
  /** Location id, SKU or mapping name. */
  readonly id: string;
}

export const catalogRecord = (record: Omit<CatalogRecord, "kind">): CatalogRecord => ({
  kind: catalogRecordKind,
  ...record,
});

export const isCatalogRecord = (record: LogRecord): record is CatalogRecord =>
  record.kind === catalogRecordKind;

export const catalogRecords: RecordKind = recordKind<CatalogRecord>({
  kind: catalogRecordKind,
  ...storedAsJson(),
  ownerOf: () => null,
  deltasOf: () => [],
  listChangesOf: () => [],
  typesOf: ({ type }) => [type],
  tell: ({ type, id }) => [{
    type,
    ...(type === "location.saved" ? { locationIds: [id] } : {}),
    details: { id },
  }],
  count: () => {},
});
