/**
 * The one ordered log: what each commit writes about what it changed. It is the audit trail, the event
 * feed and the source of every projection. It holds no personal data, only ids.
 */
import type { Instant } from "../instant.ts";
import type { OrderEvent, OrderStatus } from "../order/order.ts";
import type { StockDelta } from "../inventory/stock.ts";

/** A commit's position in the log: its versionstamp. Positions sort as text. */
export type Position = string;

/** Before the first entry of any log. */
export const beginning: Position = "";

export interface OrderRecord {
  readonly kind: "order";
  readonly orderId: string;
  readonly channel: string;
  readonly customerId?: string;
  /** Status before and after; `from` is null for a new order. */
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  readonly events: readonly OrderEvent[];
  /** What the events did to stock. */
  readonly stock: readonly StockDelta[];
}

export interface StockRecord {
  readonly kind: "stock";
  readonly type: "stock.adjusted" | "stock.counted" | "stock.safety_changed";
  readonly at: Instant;
  readonly by: string;
  readonly locationId: string;
  /** `received`, `damaged`, ...: why, in the words of whoever changed it. */
  readonly reason: string;
  readonly reference?: string;
  readonly stock: readonly StockDelta[];
}

export interface CatalogRecord {
  readonly kind: "catalog";
  readonly type: "location.saved" | "item.saved" | "mapping.saved";
  readonly at: Instant;
  readonly by: string;
  /** Location id, SKU or mapping name. */
  readonly id: string;
}

export interface AccessRecord {
  readonly kind: "access";
  readonly type: "key.created" | "key.revoked";
  readonly at: Instant;
  readonly by: string;
  readonly keyId: string;
}

export type LogRecord = OrderRecord | StockRecord | CatalogRecord | AccessRecord;

export interface LogEntry {
  readonly position: Position;
  readonly commitId: string;
  readonly at: Instant;
  readonly records: readonly LogRecord[];
}

/** A log entry as it is stored: its position is its key. */
export type StoredLogEntry = Omit<LogEntry, "position">;
