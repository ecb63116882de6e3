/** Webhooks at the receiver: whether they come from the engine, and what they tell. */
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import type { webhooks } from "./openapi.ts";

/** A webhook that is not from the engine, or too old to be believed. */
export class WebhookRefused extends Error {
  override readonly name = "WebhookRefused";
}

/** What webhooks bring, by the type of the event. */
export type WebhookBodies = {
  readonly [Type in keyof webhooks]: webhooks[Type] extends {
    readonly post: {
      readonly requestBody: {
        readonly content: { readonly "application/json": infer Body };
      };
    };
  } ? Body
    : never;
};

/** What a webhook brings; `type` says which. */
export type WebhookEvent = WebhookBodies[keyof WebhookBodies];

/** As `Headers`, or as Node's `request.headers` has them. */
export type WebhookHeaders =
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers of Standard Webhooks 1.0. */
const names = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

const headerOf = (headers: WebhookHeaders, name: string): string => {
  if (headers instanceof Headers) return headers.get(name) ?? "";
  const found = Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  return (typeof found === "string" ? found : found?.join(" ")) ?? "";
};

/**
 * The event of a webhook, once its signature and its time (within five minutes) are right; throws
 * WebhookRefused where they are not. `body` as it came, before anything parses it; `secret` is
 * `whsec_...`. The same event may come more than once, with the same `webhook-id`.
 */
export const verifyWebhook = (
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
): WebhookEvent => {
  const text = typeof body === "string"
    ? body
    : new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  const signed = Object.fromEntries(
    names.map((name) => [name, headerOf(headers, name)]),
  );
  const webhook = new Webhook(secret);
  try {
    return webhook.verify(text, signed) as WebhookEvent;
  } catch (cause) {
    if (!(cause instanceof WebhookVerificationError)) throw cause;
    throw new WebhookRefused(cause.message, { cause });
  }
};
