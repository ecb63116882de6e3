/** Log records of saved locations, items and import mappings. Pure. */
import type { LogRecord } from "../subject/record.ts";

const catalogRecordKind = "catalog";

export interface CatalogRecord extends LogRecord {
  readonly kind: typeof catalogRecordKind;
  readonly type: "location.saved" | "item.saved" | "mapping.saved";
  /** Location id, SKU or mapping name. */
  readonly id: string;
}

export const isCatalogRecord = (record: LogRecord): record is CatalogRecord =>
  record.kind === catalogRecordKind;
