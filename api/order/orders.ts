/** Orders: placing, finding and changing them. */
import { Cause, type Context, Effect, Exit, Option, Schema } from "effect";
import { Orders, type Placed } from "../../actors/order/orders.ts";
import { Queries } from "../../actors/order/queries.ts";
import { type OrderCommand, orderStatuses } from "../../src/order/order.ts";
import { Identifier, Sku, Timestamp } from "../../src/kernel/vocabulary.ts";
import { trimmed } from "../../src/kernel/white-space.ts";
import { PlaceOrderRequest } from "../../src/order/request.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { type ActionRequest, actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { type FailureTable, problemOf, type Tagged, withGeneral } from "../http/failures.ts";
import { asPart, decodeCursor, largePage, type PageCursor, pageSize } from "../http/pages.ts";
import { invalidParameter } from "../http/problems.ts";
import { jsonBody, type ResponseDefinition, route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { normalized } from "../http/times.ts";
import { orderActions } from "./actions.ts";
import { countPlacement } from "./placements.ts";
import { illegalTransition, insufficientStock, orderExists, orderFailures } from "./problems.ts";
import { Order, OrderEvent } from "./schemas.ts";
import { eventViews, orderView } from "./views.ts";
import { visible } from "./visible.ts";

const ordersTag: Tag = { name: "Orders", description: "Placing orders and following them" };

const orderResponse = (status: number, document: OrderDocument) =>
  versioned(status, orderView(document), document.state.version);

const placed = ({ created, document }: Placed) =>
  versioned(created ? 201 : 200, orderView(document), document.state.version, {
    location: `/v1/orders/${document.state.id}`,
  });

const theOrder = (description: string): ResponseDefinition => ({
  description,
  schema: Order,
  headers: { etag: "The order's version" },
});

const OrderParameters = Schema.Struct({ orderId: Identifier });

const failures: FailureTable = withGeneral(orderFailures);

/** The outcome of a request for an order, for the metrics. */
const outcomeOf = ({ created, document }: Placed): string =>
  created ? document.state.status : "duplicate";

const counted = <E extends Tagged, R>(place: Effect.Effect<Placed, E, R>) =>
  Effect.onExit(place, (exit) =>
    Effect.contextWith((context: Context.Context<never>) => {
      const outcome = Exit.isSuccess(exit)
        ? outcomeOf(exit.value)
        : Option.match(Cause.findErrorOption(exit.cause), {
          onNone: () => "defect",
          onSome: (failure) => problemOf(failures, failure)?.type.name ?? "defect",
        });
      countPlacement(outcome, context);
      return Effect.void;
    }));

const placeOrder = route({
  method: "POST",
  path: "/v1/orders",
  operationId: "placeOrder",
  summary: "Place an order",
  description:
    "One order for each channel and external id: the same order again answers 200 with the order that " +
    "is there.",
  tags: [ordersTag],
  permission: "orders:place",
  scopes: { channel: "narrowed", location: "refused" },
  body: jsonBody(PlaceOrderRequest.annotate({ identifier: "PlaceOrderRequest" })),
  responses: {
    200: theOrder("The same order was placed before"),
    201: {
      ...theOrder("The new order"),
      headers: { etag: "The order's version", location: "Where the order is" },
    },
  },
  problems: [insufficientStock, orderExists],
  failures: orderFailures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    yield* narrowed(request.by.scope.channel, trimmed(request.body.channel), "channel");
    return yield* command(
      request,
      (context) => counted(orders.place(request.body, context)),
      placed,
    );
  }),
});

export const listOrders = route({
  method: "GET",
  path: "/v1/orders",
  operationId: "listOrders",
  summary: "Orders, newest first",
  tags: [ordersTag],
  permission: "orders:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(Schema.Literals(orderStatuses)),
    channel: Schema.optionalKey(Identifier),
    customerId: Schema.optionalKey(Identifier),
    externalId: Schema.optionalKey(Identifier),
    locationId: Schema.optionalKey(
      Identifier.annotate({ description: "Orders of which this location fulfills a part" }),
    ),
    sku: Schema.optionalKey(
      Sku.annotate({
        description: "Orders with a line of this SKU. Not indexed: a page may be short, or even " +
          "empty, and still have a next one",
      }),
    ),
    placedAfter: Schema.optionalKey(Timestamp),
    placedBefore: Schema.optionalKey(Timestamp),
  }),
  responses: { 200: { description: "A page of orders", schema: pageOf(Order) } },
  handler: Effect.fnUntraced(function* (request) {
    const queries = yield* Queries;
    const { query, by } = request;
    const channel = yield* narrowed(by.scope.channel, query.channel, "channel");
    const locationId = yield* narrowed(by.scope.locationId, query.locationId, "location");
    const asked = {
      status: query.status,
      channel,
      customerId: query.customerId,
      externalId: query.externalId,
      locationId,
      sku: query.sku,
      placedAfter: query.placedAfter && normalized(query.placedAfter),
      placedBefore: query.placedBefore && normalized(query.placedBefore),
    };
    return yield* largePage(request, {
      limit: pageSize(query),
      cursor: yield* decodeCursor(query, 1),
      read: (limit: number, [cursor]: PageCursor = []) =>
        Effect.map(queries.orders({ ...asked, limit, cursor }), asPart),
      after: ({ state }) => [state.id],
      view: orderView,
    });
  }),
});

export const getOrder = route({
  method: "GET",
  path: "/v1/orders/{orderId}",
  operationId: "getOrder",
  summary: "An order",
  tags: [ordersTag],
  permission: "orders:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: OrderParameters,
  responses: { 200: theOrder("The order") },
  handler: Effect.fnUntraced(function* ({ params, by }) {
    const orders = yield* Orders;
    const document = yield* visible(by, yield* orders.get(params.orderId));
    return orderResponse(200, document);
  }),
});

export const listOrderEvents = route({
  method: "GET",
  path: "/v1/orders/{orderId}/events",
  operationId: "listOrderEvents",
  summary: "What happened to an order, oldest first",
  tags: [ordersTag],
  permission: "orders:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: OrderParameters,
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of events", schema: pageOf(OrderEvent) } },
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { orderId } = request.params;
    yield* visible(request.by, yield* orders.get(orderId));
    // A page may end in the middle of a commit's events: the cursor says which is the next of which.
    const cursor = yield* decodeCursor(request.query, 2);
    if (cursor?.some((number) => !/^\d{1,9}$/.test(number))) {
      return yield* invalidParameter("cursor", "is not a cursor of this list");
    }
    const read = Effect.fnUntraced(function* (limit: number, from: PageCursor = ["0", "0"]) {
      const [version = 0, event = 0] = from.map(Number);
      // Each commit has at least one event, so these commits fill the part and tell whether one follows.
      const entries = yield* orders.history(orderId, { after: version, limit: limit + 1 });
      const found = entries.flatMap((entry, i) =>
        eventViews(entry).map((view, n) => ({ view, cursor: [`${version + i}`, `${n}`] }))
      );
      const rest = found.slice(event);
      return { rows: rest.slice(0, limit), next: rest[limit]?.cursor ?? null };
    });
    return yield* largePage(request, {
      limit: pageSize(request.query),
      cursor,
      read,
      after: ({ cursor: [version = "", event = ""] }) => [version, `${Number(event) + 1}`],
      view: ({ view }) => view,
    });
  }),
});

/** An order's action: seen by the key, decided by the order. */
const act = Effect.fnUntraced(function* (
  request: ActionRequest<{ readonly orderId: string }>,
  orderCommand: OrderCommand,
) {
  const orders = yield* Orders;
  const { orderId } = request.params;
  if (request.by.scope.channel !== undefined) {
    yield* visible(request.by, yield* orders.get(orderId));
  }
  return yield* command(
    request,
    (context) => orders.command(orderId, orderCommand, context),
    (document: OrderDocument) => orderResponse(200, document),
  );
});

export const orderRoutes = [
  placeOrder,
  listOrders,
  getOrder,
  listOrderEvents,
  ...actionRoutes({
    path: "/v1/orders/{orderId}",
    params: OrderParameters,
    idOf: ({ orderId }) => orderId,
    tags: [ordersTag],
    scopes: { channel: "narrowed", location: "refused" },
    responses: { 200: theOrder("The order as it is now") },
    problems: ["not-found", illegalTransition],
    failures: orderFailures,
    act,
  }, orderActions),
];
