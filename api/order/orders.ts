/** Orders: placing, finding and changing them. */
import { Cause, type Context, Effect, Exit, Option, Schema } from "effect";
import { Orders, type Placed } from "../../actors/order/orders.ts";
import { Queries } from "../../actors/order/queries.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { described, Identifier, Sku, text, Timestamp } from "../../src/kernel/vocabulary.ts";
import { trimmed } from "../../src/kernel/white-space.ts";
import { PlaceOrderRequest } from "../../src/order/request.ts";
import { OrderStatus } from "../../src/order/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { type ActionRequest, actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { type FailureTable, problemOf, type Tagged, withGeneral } from "../http/failures.ts";
import { asPart, decodeCursor, largePage, type PageCursor, pageSize } from "../http/pages.ts";
import { invalidParameter } from "../http/problems.ts";
import { jsonBody, type ResponseDefinition, route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters, updatedParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { idsIn, narrowedIds, someIds, someOf } from "../http/several.ts";
import { normalizedIn } from "../http/times.ts";
import { CancelRequest, orderActions } from "./actions.ts";
import { amountExceeded } from "./payment-problems.ts";
import { countPlacement } from "./placements.ts";
import { previewed } from "./preview.ts";
import {
  illegalTransition,
  insufficientStock,
  kitIncomplete,
  orderExists,
  orderFailures,
} from "./problems.ts";
import { eventViews, OrderHistoryEvent } from "./history.ts";
import { Order } from "./schemas.ts";
import { orderView, orderViewFor } from "./views.ts";
import { visible } from "./visible.ts";

export const ordersTag: Tag = { name: "Orders", description: "Placing orders and following them" };

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

const placeOrderExample: PlaceOrderRequest = {
  channel: "web",
  externalId: "1001",
  currency: "EUR",
  customer: { id: "C-17", name: "Ada Example", email: "ada@example.com" },
  shippingAddress: {
    name: "Ada Example",
    line1: "Keizersgracht 1",
    city: "Amsterdam",
    postalCode: "1015 CJ",
    country: "NL",
  },
  lines: [{
    sku: "MUG-01",
    quantity: 2,
    unitPrice: { amount: "12.50", currency: "EUR" },
    tax: { amount: "4.34", currency: "EUR" },
  }],
  shipping: { service: "standard", amount: { amount: "4.95", currency: "EUR" } },
  onShortage: "backorder",
  metadata: { campaign: "spring" },
};

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
  body: jsonBody(
    PlaceOrderRequest.annotate({ identifier: "PlaceOrderRequest", examples: [placeOrderExample] }),
  ),
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

const byLastChange =
  "With `updatedAfter` they come by their last change, the newest first, and a page may be short, or even " +
  "empty, and still have a next one.";

export const listOrders = route({
  method: "GET",
  path: "/v1/orders",
  operationId: "listOrders",
  summary: "Orders, newest first",
  description: byLastChange,
  tags: [ordersTag],
  permission: "orders:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(someOf(OrderStatus)),
    channel: Schema.optionalKey(someIds(textLimits.id)),
    customerId: Schema.optionalKey(someIds(textLimits.id)),
    externalId: Schema.optionalKey(Identifier),
    locationId: Schema.optionalKey(
      someIds(textLimits.id).annotate({
        description:
          "Orders of which this location, or one of several apart by commas, fulfills a part",
      }),
    ),
    trackingNumber: Schema.optionalKey(
      text(textLimits.id).annotate({
        description:
          "Orders with a parcel of this number, there or back; spaces and small letters do not matter",
      }),
    ),
    sku: Schema.optionalKey(
      described(
        Sku,
        "Orders with a line of this SKU. Not indexed: a page may be short, or even empty, and still " +
          "have a next one",
      ),
    ),
    placedAfter: Schema.optionalKey(Timestamp),
    placedBefore: Schema.optionalKey(Timestamp),
    ...updatedParameters,
  }),
  responses: { 200: { description: "A page of orders", schema: pageOf(Order) } },
  handler: Effect.fnUntraced(function* (request) {
    const queries = yield* Queries;
    const { query, by } = request;
    const asked = {
      status: query.status,
      channel: yield* narrowedIds(by.scope.channel, idsIn(query.channel), "channel"),
      customerId: idsIn(query.customerId),
      externalId: query.externalId,
      locationId: yield* narrowedIds(by.scope.locationId, idsIn(query.locationId), "location"),
      trackingNumber: query.trackingNumber,
      sku: query.sku,
      placedAfter: normalizedIn(query.placedAfter),
      placedBefore: normalizedIn(query.placedBefore),
      updatedAfter: normalizedIn(query.updatedAfter),
      updatedBefore: normalizedIn(query.updatedBefore),
    };
    const [cursor] = (yield* decodeCursor(query, 1)) ?? [];
    const { updatedAfter } = asked;
    const view = orderViewFor(request.by);
    // What is of one order or customer is found sooner without the log.
    const isFew = asked.externalId !== undefined || asked.customerId !== undefined ||
      asked.trackingNumber !== undefined;
    if (updatedAfter !== undefined && !isFew) {
      const changed = yield* queries.changedOrders({ ...asked, cursor }, updatedAfter);
      return yield* largePage(request, {
        limit: pageSize(query),
        read: (limit: number) => Effect.map(changed(limit), asPart),
        after: ({ cursor }) => [cursor],
        view: ({ value }) => view(value),
      });
    }
    const found = yield* queries.orders({ ...asked, cursor });
    return yield* largePage(request, {
      limit: pageSize(query),
      read: (limit: number) => Effect.map(found(limit), asPart),
      after: ({ state }) => [state.id],
      view,
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
    return versioned(200, orderViewFor(by)(document), document.state.version);
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
  responses: { 200: { description: "A page of events", schema: pageOf(OrderHistoryEvent) } },
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const subjects = yield* Subjects;
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
        eventViews(entry, subjects).map((view, n) => ({ view, cursor: [`${version + i}`, `${n}`] }))
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

export const previewCancel = route({
  method: "POST",
  path: "/v1/orders/{orderId}/cancel/preview",
  operationId: "previewCancel",
  summary: "The order as a cancellation would leave it: nothing is done",
  description:
    "It is refused where the cancellation would be. `balance` and `payments` say what would be given back, and " +
    "what given up.",
  tags: [ordersTag],
  permission: "orders:cancel",
  scopes: { channel: "narrowed", location: "refused" },
  params: OrderParameters,
  body: jsonBody(CancelRequest),
  responses: { 200: { description: "The order as it would be", schema: Order } },
  problems: ["not-found", illegalTransition, kitIncomplete, amountExceeded],
  failures: orderFailures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { body, by, params: { orderId } } = request;
    yield* visible(by, yield* orders.get(orderId));
    return yield* previewed(request, orderId, { type: "cancel", ...body });
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
  previewCancel,
  ...actionRoutes({
    path: "/v1/orders/{orderId}",
    params: OrderParameters,
    idOf: ({ orderId }) => orderId,
    tags: [ordersTag],
    scopes: { channel: "narrowed", location: "refused" },
    responses: { 200: theOrder("The order as it is now") },
    problems: ["not-found", illegalTransition, kitIncomplete],
    failures: orderFailures,
    act,
  }, orderActions),
];
