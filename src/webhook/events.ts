/** Which events an endpoint is told of, in which order, and in which words. */
import type { Scope } from "../kernel/principal.ts";
import {
  type EntryEvent,
  type EventEnvelope,
  isOfPattern,
  webhookBodyOf,
} from "../subject/event.ts";
import type { Outgoing } from "../subject/reactor.ts";
import { webhookLimits } from "./limits.ts";
import { type Webhook, webhookRecords } from "./webhook.ts";

const isWithin = ({ channel, locationId }: Scope, event: EventEnvelope): boolean =>
  (channel === undefined || event.channel === channel) &&
  (locationId === undefined || (event.locationIds?.includes(locationId) ?? false));

/** Whether a test is of this very endpoint. */
const isOwnTest = ({ id }: Webhook, { details }: EventEnvelope): boolean =>
  "webhookId" in details && details.webhookId === id;

export const isTold = (webhook: Webhook, { event, confidential }: EntryEvent): boolean => {
  if (event.type === webhookRecords.test) return isOwnTest(webhook, event);
  const { types, filter, owner: { role, scope } } = webhook;
  return (!confidential || role === "admin") &&
    types.some((pattern) => isOfPattern(event.type, pattern)) &&
    isWithin(scope, event) && isWithin(filter, event);
};

/** UTF-8 needs at most this many bytes for a UTF-16 unit. */
const bytesPerUnit = 3;

const encoder = new TextEncoder();

export const isBodyTooLong = (body: string): boolean =>
  body.length * bytesPerUnit > webhookLimits.bodyBytes &&
  encoder.encode(body).length > webhookLimits.bodyBytes;

const withoutDetails = ({ details: _, ...rest }: EventEnvelope): EventEnvelope =>
  ({ ...rest, truncated: true }) as unknown as EventEnvelope;

/** Several endpoints may be told of one event: its words are made once. */
const bodies = new WeakMap<EventEnvelope, string>();

/** The body of an event, after Standard Webhooks: from the log alone, so the same bytes each time. */
const bodyOf = (event: EventEnvelope): string => {
  const known = bodies.get(event);
  if (known !== undefined) return known;
  const whole = JSON.stringify(webhookBodyOf(event));
  const body = isBodyTooLong(whole) ? JSON.stringify(webhookBodyOf(withoutDetails(event))) : whole;
  bodies.set(event, body);
  return body;
};

/** Events of one key are delivered one after another. */
const keyOf = ({ ordering }: Webhook, { orderId, subject }: EventEnvelope): string =>
  ordering === "endpoint" ? "-" : orderId ?? subject;

export const messageOf = (webhook: Webhook, event: EntryEvent): Outgoing | null =>
  isTold(webhook, event) ? { key: keyOf(webhook, event.event), body: bodyOf(event.event) } : null;

const eventIn = (body: string): EventEnvelope => JSON.parse(body).data;

/** The order that a body tells of; null for none. */
export const orderIn = (body: string): string | null => eventIn(body).orderId ?? null;

/** A body with more about its order, as far as there is room for it. */
export const withOrder = (body: string, order: object): string => {
  const event = eventIn(body);
  for (const each of [event, withoutDetails(event)]) {
    const whole = JSON.stringify(webhookBodyOf({ ...each, order }));
    if (!isBodyTooLong(whole)) return whole;
  }
  return JSON.stringify(webhookBodyOf({ ...event, truncated: true }));
};

/** The body with members in its order that are added at each attempt, and kept nowhere. */
export const withPersonalData = (body: string, personal: object): string => {
  const event = eventIn(body);
  const { order = {} } = event as { readonly order?: object };
  return withOrder(body, { ...order, ...personal });
};
