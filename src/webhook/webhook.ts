/**
 * Webhook endpoints: URLs that are told of events, after Standard Webhooks 1.0. An endpoint sees what the key
 * sees that made it, and lives no longer than that key.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Role, Scope } from "../kernel/principal.ts";
import type { Signing } from "../outbound/signing.ts";
import type { Saved } from "../subject/reference.ts";

/** What bodies have beside the event: the order as it is when they are sent, and the customer's data. */
export const includable = ["order", "personalData"] as const;
export type Included = (typeof includable)[number];

/** What is delivered one after another: the events of each order, or all of them. */
export const orderings = ["order", "endpoint"] as const;
export type Ordering = (typeof orderings)[number];

/** Because it said so, or nobody was there for five days; by hand; or because its key was revoked. */
export const disabledCodes = ["gone", "silent", "by_hand", "key_revoked"] as const;
export type DisabledCode = (typeof disabledCodes)[number];

/** The key that made it: what it may see. */
export interface WebhookOwner {
  readonly keyId: string;
  readonly role: Role;
  readonly scope: Scope;
}

export interface Webhook extends Saved, Signing {
  readonly id: string;
  readonly url: string;
  /** Exact types, or patterns such as `order.*`. */
  readonly types: readonly string[];
  /** Narrows what the scope of its key lets through. */
  readonly filter: Scope;
  readonly include: readonly Included[];
  readonly ordering: Ordering;
  readonly description: string;
  readonly enabled: boolean;
  readonly disabled: {
    readonly code: DisabledCode;
    readonly reason: string;
    readonly at: Instant;
  } | null;
  /** Counts how often it was told to begin anew. */
  readonly start: number;
  readonly owner: WebhookOwner;
}

/** The types of log records about it. */
export const webhookRecords = {
  saved: "webhook_endpoint.saved",
  removed: "webhook_endpoint.removed",
  enabled: "webhook_endpoint.enabled",
  disabled: "webhook_endpoint.disabled",
  secretRotated: "webhook_endpoint.secret_rotated",
  /** Somebody has it tried: told to this endpoint, whatever its types. */
  test: "webhook.test",
} as const;

export const webhookRecordKind = "webhook";

/** The type of the record of a change. */
export const recordTypeOf = (before: Webhook | null, after: Webhook): string =>
  before === null
    ? webhookRecords.saved
    : before.enabled !== after.enabled
    ? after.enabled ? webhookRecords.enabled : webhookRecords.disabled
    : before.secrets[0].createdAt !== after.secrets[0].createdAt
    ? webhookRecords.secretRotated
    : webhookRecords.saved;

/** The endpoint, disabled. */
export const disabledFor = (
  webhook: Webhook,
  code: DisabledCode,
  reason: string,
  at: Instant,
): Webhook => ({ ...webhook, enabled: false, disabled: { code, reason, at } });
