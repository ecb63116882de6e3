/** Policies of returns: what each channel takes back. */
import { Schema } from "effect";
import { Identifier, optionalList, Sku } from "../../src/kernel/vocabulary.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { everywhere, returnPolicies, type ReturnPolicy } from "../../src/order/return-policy.ts";
import { ReturnAuthorization } from "../../src/order/vocabulary.ts";
import { getRoute, listRoute, type ReferenceApi, saveRoute } from "../http/reference.ts";
import type { Tag } from "../http/registry.ts";
import { time } from "../http/schemas.ts";

export const returnsTag: Tag = { name: "Returns", description: "Goods that come back" };

const windowDays = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: orderLimits.returnWindowDays }),
).annotate({
  description: "Days from the delivery in which units may be returned; absent: for ever",
});

const expiresAfterDays = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: orderLimits.returnExpiryDays }),
).annotate({
  description:
    "Days without anything of an authorized return, after which it ends by itself: it is " +
    "cancelled, or closed with what has come. Absent: it is waited for",
});

const ReturnPolicyBody = Schema.Struct({
  windowDays: Schema.optionalKey(windowDays),
  finalSale: optionalList(Sku, {
    mostEntries: orderLimits.finalSaleSkus,
    description: "SKUs that are not taken back",
  }),
  expiresAfterDays: Schema.optionalKey(expiresAfterDays),
  authorize: Schema.optionalKey(
    ReturnAuthorization.annotate({
      description:
        "`automatic`: what the policy allows is authorized as it is requested. `manual` " +
        "when absent",
    }),
  ),
}).annotate({
  identifier: "ReturnPolicyRequest",
  examples: [{ windowDays: 30, finalSale: ["GIFT-CARD"], authorize: "automatic" }],
});

const ReturnPolicyView = Schema.Struct({
  id: Schema.String,
  windowDays: Schema.optionalKey(Schema.Int),
  finalSale: Schema.Array(Schema.String),
  expiresAfterDays: Schema.optionalKey(Schema.Int),
  authorize: ReturnAuthorization,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "ReturnPolicy" });

const policyApi: ReferenceApi<ReturnPolicy, typeof ReturnPolicyBody.Type> = {
  path: "/v1/return-policies",
  parameter: "channel",
  id: Identifier,
  body: ReturnPolicyBody,
  schema: ReturnPolicyView,
  document: (id, { windowDays, expiresAfterDays, finalSale = [], authorize = "manual" }) => ({
    ...{ id, finalSale, authorize },
    ...(expiresAfterDays === undefined ? {} : { expiresAfterDays }),
    ...(windowDays === undefined ? {} : { windowDays }),
  }),
  tags: [returnsTag],
  read: "returns:read",
  write: "returns:policy",
};

export const saveReturnPolicy = saveRoute(returnPolicies, policyApi, {
  operationId: "saveReturnPolicy",
  summary: "Say what a channel takes back, and for how long",
  description:
    `The policy \`${everywhere}\` is for all channels without one of their own. Without any, ` +
    "whatever was shipped may be returned for ever, once somebody authorizes it.",
});

export const listReturnPolicies = listRoute(returnPolicies, policyApi, {
  operationId: "listReturnPolicies",
  summary: "Policies of returns, by channel",
});

export const getReturnPolicy = getRoute(returnPolicies, policyApi, {
  operationId: "getReturnPolicy",
  summary: "The policy of returns of a channel",
});

export const returnPolicyRoutes = [saveReturnPolicy, listReturnPolicies, getReturnPolicy];
