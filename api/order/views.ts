/** Orders, their parts and their history as the API shows them. */
import type { OrderDocument } from "../../src/order/document.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import type { LogEntry } from "../../src/store/log.ts";
import type {
  FulfillmentOrder,
  Order,
  OrderEvent,
  OrderLine,
  Shipment,
} from "../../src/order/order.ts";
import { holdCodesOf } from "../../src/order/hold-codes.ts";
import { hasEnded, type LineQuantities, quantitiesOf } from "../../src/order/quantities.ts";
import { supportedActions } from "../../src/order/status.ts";
import { type Money, moneyOf } from "../../src/kernel/money.ts";

/** One literal, without spreading: an answer spends most of its time on making and writing its lines. */
const lineView = (
  line: OrderLine,
  quantities: LineQuantities | undefined,
  money: (minorUnits: number) => Money,
) => ({
  id: line.id,
  sku: line.sku,
  quantity: line.quantity,
  unitPrice: money(line.unitPrice),
  discount: money(line.discount),
  tax: money(line.tax),
  fulfillment: { method: line.method, locationId: line.locationId },
  allocated: quantities?.allocated,
  shipped: quantities?.shipped,
  delivered: quantities?.delivered,
  backordered: quantities?.backordered,
  cancelled: quantities?.cancelled,
  short: quantities?.short,
  pending: quantities?.pending,
  returned: 0,
});

const fulfillmentOrderPart = (fulfillmentOrder: FulfillmentOrder, order: Order) => ({
  ...fulfillmentOrder,
  supportedActions: supportedActions(fulfillmentOrder, order),
});

/** The holds of its order keep it waiting as long as there is anything to do. */
const waiting = (fulfillmentOrder: FulfillmentOrder, order: Order) => {
  const holds = hasEnded(fulfillmentOrder) ? [] : holdCodesOf(order);
  return { held: holds.length > 0, holds };
};

export const shipmentView = (shipment: Shipment, order: Order) => ({
  ...shipment,
  orderId: order.id,
});

/** The order as channels and operations see it. */
export const orderView = ({ state: order, personal: contact }: OrderDocument) => {
  const money = (minorUnits: number) => moneyOf(minorUnits, order.currency);
  const quantities = quantitiesOf(order);
  const { totals } = order;
  return {
    id: order.id,
    channel: order.channel,
    externalId: order.externalId,
    status: order.status,
    currency: order.currency,
    customer: order.customerId === undefined
      ? contact.customer
      : { id: order.customerId, ...contact.customer },
    shippingAddress: contact.shippingAddress,
    billingAddress: contact.billingAddress,
    note: contact.note,
    shipping: { service: order.shippingService, amount: money(totals.shipping) },
    onShortage: order.onShortage,
    holds: order.holds,
    hold: order.holds[0],
    lines: order.lines.map((line, i) => lineView(line, quantities[i], money)),
    totals: {
      subtotal: money(totals.subtotal),
      discount: money(totals.discount),
      tax: money(totals.tax),
      shipping: money(totals.shipping),
      total: money(totals.total),
    },
    fulfillmentOrders: order.fulfillmentOrders.map((each) => fulfillmentOrderPart(each, order)),
    shipments: order.shipments.map((each) => shipmentView(each, order)),
    metadata: order.metadata,
    cancelReason: order.cancelReason,
    placedAt: order.placedAt,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    version: order.version,
  };
};

/** A fulfillment order with the facts that its location must know to fulfill it. */
export const fulfillmentOrderView = (
  fulfillmentOrder: FulfillmentOrder,
  { state: order, personal: contact }: OrderDocument,
) => ({
  ...fulfillmentOrderPart(fulfillmentOrder, order),
  ...waiting(fulfillmentOrder, order),
  orderId: order.id,
  channel: order.channel,
  externalId: order.externalId,
  recipient: {
    name: contact.shippingAddress?.name ?? contact.customer.name,
    phone: contact.shippingAddress?.phone ?? contact.customer.phone,
    address: contact.shippingAddress,
  },
  shippingService: order.shippingService,
  shipments: order.shipments
    .filter(({ fulfillmentOrderId }) => fulfillmentOrderId === fulfillmentOrder.id)
    .map((shipment) => shipmentView(shipment, order)),
  version: order.version,
});

/** An event without members that the order itself tells better. */
const eventDetails = (event: OrderEvent): Readonly<Record<string, unknown>> => {
  if (event.type !== "order.placed") return event;
  const { channel, externalId, onShortage, placedAt, lines } = event.order;
  return {
    type: event.type,
    channel,
    externalId,
    onShortage,
    placedAt,
    lines: lines.map(({ id, sku, quantity }) => ({ lineId: id, sku, quantity })),
  };
};

/** The events of one commit of an order, each with its author, its time and the order's status after it. */
export const eventViews = (entry: LogEntry) =>
  entry.records.flatMap((record) =>
    !isOrderRecord(record) ? [] : record.events.map((event) => ({
      position: entry.position,
      ...eventDetails(event),
      type: event.type,
      at: record.at,
      by: record.by,
      orderId: record.orderId,
      version: record.version,
      from: record.from,
      to: record.to,
    }))
  );
