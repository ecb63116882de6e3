/** What may be done with a webhook endpoint: a new secret, a test, disabled, enabled, sent again. */
import { Effect } from "effect";
import { type RedeliveryJob, WebhookDeliveries } from "../../actors/webhook/webhook-deliveries.ts";
import { Webhooks, type WithSecret } from "../../actors/webhook/webhooks.ts";
import { webhookLimits } from "../../src/webhook/limits.ts";
import type { Webhook as WebhookOf } from "../../src/webhook/webhook.ts";
import { command, json } from "../http/answer.ts";
import { versionIn } from "../http/live-tag.ts";
import { fail } from "../http/problems.ts";
import { emptyBody, jsonBody, route } from "../http/registry.ts";
import { endpointDisabled, secretsKeyMissing } from "./problems.ts";
import {
  DisableRequest,
  DismissRequest,
  EnableRequest,
  RedeliverRequest,
  Redelivery,
  RotateRequest,
  Webhook,
  WebhookWithSecret,
} from "./schemas.ts";
import { secretAnswer, webhookAnswer } from "./views.ts";
import { itsTag, ofWebhooks, requireTypes, WebhookParameters } from "./webhooks.ts";

const ofOne = { ...ofWebhooks, params: WebhookParameters } as const;
const itself = { 200: { description: "The endpoint", schema: Webhook, headers: itsTag } } as const;

/** The request for the version that its entity tag names, the endpoint, and how its lane does. */
const found = Effect.fnUntraced(function* (
  { by, params: { webhookId } }: {
    readonly by: Parameters<Webhooks["Service"]["get"]>[0];
    readonly params: { readonly webhookId: string };
  },
) {
  const webhooks = yield* Webhooks;
  const deliveries = yield* WebhookDeliveries;
  const webhook = yield* webhooks.get(by, webhookId);
  return { webhooks, deliveries, webhook, lane: yield* deliveries.lane(webhook) };
});

const atVersion = <Request extends { readonly ifMatch: string | undefined }>(request: Request) => ({
  ...request,
  ifMatch: versionIn(request.ifMatch),
});

export const rotateWebhookSecret = route({
  method: "POST",
  path: "/v1/webhooks/{webhookId}/rotate-secret",
  operationId: "rotateWebhookSecret",
  summary: "Make a new secret; it is shown this once",
  description:
    "Both secrets sign for a while, so that no message is refused while the new one is " +
    "put in its place. Another rotation within that time is a conflict, unless it is forced.",
  ...ofOne,
  body: jsonBody(RotateRequest, { required: false }),
  responses: {
    200: {
      description: "The endpoint",
      schema: WebhookWithSecret,
      headers: { ...itsTag, location: "Where it is" },
    },
  },
  problems: ["not-found", "conflict", secretsKeyMissing],
  handler: Effect.fnUntraced(function* (request) {
    const { webhooks, lane } = yield* found(request);
    const { keepOldHours = webhookLimits.keepOldHours, force = false } = request.body;
    return yield* command(
      atVersion(request),
      (context) =>
        webhooks.rotateSecret(request.params.webhookId, { keepOldHours, force }, context),
      (made: WithSecret) => secretAnswer(200, made, made.secret, lane),
      { keep: (made) => secretAnswer(200, made, null, lane) },
    );
  }),
});

export const testWebhook = route({
  method: "POST",
  path: "/v1/webhooks/{webhookId}/test",
  operationId: "testWebhook",
  summary: "Send it a `webhook.test`",
  description:
    "An event like others, for this endpoint alone: what became of it stands among its " +
    "deliveries. An endpoint that does not answer is tried at once.",
  ...ofOne,
  body: emptyBody(),
  responses: { 202: { description: "The endpoint", schema: Webhook } },
  problems: ["not-found", endpointDisabled],
  handler: Effect.fnUntraced(function* (request) {
    const { deliveries, webhook, lane } = yield* found(request);
    return yield* command(
      request,
      (context) => deliveries.test(webhook, context),
      (tested: WebhookOf) => webhookAnswer(202, tested, lane),
    );
  }),
});

export const enableWebhook = route({
  method: "POST",
  path: "/v1/webhooks/{webhookId}/enable",
  operationId: "enableWebhook",
  summary: "Have an endpoint told of events again",
  description:
    "Where the key is revoked that it was made with, it goes on with the key that asks, " +
    "and sees no more than before.",
  ...ofOne,
  body: jsonBody(EnableRequest, { required: false }),
  responses: itself,
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* (request) {
    const { webhooks, lane } = yield* found(request);
    const { resume = "where_it_stopped" } = request.body;
    return yield* command(
      atVersion(request),
      (context) => webhooks.enable(request.params.webhookId, resume, context),
      (webhook: WebhookOf) => webhookAnswer(200, webhook, lane),
    );
  }),
});

export const disableWebhook = route({
  method: "POST",
  path: "/v1/webhooks/{webhookId}/disable",
  operationId: "disableWebhook",
  summary: "Send nothing to an endpoint until it is enabled",
  ...ofOne,
  body: jsonBody(DisableRequest, { required: false }),
  responses: itself,
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* (request) {
    const { webhooks, lane } = yield* found(request);
    const { reason = "" } = request.body;
    return yield* command(
      atVersion(request),
      (context) => webhooks.disable(request.params.webhookId, reason, context),
      (webhook: WebhookOf) => webhookAnswer(200, webhook, lane),
    );
  }),
});

/** A list of nothing says what leaving it out says. */
const someOf = <A>(list: readonly A[] | undefined): readonly A[] | undefined =>
  list === undefined || list.length === 0 ? undefined : list;

/** What the request wants sent again: it must say either ids or a time. */
const whatOf = Effect.fnUntraced(function* (body: typeof RedeliverRequest.Type) {
  const { since, until, outcome } = body;
  const eventIds = someOf(body.eventIds);
  const types = someOf(body.types);
  if (eventIds !== undefined && since === undefined) {
    const others = [until, types, outcome].some((each) => each !== undefined);
    if (!others) return { eventIds };
  } else if (eventIds === undefined && since !== undefined) {
    if (types !== undefined) yield* requireTypes(types);
    return { since, until, types, onlyFailed: outcome === "failed" };
  }
  const detail = "must have either `eventIds` alone, or `since`";
  return yield* fail("invalid-request", "It is not clear what is to be sent again.", {
    errors: [{ pointer: "", detail }],
  });
});

const accepted = { 202: { description: "It will be done", schema: Redelivery } } as const;
const acceptedAnswer = ({ id }: RedeliveryJob) => json(202, { id, status: "accepted" });

export const redeliverWebhook = route({
  method: "POST",
  path: "/v1/webhooks/{webhookId}/redeliver",
  operationId: "redeliverWebhook",
  summary: "Send events again, with the same ids",
  description:
    "By their ids, or all of a time. Those that failed for good go as they were; others " +
    "are made of the log again. Each takes its place in the order of its order.",
  ...ofOne,
  body: jsonBody(RedeliverRequest),
  responses: accepted,
  problems: ["not-found", "limit-reached", endpointDisabled],
  handler: Effect.fnUntraced(function* (request) {
    const { deliveries, webhook } = yield* found(request);
    const what = yield* whatOf(request.body);
    return yield* command(
      request,
      (context) => deliveries.redeliver(webhook, what, context),
      acceptedAnswer,
    );
  }),
});

export const dismissDeliveries = route({
  method: "POST",
  path: "/v1/webhooks/{webhookId}/dismiss",
  operationId: "dismissDeliveries",
  summary: "Forget events that failed for good",
  ...ofOne,
  body: jsonBody(DismissRequest),
  responses: accepted,
  problems: ["not-found", "limit-reached", endpointDisabled],
  handler: Effect.fnUntraced(function* (request) {
    const { deliveries, webhook } = yield* found(request);
    const { eventIds } = request.body;
    return yield* command(
      request,
      (context) => deliveries.dismiss(webhook, eventIds, context),
      acceptedAnswer,
    );
  }),
});
