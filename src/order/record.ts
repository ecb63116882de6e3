/** Log records of orders: events, and their effects on the order's parts and on stock. Pure. */
import { stockBalance } from "../stock/balance.ts";
import { type BalanceDeltas, noDeltas } from "../subject/balance.ts";
import { stockDeltasIn } from "../stock/record.ts";
import type { AggregateChange } from "../subject/state.ts";
import type { StockDelta } from "../stock/stock.ts";
import type { LogRecord } from "../subject/record.ts";
import type {
  FulfillmentOrderStatus,
  Order,
  OrderEvent,
  OrderStatus,
  Shipment,
  ShipmentStatus,
} from "./order.ts";
import { type ReturnChange, returnChanges } from "./return-record.ts";
import { type NumberChanges, numberChanges } from "./tracked.ts";
import { type PaymentChange, paymentChanges } from "./payment-attention.ts";

export const orderRecordKind = "order";

export interface OrderRecord extends LogRecord {
  readonly kind: typeof orderRecordKind;
  readonly orderId: string;
  readonly channel: string;
  /** Absent where the order is placed, which has it itself, and in records of earlier versions. */
  readonly externalId?: string;
  readonly customerId?: string;
  /** Status before and after; `from` is null for a new order. */
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  readonly version: number;
  readonly events: readonly OrderEvent[];
  /** The events' effects on stock. */
  readonly stock: readonly StockDelta[];
  /** The events' effects on fulfillment orders, by `fulfillmentChanges`. */
  readonly fulfillment: readonly FulfillmentChange[];
  /**
   * The events' effects on shipments, by `shipmentChanges`. Absent without any, and in records of earlier
   * versions.
   */
  readonly shipments?: readonly ShipmentChange[];
  /** The events' effects on returns, by `returnChanges`. Absent without any. */
  readonly returns?: readonly ReturnChange[];
  /** The events' effects on payments, by `paymentChanges`. Absent without any. */
  readonly payments?: readonly PaymentChange[];
  /** The events' effects on balances beside stock. Absent without any. */
  readonly others?: readonly BalanceDeltas[];
  /** The events' effects on tracking numbers, by `numberChanges`. Absent without any. */
  readonly numbers?: NumberChanges;
}

/**
 * A fulfillment order that a record touched. Its status depends on more than the event (are all lines
 * picked?), and consumers of the log hold no orders, so the record says it.
 */
export interface FulfillmentChange {
  readonly id: string;
  /** Null for digital delivery. */
  readonly locationId: string | null;
  /** Null for a new one; equal to `to` when something else of it changed. */
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
 * A shipment whose status a record changed. Carriers report late and twice, so a tracking event alone does
 * not tell the shipment's status.
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

const noPaymentChanges: readonly PaymentChange[] = [];

export const isOrderRecord = (record: LogRecord): record is OrderRecord =>
  record.kind === orderRecordKind;

export const orderRecordOf = (change: AggregateChange<Order, OrderEvent>): OrderRecord => {
  const { before, after } = change;
  const shipments = shipmentChanges(before, after);
  const returns = returnChanges(before, after);
  const numbers = numberChanges(before, after);
  const others = change.balances.length <= 1 && change.balances[0]?.balance === stockBalance.name
    ? noDeltas
    : change.balances.filter(({ balance }) => balance !== stockBalance.name);
  const payments = after.settlement === undefined
    ? noPaymentChanges
    : paymentChanges(before, after);
  return {
    kind: orderRecordKind,
    orderId: after.id,
    channel: after.channel,
    ...(before === null ? {} : { externalId: after.externalId }),
    ...(after.customerId === undefined ? {} : { customerId: after.customerId }),
    from: before?.status ?? null,
    to: after.status,
    version: after.version,
    at: change.at,
    by: change.by,
    events: change.events,
    stock: stockDeltasIn(change.balances),
    fulfillment: fulfillmentChanges(before, after),
    ...(shipments.length === 0 ? {} : { shipments }),
    ...(returns.length === 0 ? {} : { returns }),
    ...(payments.length === 0 ? {} : { payments }),
    ...(others.length === 0 ? {} : { others }),
    ...(numbers === null ? {} : { numbers }),
  };
};
