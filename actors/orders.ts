import { Context, Data, type Effect } from "effect";
import type { OrderCommand } from "../src/order/order.ts";
import type { PlaceOrderRequest } from "../src/order/request.ts";
import type { OrderDocument } from "../src/store/documents.ts";
import type { LogEntry } from "../src/store/log.ts";
import type { StoreError } from "../src/store/store.ts";
import type {
  CommandContext,
  CommandFailure,
  NotFound,
  PreconditionFailed,
  Refused,
} from "./command.ts";

/** The channel has another order with this external id. */
export class OrderExists extends Data.TaggedError("OrderExists")<{
  readonly orderId: string;
  readonly channel: string;
  readonly externalId: string;
}> {}

/** The request has the right shape but cannot be an order: see each pointer. */
export class InvalidOrder extends Data.TaggedError("InvalidOrder")<{
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}> {}

export interface Placed {
  /** False when the same order had been placed before. */
  readonly created: boolean;
  readonly document: OrderDocument;
}

/** Every order is an actor: its commands run one after another, whoever sends them. */
export class Orders extends Context.Service<Orders, {
  readonly place: (
    request: PlaceOrderRequest,
    context: CommandContext<Placed>,
  ) => Effect.Effect<Placed, OrderExists | InvalidOrder | Refused | CommandFailure>;
  readonly command: (
    orderId: string,
    command: OrderCommand,
    context: CommandContext<OrderDocument>,
  ) => Effect.Effect<OrderDocument, NotFound | PreconditionFailed | Refused | CommandFailure>;
  readonly get: (orderId: string) => Effect.Effect<OrderDocument, NotFound | StoreError>;
  /** The order with this reference, for the list filter `externalId`. */
  readonly find: (
    channel: string,
    externalId: string,
  ) => Effect.Effect<OrderDocument | null, StoreError>;
  /** Log entries of the order's commits, oldest first, only with its own records. */
  readonly history: (
    orderId: string,
    page: { readonly after: number; readonly limit: number },
  ) => Effect.Effect<readonly LogEntry[], NotFound | StoreError>;
}>()("allot/Orders") {}
