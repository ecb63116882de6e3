/** Lists of orders and of fulfillment orders, in pages: walks over posting lists, and then their documents. */
import { orderKeys } from "../../src/order/keys.ts";
import { Context, Effect, Layer } from "effect";
import { parseInstant } from "../../src/kernel/instant.ts";
import { fulfillmentOrderIds } from "../../src/order/ids.ts";
import { indexLimits } from "../../src/kernel/limits.ts";
import type {
  FulfillmentOrder,
  FulfillmentOrderStatus,
  OrderStatus,
} from "../../src/order/order.ts";
import { openFulfillmentStatuses } from "../../src/order/status.ts";
import type { OrderDocument, ReferenceDocument } from "../../src/order/document.ts";
import { KeyWalk } from "../../src/store/key-walk.ts";
import { PlacedWalk } from "./placed-walk.ts";
import {
  above,
  everything,
  type PostingList,
  postingList,
  PostingWalk,
  seekCommon,
  type Walk,
} from "../../src/store/postings.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { below } from "../../src/kernel/key.ts";
import { fulfillmentLists, orderLists } from "../../src/order/lists.ts";
import { keys } from "../../src/store/keys.ts";
import type { Dimension } from "../../src/subject/dimension.ts";
import { decodeJson } from "../../src/store/values.ts";
import { fulfillmentList } from "./fulfillment-lists.ts";
import { orderDocumentIn } from "./order-documents.ts";
import { Indexes } from "../index/indexes.ts";
import { queuedIds } from "../index/work-queue.ts";
import { LogTail } from "../log/log-tail.ts";

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
  /** Binds what a channel's key may see. */
  readonly channel?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<A> {
  readonly data: readonly A[];
  /** The cursor of the next page; null at the end. */
  readonly nextCursor: string | null;
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

/** A cursor is where the last page ended: the next one holds what is below. Anything else is none of ours. */
const isBound = (cursor: string): boolean => /^(ord|ful)_[0-9a-z_]{1,50}\0?$/.test(cursor);

interface Candidate {
  readonly id: string;
  readonly document: OrderDocument;
}

/** Candidates below a bound, newest first; `next` is the bound of the chunk that follows, null at the end. */
interface Chunk {
  readonly candidates: readonly Candidate[];
  readonly next: string | null;
  /** What was looked at to find them. */
  readonly scanned: number;
}

type Source = (bound: string, count: number) => Effect.Effect<Chunk, StoreError>;

const orderMatches = (query: OrderQuery) => {
  const after = query.placedAfter === undefined ? undefined : parseInstant(query.placedAfter);
  const before = query.placedBefore === undefined ? undefined : parseInstant(query.placedBefore);
  return ({ order }: OrderDocument): boolean =>
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
  const indexes = yield* Indexes;
  const tail = yield* LogTail;

  const documentOf = (entry: Entry): Effect.Effect<OrderDocument | null, StoreError> =>
    orderDocumentIn(entry).pipe(
      Effect.provideService(Store, store),
      Effect.map((stored) => stored?.value ?? null),
    );

  const candidatesOf = Effect.fnUntraced(function* (
    ids: readonly string[],
    entries: readonly (Entry | undefined)[],
  ) {
    const candidates: Candidate[] = [];
    for (const [index, id] of ids.entries()) {
      const entry = entries[index];
      const document = entry === undefined ? null : yield* documentOf(entry);
      if (document !== null) candidates.push({ id, document });
    }
    return candidates;
  });

  /** Every order, by its key. */
  const allOrders: Source = Effect.fnUntraced(function* (bound, count) {
    const entries = yield* store.list({
      start: orderKeys.order(""),
      end: orderKeys.order(bound),
      limit: count,
      reverse: true,
    });
    const ids = entries.map(({ key }) => String(key[1]));
    return {
      candidates: yield* candidatesOf(ids, entries),
      next: entries.length < count ? null : ids.at(-1) ?? null,
      scanned: entries.length,
    };
  });

  const walkOf = (list: PostingList): Walk =>
    new PostingWalk(
      store,
      list,
      list.mark === undefined ? indexLimits.pagesPerRead : indexLimits.sharedPagesPerRead,
    );

  /** What is in all of the walks; `orderOf` tells the order in whose document an id is looked up. */
  const listed = (walks: readonly Walk[], orderOf: (id: string) => string): Source =>
    Effect.fnUntraced(function* (bound, count) {
      const ids: string[] = [];
      let next: string | null = bound;
      let exhausted = false;
      while (ids.length < count && next !== null && !exhausted) {
        const found: { id: string | null; stoppedBelow?: string } = yield* seekCommon(walks, next);
        if (found.id !== null) ids.push(found.id);
        exhausted = found.stoppedBelow !== undefined;
        next = found.stoppedBelow ?? found.id;
      }
      const entries = yield* store.getMany(ids.map((id) => orderKeys.order(orderOf(id))));
      return {
        candidates: yield* candidatesOf(ids, entries),
        next,
        scanned: exhausted ? indexLimits.documentsScannedPerPage : ids.length,
      };
    });

  /** Reads candidates until the page is full, or so much was looked at that a short page is better. */
  const collect = Effect.fnUntraced(function* <A>(
    source: Source,
    query: { readonly limit: number; readonly cursor?: string | undefined },
    options: {
      readonly start: (cursor: string) => string;
      readonly cursor: (bound: string) => string;
      readonly select: (
        candidate: Candidate,
      ) => readonly { readonly id: string; readonly value: A }[];
    },
  ): Effect.fn.Return<Page<A>, StoreError> {
    const after = query.cursor ?? everything;
    if (after !== everything && !isBound(after)) return { data: [], nextCursor: null };
    const found: { readonly id: string; readonly value: A }[] = [];
    let bound: string | null = after === everything ? everything : options.start(after);
    let scanned = 0;
    while (bound !== null) {
      const chunk: Chunk = yield* source(bound, query.limit + 1);
      for (const candidate of chunk.candidates) {
        for (const each of options.select(candidate)) {
          if (each.id < after) found.push(each);
        }
      }
      const last = found[query.limit - 1];
      if (found.length > query.limit && last !== undefined) {
        return {
          data: found.slice(0, query.limit).map(({ value }) => value),
          nextCursor: last.id,
        };
      }
      scanned += chunk.scanned;
      bound = chunk.next;
      if (scanned >= indexLimits.documentsScannedPerPage) break;
    }
    return {
      data: found.map(({ value }) => value),
      nextCursor: bound === null ? null : options.cursor(bound),
    };
  });

  /** Clients find what they have just written: waits for the index, within bounds. */
  const upToDate = Effect.suspend(() => indexes.passed(tail.committedPosition()));

  /** The channels that ever had an order, by skipping from one list to the next. */
  const channels = Effect.gen(function* () {
    const found: string[] = [];
    const { name } = orderLists.channel;
    let start = keys.posting(name, "", "");
    while (found.length < indexLimits.channelsPerLookup) {
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
  const referenced = (externalId: string, channel: string | undefined): Source =>
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
      const entries = yield* store.getMany(ids.map(orderKeys.order));
      return {
        candidates: yield* candidatesOf(ids, entries),
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
      : Effect.as(upToDate, listed(walks, (id) => id));
  };

  const orders = Effect.fnUntraced(function* (query: OrderQuery) {
    const matches = orderMatches(query);
    return yield* collect(yield* orderSource(query), query, {
      start: (cursor) => cursor,
      cursor: (bound) => bound,
      select: ({ id, document }) => matches(document) ? [{ id, value: document }] : [],
    });
  });

  const fulfillmentMatches =
    (query: FulfillmentOrderQuery, { order }: OrderDocument) => (each: FulfillmentOrder) =>
      (query.status === undefined || each.status === query.status) &&
      (query.locationId === undefined || each.locationId === query.locationId) &&
      (query.channel === undefined || order.channel === query.channel);

  const queue = Effect.fnUntraced(function* (
    query: FulfillmentOrderQuery,
  ): Effect.fn.Return<Page<FulfillmentOrderOf>, StoreError> {
    const { status, locationId, limit, cursor = "" } = query;
    if (cursor !== "" && !isBound(cursor)) return { data: [], nextCursor: null };
    yield* upToDate;
    const statuses = openFulfillmentStatuses.filter((each) =>
      status === undefined || each === status
    );
    const lists = statuses.map((each) => fulfillmentList(each, locationId));
    const data: FulfillmentOrderOf[] = [];
    let after = cursor;
    for (let scanned = 0; scanned < indexLimits.documentsScannedPerPage;) {
      const ids = yield* queuedIds(store, lists, after, limit + 1);
      const entries = yield* store.getMany(
        ids.map((id) => orderKeys.order(fulfillmentOrderIds.ownerIn(id))),
      );
      for (const { id, document } of yield* candidatesOf(ids, entries)) {
        if (data.length === limit) return { data, nextCursor: after };
        const fulfillmentOrder = document.order.fulfillmentOrders.find((each) => each.id === id);
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
    const { status, locationId, channel } = query;
    const list = status !== undefined
      ? fulfillmentList(status, locationId)
      : locationId === undefined
      ? null
      : postingList(fulfillmentLists.location, locationId);
    if (list !== null) {
      yield* upToDate;
      return yield* collect<FulfillmentOrderOf>(
        listed([walkOf(list)], fulfillmentOrderIds.ownerIn),
        query,
        {
          start: (cursor) => cursor,
          cursor: (bound) => bound,
          select: ({ id, document }) =>
            document.order.fulfillmentOrders
              .filter((each) => each.id === id && fulfillmentMatches(query, document)(each))
              .map((fulfillmentOrder) => ({ id, value: { document, fulfillmentOrder } })),
        },
      );
    }
    if (channel !== undefined) yield* upToDate;
    const source = channel === undefined
      ? allOrders
      : listed([walkOf(postingList(orderLists.channel, channel))], (id) => id);
    return yield* collect<FulfillmentOrderOf>(source, query, {
      // The order of the last fulfillment order may have more of them.
      start: (cursor) => above(fulfillmentOrderIds.ownerIn(cursor)),
      cursor: (bound) => bound.replace("ord_", "ful_"),
      select: ({ document }) =>
        document.order.fulfillmentOrders
          .filter(fulfillmentMatches(query, document))
          .map((fulfillmentOrder) => ({
            id: fulfillmentOrder.id,
            value: { document, fulfillmentOrder },
          }))
          .sort((one, other) => one.id < other.id ? 1 : -1),
    });
  });

  return Queries.of({ orders, fulfillmentOrders });
});
