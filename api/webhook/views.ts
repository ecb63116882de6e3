/** Webhook endpoints and deliveries as the API shows them. */
import type { EndpointLane } from "../../actors/webhook/webhook-deliveries.ts";
import type { WithSecret } from "../../actors/webhook/webhooks.ts";
import { orderIds } from "../../src/order/ids.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Attempt, DeadLetter, Waiting } from "../../src/outbound/message.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import type { Webhook } from "../../src/webhook/webhook.ts";
import { json } from "../http/answer.ts";
import { liveTag } from "../http/live-tag.ts";

const statusOf = ({ enabled }: Webhook, lane: EndpointLane): EndpointLane["status"] =>
  enabled ? lane.status : "disabled";

/** An endpoint, with how its lane does. */
export const webhookView = (webhook: Webhook, lane: EndpointLane) => {
  const { disabled, owner, secrets } = webhook;
  const reason = disabled?.reason ?? lane.reason;
  return {
    id: webhook.id,
    url: webhook.url,
    types: webhook.types,
    filter: webhook.filter,
    include: webhook.include,
    ordering: webhook.ordering,
    description: webhook.description,
    status: statusOf(webhook, lane),
    ...(reason === null ? {} : { reason }),
    ...(disabled === null ? {} : { disabled }),
    ...(webhook.enabled && lane.failingSinceMs !== null
      ? { failingSince: instantOf(lane.failingSinceMs) }
      : {}),
    waiting: lane.messages,
    failed: lane.deadLetters,
    secondsBehind: lane.secondsBehind,
    scope: owner.scope,
    madeBy: owner.keyId,
    secrets: secrets.map(({ createdAt, endsAt }) => ({ createdAt, endsAt })),
    createdAt: webhook.createdAt,
    updatedAt: webhook.updatedAt,
    version: webhook.version,
  };
};

export type WebhookView = ReturnType<typeof webhookView>;

export const webhookAnswer = (
  status: number,
  webhook: Webhook,
  lane: EndpointLane,
  headers: Readonly<Record<string, string>> = {},
): StoredResponse => {
  const view = webhookView(webhook, lane);
  return json(status, view, { etag: liveTag(view), ...headers });
};

/** With its secret, which only the first answer has. */
export const secretAnswer = (
  status: number,
  { webhook }: WithSecret,
  secret: string | null,
  lane: EndpointLane,
): StoredResponse => {
  const view = webhookView(webhook, lane);
  return json(status, { ...view, secret }, {
    etag: liveTag(view),
    location: `/v1/webhooks/${webhook.id}`,
  });
};

/** The order that a delivery is of; null where its events are of something else. */
const orderOf = (key: string): string | null => orderIds.is(key) ? key : null;

export const waitingView = ({ id, key, body, attempts, firstAtMs, nextAtMs, reason }: Waiting) => ({
  eventId: id,
  orderId: orderOf(key),
  outcome: "waiting" as const,
  attempt: attempts,
  at: firstAtMs === null ? null : instantOf(firstAtMs),
  nextAt: instantOf(nextAtMs),
  ...(reason === null ? {} : { reason }),
  body,
});

export const failedView = ({ id, key, body, attempts, firstAtMs, reason }: DeadLetter) => ({
  eventId: id,
  orderId: orderOf(key),
  outcome: "failed" as const,
  attempt: attempts,
  at: firstAtMs === null ? null : instantOf(firstAtMs),
  reason,
  body,
});

/** `showsAnswer`: whether the key may see what another service may have answered. */
export const attemptView = (
  { id, key, atMs, tookMs, n, outcome, status, reason, answer }: Attempt,
  body: string | null,
  showsAnswer: boolean,
) => ({
  eventId: id,
  orderId: orderOf(key),
  outcome: outcome === "Delivered" ? "delivered" as const : "not_delivered" as const,
  attempt: n,
  at: instantOf(atMs),
  tookMs,
  ...(status === undefined ? {} : { status }),
  ...(reason === undefined ? {} : { reason }),
  ...(answer === undefined || !showsAnswer ? {} : { answer }),
  ...(body === null ? {} : { body }),
});

export type DeliveryView = ReturnType<
  typeof waitingView | typeof failedView | typeof attemptView
>;
