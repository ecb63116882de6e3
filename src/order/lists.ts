/**
 * In which lists orders and their fulfillment orders stand: by their log records, for the index that
 * follows the log, and by their documents, to prove it or to make it anew. Pure.
 */
import { epochMsOf } from "../kernel/instant.ts";
import { orderLimits, placedLimits } from "./limits.ts";
import type { ListEntry, Part } from "../subject/state.ts";
import type { Dimension } from "../subject/dimension.ts";
import type { ListChange } from "../subject/record.ts";
import type { FulfillmentOrder, FulfillmentOrderStatus, Order } from "./order.ts";
import type { OrderRecord } from "./record.ts";

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
} as const satisfies Readonly<Record<string, Dimension>>;

export const fulfillmentLists = {
  status: { name: "fulfillment_status" },
  location: { name: "fulfillment_location" },
  locationStatus: { name: "fulfillment_location_status" },
} as const satisfies Readonly<Record<string, Dimension>>;

export const orderDimensions: readonly Dimension[] = [
  ...Object.values(orderLists),
  ...Object.values(fulfillmentLists),
];

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

/** The parts of an order that have ids of their own, and the lists in which they stand. */
export const partsOf = ({ fulfillmentOrders, shipments }: Order): readonly Part[] => [
  ...fulfillmentOrders.map((each) => ({ id: each.id, lists: fulfillmentListsOf(each) })),
  ...shipments.map(({ id }) => ({ id, lists: noLists })),
];
