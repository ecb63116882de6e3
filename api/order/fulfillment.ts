/** Fulfillment orders: the work of locations. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { Lots, type SuggestedLots } from "../../actors/lot/lots.ts";
import { Orders } from "../../actors/order/orders.ts";
import { type FulfillmentOrderOf, Queries } from "../../actors/order/queries.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { orderIdOfFulfillmentOrder } from "../../src/order/ids.ts";
import { supportedActions } from "../../src/order/status.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { FulfillmentOrderStatus } from "../../src/order/vocabulary.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { type ActionRequest, actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { asPart, decodeCursor, largePage, pageSize } from "../http/pages.ts";
import { route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters, updatedParameters } from "../http/schemas.ts";
import { idsIn, narrowedIds, someIds, someOf } from "../http/several.ts";
import { normalizedIn } from "../http/times.ts";
import { lotExpired, lotShort, serialExists } from "../lot/problems.ts";
import { fulfillmentActions } from "./fulfillment-actions.ts";
import { illegalTransition, kitIncomplete, orderFailures } from "./problems.ts";
import { FulfillmentOrder } from "./schemas.ts";
import { fulfillmentOrderView } from "./views.ts";
import { seesFulfillmentOrder } from "./visible.ts";

export const fulfillmentTag: Tag = {
  name: "Fulfillment",
  description: "What locations and carriers do",
};

const FulfillmentOrderParameters = Schema.Struct({ fulfillmentOrderId: Identifier });

const noFulfillmentOrder = (id: string) => new NotFound({ what: "fulfillment order", id });

/** The fulfillment order in its order; not found also when the key may not see it. */
const partOf = (document: OrderDocument, id: string, by: Principal) => {
  const found = document.state.fulfillmentOrders.find((each) => each.id === id);
  return found !== undefined && seesFulfillmentOrder(by, document.state, found)
    ? Effect.succeed(found)
    : Effect.fail(noFulfillmentOrder(id));
};

/** The order of a part, by the part's id. */
export const orderOf = Effect.fnUntraced(function* (orderId: string | null, missing: NotFound) {
  if (orderId === null) return yield* missing;
  const orders = yield* Orders;
  return yield* Effect.catchTag(orders.get(orderId), "NotFound", () => Effect.fail(missing));
});

/** Lots that may be picked for what is still to be picked of it. */
const suggestedFor = Effect.fnUntraced(function* (
  fulfillmentOrder: FulfillmentOrderOf["fulfillmentOrder"],
  { state }: OrderDocument,
) {
  const { locationId, lines } = fulfillmentOrder;
  if (locationId === null || !supportedActions(fulfillmentOrder, state).includes("pick")) {
    return [];
  }
  const lots = yield* Lots;
  return yield* lots.suggest(
    locationId,
    lines.map(({ lineId, sku, quantity, picked }) => ({
      lineId,
      sku,
      quantity: quantity - picked,
    })),
  );
});

const fulfillmentOrderResponse = (
  document: OrderDocument,
  id: string,
  suggestedLots: readonly SuggestedLots[] = [],
) => {
  const found = document.state.fulfillmentOrders.find((each) => each.id === id);
  return versioned(
    200,
    found === undefined ? null : {
      ...fulfillmentOrderView(found, document),
      ...(suggestedLots.length === 0 ? {} : { suggestedLots }),
    },
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

export const etag = { etag: "The version of its order" };

export const listFulfillmentOrders = route({
  method: "GET",
  path: "/v1/fulfillment-orders",
  operationId: "listFulfillmentOrders",
  summary: "Fulfillment orders, newest first",
  description:
    "With `updatedAfter` they come by the last change of their order, the newest first, and a page may be " +
    "short, or even empty, and still have a next one.",
  tags: [fulfillmentTag],
  permission: "fulfillment:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(someOf(FulfillmentOrderStatus)),
    locationId: Schema.optionalKey(someIds(textLimits.id)),
    ...updatedParameters,
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
    const { scope } = by;
    const { updatedAfter, updatedBefore } = query;
    const asked = {
      status: query.status,
      locationId: yield* narrowedIds(scope.locationId, idsIn(query.locationId), "location"),
      channel: scope.channel === undefined ? undefined : [scope.channel],
      queue: query.queue === "true",
      updatedAfter: normalizedIn(updatedAfter),
      updatedBefore: normalizedIn(updatedBefore),
    };
    const [cursor] = (yield* decodeCursor(query, 1)) ?? [];
    const view = ({ document, fulfillmentOrder }: FulfillmentOrderOf) =>
      fulfillmentOrderView(fulfillmentOrder, document);
    if (asked.updatedAfter !== undefined && !asked.queue) {
      const { updatedAfter } = asked;
      const changed = yield* queries.changedFulfillmentOrders({ ...asked, cursor }, updatedAfter);
      return yield* largePage(request, {
        limit: pageSize(query),
        read: (limit: number) => Effect.map(changed(limit), asPart),
        after: ({ cursor }) => [cursor],
        view: ({ value }) => view(value),
      });
    }
    const found = yield* queries.fulfillmentOrders({ ...asked, cursor });
    return yield* largePage(request, {
      limit: pageSize(query),
      read: (limit: number) => Effect.map(found(limit), asPart),
      after: ({ fulfillmentOrder }) => [fulfillmentOrder.id],
      view,
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
    const found = yield* partOf(document, id, by);
    return fulfillmentOrderResponse(document, id, yield* suggestedFor(found, document));
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
  problems: [
    "not-found",
    illegalTransition,
    kitIncomplete,
    lotExpired,
    lotShort,
    serialExists,
  ],
  failures: orderFailures,
  act,
}, fulfillmentActions);

export const fulfillmentRoutes = [listFulfillmentOrders, getFulfillmentOrder, ...actions];
