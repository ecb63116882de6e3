/** Payment providers: who is called for the payments of orders, and what they can do. */
import { Effect, Schema } from "effect";
import { PaymentProviders } from "../../actors/payment/payment-providers.ts";
import { References, type SaveResult } from "../../actors/reference/references.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { Identifier, text } from "../../src/kernel/vocabulary.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import {
  type Provider as ProviderOf,
  providerTypes,
  singleCaptures,
} from "../../src/payment/provider.ts";
import { providers } from "../../src/payment/references.ts";
import { command, versioned } from "../http/answer.ts";
import { secretFault } from "../../src/outbound/signature.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { fail } from "../http/problems.ts";
import { standingOn } from "../http/reference.ts";
import { receiveProviderWebhook } from "./provider-webhooks.ts";
import { jsonBody, route } from "../http/registry.ts";
import { providersTag } from "./tag.ts";
import { pageOf, pageParameters, time } from "../http/schemas.ts";
import { secretsKeyMissing, targetNotAllowed, webhookFailures } from "../webhook/problems.ts";

const itsVersion = { etag: "Its version" };

/** What all routes of providers share. */
const ofProviders = {
  tags: [providersTag],
  permission: "providers:manage",
  scopes: { channel: "refused", location: "refused" },
} as const;

const ProviderParameters = Schema.Struct({ provider: Identifier });

const ProviderType = Schema.Literals(providerTypes).annotate({
  identifier: "PaymentProviderType",
  description:
    "`manual`: people move the money, and record it. `http`: it is called at its `url`. `stripe`: Stripe is " +
    "called, with its secret key",
});

const SingleCapture = Schema.Literals(singleCaptures).annotate({
  identifier: "SingleCapture",
  description:
    "Where an authorization can be captured once only, and an order leaves in several parcels: all of it with " +
    "the first, each part with the rest authorized anew, or all of it with the last",
});

const capabilityFields = {
  multipleCaptures: Schema.Boolean.annotate({
    description: "An authorization can be captured in several parts",
  }),
  partialCapture: Schema.Boolean.annotate({
    description: "Less can be captured than was authorized",
  }),
  reauthorize: Schema.Boolean.annotate({
    description: "What has expired can be authorized anew without the customer",
  }),
  refundWindowDays: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: providerLimits.refundWindowDays }))
      .annotate({
        description:
          "So many days after it took money it gives none of it back: a refund is for people from then on",
      }),
  ),
};

const Secret = text(textLimits.name);

const ProviderRequest = Schema.Struct({
  type: ProviderType,
  url: Schema.optionalKey(
    text(textLimits.description).annotate({
      description:
        "Of `http`: transactions are posted to `{url}/transactions`. Of `stripe`: another address than its own",
    }),
  ),
  secret: Schema.optionalKey(
    Schema.NullOr(Secret).annotate({
      description:
        "Sent as a bearer token; of `stripe` its secret key, or better a restricted one. Kept sealed, and " +
        "never shown; absent: it stays as it is",
    }),
  ),
  webhookSecret: Schema.optionalKey(
    Schema.NullOr(Secret).annotate({
      description:
        "What it signs its webhooks with, from `whsec_` on: of `http` as Standard Webhooks has it. Kept as " +
        "the secret is; without one its webhooks are refused",
    }),
  ),
  capabilities: Schema.optionalKey(
    Schema.Struct({
      multipleCaptures: Schema.optionalKey(capabilityFields.multipleCaptures),
      partialCapture: Schema.optionalKey(capabilityFields.partialCapture),
      reauthorize: Schema.optionalKey(capabilityFields.reauthorize),
      refundWindowDays: capabilityFields.refundWindowDays,
    }).annotate({ identifier: "PaymentProviderCapabilitiesRequest" }),
  ),
  singleCapture: Schema.optionalKey(SingleCapture),
}).annotate({
  identifier: "PaymentProviderRequest",
  examples: [{ type: "manual" }],
});

const Provider = Schema.Struct({
  id: Schema.String,
  type: ProviderType,
  url: Schema.NullOr(Schema.String),
  hasSecret: Schema.Boolean,
  hasWebhookSecret: Schema.Boolean,
  capabilities: Schema.Struct(capabilityFields).annotate({
    identifier: "PaymentProviderCapabilities",
  }),
  singleCapture: SingleCapture,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "PaymentProvider" });

/** Without its secrets. */
const providerView = ({ secret, webhookSecret, ...provider }: ProviderOf) => ({
  ...provider,
  hasSecret: secret !== null,
  hasWebhookSecret: webhookSecret !== undefined,
});

const settingsOf = (body: typeof ProviderRequest.Type) => ({
  type: body.type,
  url: body.url ?? null,
  secret: body.secret,
  webhookSecret: body.webhookSecret,
  capabilities: {
    multipleCaptures: body.capabilities?.multipleCaptures ?? false,
    partialCapture: body.capabilities?.partialCapture ?? true,
    reauthorize: body.capabilities?.reauthorize ?? false,
    ...(body.capabilities?.refundWindowDays === undefined
      ? {}
      : { refundWindowDays: body.capabilities.refundWindowDays }),
  },
  singleCapture: body.singleCapture ?? "captureOnFirst",
});

interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** What is wrong with a provider of its type; null when nothing is. */
const faultOf = (
  { type, url, secret, webhookSecret, capabilities }: typeof ProviderRequest.Type,
  before: ProviderOf | null,
): Fault | null => {
  if (type === "http" && url === undefined) {
    return { pointer: "/url", detail: "Where is it called?" };
  }
  if (type === "manual" && url !== undefined) {
    return { pointer: "/url", detail: "Nobody is called where people pay." };
  }
  if (type === "manual" && webhookSecret != null) {
    return { pointer: "/webhookSecret", detail: "Nobody sends webhooks where people pay." };
  }
  if (type === "stripe" && (secret === undefined ? before?.secret ?? null : secret) === null) {
    return { pointer: "/secret", detail: "Stripe takes no calls without its secret key." };
  }
  if (type === "stripe" && capabilities?.multipleCaptures === true) {
    const detail = "Stripe captures a payment once, and a capture of less gives up the rest.";
    return { pointer: "/capabilities/multipleCaptures", detail };
  }
  if (webhookSecret == null) return null;
  const detail = type === "http"
    ? secretFault(webhookSecret)
    : /^whsec_\S+$/.test(webhookSecret)
    ? null
    : "It begins with whsec_.";
  return detail === null ? null : { pointer: "/webhookSecret", detail };
};

export const saveProvider = route({
  method: "PUT",
  path: "/v1/providers/{provider}",
  operationId: "saveProvider",
  summary: "Save a payment provider",
  description:
    "`manual` is there without being saved. Payments under way go on as it says from now on.",
  ...ofProviders,
  headers: { "if-none-match": "`*` saves only what is not there yet" },
  params: ProviderParameters,
  body: jsonBody(ProviderRequest),
  responses: {
    200: { description: "The provider as it is now", schema: Provider, headers: itsVersion },
    201: { description: "The new provider", schema: Provider, headers: itsVersion },
  },
  problems: ["limit-reached", targetNotAllowed, secretsKeyMissing],
  failures: webhookFailures,
  handler: Effect.fnUntraced(function* (request) {
    const saved = yield* PaymentProviders;
    const references = yield* References;
    const { provider } = request.params;
    const fault = faultOf(request.body, yield* references.find(providers, provider));
    if (fault !== null) return yield* fail("invalid-request", fault.detail, { errors: [fault] });
    const ifMatch = yield* standingOn(request, references.get(providers, provider));
    return yield* command(
      { ...request, ifMatch },
      (context) => saved.save(provider, settingsOf(request.body), context),
      ({ created, value }: SaveResult<ProviderOf>) =>
        versioned(created ? 201 : 200, providerView(value), value.version),
    );
  }),
});

export const getProvider = route({
  method: "GET",
  path: "/v1/providers/{provider}",
  operationId: "getProvider",
  summary: "A payment provider, without its secrets",
  ...ofProviders,
  params: ProviderParameters,
  responses: { 200: { description: "The provider", schema: Provider, headers: itsVersion } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* ({ params }) {
    const references = yield* References;
    const found = yield* references.get(providers, params.provider);
    return versioned(200, providerView(found), found.version);
  }),
});

export const listProviders = route({
  method: "GET",
  path: "/v1/providers",
  operationId: "listProviders",
  summary: "Payment providers, by name",
  ...ofProviders,
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of providers", schema: pageOf(Provider) } },
  handler: Effect.fnUntraced(function* (request) {
    const references = yield* References;
    const limit = pageSize(request.query);
    const [after = ""] = (yield* decodeCursor(request.query, 1)) ?? [];
    const rest = (yield* references.all(providers)).filter(({ id }) => id > after);
    const some = rest.slice(0, limit);
    const last = some.at(-1);
    return page(
      request,
      some.map(providerView),
      rest.length > limit && last !== undefined ? encodeCursor([last.id]) : null,
    );
  }),
});

export const providerRoutes = [saveProvider, getProvider, listProviders, receiveProviderWebhook];
