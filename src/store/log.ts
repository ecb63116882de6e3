/**
 * The one ordered log: what each commit writes about what it changed. It is the audit trail, the event
 * feed and the source of every projection. It holds no personal data, only ids.
 */
import type { Instant } from "../kernel/instant.ts";
import type {
  FulfillmentOrderStatus,
  Order,
  OrderEvent,
  OrderStatus,
  Shipment,
  ShipmentStatus,
} from "../order/order.ts";
import type { StockDelta } from "../stock/stock.ts";

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
  /** What the events did to fulfillment orders, as `fulfillmentChanges` tells. */
  readonly fulfillment: readonly FulfillmentChange[];
  /** As `shipmentChanges` tells; absent when there are none. Records of earlier versions have none. */
  readonly shipments?: readonly ShipmentChange[];
}

/**
 * A fulfillment order that a record touched. Its status depends on more than the event (are all lines
 * picked?), and consumers of the log hold no orders, so the record says it.
 */
export interface FulfillmentChange {
  readonly id: string;
  /** Null for digital delivery. */
  readonly locationId: string | null;
  /** Null for a new one; the same as `to` when something else of it changed. */
  readonly from: FulfillmentOrderStatus | null;
  readonly to: FulfillmentOrderStatus;
}

/** The fulfillment orders that differ between two versions of an order, by themselves or by a shipment. */
export const fulfillmentChanges = (
  before: Order | null,
  after: Order,
): readonly FulfillmentChange[] => {
  if (before === null && after.shipments.length === 0) {
    return after.fulfillmentOrders.map(({ id, locationId, status }) => ({
      id,
      locationId,
      from: null,
      to: status,
    }));
  }
  const earlier = before?.fulfillmentOrders ?? [];
  const shipped = new Set<string>();
  for (const shipment of after.shipments) {
    if (!before?.shipments.includes(shipment)) shipped.add(shipment.fulfillmentOrderId);
  }
  const changes: FulfillmentChange[] = [];
  for (const fulfillmentOrder of after.fulfillmentOrders) {
    if (earlier.includes(fulfillmentOrder) && !shipped.has(fulfillmentOrder.id)) continue;
    const { id, locationId, status } = fulfillmentOrder;
    const from = earlier.find((each) => each.id === id)?.status ?? null;
    changes.push({ id, locationId, from, to: status });
  }
  return changes;
};

/**
 * A shipment whose status a record changed. Carriers report late and twice, so that a tracking event does
 * not tell by itself what the shipment then is.
 */
export interface ShipmentChange {
  readonly id: string;
  readonly locationId: string;
  /** Null for a new one. */
  readonly from: ShipmentStatus | null;
  readonly to: ShipmentStatus;
}

const unshipped: readonly Shipment[] = [];
const noShipmentChanges: readonly ShipmentChange[] = [];

/** The shipments that have another status than in the version before, or are new. */
export const shipmentChanges = (
  before: Order | null,
  after: Order,
): readonly ShipmentChange[] => {
  const earlier = before?.shipments ?? unshipped;
  // Most records are of orders without shipments, or leave them as they were.
  if (after.shipments.length === 0 || after.shipments === earlier) return noShipmentChanges;
  const changes: ShipmentChange[] = [];
  for (const { id, locationId, status } of after.shipments) {
    const from = earlier.find((each) => each.id === id)?.status ?? null;
    if (from !== status) changes.push({ id, locationId, from, to: status });
  }
  return changes;
};

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
  /** Set when the store has it, but not in a form that can be read: then `records` has nothing. */
  readonly unreadable?: true;
}

/** A log entry as it is stored: its position is its key. */
export type StoredLogEntry = Omit<LogEntry, "position" | "unreadable">;
