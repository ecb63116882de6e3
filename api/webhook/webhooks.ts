/** Webhook endpoints: made, read, changed and removed. */
import { Effect, Schema } from "effect";
import { type EndpointLane, WebhookDeliveries } from "../../actors/webhook/webhook-deliveries.ts";
import { Webhooks, type WebhookSettings, type WithSecret } from "../../actors/webhook/webhooks.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { noPlace } from "../../src/outbound/place.ts";
import { stateOf } from "../../src/outbound/state.ts";
import { isOfPattern } from "../../src/subject/event.ts";
import { Subjects } from "../../src/subject/subject.ts";
import type { Webhook as WebhookOf } from "../../src/webhook/webhook.ts";
import { command, noContent } from "../http/answer.ts";
import { versionIn } from "../http/live-tag.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { fail } from "../http/problems.ts";
import { jsonBody, route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { narrowed } from "../http/scope.ts";
import { secretsKeyMissing, targetNotAllowed, webhookFailures } from "./problems.ts";
import { Webhook, WebhookRequest, WebhookWithSecret } from "./schemas.ts";
import { secretAnswer, webhookAnswer, webhookView } from "./views.ts";

export const webhooksTag: Tag = {
  name: "Webhooks",
  description: "Events posted to other systems, as Standard Webhooks 1.0 has it",
};

/** What all routes of endpoints share. */
export const ofWebhooks = {
  tags: [webhooksTag],
  permission: "webhooks:manage",
  scopes: { channel: "narrowed", location: "narrowed" },
  failures: webhookFailures,
} as const;

export const WebhookParameters = Schema.Struct({ webhookId: Identifier });

export const itsTag = { etag: "Its version, and how its lane does" };

/** The types that patterns of a request do not fit: nobody would be told of anything. */
export const requireTypes = Effect.fnUntraced(function* (patterns: readonly string[]) {
  const { eventTypes } = yield* Subjects;
  const types = [...eventTypes.keys()];
  const errors = patterns.flatMap((pattern, n) =>
    types.some((type) => isOfPattern(type, pattern))
      ? []
      : [{ pointer: `/types/${n}`, detail: "is no type of events" }]
  );
  if (errors.length > 0) {
    return yield* fail("invalid-request", "There are no such events.", { errors });
  }
});

/** What a request says of an endpoint, within what its key may see. */
const settingsOf = Effect.fnUntraced(function* (
  { scope }: Principal,
  body: typeof WebhookRequest.Type,
) {
  yield* requireTypes(body.types);
  const channel = yield* narrowed(scope.channel, body.filter?.channel, "channel");
  const locationId = yield* narrowed(scope.locationId, body.filter?.locationId, "location");
  const settings: WebhookSettings = {
    url: body.url,
    types: body.types,
    filter: {
      ...(channel === undefined ? {} : { channel }),
      ...(locationId === undefined ? {} : { locationId }),
    },
    include: body.include ?? [],
    ordering: body.ordering ?? "order",
    description: body.description ?? "",
  };
  return settings;
});

/** A lane that is about to begin. */
const beginning: EndpointLane = { ...stateOf("", noPlace, null), secondsBehind: 0 };

export const createWebhook = route({
  method: "POST",
  path: "/v1/webhooks",
  operationId: "createWebhook",
  summary: "Make an endpoint; its secret is shown this once",
  description:
    "It is told of events from now on that its key may see. When the key is revoked, it " +
    "is disabled.",
  ...ofWebhooks,
  body: jsonBody(WebhookRequest),
  responses: {
    201: {
      description: "The endpoint",
      schema: WebhookWithSecret,
      headers: { ...itsTag, location: "Where it is" },
    },
  },
  problems: ["limit-reached", targetNotAllowed, secretsKeyMissing],
  handler: Effect.fnUntraced(function* (request) {
    const webhooks = yield* Webhooks;
    const settings = yield* settingsOf(request.by, request.body);
    return yield* command(
      request,
      (context) => webhooks.create(settings, context),
      (made: WithSecret) => secretAnswer(201, made, made.secret, beginning),
      { keep: (made) => secretAnswer(201, made, null, beginning) },
    );
  }),
});

export const listWebhooks = route({
  method: "GET",
  path: "/v1/webhooks",
  operationId: "listWebhooks",
  summary: "Endpoints that the key sees, by id",
  ...ofWebhooks,
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of endpoints", schema: pageOf(Webhook) } },
  handler: Effect.fnUntraced(function* (request) {
    const webhooks = yield* Webhooks;
    const deliveries = yield* WebhookDeliveries;
    const limit = pageSize(request.query);
    const [after = ""] = (yield* decodeCursor(request.query, 1)) ?? [];
    const rest = (yield* webhooks.all(request.by)).filter(({ id }) => id > after);
    const some = rest.slice(0, limit);
    const views = yield* Effect.forEach(
      some,
      (webhook) => Effect.map(deliveries.lane(webhook), (lane) => webhookView(webhook, lane)),
    );
    const last = some.at(-1);
    return page(
      request,
      views,
      rest.length > limit && last !== undefined ? encodeCursor([last.id]) : null,
    );
  }),
});

export const getWebhook = route({
  method: "GET",
  path: "/v1/webhooks/{webhookId}",
  operationId: "getWebhook",
  summary: "An endpoint, and how its deliveries go",
  ...ofWebhooks,
  params: WebhookParameters,
  responses: { 200: { description: "The endpoint", schema: Webhook, headers: itsTag } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* ({ by, params }) {
    const webhooks = yield* Webhooks;
    const deliveries = yield* WebhookDeliveries;
    const webhook = yield* webhooks.get(by, params.webhookId);
    return webhookAnswer(200, webhook, yield* deliveries.lane(webhook));
  }),
});

export const saveWebhook = route({
  method: "PUT",
  path: "/v1/webhooks/{webhookId}",
  operationId: "saveWebhook",
  summary: "Change an endpoint: from the commit that says so",
  description: "It keeps its secrets, its place and the scope of the key that it was made with.",
  ...ofWebhooks,
  params: WebhookParameters,
  body: jsonBody(WebhookRequest),
  responses: { 200: { description: "The endpoint", schema: Webhook, headers: itsTag } },
  problems: ["not-found", targetNotAllowed],
  handler: Effect.fnUntraced(function* (request) {
    const webhooks = yield* Webhooks;
    const deliveries = yield* WebhookDeliveries;
    const { by, params: { webhookId } } = request;
    const lane = yield* deliveries.lane(yield* webhooks.get(by, webhookId));
    const settings = yield* settingsOf(by, request.body);
    return yield* command(
      { ...request, ifMatch: versionIn(request.ifMatch) },
      (context) => webhooks.save(webhookId, settings, context),
      (webhook: WebhookOf) => webhookAnswer(200, webhook, lane),
    );
  }),
});

export const removeWebhook = route({
  method: "DELETE",
  path: "/v1/webhooks/{webhookId}",
  operationId: "removeWebhook",
  summary: "Remove an endpoint, and all that was to be sent to it",
  ...ofWebhooks,
  params: WebhookParameters,
  responses: { 204: { description: "It is removed" } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* (request) {
    const webhooks = yield* Webhooks;
    return yield* command(
      { ...request, ifMatch: versionIn(request.ifMatch) },
      (context) => webhooks.remove(request.params.webhookId, context),
      noContent,
    );
  }),
});
