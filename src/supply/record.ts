/** The log records of purchase orders and transfers, for those that look for goods that came. */
import type { AggregateRecord } from "../subject/aggregate-record.ts";
import type { LogRecord } from "../subject/record.ts";

const kinds: ReadonlySet<string> = new Set(["purchase_order", "transfer"]);

export const isSupplyRecord = (record: LogRecord): record is AggregateRecord =>
  kinds.has(record.kind);

/** Types of events after which there may be more on the shelf of the location that goods go to. */
export const arrivalTypes: ReadonlySet<string> = new Set([
  "purchase_order.received",
  "purchase_order.moved",
  "transfer.received",
  "transfer.moved",
]);
