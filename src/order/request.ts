/**
 * The request that places an order. Its schema validates requests, and the OpenAPI document is made from it;
 * `capture.ts` turns a decoded request into an order.
 *
 * Texts are decoded as they were sent, since earlier versions made fingerprints of them; `normal-form.ts` leaves
 * out what makes no difference.
 */
import { Schema } from "effect";
import { textLimits } from "../kernel/limits.ts";
import { orderLimits } from "./limits.ts";
import {
  anyText,
  Currency,
  Money,
  SentAddress,
  sentText,
  Timestamp,
} from "../kernel/vocabulary.ts";
import { fulfillmentMethods, shortagePolicies } from "./order.ts";

export const Quantity = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: orderLimits.unitsPerLine }),
);

const Identifier = sentText(textLimits.id);

export const PlaceOrderLine = Schema.Struct({
  sku: sentText(textLimits.sku),
  quantity: Quantity,
  unitPrice: Money,
  discount: Schema.optionalKey(Money),
  tax: Schema.optionalKey(Money),
  fulfillment: Schema.optionalKey(Schema.Struct({
    method: Schema.Literals(fulfillmentMethods),
    locationId: Schema.optionalKey(Identifier),
  })),
});

export type PlaceOrderLine = typeof PlaceOrderLine.Type;

export const PlaceOrderRequest = Schema.Struct({
  channel: Identifier,
  externalId: Identifier,
  currency: Currency,
  customer: Schema.Struct({
    id: Schema.optionalKey(Identifier),
    name: sentText(textLimits.name),
    email: Schema.optionalKey(sentText(textLimits.name)),
    phone: Schema.optionalKey(sentText(textLimits.id)),
  }),
  shippingAddress: Schema.optionalKey(SentAddress),
  billingAddress: Schema.optionalKey(SentAddress),
  lines: Schema.Array(PlaceOrderLine).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(orderLimits.lines),
  ),
  shipping: Schema.optionalKey(Schema.Struct({
    service: Schema.optionalKey(sentText(textLimits.id)),
    amount: Schema.optionalKey(Money),
  })),
  placedAt: Schema.optionalKey(Timestamp),
  onShortage: Schema.optionalKey(Schema.Literals(shortagePolicies)),
  metadata: Schema.optionalKey(
    Schema.Record(sentText(textLimits.id), anyText(textLimits.reason))
      .check(Schema.isMaxProperties(orderLimits.metadataEntries)),
  ),
  note: Schema.optionalKey(
    sentText(textLimits.note).annotate({ description: "What the customer says of the order" }),
  ),
});
export type PlaceOrderRequest = typeof PlaceOrderRequest.Type;
