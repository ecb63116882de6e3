/** Which events of an order its customer is told of. */
import type { MessageKind, MessageTopic } from "../message/kind.ts";
import type { LogRecord } from "../subject/record.ts";
import type { LineQuantity, Order, OrderEvent, Shipment } from "./order.ts";
import { quantitiesOf } from "./quantities.ts";
import { isOrderRecord, type OrderRecord } from "./record.ts";
import { refundMessages } from "./refund-messages.ts";
import { returnMessages } from "./return-messages.ts";

type PartOf = (event: OrderEvent, record: OrderRecord) => string | null | undefined;

/** A message for each event that `partOf` gives a part of, or null for the order; undefined: none. */
const byEvent = (partOf: PartOf) => (record: LogRecord) => {
  if (!isOrderRecord(record)) return [];
  const { orderId } = record;
  return record.events.flatMap((event) => {
    const part = partOf(event, record);
    return part === undefined ? [] : [{ orderId, part }];
  });
};

const unitsLeft = (order: Order): readonly LineQuantity[] =>
  order.lines.flatMap(({ id, quantity, cancelled }) =>
    quantity > cancelled ? [{ lineId: id, quantity: quantity - cancelled }] : []
  );

const received: MessageKind = {
  name: "order_received",
  description: "An order was placed",
  partsOf: byEvent(({ type }) => type === "order.placed" ? null : undefined),
  topicOf: (order) => ({ lines: unitsLeft(order) }),
};

const backordered: MessageKind = {
  name: "backordered",
  description: "Units of an order wait for stock, for the first time",
  partsOf: byEvent(({ type }) => type === "order.backordered" ? null : undefined),
  topicOf: (order) => {
    const quantities = quantitiesOf(order);
    const lines = order.lines.flatMap(({ id }, n) => {
      const quantity = quantities[n]?.backordered ?? 0;
      return quantity > 0 ? [{ lineId: id, quantity }] : [];
    });
    return lines.length === 0 ? null : { lines };
  },
};

const topicOfShipment = (shipment: Shipment | undefined): MessageTopic | null =>
  shipment === undefined ? null : { lines: shipment.lines, shipment };

const shipmentOf = ({ shipments }: Order, part: string | null): MessageTopic | null =>
  topicOfShipment(shipments.find(({ id }) => id === part));

const shipped: MessageKind = {
  name: "shipped",
  description: "A shipment has left a location",
  partsOf: byEvent((event) => event.type === "shipment.created" ? event.shipment.id : undefined),
  topicOf: shipmentOf,
};

const readyForPickup: MessageKind = {
  name: "ready_for_pickup",
  description: "A part of an order waits at a location for its customer",
  partsOf: byEvent((event) =>
    event.type === "fulfillment_order.ready_for_pickup" ? event.fulfillmentOrderId : undefined
  ),
  topicOf: ({ fulfillmentOrders }, part) => {
    const found = fulfillmentOrders.find(({ id }) => id === part);
    if (found?.status !== "ready_for_pickup") return null;
    const { lines, locationId } = found;
    return locationId === null ? null : {
      locationId,
      lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
    };
  },
};

const delivered: MessageKind = {
  name: "delivered",
  description: "A shipment has arrived",
  partsOf: (record) =>
    !isOrderRecord(record)
      ? []
      : (record.shipments ?? []).flatMap(({ id, from, to }) =>
        to === "delivered" && from !== to ? [{ orderId: record.orderId, part: id }] : []
      ),
  topicOf: shipmentOf,
};

/** Cancelled as a whole, or in part by somebody who named the lines. */
const partCancelled: PartOf = (event, { from, to, version }) => {
  if (event.type !== "order.cancelled" || !event.complete) return undefined;
  return to === "cancelled" && from !== to ? null : `v${version}`;
};

const cancelled: MessageKind = {
  name: "cancelled",
  description: "An order, or a part of it, was cancelled",
  sample: { whole: true },
  partsOf: byEvent(partCancelled),
  topicOf: ({ lines, status }, part) => {
    // The message that all is cancelled is on its way.
    if (part !== null && status === "cancelled") return null;
    return {
      lines: lines.flatMap(({ id, cancelled }) =>
        cancelled > 0 ? [{ lineId: id, quantity: cancelled }] : []
      ),
      more: { whole: status === "cancelled" },
    };
  },
};

export const orderMessages: readonly MessageKind[] = [
  received,
  backordered,
  shipped,
  readyForPickup,
  delivered,
  cancelled,
  ...returnMessages,
  ...refundMessages,
];
