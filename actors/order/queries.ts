/** Lists of orders and of fulfillment orders, newest first, and the queues of those that still need work. */
import { Context, Effect, Layer } from "effect";
import { type Instant, parseInstant } from "../../src/kernel/instant.ts";
import { below } from "../../src/kernel/key.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument, ReferenceDocument } from "../../src/order/document.ts";
import { fulfillmentOrderIds, orderIds, returnIds, shipmentIds } from "../../src/order/ids.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { anywhere, fulfillmentLists, orderLists, shipmentLists } from "../../src/order/lists.ts";
import type {
  Contact,
  FulfillmentOrder,
  FulfillmentOrderStatus,
  Order,
  OrderStatus,
  Shipment,
} from "../../src/order/order.ts";
import { searchedNumber, trackedNumbersOf } from "../../src/order/tracked.ts";
import { openFulfillmentStatuses } from "../../src/order/status.ts";
import { KeyWalk } from "../../src/store/key-walk.ts";
import { keys } from "../../src/store/keys.ts";
import { above, type PostingList, postingList, type Walk } from "../../src/store/postings.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import type { Dimension } from "../../src/subject/dimension.ts";
import type { ChangedPages } from "../index/changed.ts";
import { isIdCursor, Listing, type Pages, type PageSource } from "../index/listing.ts";
import { queuedIds } from "../index/work-queue.ts";
import { fulfillmentListsOf } from "./fulfillment-lists.ts";
import { madeBefore, placedWalk } from "./placed-walk.ts";
import { type AnyOf, isAnyOf, type UpdatedSpan, updatedWithin, within } from "./query-values.ts";
import { type ReturnOf, returnPages, type ReturnQuery, returnsIn } from "./return-pages.ts";

export interface OrderQuery extends UpdatedSpan {
  readonly status?: AnyOf<OrderStatus>;
  readonly channel?: AnyOf<string>;
  readonly customerId?: AnyOf<string>;
  readonly externalId?: string | undefined;
  readonly locationId?: AnyOf<string>;
  /** Of a parcel that left, or that comes back. */
  readonly trackingNumber?: string | undefined;
  /** Orders with a line of this SKU. Not indexed: as many orders are looked at as one page may. */
  readonly sku?: string | undefined;
  /** RFC 3339; the moment itself is not included. */
  readonly placedAfter?: string | undefined;
  readonly placedBefore?: string | undefined;
  /** From the last page; a cursor that is none gives an empty page. */
  readonly cursor?: string | undefined;
}

export interface FulfillmentOrderQuery extends UpdatedSpan {
  readonly status?: AnyOf<FulfillmentOrderStatus>;
  readonly locationId?: AnyOf<string>;
  /** Only those that still need work, longest waiting first. */
  readonly queue?: boolean | undefined;
  /** Binds the orders that a channel's key may see. */
  readonly channel?: AnyOf<string>;
  readonly cursor?: string | undefined;
}

export interface FulfillmentOrderOf {
  readonly document: OrderDocument;
  readonly fulfillmentOrder: FulfillmentOrder;
}

export interface ExceptionQuery {
  readonly locationId?: AnyOf<string>;
  readonly carrier?: AnyOf<string>;
  /** Binds the orders that a channel's key may see. */
  readonly channel?: AnyOf<string>;
  readonly cursor?: string | undefined;
}

export interface ShipmentOf {
  readonly document: OrderDocument;
  readonly shipment: Shipment;
}

/** Lists, newest first, over the posting lists that the index consumer keeps. */
export class Queries extends Context.Service<Queries, {
  readonly orders: (query: OrderQuery) => Effect.Effect<Pages<OrderDocument>, StoreError>;
  /** Orders that were changed after a moment, by their last change, the newest first. */
  readonly changedOrders: (
    query: OrderQuery,
    after: Instant,
  ) => Effect.Effect<ChangedPages<OrderDocument>, StoreError>;
  readonly fulfillmentOrders: (
    query: FulfillmentOrderQuery,
  ) => Effect.Effect<Pages<FulfillmentOrderOf>, StoreError>;
  /** Fulfillment orders that were changed after a moment, by the last changes of their orders. */
  readonly changedFulfillmentOrders: (
    query: FulfillmentOrderQuery,
    after: Instant,
  ) => Effect.Effect<ChangedPages<FulfillmentOrderOf>, StoreError>;
  /** Shipments that are in an exception now, those of the oldest orders first. */
  readonly exceptions: (query: ExceptionQuery) => Effect.Effect<Pages<ShipmentOf>, StoreError>;
  readonly returns: (query: ReturnQuery) => Effect.Effect<Pages<ReturnOf>, StoreError>;
  /** Returns that were changed after a moment, by the last changes of their orders. */
  readonly changedReturns: (
    query: ReturnQuery,
    after: Instant,
  ) => Effect.Effect<ChangedPages<ReturnOf>, StoreError>;
}>()("allot/Queries") {
  static readonly layer = Layer.effect(Queries, Effect.suspend(() => makeQueries));
}

/** Accepts cursors of all these lists: a cursor of another list begins at the same place. */
const isCursor = isIdCursor(
  orderIds.prefix,
  fulfillmentOrderIds.prefix,
  shipmentIds.prefix,
  returnIds.prefix,
);

const orderMatches = (query: OrderQuery) => {
  const isPlaced = within(query.placedAfter, query.placedBefore);
  const isUpdated = updatedWithin(query);
  const number = query.trackingNumber === undefined
    ? undefined
    : searchedNumber(query.trackingNumber);
  return ({ state: order }: OrderDocument): boolean =>
    isAnyOf(query.status, order.status) &&
    (number === undefined || trackedNumbersOf(order).has(number)) &&
    isAnyOf(query.channel, order.channel) &&
    (query.customerId === undefined ||
      (order.customerId !== undefined && query.customerId.includes(order.customerId))) &&
    (query.externalId === undefined || order.externalId === query.externalId) &&
    (query.locationId === undefined ||
      order.fulfillmentOrders.some(({ locationId }) =>
        locationId !== null && isAnyOf(query.locationId, locationId)
      )) &&
    (query.sku === undefined || order.lines.some(({ sku }) => sku === query.sku)) &&
    isPlaced(order.placedAt) &&
    isUpdated(order.updatedAt);
};

const fulfillmentMatches = (query: FulfillmentOrderQuery) => {
  const isUpdated = updatedWithin(query);
  return ({ state: { channel } }: OrderDocument, each: FulfillmentOrder): boolean =>
    isAnyOf(query.status, each.status) &&
    (query.locationId === undefined ||
      (each.locationId !== null && query.locationId.includes(each.locationId))) &&
    isAnyOf(query.channel, channel) &&
    isUpdated(each.updatedAt);
};

/** Those of an order that match, the newest first. */
const partsOf = (query: FulfillmentOrderQuery) => {
  const matches = fulfillmentMatches(query);
  return (document: OrderDocument) =>
    document.state.fulfillmentOrders
      .filter((each) => matches(document, each))
      .map((fulfillmentOrder) => ({
        id: fulfillmentOrder.id,
        value: { document, fulfillmentOrder },
      }))
      .sort((one, other) => one.id < other.id ? 1 : -1);
};

const none: Pages<never> = () => Effect.succeed({ data: [], nextCursor: null });

const instantIn = (text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : parseInstant(text) ?? undefined;

const makeQueries = Effect.gen(function* () {
  const store = yield* Store;
  const listing = yield* Listing;
  const { upToDate, anyOf } = listing;
  const allOrders = listing.byKey(orders);

  /** The channels that ever had an order, by skipping from one list to the next. */
  const channels = Effect.gen(function* () {
    const found: string[] = [];
    const { name } = orderLists.channel;
    let start = keys.posting(name, "", "");
    while (found.length < orderLimits.channelsPerLookup) {
      const [page] = yield* store.list({
        start,
        end: below(["posting", name]).end,
        limit: 1,
      });
      if (page === undefined) break;
      const channel = String(page.key[2]);
      found.push(channel);
      start = keys.posting(name, above(channel), "");
    }
    return found;
  });

  /** Orders with an external id: their references say where they are, no list is needed. */
  const referenced = (externalId: string, channel: AnyOf<string>): PageSource<OrderDocument> =>
    Effect.fnUntraced(function* (bound) {
      const names = channel ?? (yield* Effect.andThen(upToDate, channels));
      const references = yield* store.getMany(
        names.map((name) => orderKeys.reference(name, externalId)),
      );
      const ids = references
        .flatMap(({ value }) =>
          value === null ? [] : [decodeJson<ReferenceDocument>(value).orderId]
        )
        .filter((id) => id < bound)
        .sort()
        .reverse();
      return {
        candidates: yield* listing.documents(orders, ids),
        next: null,
        scanned: ids.length,
      };
    });

  const orderSource = Effect.fnUntraced(function* (
    query: OrderQuery,
  ): Effect.fn.Return<PageSource<OrderDocument>, StoreError> {
    if (query.externalId !== undefined) return referenced(query.externalId, query.channel);
    const walks: Walk[] = [];
    const narrow = (dimension: Dimension, values: AnyOf<string>) => {
      if (values !== undefined) {
        walks.push(anyOf(values.map((value) => postingList(dimension, value))));
      }
    };
    narrow(orderLists.customer, query.customerId);
    const { trackingNumber } = query;
    narrow(
      orderLists.tracking,
      trackingNumber === undefined ? undefined : [searchedNumber(trackingNumber)],
    );
    narrow(orderLists.status, query.status);
    narrow(orderLists.location, query.locationId);
    narrow(orderLists.channel, query.channel);
    const [after, before, updatedBefore] = [
      instantIn(query.placedAfter),
      instantIn(query.placedBefore),
      instantIn(query.updatedBefore),
    ];
    const isPlaced = after !== undefined || before !== undefined;
    if (!isPlaced && updatedBefore === undefined && walks.length === 0) return allOrders;
    yield* upToDate;
    if (isPlaced) walks.push(yield* placedWalk(store, { after, before }, walks.length === 0));
    if (walks.length === 0) walks.push(new KeyWalk(store, orderKeys.order));
    if (updatedBefore !== undefined) walks.push(madeBefore(updatedBefore));
    return listing.inWalks(orders, walks);
  });

  const ordersPages = Effect.fnUntraced(function* (query: OrderQuery) {
    const matches = orderMatches(query);
    return listing.pages({
      ...{ source: yield* orderSource(query), cursor: query.cursor, isCursor },
      select: ({ id, document }) => matches(document) ? [{ id, value: document }] : [],
    });
  });

  const changedOrders: Queries["Service"]["changedOrders"] = (query, after) => {
    const matches = orderMatches(query);
    return listing.changed<Order, Contact, OrderDocument>({
      ...{ definition: orders, after, cursor: query.cursor },
      before: instantIn(query.updatedBefore),
      select: (document) => matches(document) ? [{ id: document.state.id, value: document }] : [],
    });
  };

  const changedFulfillmentOrders: Queries["Service"]["changedFulfillmentOrders"] = (
    query,
    after,
  ) =>
    // Its order may have been changed since, so the end of the span is for the parts alone.
    listing.changed<Order, Contact, FulfillmentOrderOf>({
      ...{ definition: orders, after, cursor: query.cursor },
      select: partsOf(query),
    });

  /** The parts of orders that stand in any of these lists, those of the oldest orders first. */
  const oldestFirst = Effect.fnUntraced(function* <A>(
    lists: readonly PostingList[],
    ownerIn: (id: string) => string,
    cursor: string = "",
    select: (id: string, document: OrderDocument) => A | null,
  ): Effect.fn.Return<Pages<A>> {
    if (cursor !== "" && !isCursor(cursor)) return none;
    yield* upToDate;
    let after = cursor;
    return Effect.fnUntraced(function* (limit) {
      const data: A[] = [];
      for (let scanned = 0; scanned < indexLimits.documentsScannedPerPage;) {
        const ids = yield* queuedIds(store, lists, after, limit + 1);
        for (const { id, document } of yield* listing.documents(orders, ids, ownerIn)) {
          if (data.length === limit) return { data, nextCursor: after };
          const found = select(id, document);
          if (found !== null) data.push(found);
          after = id;
        }
        if (ids.length <= limit) return { data, nextCursor: null };
        scanned += ids.length;
      }
      return { data, nextCursor: after };
    });
  });

  const queue = (query: FulfillmentOrderQuery) => {
    const { status, locationId, cursor } = query;
    const statuses = openFulfillmentStatuses.filter((each) => isAnyOf(status, each));
    const matches = fulfillmentMatches({ ...query, status: statuses });
    return oldestFirst<FulfillmentOrderOf>(
      fulfillmentListsOf(statuses, locationId),
      fulfillmentOrderIds.ownerIn,
      cursor,
      (id, document) => {
        const found = document.state.fulfillmentOrders.find((each) => each.id === id);
        return found !== undefined && matches(document, found)
          ? { document, fulfillmentOrder: found }
          : null;
      },
    );
  };

  const exceptions = ({ locationId, carrier, channel, cursor }: ExceptionQuery) =>
    oldestFirst<ShipmentOf>(
      (locationId ?? [anywhere]).map((each) => postingList(shipmentLists.exception, each)),
      shipmentIds.ownerIn,
      cursor,
      (id, document) => {
        const found = document.state.shipments.find((each) => each.id === id);
        return found !== undefined && found.status === "exception" &&
            isAnyOf(locationId, found.locationId) && isAnyOf(carrier, found.carrier) &&
            isAnyOf(channel, document.state.channel)
          ? { document, shipment: found }
          : null;
      },
    );

  /** Straight from the lists of fulfillment orders when a filter allows it, else order by order. */
  const fulfillmentOrders = Effect.fnUntraced(function* (query: FulfillmentOrderQuery) {
    if (query.queue === true) return yield* queue(query);
    const { status, locationId, channel, cursor } = query;
    const lists = status !== undefined
      ? fulfillmentListsOf(status, locationId)
      : (locationId ?? []).map((id) => postingList(fulfillmentLists.location, id));
    const parts = partsOf(query);
    if (status !== undefined || locationId !== undefined) {
      yield* upToDate;
      return listing.pages<OrderDocument, FulfillmentOrderOf>({
        source: listing.inWalks(orders, [anyOf(lists)], fulfillmentOrderIds.ownerIn),
        ...{ cursor, isCursor },
        select: ({ id, document }) => parts(document).filter((each) => each.id === id),
      });
    }
    if (channel !== undefined) yield* upToDate;
    const source = channel === undefined ? allOrders : listing.inWalks(orders, [
      anyOf(channel.map((each) => postingList(orderLists.channel, each))),
    ]);
    return listing.pages<OrderDocument, FulfillmentOrderOf>({
      ...{ source, cursor, isCursor },
      // The order of the last fulfillment order may have more of them.
      startOf: (text) => above(fulfillmentOrderIds.ownerIn(text)),
      cursorOf: (bound) => bound.replace(orderIds.prefix, fulfillmentOrderIds.prefix),
      select: ({ document }) => parts(document),
    });
  });

  return Queries.of({
    orders: ordersPages,
    changedOrders,
    fulfillmentOrders,
    changedFulfillmentOrders,
    exceptions,
    returns: (query) => returnPages(listing, query, isCursor),
    changedReturns: (query, after) =>
      listing.changed<Order, Contact, ReturnOf>({
        ...{ definition: orders, after, cursor: query.cursor },
        select: returnsIn(query),
      }),
  });
});
