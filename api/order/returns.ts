/** Returns: asking for them, finding them, and what offices and locations do with them. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Queries } from "../../actors/order/queries.ts";
import type { ReturnOf } from "../../actors/order/return-pages.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderIdOfReturn } from "../../src/order/ids.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import { returnsOf } from "../../src/order/return-units.ts";
import { ReturnStatus } from "../../src/order/vocabulary.ts";
import { type ActionRequest, actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { asPart, decodeCursor, largePage, pageSize } from "../http/pages.ts";
import { isAllowed, type Permission } from "../http/permissions.ts";
import { fail } from "../http/problems.ts";
import { jsonBody, route } from "../http/registry.ts";
import { pageOf, pageParameters, updatedParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { idsIn, narrowedIds, someIds, someOf } from "../http/several.ts";
import { normalizedIn } from "../http/times.ts";
import { etag, orderOf } from "./fulfillment.ts";
import { withoutPersonal } from "./personal.ts";
import { previewed } from "./preview.ts";
import { illegalTransition, insufficientStock, orderFailures } from "./problems.ts";
import { returnActionTable } from "./return-actions.ts";
import { returnPolicyRoutes, returnsTag } from "./return-policies.ts";
import { notReturnable, notSetAside } from "./return-problems.ts";
import { inspectedLines, RequestReturnRequest, Return, returnView } from "./return-schemas.ts";
import { Order as OrderSchema } from "./schemas.ts";
import { seesReturn, visible } from "./visible.ts";

const ReturnParameters = Schema.Struct({ returnId: Identifier });

const noReturn = (id: string) => new NotFound({ what: "return", id });

const found = (order: Order, id: string) => returnsOf(order).find((each) => each.id === id);

/** The order of a return; not found also when the key may not see the return. */
const orderWith = Effect.fnUntraced(function* (id: string, by: Principal) {
  const document = yield* orderOf(orderIdOfReturn(id), noReturn(id));
  const each = found(document.state, id);
  return each !== undefined && seesReturn(by, document.state, each)
    ? document
    : yield* noReturn(id);
});

const returnResponse = ({ state }: OrderDocument, id: string) => {
  const each = found(state, id);
  return versioned(200, each === undefined ? null : returnView(each, state), state.version);
};

/** A part of a request that needs a permission of its own. */
const needs = ({ role }: Principal, permission: Permission, asked: boolean) =>
  asked && !isAllowed(role, permission)
    ? Effect.fail(fail("forbidden", `The role ${role} does not have ${permission}.`))
    : Effect.void;

const commandOf = (body: typeof RequestReturnRequest.Type): OrderCommand => {
  const { lines, goodsBack = true, locationId, note, overrideReason, received, exchange } = body;
  return {
    type: "request-return",
    ...{ lines, goodsBack, locationId, note, overrideReason },
    received: received && {
      locationId: received.locationId,
      inspected: received.inspected && inspectedLines(received.inspected),
    },
    exchange: exchange && { shipWhen: "received", ...exchange },
  };
};

/** A new return is the last one of its order. */
const requested = ({ state }: OrderDocument) => {
  const each = returnsOf(state).at(-1);
  return versioned(201, each === undefined ? null : returnView(each, state), state.version, {
    location: `/v1/returns/${each?.id}`,
  });
};

const OrderParameters = Schema.Struct({ orderId: Identifier });

/** The return that is asked for, where the key may ask for all of it. */
const asked = Effect.fnUntraced(function* (request: {
  readonly params: typeof OrderParameters.Type;
  readonly body: typeof RequestReturnRequest.Type;
  readonly by: Principal;
}) {
  const orders = yield* Orders;
  const { body, by, params: { orderId } } = request;
  yield* needs(by, "returns:override", body.overrideReason !== undefined);
  yield* needs(by, "returns:receive", body.received !== undefined);
  yield* needs(by, "returns:exchange", body.exchange !== undefined);
  if (body.exchange !== undefined && by.scope.locationId !== undefined) {
    return yield* fail("forbidden", "A key of one location exchanges nothing.");
  }
  const document = yield* visible(by, yield* orders.get(orderId));
  yield* narrowed(by.scope.locationId, body.received?.locationId, "location");
  return yield* withoutPersonal(document, commandOf(body));
});

/** What asking for a return and looking what it would come to share. */
const shared = {
  method: "POST",
  tags: [returnsTag],
  params: OrderParameters,
  body: jsonBody(RequestReturnRequest),
  problems: ["not-found", illegalTransition, insufficientStock, notReturnable, notSetAside],
  failures: orderFailures,
} as const;

export const previewReturn = route({
  ...shared,
  path: "/v1/orders/{orderId}/returns/preview",
  operationId: "previewReturn",
  summary: "The order as a return or an exchange would leave it: nothing is done",
  description: "It is refused where the return would be. Stock may be taken by others meanwhile.",
  permission: "returns:exchange",
  scopes: { channel: "narrowed", location: "refused" },
  responses: { 200: { description: "The order as it would be", schema: OrderSchema } },
  handler: Effect.fnUntraced(function* (request) {
    return yield* previewed(request, request.params.orderId, yield* asked(request));
  }),
});

export const requestReturn = route({
  ...shared,
  path: "/v1/orders/{orderId}/returns",
  operationId: "requestReturn",
  summary: "Ask for units to come back, or claim them",
  description:
    "Units that were shipped may be returned once. `received` is for goods that are there already, in a " +
    "store say: the return is authorized and received at once. The policy of the channel may authorize " +
    "by itself, and says what is not taken back; `overrideReason` needs a role that may decide so. " +
    "With `exchange` new lines are added to the order: what they cost more is due, what they cost " +
    "less is given back from the order's balance.",
  permission: "returns:request",
  scopes: { channel: "narrowed", location: "narrowed" },
  responses: {
    201: {
      description: "The new return",
      schema: Return,
      headers: { ...etag, location: "Where the return is" },
    },
  },
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { params: { orderId } } = request;
    const told = yield* asked(request);
    return yield* command(
      request,
      (context) => orders.command(orderId, told, context),
      requested,
    );
  }),
});

export const listReturns = route({
  method: "GET",
  path: "/v1/returns",
  operationId: "listReturns",
  summary: "Returns, newest orders first",
  description:
    "With `updatedAfter` they come by the last change of their order, the newest first, and a page may be " +
    "short, or even empty, and still have a next one.",
  tags: [returnsTag],
  permission: "returns:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(someOf(ReturnStatus)),
    locationId: Schema.optionalKey(someIds(textLimits.id)),
    ...updatedParameters,
  }),
  responses: { 200: { description: "A page of returns", schema: pageOf(Return) } },
  handler: Effect.fnUntraced(function* (request) {
    const queries = yield* Queries;
    const { query, by: { scope } } = request;
    const [cursor] = (yield* decodeCursor(query, 1)) ?? [];
    const asked = {
      status: query.status,
      locationId: yield* narrowedIds(scope.locationId, idsIn(query.locationId), "location"),
      channel: scope.channel === undefined ? undefined : [scope.channel],
      updatedAfter: normalizedIn(query.updatedAfter),
      updatedBefore: normalizedIn(query.updatedBefore),
      cursor,
    };
    const view = ({ document, found }: ReturnOf) => returnView(found, document.state);
    if (asked.updatedAfter !== undefined) {
      const changed = yield* queries.changedReturns(asked, asked.updatedAfter);
      return yield* largePage(request, {
        limit: pageSize(query),
        read: (limit: number) => Effect.map(changed(limit), asPart),
        after: ({ cursor }) => [cursor],
        view: ({ value }) => view(value),
      });
    }
    const pages = yield* queries.returns(asked);
    return yield* largePage(request, {
      limit: pageSize(query),
      read: (limit: number) => Effect.map(pages(limit), asPart),
      after: ({ found }) => [found.id],
      view,
    });
  }),
});

export const getReturn = route({
  method: "GET",
  path: "/v1/returns/{returnId}",
  operationId: "getReturn",
  summary: "A return",
  tags: [returnsTag],
  permission: "returns:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: ReturnParameters,
  responses: { 200: { description: "The return", schema: Return, headers: etag } },
  handler: Effect.fnUntraced(function* ({ params: { returnId }, by }) {
    return returnResponse(yield* orderWith(returnId, by), returnId);
  }),
});

const act = Effect.fnUntraced(function* (
  request: ActionRequest<{ readonly returnId: string }>,
  orderCommand: OrderCommand,
) {
  const orders = yield* Orders;
  const { by, params: { returnId } } = request;
  const document = yield* orderWith(returnId, by);
  if (orderCommand.type === "receive-return") {
    yield* narrowed(by.scope.locationId, orderCommand.locationId, "location");
  }
  const told = yield* withoutPersonal(document, orderCommand);
  return yield* command(
    request,
    (context) => orders.command(document.state.id, told, context),
    (changed: OrderDocument) => returnResponse(changed, returnId),
  );
});

export const returnRoutes = [
  previewReturn,
  requestReturn,
  listReturns,
  getReturn,
  ...actionRoutes({
    path: "/v1/returns/{returnId}",
    params: ReturnParameters,
    idOf: ({ returnId }) => returnId,
    tags: [returnsTag],
    scopes: { channel: "narrowed", location: "narrowed" },
    responses: { 200: { description: "The return as it is now", schema: Return, headers: etag } },
    problems: ["not-found", illegalTransition],
    failures: orderFailures,
    act,
  }, returnActionTable),
  ...returnPolicyRoutes,
];
