/**
 * The request that places an order. Its schema validates requests, and the OpenAPI document is made from it;
 * `capture.ts` turns a decoded request into an order.
 *
 * Texts are decoded as they were sent, since earlier versions made fingerprints of them; `normal-form.ts` leaves
 * out what makes no difference.
 */
import { Schema } from "effect";
import { textLimits } from "../kernel/limits.ts";
import { orderLimits, paymentLimits } from "./limits.ts";
import {
  anyText,
  Currency,
  Money,
  SentAddress,
  SentIdentifier,
  SentSku,
  sentText,
  Timestamp,
} from "../kernel/vocabulary.ts";
import { parseRate, ratePattern } from "../money/tax.ts";
import { roundingFee } from "./charges.ts";
import { PaymentPolicyRequest, PlacedPayment } from "./payment-request.ts";
import { priorities } from "./rank.ts";
import { FulfillmentMethod, ShortagePolicy, TaxRounding } from "./vocabulary.ts";

export const Quantity = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: orderLimits.unitsPerLine }),
);

export const TaxRatePercent = Schema.String.check(
  Schema.makeFilter(
    (value: string) =>
      parseRate(value) !== null ||
      "must be a rate in percent such as 7.75, with at most four decimals",
    { toJsonSchema: () => ({ pattern: ratePattern.source }) },
  ),
).annotate({ identifier: "TaxRatePercent" });

const Discount = Schema.Struct({
  code: Schema.optionalKey(SentIdentifier),
  amount: Money,
}).annotate({ identifier: "PlaceOrderDiscount" });

const Fee = Schema.Struct({
  code: SentIdentifier.annotate({
    description:
      `Such as tip, gift_wrap or cod; only the amount of \`${roundingFee}\` may be negative`,
  }),
  amount: Money,
  tax: Schema.optionalKey(Money),
}).annotate({ identifier: "PlaceOrderFee" });

export const PlaceOrderLine = Schema.Struct({
  sku: SentSku,
  quantity: Quantity,
  unitPrice: Money,
  discount: Schema.optionalKey(Money),
  tax: Schema.optionalKey(Money),
  taxRatePercent: Schema.optionalKey(
    TaxRatePercent.annotate({
      description: "Without `tax` the engine computes it; with it, it is checked to a minor unit",
    }),
  ),
  externalId: Schema.optionalKey(
    SentIdentifier.annotate({ description: "What the channel calls the line" }),
  ),
  neededAt: Schema.optionalKey(
    Timestamp.annotate({ description: "When the customer needs the units: for those that wait" }),
  ),
  fulfillment: Schema.optionalKey(
    Schema.Struct({
      method: FulfillmentMethod,
      locationId: Schema.optionalKey(SentIdentifier),
    }).annotate({ identifier: "PlaceOrderFulfillment" }),
  ),
}).annotate({ identifier: "PlaceOrderLine" });

export type PlaceOrderLine = typeof PlaceOrderLine.Type;

export const PlaceOrderRequest = Schema.Struct({
  channel: SentIdentifier,
  externalId: SentIdentifier,
  currency: Currency,
  customer: Schema.Struct({
    id: Schema.optionalKey(SentIdentifier),
    name: sentText(textLimits.name),
    email: Schema.optionalKey(sentText(textLimits.name)),
    phone: Schema.optionalKey(sentText(textLimits.id)),
  }).annotate({ identifier: "PlaceOrderCustomer" }),
  shippingAddress: Schema.optionalKey(SentAddress),
  billingAddress: Schema.optionalKey(SentAddress),
  lines: Schema.Array(PlaceOrderLine).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(orderLimits.lines),
  ),
  shipping: Schema.optionalKey(
    Schema.Struct({
      service: Schema.optionalKey(sentText(textLimits.id)),
      amount: Schema.optionalKey(Money),
      discount: Schema.optionalKey(Money),
      tax: Schema.optionalKey(Money),
      taxRatePercent: Schema.optionalKey(TaxRatePercent),
    }).annotate({ identifier: "PlaceOrderShipping" }),
  ),
  taxesIncluded: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether tax is a part of all prices; by default not" }),
  ),
  taxRounding: Schema.optionalKey(
    TaxRounding.annotate({
      description: "Whether computed tax is rounded for each line, or for each rate of the order",
    }),
  ),
  // Lists without entries as they were sent: what is made of the order makes no difference of them.
  discounts: Schema.optionalKey(
    Schema.Array(Discount).check(Schema.isMaxLength(orderLimits.discounts)).annotate({
      description: "Amounts off the whole order: spread over its lines once, and never again",
    }),
  ),
  fees: Schema.optionalKey(Schema.Array(Fee).check(Schema.isMaxLength(orderLimits.fees))),
  /** What the customer was asked for: where it is not the total, the order is held. */
  channelTotal: Schema.optionalKey(Money),
  payments: Schema.optionalKey(
    Schema.Array(PlacedPayment).check(Schema.isMaxLength(paymentLimits.payments)).annotate({
      description: "What the customer has promised, authorized or paid, and where",
    }),
  ),
  paymentPolicy: Schema.optionalKey(PaymentPolicyRequest),
  reservationId: Schema.optionalKey(
    SentIdentifier.annotate({
      description: "The reservation whose units it takes over, in the commit that places it",
    }),
  ),
  placedAt: Schema.optionalKey(Timestamp),
  onShortage: Schema.optionalKey(ShortagePolicy),
  shipComplete: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether it gets all of its goods at once, or none" }),
  ),
  priority: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({
      minimum: priorities.lowest,
      maximum: priorities.highest,
    })).annotate({ description: "Who waits with a higher one is served first; by default 0" }),
  ),
  metadata: Schema.optionalKey(
    Schema.Record(sentText(textLimits.id), anyText(textLimits.reason))
      .check(Schema.isMaxProperties(orderLimits.metadataEntries)),
  ),
  note: Schema.optionalKey(
    sentText(textLimits.note).annotate({ description: "What the customer says of the order" }),
  ),
});
export type PlaceOrderRequest = typeof PlaceOrderRequest.Type;
