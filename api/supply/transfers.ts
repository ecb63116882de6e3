/** Transfers: requesting them, finding them, sending them off, and receiving what they bring. */
import { Effect, Schema } from "effect";
import { type Made, Supply } from "../../actors/supply/supply.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Identifier, Timestamp } from "../../src/kernel/vocabulary.ts";
import type { AggregateDocument } from "../../src/subject/aggregate.ts";
import { transferLists } from "../../src/supply/lists.ts";
import type { Transfer, TransferCommand, TransferEvent } from "../../src/supply/transfer.ts";
import { transfers } from "../../src/supply/transfer-definition.ts";
import { unitsInTransit, unshippedUnits } from "../../src/supply/transfer-lines.ts";
import { transferMaking } from "../../src/supply/transfer-making.ts";
import { actionRoutes } from "../http/actions.ts";
import { command, versioned } from "../http/answer.ts";
import { jsonBody, route } from "../http/registry.ts";
import { pageOf, pageParameters, updatedParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { idsIn, narrowedIds, someIds, someOf } from "../http/several.ts";
import { normalized, normalizedIn, updatedWithin } from "../http/times.ts";
import { illegalTransition, insufficientStock } from "../order/problems.ts";
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
import { supplyTag } from "./tag.ts";
import { actingEnd, transferActions } from "./transfer-actions.ts";
import {
  RequestTransferRequest,
  TransferStatus,
  TransferView,
  transferView,
} from "./transfer-schemas.ts";

const api = {
  definition: transfers,
  path: "/v1/transfers",
  what: "transfer",
  name: "Transfer",
  schema: TransferView,
  view: transferView,
} as const satisfies DocumentApi<Transfer, TransferCommand, TransferEvent>;

const shown = (status: number, { state }: AggregateDocument<Transfer, unknown>) =>
  versioned(status, transferView(state), state.version);

const requested = ({ created, document }: Made<Transfer>) => {
  const answer = shown(created ? 201 : 200, document);
  const location = `${api.path}/${document.state.id}`;
  return { ...answer, headers: { ...answer.headers, location } };
};

const request = route({
  method: "POST",
  path: api.path,
  operationId: "requestTransfer",
  summary: "Move goods from one location to another",
  description:
    "Its units must be free at the source, and are claimed there until they leave. One transfer for each " +
    "channel and external id: the same again answers 200 with the one that is there.",
  tags: [supplyTag],
  permission: "supply:write",
  scopes: { channel: "refused", location: "narrowed" },
  body: jsonBody(RequestTransferRequest),
  responses: {
    200: {
      description: "The same was requested before",
      schema: TransferView,
      headers: itsVersion,
    },
    201: {
      ...{ description: "The new transfer", schema: TransferView },
      headers: { ...itsVersion, location: "Where it is" },
    },
  },
  problems: ["not-found", supplyExists, insufficientStock],
  failures: supplyFailures,
  handler: Effect.fnUntraced(function* (request) {
    const supply = yield* Supply;
    const { by, body } = request;
    yield* narrowed(by.scope.locationId, body.from, "location");
    const making = transferMaking({ ...body, expectedAt: normalized(body.expectedAt) });
    return yield* command(request, (context) => supply.make(transfers, making, context), requested);
  }),
});

/** Whether some of it is still to leave or to come. */
const isOpen = ({ lines }: Transfer): boolean =>
  lines.some((line) => unshippedUnits(line) + unitsInTransit(line) > 0);

const list = route({
  method: "GET",
  path: api.path,
  operationId: "listTransfers",
  summary: "Transfers, newest first",
  tags: [supplyTag],
  permission: "supply:read",
  scopes: { channel: "refused", location: "narrowed" },
  query: Schema.Struct({
    ...pageParameters,
    status: Schema.optionalKey(someOf(TransferStatus)),
    locationId: Schema.optionalKey(
      someIds(textLimits.id).annotate({ description: "Those that leave it or go to it" }),
    ),
    from: Schema.optionalKey(someIds(textLimits.id)),
    to: Schema.optionalKey(someIds(textLimits.id)),
    sku: Schema.optionalKey(someIds(textLimits.sku)),
    externalId: Schema.optionalKey(Identifier),
    expectedBefore: Schema.optionalKey(Timestamp.annotate({
      description:
        "Those of which units are still to come by then. Not indexed: a page may be short, or " +
        "even empty, and still have a next one",
    })),
    ...updatedParameters,
  }),
  responses: { 200: { description: "A page of transfers", schema: pageOf(TransferView) } },
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
        ...choice(transferLists.location, locationIds),
        ...choice(transferLists.status, query.status),
        ...choice(transferLists.from, idsIn(query.from)),
        ...choice(transferLists.to, idsIn(query.to)),
        ...choice(transferLists.sku, idsIn(query.sku)),
      ],
      (transfer) =>
        (externalId === undefined || transfer.externalId === externalId) &&
        isUpdated(transfer.updatedAt) &&
        (before === undefined || isOpen(transfer) && transfer.expectedAt < before),
    );
  }),
});

/** A key of a location sends off what leaves it, and receives what comes to it. */
const atItsEnd = ({ scope }: Principal, asked: TransferCommand, { from, to }: Transfer) => {
  const end = actingEnd(asked);
  return end === "either"
    ? Effect.void
    : narrowed(scope.locationId, end === "from" ? from : to, "location");
};

export const transferRoutes = [
  request,
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
        ...{ description: "The transfer as it is now", schema: TransferView },
        headers: itsVersion,
      },
    },
    problems: ["not-found", illegalTransition],
    failures: supplyFailures,
    act: Effect.fnUntraced(function* (request, asked: TransferCommand) {
      const supply = yield* Supply;
      const { id } = request.params;
      const { state } = yield* visible(api, request.by, id);
      yield* atItsEnd(request.by, asked, state);
      return yield* command(
        request,
        (context) => supply.command(transfers, id, asked, context),
        (document: AggregateDocument<Transfer, unknown>) => shown(200, document),
      );
    }),
  }, transferActions),
];
