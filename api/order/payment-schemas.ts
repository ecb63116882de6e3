/** Payments and the money of orders as the API answers with them; `payment-views.ts` makes the values. */
import { Schema } from "effect";
import { Money } from "../../src/kernel/vocabulary.ts";
import {
  AttentionReason,
  AuthorizationPoint,
  CancelRefund,
  CapturePoint,
  FulfillCondition,
  LatePayment,
  OrderPaymentStatus,
  PaymentStatus,
  TransactionKind,
  TransactionStatus,
  WayToAsk,
} from "../../src/order/vocabulary.ts";
import { count, time } from "../http/schemas.ts";

const Transaction = Schema.Struct({
  id: Schema.String.annotate({ description: "The provider knows the transaction by it" }),
  kind: TransactionKind,
  amount: Money,
  status: TransactionStatus,
  ask: WayToAsk,
  at: time.annotate({ description: "When it was asked for, or reported" }),
  nextLookAt: Schema.optionalKey(
    time.annotate({ description: "When the provider is called or asked next" }),
  ),
  attempt: count,
  final: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "The rest of the authorization is given up with it" }),
  ),
  reference: Schema.optionalKey(Schema.String),
  code: Schema.optionalKey(
    Schema.String.annotate({ description: "Why it failed, or is not known: the provider's word" }),
  ),
  settledAt: Schema.optionalKey(time),
  overdue: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "PaymentTransaction" });

const paymentFields = {
  id: Schema.String,
  provider: Schema.String,
  method: Schema.optionalKey(Schema.String),
  status: PaymentStatus,
  amount: Money.annotate({ description: "What it was made for" }),
  authorized: Money.annotate({ description: "What may be captured in all, `captured` included" }),
  captured: Money,
  capturePending: Money,
  refunded: Money,
  refundPending: Money,
  reference: Schema.optionalKey(
    Schema.String.annotate({ description: "What the provider calls it" }),
  ),
  expiresAt: Schema.optionalKey(time),
  providerDisagrees: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "The provider has done what should not be possible" }),
  ),
  attention: Schema.Array(AttentionReason).annotate({
    description: "Why somebody has to look after it",
  }),
  transactions: Schema.Array(Transaction),
  supportedActions: Schema.Array(Schema.String),
};

/** A payment inside its order. */
const OrderPayment = Schema.Struct(paymentFields).annotate({ identifier: "OrderPayment" });

export const Payment = Schema.Struct({
  ...paymentFields,
  orderId: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  version: Schema.Int.annotate({ description: "The version of its order" }),
}).annotate({ identifier: "Payment" });

const RefundCredit = Schema.Struct({ lineId: Schema.String, amount: Money }).annotate({
  identifier: "RefundCredit",
});

const creditFields = {
  amount: Money.annotate({ description: "What is owed less" }),
  lines: Schema.Array(RefundCredit).annotate({
    description: "What is given off the price of units that stay",
  }),
  returned: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      quantity: count,
      goods: Money.annotate({ description: "Their price less their share of the discount" }),
      tax: Money.annotate({ description: "Their share of the tax of their line" }),
      given: Money.annotate({ description: "What was given off them before" }),
    }).annotate({ identifier: "ReturnedUnits" }),
  ).annotate({ description: "Units that came back" }),
  shipping: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Nothing of it is owed any more" }),
  ),
  shippingCredit: Schema.optionalKey(
    Schema.Struct({ amount: Money, tax: Money }).annotate({
      identifier: "ShippingCredit",
      description:
        "What of shipping is credited; absent: all that it costs, where `shipping` is true",
    }),
  ),
  fee: Schema.optionalKey(Money.annotate({ description: "Kept back of the rest" })),
};

const OrderCredit = Schema.Struct({
  reason: Schema.String,
  at: time,
  by: Schema.String,
  ...creditFields,
}).annotate({ identifier: "OrderCredit" });

/** Members of an order about its money as it is now. */
export const settlementFields = {
  currentTotals: Schema.optionalKey(
    Schema.Struct({
      subtotal: Money,
      discount: Money,
      tax: Money,
      shipping: Money,
      shippingDiscount: Schema.optionalKey(Money),
      shippingTax: Schema.optionalKey(Money),
      fees: Schema.optionalKey(Money),
      feeTax: Schema.optionalKey(Money),
      credited: Schema.optionalKey(
        Money.annotate({ description: "Given to the customer off the price of units that stay" }),
      ),
      returnFees: Schema.optionalKey(
        Money.annotate({ description: "Kept back when units that came back were credited" }),
      ),
      cancellationFees: Schema.optionalKey(
        Money.annotate({ description: "Kept when units were cancelled" }),
      ),
      total: Money,
    }).annotate({
      identifier: "CurrentTotals",
      description:
        "`totals` without what was cancelled and credited. Absent where nothing was, and nobody has told of " +
        "the order's payments",
    }),
  ),
  balance: Schema.optionalKey(
    Schema.Struct({
      owed: Money,
      authorized: Money,
      captured: Money,
      refunded: Money,
      pending: Money.annotate({ description: "Captures and refunds that are not known yet" }),
      due: Money.annotate({ description: "Still to be paid" }),
      refundDue: Money.annotate({ description: "To be given back" }),
    }).annotate({
      identifier: "OrderBalance",
      description: "Absent where nobody has told of the order's payments",
    }),
  ),
  paymentStatus: Schema.optionalKey(OrderPaymentStatus),
  paymentPolicy: Schema.optionalKey(
    Schema.Struct({
      captureAt: CapturePoint,
      fulfillWhen: FulfillCondition,
      onLatePayment: LatePayment,
      refundOnCancel: CancelRefund,
      unpaidCancelAfterHours: Schema.optionalKey(count),
      authorizeAt: Schema.optionalKey(AuthorizationPoint),
    }).annotate({ identifier: "PaymentPolicy" }),
  ),
  payments: Schema.optionalKey(Schema.Array(OrderPayment)),
  credits: Schema.optionalKey(
    Schema.Array(OrderCredit).annotate({
      description: "What lowered what is owed, other than cancellations",
    }),
  ),
};

export const RefundPreview = Schema.Struct({
  amount: Money,
  refundDue: Money.annotate({ description: "To be given back, with what is credited first" }),
  refundable: Money.annotate({ description: "Paid, not given back, and not on its way back" }),
  credit: Schema.Array(RefundCredit).annotate({
    description: "What a goodwill refund gives off which lines",
  }),
  credited: Schema.optionalKey(
    Schema.Struct(creditFields).annotate({
      identifier: "RefundCredited",
      description: "What is credited first of what came back",
    }),
  ),
  payments: Schema.Array(
    Schema.Struct({ paymentId: Schema.String, amount: Money }).annotate({
      identifier: "RefundPart",
    }),
  ).annotate({ description: "Which payments give back how much" }),
}).annotate({ identifier: "RefundPreview" });
