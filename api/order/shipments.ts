/** Shipments: what carriers report of them, and what is done where that is not a delivery. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Queries } from "../../actors/order/queries.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderIdOfShipment } from "../../src/order/ids.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { type ActionRequest, actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { asPart, decodeCursor, largePage, pageSize } from "../http/pages.ts";
import { route } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { idsIn, narrowedIds, someIds } from "../http/several.ts";
import { etag, fulfillmentTag, orderOf } from "./fulfillment.ts";
import { withoutPersonal } from "./personal.ts";
import { illegalTransition, orderFailures } from "./problems.ts";
import { DeliveryException, Shipment } from "./schemas.ts";
import { shipmentActions } from "./shipment-actions.ts";
import { exceptionView, shipmentView } from "./views.ts";
import { seesFulfillmentOrder } from "./visible.ts";

const ShipmentParameters = Schema.Struct({ shipmentId: Identifier });

const noShipment = (id: string) => new NotFound({ what: "shipment", id });

/** The order of a shipment; not found also when the key may not see the shipment. */
const orderWith = Effect.fnUntraced(function* (id: string, by: Principal) {
  const document = yield* orderOf(orderIdOfShipment(id), noShipment(id));
  const found = document.state.shipments.find((each) => each.id === id);
  return found !== undefined && seesFulfillmentOrder(by, document.state, found)
    ? document
    : yield* noShipment(id);
});

const shipmentResponse = ({ state }: OrderDocument, id: string) => {
  const found = state.shipments.find((each) => each.id === id);
  return versioned(200, found === undefined ? null : shipmentView(found, state), state.version);
};

export const getShipment = route({
  method: "GET",
  path: "/v1/shipments/{shipmentId}",
  operationId: "getShipment",
  summary: "A shipment",
  tags: [fulfillmentTag],
  permission: "fulfillment:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: ShipmentParameters,
  responses: { 200: { description: "The shipment", schema: Shipment, headers: etag } },
  handler: Effect.fnUntraced(function* ({ params: { shipmentId }, by }) {
    return shipmentResponse(yield* orderWith(shipmentId, by), shipmentId);
  }),
});

export const listDeliveryExceptions = route({
  method: "GET",
  path: "/v1/delivery-exceptions",
  operationId: "listDeliveryExceptions",
  summary:
    "Shipments that the carrier last said cannot be delivered as planned, oldest orders first",
  tags: [fulfillmentTag],
  permission: "fulfillment:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    locationId: Schema.optionalKey(someIds(textLimits.id)),
    carrier: Schema.optionalKey(someIds(textLimits.id)),
  }),
  responses: {
    200: { description: "A page of delivery exceptions", schema: pageOf(DeliveryException) },
  },
  handler: Effect.fnUntraced(function* (request) {
    const queries = yield* Queries;
    const { query, by: { scope } } = request;
    const [cursor] = (yield* decodeCursor(query, 1)) ?? [];
    const found = yield* queries.exceptions({
      locationId: yield* narrowedIds(scope.locationId, idsIn(query.locationId), "location"),
      channel: scope.channel === undefined ? undefined : [scope.channel],
      carrier: idsIn(query.carrier),
      cursor,
    });
    return yield* largePage(request, {
      limit: pageSize(query),
      read: (limit: number) => Effect.map(found(limit), asPart),
      after: ({ shipment }) => [shipment.id],
      view: ({ document, shipment }) => exceptionView(shipment, document),
    });
  }),
});

const act = Effect.fnUntraced(function* (
  request: ActionRequest<{ readonly shipmentId: string }>,
  orderCommand: OrderCommand,
) {
  const orders = yield* Orders;
  const { shipmentId } = request.params;
  const document = yield* orderWith(shipmentId, request.by);
  const told = yield* withoutPersonal(document, orderCommand);
  return yield* command(
    request,
    (context) => orders.command(document.state.id, told, context),
    (changed: OrderDocument) => shipmentResponse(changed, shipmentId),
  );
});

export const shipmentRoutes = [
  getShipment,
  listDeliveryExceptions,
  ...actionRoutes({
    path: "/v1/shipments/{shipmentId}",
    params: ShipmentParameters,
    idOf: ({ shipmentId }) => shipmentId,
    tags: [fulfillmentTag],
    scopes: { channel: "refused", location: "narrowed" },
    responses: {
      200: { description: "The shipment as it is now", schema: Shipment, headers: etag },
    },
    problems: ["not-found", illegalTransition],
    failures: orderFailures,
    act,
  }, shipmentActions),
];
