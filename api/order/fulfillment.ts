/** Fulfillment orders and shipments: the work of locations and carriers. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Queries } from "../../actors/order/queries.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { orderIdOfFulfillmentOrder, orderIdOfShipment } from "../../src/order/ids.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import {
  fulfillmentOrderStatuses,
  type OrderCommand,
  trackingStatuses,
} from "../../src/order/order.ts";
import { Identifier, text, Timestamp } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { type ActionRequest, actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { asPart, decodeCursor, largePage, type PageCursor, pageSize } from "../http/pages.ts";
import { jsonBody, route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { normalized } from "../http/times.ts";
import { fulfillmentActions } from "./fulfillment-actions.ts";
import { illegalTransition, orderFailures } from "./problems.ts";
import { FulfillmentOrder, Shipment } from "./schemas.ts";
import { fulfillmentOrderView, shipmentView } from "./views.ts";
import { seesFulfillmentOrder } from "./visible.ts";

const fulfillmentTag: Tag = { name: "Fulfillment", description: "What locations and carriers do" };

const FulfillmentOrderParameters = Schema.Struct({ fulfillmentOrderId: Identifier });
const ShipmentParameters = Schema.Struct({ shipmentId: Identifier });

const noFulfillmentOrder = (id: string) => new NotFound({ what: "fulfillment order", id });
const noShipment = (id: string) => new NotFound({ what: "shipment", id });

/** The fulfillment order in its order; not found also when the key may not see it. */
const partOf = (document: OrderDocument, id: string, by: Principal) => {
  const found = document.state.fulfillmentOrders.find((each) => each.id === id);
  return found !== undefined && seesFulfillmentOrder(by, document.state, found)
    ? Effect.succeed(found)
    : Effect.fail(noFulfillmentOrder(id));
};

const shipmentOf = (document: OrderDocument, id: string, by: Principal) => {
  const found = document.state.shipments.find((each) => each.id === id);
  return found !== undefined && seesFulfillmentOrder(by, document.state, found)
    ? Effect.succeed(found)
    : Effect.fail(noShipment(id));
};

/** The order of a part, by the part's id. */
const orderOf = Effect.fnUntraced(function* (orderId: string | null, missing: NotFound) {
  if (orderId === null) return yield* missing;
  const orders = yield* Orders;
  return yield* Effect.catchTag(orders.get(orderId), "NotFound", () => Effect.fail(missing));
});

const fulfillmentOrderResponse = (document: OrderDocument, id: string) => {
  const found = document.state.fulfillmentOrders.find((each) => each.id === id);
  return versioned(
    200,
    found === undefined ? null : fulfillmentOrderView(found, document),
    document.state.version,
  );
};

const shipmentResponse = (document: OrderDocument, id: string) => {
  const found = document.state.shipments.find((each) => each.id === id);
  return versioned(
    200,
    found === undefined ? null : shipmentView(found, document.state),
    document.state.version,
  );
};

const act = Effect.fnUntraced(function* (
  request: ActionRequest<{ readonly fulfillmentOrderId: string }>,
  orderCommand: OrderCommand,
) {
  const orders = yield* Orders;
  const id = request.params.fulfillmentOrderId;
  const document = yield* orderOf(orderIdOfFulfillmentOrder(id), noFulfillmentOrder(id));
  yield* partOf(document, id, request.by);
  return yield* command(
    request,
    (context) => orders.command(document.state.id, orderCommand, context),
    (changed: OrderDocument) => fulfillmentOrderResponse(changed, id),
  );
});

const etag = { etag: "The version of its order" };

export const listFulfillmentOrders = route({
  method: "GET",
  path: "/v1/fulfillment-orders",
  operationId: "listFulfillmentOrders",
  summary: "Fulfillment orders, newest first",
  tags: [fulfillmentTag],
  permission: "fulfillment:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(Schema.Literals(fulfillmentOrderStatuses)),
    locationId: Schema.optionalKey(Identifier),
    queue: Schema.optionalKey(
      Schema.Literals(["true", "false"]).annotate({
        description: "`true`: only those that still need work, longest waiting first",
      }),
    ),
  }),
  responses: {
    200: { description: "A page of fulfillment orders", schema: pageOf(FulfillmentOrder) },
  },
  handler: Effect.fnUntraced(function* (request) {
    const queries = yield* Queries;
    const { query, by } = request;
    const asked = {
      status: query.status,
      locationId: yield* narrowed(by.scope.locationId, query.locationId, "location"),
      channel: by.scope.channel,
      queue: query.queue === "true",
    };
    return yield* largePage(request, {
      limit: pageSize(query),
      cursor: yield* decodeCursor(query, 1),
      read: (limit: number, [cursor]: PageCursor = []) =>
        Effect.map(queries.fulfillmentOrders({ ...asked, limit, cursor }), asPart),
      after: ({ fulfillmentOrder }) => [fulfillmentOrder.id],
      view: ({ document, fulfillmentOrder }) => fulfillmentOrderView(fulfillmentOrder, document),
    });
  }),
});

export const getFulfillmentOrder = route({
  method: "GET",
  path: "/v1/fulfillment-orders/{fulfillmentOrderId}",
  operationId: "getFulfillmentOrder",
  summary: "A fulfillment order",
  tags: [fulfillmentTag],
  permission: "fulfillment:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: FulfillmentOrderParameters,
  responses: {
    200: { description: "The fulfillment order", schema: FulfillmentOrder, headers: etag },
  },
  handler: Effect.fnUntraced(function* ({ params, by }) {
    const id = params.fulfillmentOrderId;
    const document = yield* orderOf(orderIdOfFulfillmentOrder(id), noFulfillmentOrder(id));
    yield* partOf(document, id, by);
    return fulfillmentOrderResponse(document, id);
  }),
});

const actions = actionRoutes({
  path: "/v1/fulfillment-orders/{fulfillmentOrderId}",
  params: FulfillmentOrderParameters,
  idOf: ({ fulfillmentOrderId }) => fulfillmentOrderId,
  tags: [fulfillmentTag],
  scopes: { channel: "refused", location: "narrowed" },
  responses: {
    200: {
      description: "The fulfillment order as it is now",
      schema: FulfillmentOrder,
      headers: etag,
    },
  },
  problems: ["not-found", illegalTransition],
  failures: orderFailures,
  act,
}, fulfillmentActions);

const getShipment = route({
  method: "GET",
  path: "/v1/shipments/{shipmentId}",
  operationId: "getShipment",
  summary: "A shipment",
  tags: [fulfillmentTag],
  permission: "fulfillment:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: ShipmentParameters,
  responses: { 200: { description: "The shipment", schema: Shipment, headers: etag } },
  handler: Effect.fnUntraced(function* ({ params, by }) {
    const id = params.shipmentId;
    const document = yield* orderOf(orderIdOfShipment(id), noShipment(id));
    yield* shipmentOf(document, id, by);
    return shipmentResponse(document, id);
  }),
});

const trackShipment = route({
  method: "POST",
  path: "/v1/shipments/{shipmentId}/tracking",
  operationId: "trackShipment",
  summary: "What the carrier reports; late and repeated reports are welcome",
  tags: [fulfillmentTag],
  permission: "shipments:track",
  scopes: { channel: "refused", location: "narrowed" },
  params: ShipmentParameters,
  body: jsonBody(
    Schema.Struct({
      status: Schema.Literals(trackingStatuses),
      occurredAt: Timestamp,
      description: Schema.optionalKey(text(textLimits.description)),
    }).annotate({ identifier: "TrackingRequest" }),
  ),
  responses: {
    200: { description: "The shipment as it is now", schema: Shipment, headers: etag },
  },
  problems: ["not-found", illegalTransition],
  failures: orderFailures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { body, by } = request;
    const id = request.params.shipmentId;
    const document = yield* orderOf(orderIdOfShipment(id), noShipment(id));
    yield* shipmentOf(document, id, by);
    return yield* command(
      request,
      (context) =>
        orders.command(document.state.id, {
          type: "track",
          shipmentId: id,
          status: body.status,
          occurredAt: normalized(body.occurredAt),
          description: body.description,
        }, context),
      (changed: OrderDocument) => shipmentResponse(changed, id),
    );
  }),
});

export const fulfillmentRoutes = [
  listFulfillmentOrders,
  getFulfillmentOrder,
  ...actions,
  getShipment,
  trackShipment,
];
