import { Context, type Effect } from "effect";
import type { FulfillmentOrder, FulfillmentOrderStatus, OrderStatus } from "../src/order/order.ts";
import type { OrderDocument } from "../src/store/documents.ts";
import type { StoreError } from "../src/store/store.ts";

export interface OrderQuery {
  readonly status?: OrderStatus | undefined;
  readonly channel?: string | undefined;
  readonly customerId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly locationId?: string | undefined;
  readonly placedAfter?: string | undefined;
  readonly placedBefore?: string | undefined;
  readonly limit: number;
  /** An opaque id from the last page. */
  readonly cursor?: string | undefined;
}

export interface FulfillmentOrderQuery {
  readonly status?: FulfillmentOrderStatus | undefined;
  readonly locationId?: string | undefined;
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
}>()("allot/Queries") {}
