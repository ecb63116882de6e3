/** Purchase orders: placing them, finding them, changing them, and receiving what they bring. */
import { Effect, Schema } from "effect";
import { type Made, Supply } from "../../actors/supply/supply.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { Identifier, Timestamp } from "../../src/kernel/vocabulary.ts";
import type { AggregateDocument } from "../../src/subject/aggregate.ts";
import { purchaseOrderLists } from "../../src/supply/lists.ts";
import type {
  NewPurchaseOrderLine,
  PurchaseOrder,
  PurchaseOrderCommand,
  PurchaseOrderEvent,
} from "../../src/supply/purchase-order.ts";
import { purchaseOrders } from "../../src/supply/purchase-order-definition.ts";
import { openUnits } from "../../src/supply/purchase-order-lines.ts";
import { purchaseOrderMaking } from "../../src/supply/purchase-order-making.ts";
import { actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { type ApiProblem, fail } from "../http/problems.ts";
import { jsonBody, route } from "../http/registry.ts";
import { pageOf, pageParameters, updatedParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { idsIn, narrowedIds, someIds, someOf } from "../http/several.ts";
import { normalized, normalizedIn, updatedWithin } from "../http/times.ts";
import { illegalTransition } from "../order/problems.ts";
import {
  choice,
  type DocumentApi,
  documentPage,
  itsVersion,
  OneParameters,
  oneRoutes,
  visible,
} from "./documents.ts";
import { supplyExists, supplyFailures } from "./problems.ts";
import { purchaseOrderActions } from "./purchase-order-actions.ts";
import {
  NewLine,
  PlaceRequest,
  PurchaseOrderStatus,
  PurchaseOrderView,
  purchaseOrderView,
} from "./purchase-order-schemas.ts";
import { supplyTag } from "./tag.ts";

const api = {
  definition: purchaseOrders,
  path: "/v1/purchase-orders",
  what: "purchase order",
  name: "PurchaseOrder",
  schema: PurchaseOrderView,
  view: purchaseOrderView,
} as const satisfies DocumentApi<PurchaseOrder, PurchaseOrderCommand, PurchaseOrderEvent>;

const shown = (status: number, { state }: AggregateDocument<PurchaseOrder, unknown>) =>
  versioned(status, purchaseOrderView(state), state.version);

/** Lines with a date each. */
const dated = (
  lines: readonly (typeof NewLine.Type)[],
  expectedAt: string | undefined,
  pointer: string,
): Effect.Effect<readonly NewPurchaseOrderLine[], ApiProblem> => {
  const missing = lines.flatMap((line, n) =>
    line.expectedAt === undefined && expectedAt === undefined ? [n] : []
  );
  return missing.length === 0
    ? Effect.succeed(lines.map(({ sku, quantity, expectedAt: own }) => ({
      ...{ sku, quantity, expectedAt: normalized(own ?? expectedAt ?? "") },
    })))
    : Effect.fail(fail("invalid-request", "Nothing says when a line is to be there.", {
      errors: missing.map((n) => ({
        pointer: `${pointer}/${n}/expectedAt`,
        detail: "is required where the request has no expectedAt",
      })),
    }));
};

export const placed = ({ created, document }: Made<PurchaseOrder>) => {
  const answer = shown(created ? 201 : 200, document);
  const location = `${api.path}/${document.state.id}`;
  return { ...answer, headers: { ...answer.headers, location } };
};

const place = route({
  method: "POST",
  path: api.path,
  operationId: "placePurchaseOrder",
  summary: "Order goods from a supplier",
  description:
    "Its units are expected at the location until they come. One purchase order for each supplier (or " +
    "channel) and external id: the same again answers 200 with the one that is there.",
  tags: [supplyTag],
  permission: "supply:write",
  scopes: { channel: "refused", location: "narrowed" },
  body: jsonBody(PlaceRequest),
  responses: {
    200: {
      ...{ description: "The same was placed before", schema: PurchaseOrderView },
      headers: itsVersion,
    },
    201: {
      ...{ description: "The new purchase order", schema: PurchaseOrderView },
      headers: { ...itsVersion, location: "Where it is" },
    },
  },
  problems: ["not-found", supplyExists],
  failures: supplyFailures,
  handler: Effect.fnUntraced(function* (request) {
    const supply = yield* Supply;
    const { by, body: { expectedAt, lines, ...body } } = request;
    yield* narrowed(by.scope.locationId, body.locationId, "location");
    const making = purchaseOrderMaking({
      ...body,
      lines: yield* dated(lines, expectedAt, "/lines"),
    });
    return yield* command(
      request,
      (context) => supply.make(purchaseOrders, making, context),
      placed,
    );
  }),
});

const list = route({
  method: "GET",
  path: api.path,
  operationId: "listPurchaseOrders",
  summary: "Purchase orders, newest first",
  tags: [supplyTag],
  permission: "supply:read",
  scopes: { channel: "refused", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(someOf(PurchaseOrderStatus)),
    locationId: Schema.optionalKey(someIds(textLimits.id)),
    sku: Schema.optionalKey(someIds(textLimits.sku)),
    supplierId: Schema.optionalKey(someIds(textLimits.id)),
    externalId: Schema.optionalKey(Identifier),
    expectedBefore: Schema.optionalKey(Timestamp.annotate({
      description:
        "Those of which units are still to come by then. Not indexed: a page may be short, or " +
        "even empty, and still have a next one",
    })),
    ...updatedParameters,
  }),
  responses: {
    200: { description: "A page of purchase orders", schema: pageOf(PurchaseOrderView) },
  },
  handler: Effect.fnUntraced(function* (request) {
    const { query, by } = request;
    const locationIds = yield* narrowedIds(
      by.scope.locationId,
      idsIn(query.locationId),
      "location",
    );
    const before = normalizedIn(query.expectedBefore);
    const isUpdated = updatedWithin(query);
    const { externalId } = query;
    return yield* documentPage(
      api,
      request,
      [
        ...choice(purchaseOrderLists.status, query.status),
        ...choice(purchaseOrderLists.location, locationIds),
        ...choice(purchaseOrderLists.sku, idsIn(query.sku)),
        ...choice(purchaseOrderLists.supplier, idsIn(query.supplierId)),
      ],
      (order) =>
        (externalId === undefined || order.externalId === externalId) &&
        isUpdated(order.updatedAt) &&
        (before === undefined ||
          order.lines.some((line) => openUnits(line) > 0 && line.expectedAt < before)),
    );
  }),
});

/** A line that is added needs a date. */
const checkDates = (asked: PurchaseOrderCommand) => {
  const undated = asked.type === "change"
    ? (asked.add ?? []).flatMap(({ expectedAt }, n) => expectedAt === "" ? [n] : [])
    : [];
  return undated.length === 0
    ? Effect.void
    : Effect.fail(fail("invalid-request", "Nothing says when a line is to be there.", {
      errors: undated.map((n) => ({
        pointer: `/add/${n}/expectedAt`,
        detail: "is required where the request has no expectedAt",
      })),
    }));
};

export const purchaseOrderRoutes = [
  place,
  list,
  ...oneRoutes(api),
  ...actionRoutes({
    path: `${api.path}/{id}`,
    params: OneParameters,
    idOf: ({ id }) => id,
    tags: [supplyTag],
    scopes: { channel: "refused", location: "narrowed" },
    responses: {
      200: {
        ...{ description: "The purchase order as it is now", schema: PurchaseOrderView },
        headers: itsVersion,
      },
    },
    problems: ["not-found", illegalTransition],
    failures: supplyFailures,
    act: Effect.fnUntraced(function* (request, asked: PurchaseOrderCommand) {
      const supply = yield* Supply;
      const { id } = request.params;
      yield* checkDates(asked);
      yield* visible(api, request.by, id);
      return yield* command(
        request,
        (context) => supply.command(purchaseOrders, id, asked, context),
        (document: AggregateDocument<PurchaseOrder, unknown>) => shown(200, document),
      );
    }),
  }, purchaseOrderActions),
];
