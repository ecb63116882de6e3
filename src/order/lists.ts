/**
 * In which lists orders and their fulfillment orders stand: by their log records, for the index that
 * follows the log, and by their documents, to prove it or to make it anew. Pure.
 */
import { epochMsOf } from "../kernel/instant.ts";
import { orderLimits, placedLimits } from "./limits.ts";
import type { ListEntry, Part } from "../subject/state.ts";
import type { Dimension } from "../subject/dimension.ts";
import type { ListChange } from "../subject/record.ts";
import type { FulfillmentOrder, FulfillmentOrderStatus, Order, Shipment } from "./order.ts";
import type { Payment } from "./payment.ts";
import { paymentStatusOf } from "./payment-amounts.ts";
import { attentionOf } from "./payment-attention.ts";
import type { OrderRecord } from "./record.ts";
import { trackedNumbersOf } from "./tracked.ts";
import { returnListChanges, returnLists, returnListsOf } from "./return-record.ts";

export const orderLists = {
  status: { name: "order_status" },
  channel: { name: "channel" },
  /**
   * Customers have few orders each, so a page of each own would be a key for each order, at a place of its
   * own in the store: a quarter of what an order costs.
   */
  customer: { name: "customer", sharedLists: orderLimits.customerLists },
  /** Orders that have or had a fulfillment order at the location. */
  location: { name: "order_location" },
  /** Orders that were placed at another time than they were made: by day, by month, and all. */
  placedApart: { name: "placed_apart" },
  /** By the numbers of parcels, there and back, as `searchedNumber` has them: few orders have one. */
  tracking: { name: "tracking_number", sharedLists: orderLimits.trackingLists, isLater: true },
} as const satisfies Readonly<Record<string, Dimension>>;

export const fulfillmentLists = {
  status: { name: "fulfillment_status" },
  location: { name: "fulfillment_location" },
  locationStatus: { name: "fulfillment_location_status" },
} as const satisfies Readonly<Record<string, Dimension>>;

export const shipmentLists = {
  /** Shipments that are in an exception now. */
  exception: { name: "shipment_exception", isLater: true },
} as const satisfies Readonly<Record<string, Dimension>>;

export const paymentLists = {
  status: { name: "payment_status" },
  /** Payments that somebody has to look after now. */
  attention: { name: "payment_attention" },
} as const satisfies Readonly<Record<string, Dimension>>;

export const orderDimensions: readonly Dimension[] = [
  ...Object.values(orderLists),
  ...Object.values(fulfillmentLists),
  ...Object.values(shipmentLists),
  ...Object.values(returnLists),
  ...Object.values(paymentLists),
];

/** The value of `shipmentLists.exception` and of `paymentLists.attention` for all of them; the others are locations. */
export const anywhere = "";

/** A value of `fulfillmentLists.locationStatus`. A status has no space, so that the two can be told apart. */
export const locationStatusOf = (locationId: string, status: FulfillmentOrderStatus): string =>
  `${status} ${locationId}`;

/** From the beginning of an instant's text: a day, a month, or all time. */
export const periodLengths = { day: 10, month: 7, ever: 0 } as const;

const nowhereApart: readonly string[] = [];

/** Values of `orderLists.placedApart`: none for most orders, which are placed when they are made. */
const placedApartOf = (
  { createdAt, placedAt }: Pick<Order, "placedAt" | "createdAt">,
): readonly string[] =>
  Math.abs(epochMsOf(createdAt) - epochMsOf(placedAt)) <= placedLimits.apartMs
    ? nowhereApart
    : Object.values(periodLengths).map((length) => placedAt.slice(0, length));

/** Puts a new order into the lists that an order never leaves. */
const madeChanges = (record: OrderRecord, add: (list: Dimension, value: string) => void): void => {
  add(orderLists.channel, record.channel);
  if (record.customerId !== undefined) add(orderLists.customer, record.customerId);
  const [placed] = record.events;
  if (placed?.type !== "order.placed") return;
  for (const period of placedApartOf(placed.order)) add(orderLists.placedApart, period);
};

/** The changes of lists by an order's record. */
export const listChangesOf = (record: OrderRecord): readonly ListChange[] => {
  const changes: ListChange[] = [];
  const add = ({ name }: Dimension, value: string, id: string) =>
    changes.push({ dimension: name, value, id, present: true });
  const remove = ({ name }: Dimension, value: string, id: string) =>
    changes.push({ dimension: name, value, id, present: false });
  const { orderId, from, to } = record;
  if (from === null) madeChanges(record, (list, value) => add(list, value, orderId));
  if (from !== to) {
    if (from !== null) remove(orderLists.status, from, orderId);
    add(orderLists.status, to, orderId);
  }
  for (const { id, locationId, from, to } of record.fulfillment) {
    if (from === to) continue;
    if (from === null && locationId !== null) {
      add(orderLists.location, locationId, orderId);
      add(fulfillmentLists.location, locationId, id);
    }
    if (from !== null) {
      remove(fulfillmentLists.status, from, id);
      if (locationId !== null) {
        remove(fulfillmentLists.locationStatus, locationStatusOf(locationId, from), id);
      }
    }
    add(fulfillmentLists.status, to, id);
    if (locationId !== null) {
      add(fulfillmentLists.locationStatus, locationStatusOf(locationId, to), id);
    }
  }
  for (const { id, locationId, from, to } of record.shipments ?? []) {
    if (from === to || (from !== "exception" && to !== "exception")) continue;
    const change = to === "exception" ? add : remove;
    for (const value of [anywhere, locationId]) change(shipmentLists.exception, value, id);
  }
  for (const value of record.numbers?.added ?? []) add(orderLists.tracking, value, orderId);
  for (const value of record.numbers?.removed ?? []) remove(orderLists.tracking, value, orderId);
  for (const each of record.returns ?? []) changes.push(...returnListChanges(each));
  for (const { id, from, to, neededAttention, needsAttention } of record.payments ?? []) {
    if (from !== to) {
      if (from !== null) remove(paymentLists.status, from, id);
      add(paymentLists.status, to, id);
    }
    if (neededAttention === needsAttention) continue;
    (needsAttention ? add : remove)(paymentLists.attention, anywhere, id);
  }
  return changes;
};

const entry = ({ name }: Dimension, value: string): ListEntry => [name, value];

/** The lists in which an order stands. */
export const listsOf = (order: Order): readonly ListEntry[] => {
  const locationIds = new Set(
    order.fulfillmentOrders.flatMap(({ locationId }) => locationId ?? []),
  );
  return [
    entry(orderLists.status, order.status),
    entry(orderLists.channel, order.channel),
    ...(order.customerId === undefined ? [] : [entry(orderLists.customer, order.customerId)]),
    ...[...locationIds].map((locationId) => entry(orderLists.location, locationId)),
    ...placedApartOf(order).map((period) => entry(orderLists.placedApart, period)),
    ...[...trackedNumbersOf(order)].map((value) => entry(orderLists.tracking, value)),
  ];
};

const fulfillmentListsOf = ({ locationId, status }: FulfillmentOrder): readonly ListEntry[] => [
  entry(fulfillmentLists.status, status),
  ...(locationId === null ? [] : [
    entry(fulfillmentLists.location, locationId),
    entry(fulfillmentLists.locationStatus, locationStatusOf(locationId, status)),
  ]),
];

const noLists: readonly ListEntry[] = [];

const shipmentListsOf = ({ status, locationId }: Shipment): readonly ListEntry[] =>
  status !== "exception" ? noLists : [
    entry(shipmentLists.exception, anywhere),
    entry(shipmentLists.exception, locationId),
  ];

/** The parts of an order that have ids of their own, and the lists in which they stand. */
export const partsOf = (order: Order): readonly Part[] => {
  const parts = placedPartsOf(order);
  const { settlement } = order;
  return settlement === undefined
    ? parts
    : [...parts, ...settlement.payments.map((each) => paymentPart(order, each))];
};

const paymentPart = (order: Order, payment: Payment): Part => ({
  id: payment.id,
  lists: [
    entry(paymentLists.status, paymentStatusOf(payment)),
    ...(attentionOf(order, payment).length === 0 ? [] : [entry(paymentLists.attention, anywhere)]),
  ],
});

const placedPartsOf = ({ fulfillmentOrders, shipments, returns = [] }: Order): readonly Part[] => [
  ...fulfillmentOrders.map((each) => ({ id: each.id, lists: fulfillmentListsOf(each) })),
  ...shipments.map((each) => ({ id: each.id, lists: shipmentListsOf(each) })),
  ...returns.map((each) => ({ id: each.id, lists: returnListsOf(each) })),
];
