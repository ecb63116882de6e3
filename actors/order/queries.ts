/** Lists of orders and of fulfillment orders, newest first, and the queues of those that still need work. */
import { Context, Effect, Layer } from "effect";
import { parseInstant } from "../../src/kernel/instant.ts";
import { below } from "../../src/kernel/key.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument, ReferenceDocument } from "../../src/order/document.ts";
import { fulfillmentOrderIds, orderIds } from "../../src/order/ids.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { fulfillmentLists, orderLists } from "../../src/order/lists.ts";
import type {
  FulfillmentOrder,
  FulfillmentOrderStatus,
  OrderStatus,
} from "../../src/order/order.ts";
import { openFulfillmentStatuses } from "../../src/order/status.ts";
import { KeyWalk } from "../../src/store/key-walk.ts";
import { keys } from "../../src/store/keys.ts";
import { above, type PostingList, postingList } from "../../src/store/postings.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import type { Dimension } from "../../src/subject/dimension.ts";
import { isIdCursor, Listing, type Page, type PageSource } from "../index/listing.ts";
import { queuedIds } from "../index/work-queue.ts";
import { fulfillmentList } from "./fulfillment-lists.ts";
import { PlacedWalk } from "./placed-walk.ts";

export interface OrderQuery {
  readonly status?: OrderStatus | undefined;
  readonly channel?: string | undefined;
  readonly customerId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly locationId?: string | undefined;
  /** Orders with a line of this SKU. Not indexed: as many orders are looked at as one page may. */
  readonly sku?: string | undefined;
  /** RFC 3339; the moment itself is not included. */
  readonly placedAfter?: string | undefined;
  readonly placedBefore?: string | undefined;
  readonly limit: number;
  /** From the last page; a cursor that is none gives an empty page. */
  readonly cursor?: string | undefined;
}

export interface FulfillmentOrderQuery {
  readonly status?: FulfillmentOrderStatus | undefined;
  readonly locationId?: string | undefined;
  /** Only those that still need work, longest waiting first. */
  readonly queue?: boolean | undefined;
  /** Binds the orders that a channel's key may see. */
  readonly channel?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface FulfillmentOrderOf {
  readonly document: OrderDocument;
  readonly fulfillmentOrder: FulfillmentOrder;
}

/** Lists, newest first, over the posting lists that the index consumer keeps. */
export class Queries extends Context.Service<Queries, {
  readonly orders: (query: OrderQuery) => Effect.Effect<Page<OrderDocument>, StoreError>;
  readonly fulfillmentOrders: (
    query: FulfillmentOrderQuery,
  ) => Effect.Effect<Page<FulfillmentOrderOf>, StoreError>;
}>()("allot/Queries") {
  static readonly layer = Layer.effect(Queries, Effect.suspend(() => makeQueries));
}

/** Accepts cursors of both lists: a cursor of the other list begins at the same place. */
const isCursor = isIdCursor(orderIds.prefix, fulfillmentOrderIds.prefix);

const orderMatches = (query: OrderQuery) => {
  const after = query.placedAfter === undefined ? undefined : parseInstant(query.placedAfter);
  const before = query.placedBefore === undefined ? undefined : parseInstant(query.placedBefore);
  return ({ state: order }: OrderDocument): boolean =>
    (query.status === undefined || order.status === query.status) &&
    (query.channel === undefined || order.channel === query.channel) &&
    (query.customerId === undefined || order.customerId === query.customerId) &&
    (query.externalId === undefined || order.externalId === query.externalId) &&
    (query.locationId === undefined ||
      order.fulfillmentOrders.some(({ locationId }) => locationId === query.locationId)) &&
    (query.sku === undefined || order.lines.some(({ sku }) => sku === query.sku)) &&
    (after === undefined || (after !== null && order.placedAt > after)) &&
    (before === undefined || (before !== null && order.placedAt < before));
};

const makeQueries = Effect.gen(function* () {
  const store = yield* Store;
  const listing = yield* Listing;
  const { upToDate, walkOf } = listing;
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
  const referenced = (externalId: string, channel: string | undefined): PageSource<OrderDocument> =>
    Effect.fnUntraced(function* (bound) {
      const names = channel === undefined ? yield* Effect.andThen(upToDate, channels) : [channel];
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

  const orderSource = (query: OrderQuery) => {
    if (query.externalId !== undefined) {
      return Effect.succeed(referenced(query.externalId, query.channel));
    }
    const lists: PostingList[] = [];
    const narrow = (dimension: Dimension, value: string | undefined) => {
      if (value !== undefined) lists.push(postingList(dimension, value));
    };
    narrow(orderLists.customer, query.customerId);
    narrow(orderLists.status, query.status);
    narrow(orderLists.location, query.locationId);
    narrow(orderLists.channel, query.channel);
    const walks = lists.map(walkOf);
    const instant = (text: string | undefined) =>
      text === undefined ? undefined : parseInstant(text) ?? undefined;
    const [after, before] = [instant(query.placedAfter), instant(query.placedBefore)];
    if (after !== undefined || before !== undefined) {
      if (walks.length === 0) walks.push(new KeyWalk(store, orderKeys.order));
      walks.push(new PlacedWalk(store, { after, before }));
    }
    return walks.length === 0
      ? Effect.succeed(allOrders)
      : Effect.as(upToDate, listing.inWalks(orders, walks));
  };

  const ordersPage = Effect.fnUntraced(function* (query: OrderQuery) {
    const matches = orderMatches(query);
    const { limit, cursor } = query;
    return yield* listing.page({
      ...{ source: yield* orderSource(query), limit, cursor, isCursor },
      select: ({ id, document }) => matches(document) ? [{ id, value: document }] : [],
    });
  });

  const fulfillmentMatches =
    (query: FulfillmentOrderQuery, { state: order }: OrderDocument) => (each: FulfillmentOrder) =>
      (query.status === undefined || each.status === query.status) &&
      (query.locationId === undefined || each.locationId === query.locationId) &&
      (query.channel === undefined || order.channel === query.channel);

  const queue = Effect.fnUntraced(function* (
    query: FulfillmentOrderQuery,
  ): Effect.fn.Return<Page<FulfillmentOrderOf>, StoreError> {
    const { status, locationId, limit, cursor = "" } = query;
    if (cursor !== "" && !isCursor(cursor)) return { data: [], nextCursor: null };
    yield* upToDate;
    const statuses = openFulfillmentStatuses.filter((each) =>
      status === undefined || each === status
    );
    const lists = statuses.map((each) => fulfillmentList(each, locationId));
    const data: FulfillmentOrderOf[] = [];
    let after = cursor;
    for (let scanned = 0; scanned < indexLimits.documentsScannedPerPage;) {
      const ids = yield* queuedIds(store, lists, after, limit + 1);
      const found = yield* listing.documents(orders, ids, fulfillmentOrderIds.ownerIn);
      for (const { id, document } of found) {
        if (data.length === limit) return { data, nextCursor: after };
        const fulfillmentOrder = document.state.fulfillmentOrders.find((each) => each.id === id);
        if (
          fulfillmentOrder !== undefined &&
          statuses.some((each) => each === fulfillmentOrder.status) &&
          fulfillmentMatches({ ...query, status: undefined }, document)(fulfillmentOrder)
        ) data.push({ document, fulfillmentOrder });
        after = id;
      }
      if (ids.length <= limit) return { data, nextCursor: null };
      scanned += ids.length;
    }
    return { data, nextCursor: after };
  });

  /** Straight from the lists of fulfillment orders when a filter allows it, else order by order. */
  const fulfillmentOrders = Effect.fnUntraced(function* (query: FulfillmentOrderQuery) {
    if (query.queue === true) return yield* queue(query);
    const { status, locationId, channel, limit, cursor } = query;
    const list = status !== undefined
      ? fulfillmentList(status, locationId)
      : locationId === undefined
      ? null
      : postingList(fulfillmentLists.location, locationId);
    if (list !== null) {
      yield* upToDate;
      return yield* listing.page<OrderDocument, FulfillmentOrderOf>({
        source: listing.inWalks(orders, [walkOf(list)], fulfillmentOrderIds.ownerIn),
        ...{ limit, cursor, isCursor },
        select: ({ id, document }) =>
          document.state.fulfillmentOrders
            .filter((each) => each.id === id && fulfillmentMatches(query, document)(each))
            .map((fulfillmentOrder) => ({ id, value: { document, fulfillmentOrder } })),
      });
    }
    if (channel !== undefined) yield* upToDate;
    const source = channel === undefined
      ? allOrders
      : listing.inWalks(orders, [walkOf(postingList(orderLists.channel, channel))]);
    return yield* listing.page<OrderDocument, FulfillmentOrderOf>({
      ...{ source, limit, cursor, isCursor },
      // The order of the last fulfillment order may have more of them.
      startOf: (text) => above(fulfillmentOrderIds.ownerIn(text)),
      cursorOf: (bound) => bound.replace(orderIds.prefix, fulfillmentOrderIds.prefix),
      select: ({ document }) =>
        document.state.fulfillmentOrders
          .filter(fulfillmentMatches(query, document))
          .map((fulfillmentOrder) => ({
            id: fulfillmentOrder.id,
            value: { document, fulfillmentOrder },
          }))
          .sort((one, other) => one.id < other.id ? 1 : -1),
    });
  });

  return Queries.of({ orders: ordersPage, fulfillmentOrders });
});
