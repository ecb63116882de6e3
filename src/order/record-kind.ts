/** The records of orders, as the machine handles them: how they are stored, told, listed and counted. Pure. */
import { type Money, moneyOf } from "../kernel/money.ts";
import { type RecordKind, recordKind, type Told } from "../subject/record.ts";
import { onlyKey, type Tallies } from "../subject/tally.ts";
import { inStock } from "../stock/balance.ts";
import { countStock } from "../stock/record.ts";
import { editDetailsOf } from "./edit-events.ts";
import { exchangeDetailsOf } from "./exchange-events.ts";
import { orderEvents } from "./event-types.ts";
import { invoicedDetailsOf } from "./invoice-events.ts";
import { listChangesOf } from "./lists.ts";
import type { Order, OrderEvent } from "./order.ts";
import { requestedDetails, toldReturn } from "./return-events.ts";
import { isPaymentEvent, paymentDetailsOf } from "./payment-events.ts";
import {
  digestOf,
  orderLayouts,
  packOrderRecord,
  unpackOrderRecord,
  wholeOrderRecord,
} from "./record-codec.ts";
import { type OrderRecord, orderRecordKind, type ShipmentChange } from "./record.ts";
import { countReturn } from "./return-status.ts";
import { noLocation, orderTallies } from "./status-sections.ts";

interface PlacedDetails {
  readonly externalId: string;
  readonly customerId?: string;
  readonly lines: number;
  readonly units: number;
  readonly total: Money;
}

const placed = (order: Order): PlacedDetails => ({
  externalId: order.externalId,
  ...(order.customerId === undefined ? {} : { customerId: order.customerId }),
  lines: order.lines.length,
  units: order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
  total: moneyOf(order.totals.total, order.currency),
});

/** An event without the members that belong to the order's own page: lines of a large order are no status. */
const detailsOf = (event: OrderEvent): object => {
  switch (event.type) {
    case "order.placed":
      return placed(event.order);
    case "order.allocated":
      return {
        complete: event.complete,
        units: event.fulfillmentOrders.reduce(
          (sum, { lines }) => lines.reduce((units, { quantity }) => units + quantity, sum),
          0,
        ),
      };
    case "shipment.created": {
      const { id, fulfillmentOrderId, carrier, lines } = event.shipment;
      const { trackingNumber, moreTrackingNumbers } = event.shipment;
      return {
        shipmentId: id,
        fulfillmentOrderId,
        carrier,
        ...(trackingNumber === undefined ? {} : { trackingNumber }),
        ...(moreTrackingNumbers === undefined ? {} : { moreTrackingNumbers }),
        units: lines.reduce((sum, { quantity }) => sum + quantity, 0),
      };
    }
    case "return.requested":
      return requestedDetails(event.return);
    case "order.edited":
      return editDetailsOf(event);
    case "order.invoiced":
      return invoicedDetailsOf(event);
    case "order.exchanged":
      return exchangeDetailsOf(event);
    case "shipment.noted": {
      // Who has noted it, every event says.
      const { shipmentId, text } = event;
      return { shipmentId, text };
    }
    default: {
      if (isPaymentEvent(event)) return paymentDetailsOf(event);
      const { type: _type, ...details } = event;
      return details;
    }
  }
};

/** Locations that the record's commit touched for the order. */
const locationsOf = (record: OrderRecord): readonly string[] => {
  const locations = new Set<string>();
  for (const { locationId } of record.fulfillment) {
    if (locationId !== null) locations.add(locationId);
  }
  for (const { locationId } of record.stock) locations.add(locationId);
  for (const { locationId } of record.returns ?? []) {
    if (locationId !== null) locations.add(locationId);
  }
  return [...locations];
};

const externalIdOf = ({ externalId, events: [first] }: OrderRecord): string | undefined =>
  externalId ?? (first?.type === "order.placed" ? first.order.externalId : undefined);

const tell = (record: OrderRecord): readonly Told[] => {
  const { orderId, channel, version, from, to } = record;
  const externalId = externalIdOf(record);
  const shared = {
    subject: orderId,
    orderId,
    channel,
    ...(externalId === undefined ? {} : { externalId }),
    version,
    locationIds: locationsOf(record),
    // Before and after all events of the commit.
    status: { from, to },
    fulfillmentOrders: record.fulfillment,
    ...(record.returns === undefined ? {} : { returns: record.returns.map(toldReturn) }),
  };
  return record.events.map((event) => ({ type: event.type, ...shared, details: detailsOf(event) }));
};

/**
 * Records of earlier versions did not say that an exception began, and one that ends without having been
 * counted must not hide later ones: so there are never fewer than none.
 */
const countShipment = ({ locationId, from, to }: ShipmentChange, tallies: Tallies): void => {
  if (from === to || (from !== "exception" && to !== "exception")) return;
  const change = to === "exception" ? 1 : -1;
  tallies.addAtLeastZero(orderTallies.exceptions, locationId, onlyKey, change);
};

const countRates = (record: OrderRecord, tallies: Tallies): void => {
  const { types, unitsPlaced } = digestOf(record);
  if (record.from === null) {
    tallies.happened("placed", 1);
    tallies.perMinute("orders", 1);
    tallies.perMinute("units", unitsPlaced);
  }
  if (types.includes("order.allocated")) tallies.happened("allocated", 1);
  const shipped = types.filter((type) => type === "shipment.created").length;
  if (shipped > 0) tallies.happened("shipped", shipped);
  if (record.to === "cancelled" && record.from !== "cancelled") tallies.happened("cancelled", 1);
};

const count = (record: OrderRecord, tallies: Tallies): void => {
  const { channel, from, to } = record;
  if (from !== to) {
    if (from !== null) tallies.add(orderTallies.orders, channel, from, -1);
    tallies.add(orderTallies.orders, channel, to, 1);
  }
  for (const { locationId, from, to } of record.fulfillment) {
    if (from === to) continue;
    const group = locationId ?? noLocation;
    if (from !== null) tallies.add(orderTallies.fulfillment, group, from, -1);
    tallies.add(orderTallies.fulfillment, group, to, 1);
  }
  for (const change of record.shipments ?? []) countShipment(change, tallies);
  for (const change of record.returns ?? []) countReturn(change, tallies);
  for (const { neededAttention, needsAttention } of record.payments ?? []) {
    const change = Number(needsAttention) - Number(neededAttention);
    if (change !== 0) tallies.add(orderTallies.paymentAttention, record.channel, onlyKey, change);
  }
  countRates(record, tallies);
  countStock(record.stock, tallies);
};

export const orderRecords: RecordKind = recordKind<OrderRecord>({
  kind: orderRecordKind,
  layouts: orderLayouts,
  pack: packOrderRecord,
  unpack: unpackOrderRecord,
  whole: wholeOrderRecord,
  ownerOf: ({ orderId }) => ({ aggregate: "order", id: orderId }),
  deltasOf: ({ stock, others }) =>
    others === undefined ? inStock(stock) : [...inStock(stock), ...others],
  listChangesOf,
  typesOf: (record) => digestOf(record).types,
  tell,
  events: orderEvents,
  count,
});
