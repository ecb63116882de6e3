/** Credits of what came back: they lower what is owed, and move no money. */
import { Effect, Schema } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import { Identifier, Money, optionalList, Reason } from "../../src/kernel/vocabulary.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { Quantity } from "../../src/order/request.ts";
import { command, versioned } from "../http/answer.ts";
import { jsonBody, route } from "../http/registry.ts";
import { etag } from "./fulfillment.ts";
import { amountExceeded, notCreditable } from "./payment-problems.ts";
import { ofPayments } from "./payments-tag.ts";
import { orderFailures } from "./problems.ts";
import { Order } from "./schemas.ts";
import { orderView } from "./views.ts";
import { visible } from "./visible.ts";

const creditFields = {
  lines: optionalList(
    Schema.Struct({ lineId: Identifier, quantity: Quantity }).annotate({
      identifier: "LineQuantity",
    }),
    {
      mostEntries: orderLimits.lines,
      description:
        "Returned units; all that were accepted and are not credited when absent, or when there is none in it",
    },
  ),
  shipping: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Credits all that is owed for shipping, too" }),
  ),
  shippingAmount: Schema.optionalKey(
    Money.annotate({ description: "Credits so much of shipping, with its share of the tax" }),
  ),
  shippingTax: Schema.optionalKey(
    Money.annotate({ description: "Credits so much of the tax of shipping, instead of its share" }),
  ),
  fee: Schema.optionalKey(
    Money.annotate({ description: "Kept back of it, for restocking: it stays owed" }),
  ),
};

/** What is credited first by a refund. */
export const RefundCreditRequest = Schema.Struct(creditFields).annotate({
  identifier: "RefundCreditRequest",
});

const Credit = Schema.Struct({ reason: Reason, ...creditFields }).annotate({
  identifier: "CreditRequest",
  examples: [{ reason: "It came back", lines: [{ lineId: "1", quantity: 1 }] }],
});

export const creditOrder = route({
  method: "POST",
  path: "/v1/orders/{orderId}/credits",
  operationId: "creditOrder",
  summary: "Lower what is owed by what came back",
  description:
    "Units are credited that an inspection or a claim has accepted, each once, by their share of their line's " +
    "discount and tax. No money is moved: what is due by it, a refund gives back.",
  ...ofPayments,
  permission: "payments:refund",
  params: Schema.Struct({ orderId: Identifier }),
  body: jsonBody(Credit),
  responses: { 200: { description: "The order as it is now", schema: Order, headers: etag } },
  problems: ["not-found", amountExceeded, notCreditable],
  failures: orderFailures,
  handler: Effect.fnUntraced(function* (request) {
    const orders = yield* Orders;
    const { body, by, params: { orderId } } = request;
    if (by.scope.channel !== undefined) yield* visible(by, yield* orders.get(orderId));
    return yield* command(
      request,
      (context) => orders.command(orderId, { type: "credit", ...body }, context),
      (document: OrderDocument) => versioned(200, orderView(document), document.state.version),
    );
  }),
});
