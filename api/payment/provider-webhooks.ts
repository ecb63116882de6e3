/** What payment providers send: public, and signed with a secret that only they have. */
import { Clock, Effect, Schema } from "effect";
import { type LookAgain, ProviderWebhooks } from "../../actors/payment/provider-webhooks.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import type { NotSigned } from "../../src/payment/port.ts";
import { command, json, kept } from "../http/answer.ts";
import type { Failures } from "../http/failures.ts";
import { problem, type ProblemType } from "../http/problems.ts";
import { route, textBody } from "../http/registry.ts";
import { providersTag } from "./tag.ts";

export const signatureInvalid: ProblemType = {
  name: "signature-invalid",
  status: 401,
  title: "Not a message of the provider",
  meaning:
    "The message is not signed with the secret of the provider, or was signed too long ago; or there is no " +
    "such provider, or none that sends messages. Nothing was done.",
  remedy:
    "Sign each attempt anew, over the very bytes that are sent, with the secret that was saved.",
};

const failures: Failures<NotSigned | LookAgain> = {
  NotSigned: {
    problem: () =>
      problem(signatureInvalid, "The message is not one of this provider.", {
        headers: { "www-authenticate": 'Signature realm="allot"' },
      }),
  },
  LookAgain: {
    problem: () =>
      problem("unavailable", "It is not known yet what became of it. Send the message again.", {
        headers: { "retry-after": String(requestLimits.retryAfterSeconds) },
      }),
  },
};

const Message = Schema.Record(Schema.String, Schema.Unknown).annotate({
  identifier: "PaymentProviderMessage",
  description:
    "Of `http`: `data.transactionId` or `data.paymentId` says what to look at. Of `stripe`: its event",
});

const Taken = Schema.Struct({ received: Schema.Literal(true) }).annotate({
  identifier: "PaymentProviderMessageTaken",
});

const taken = { received: true } as const;

export const receiveProviderWebhook = route({
  method: "POST",
  path: "/v1/providers/{provider}/webhooks",
  operationId: "receiveProviderWebhook",
  summary: "Tell of a payment, as its provider",
  description:
    "Needs no key, and a signature: of `http` by Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`, " +
    "`webhook-signature`), of `stripe` its own (`stripe-signature`). What a message says is not believed: the " +
    "provider is asked about what it names. So it may come early, late, twice or out of order; and what is " +
    "not known here is passed over. 503: it could not be asked now, so send the message again.",
  tags: [providersTag],
  permission: "public",
  headers: {
    "webhook-id": "Of `http`: the id of the message",
    "webhook-timestamp": "Of `http`: when this attempt was signed, seconds since 1970",
    "webhook-signature": "Of `http`: its signatures, with a space between them",
    "stripe-signature": "Of `stripe`: when this attempt was signed, and its signatures",
  },
  params: Schema.Struct({ provider: Identifier }),
  body: textBody(Message, providerLimits.webhookBytes),
  responses: { 200: { description: "It was looked at, and nothing is left to do", schema: Taken } },
  problems: [signatureInvalid],
  failures,
  handler: Effect.fnUntraced(function* (request) {
    const { params, headers, body } = request;
    const webhooks = yield* ProviderWebhooks;
    const atMs = yield* Clock.currentTimeMillis;
    // Before anything is looked up, an answer to the same key included.
    const looked = yield* webhooks.heard(params.provider, { headers, body, atMs });
    return yield* command(
      request,
      (context) => Effect.andThen(looked, kept(taken, context)),
      (answer) => json(200, answer),
    );
  }),
});
