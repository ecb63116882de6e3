/** The types of events of payments, with what is told of each. */
import { Schema } from "effect";
import { moneyOf } from "../kernel/money.ts";
import { Money } from "../kernel/vocabulary.ts";
import { eventCount, type EventDefinition, eventTime } from "../subject/event-type.ts";
import type { OrderEvent } from "./order.ts";
import type { CreditedUnits, PaymentEvent, ShippingCredit } from "./payment.ts";
import { ReportedStatus, TransactionKind, WayToAsk } from "./vocabulary.ts";

const ofTransaction = { paymentId: Schema.String, transactionId: Schema.String };
const reference = Schema.optionalKey(
  Schema.String.annotate({ description: "What the provider calls it" }),
);
const reason = Schema.optionalKey(
  Schema.String.annotate({ description: "Why somebody says so who looked into it" }),
);

const added = Schema.Struct({
  paymentId: Schema.String,
  provider: Schema.String,
  method: Schema.optionalKey(Schema.String),
  amount: Money,
  reported: ReportedStatus,
  reference,
  expiresAt: Schema.optionalKey(eventTime),
  transactionId: Schema.optionalKey(Schema.String),
  ask: Schema.optionalKey(WayToAsk),
});

const creditedUnits = Schema.Array(
  Schema.Struct({
    lineId: Schema.String,
    quantity: eventCount,
    from: Schema.optionalKey(
      eventCount.annotate({ description: "The first of the units, from zero; zero when absent" }),
    ),
    goods: Money.annotate({ description: "Their price less their share of the discount" }),
    tax: Money.annotate({ description: "Their share of the tax of their line" }),
    given: Money.annotate({
      description: "What was given off them before, and so is not credited once more",
    }),
    givenTax: Schema.optionalKey(Money.annotate({ description: "Of that, what is tax" })),
  }).annotate({ identifier: "CreditedUnits" }),
);

const amountAndTax = Schema.Struct({ amount: Money, tax: Money }).annotate({
  identifier: "AmountAndTax",
});

const cancelledCredit = Schema.Struct({
  units: creditedUnits,
  shipping: amountAndTax,
  fees: amountAndTax,
}).annotate({
  identifier: "CancelledCredit",
  description:
    "What was invoiced and then cancelled; the cancellation itself has lowered what is owed",
});

const moved = { ...ofTransaction, kind: TransactionKind, amount: Money };

export const paymentEventTypes = {
  "payment.added": { description: "An order has another payment", details: added },
  "payment.requested": {
    description: "A provider, or somebody by hand, is asked to move money",
    details: Schema.Struct({ ...moved, ask: WayToAsk, final: Schema.optionalKey(Schema.Boolean) }),
  },
  "payment.succeeded": {
    description: "What was asked of a provider is done",
    details: Schema.Struct({
      ...ofTransaction,
      reference,
      expiresAt: Schema.optionalKey(eventTime),
      reason,
    }),
  },
  "payment.failed": {
    description: "What was asked of a provider is not going to be done",
    details: Schema.Struct({
      ...ofTransaction,
      code: Schema.String.annotate({ description: "The provider's word for why" }),
      reason,
    }),
  },
  "payment.unresolved": {
    description: "Nobody knows yet what became of something that a provider was asked for",
    details: Schema.Struct({
      ...ofTransaction,
      code: Schema.String,
      attempt: eventCount,
      dueAt: eventTime.annotate({ description: "When it is looked at again" }),
      overdue: Schema.Boolean.annotate({ description: "For so long that somebody has to look" }),
    }),
  },
  "payment.expired": {
    description: "What was authorized can be captured no more",
    details: Schema.Struct({ paymentId: Schema.String }),
  },
  "payment.observed": {
    description: "Money was moved at the provider, and not by Allot",
    details: Schema.Struct({ ...moved, reference: Schema.String }),
  },
  "order.credited": {
    description:
      "Less is owed for an order: units came back, or the customer was given something off the price of others",
    details: Schema.Struct({
      reason: Schema.String,
      by: Schema.String.annotate({ description: "Who gave it" }),
      amount: Money.annotate({ description: "What is owed less" }),
      lines: Schema.Array(
        Schema.Struct({
          lineId: Schema.String,
          amount: Money,
          units: eventCount.annotate({
            description: "It is given off the units before this one",
          }),
          from: Schema.optionalKey(
            eventCount.annotate({ description: "The first unit that it is given off, from zero" }),
          ),
          tax: Schema.optionalKey(Money.annotate({ description: "Of the amount, what is tax" })),
        }).annotate({ identifier: "CreditedLine" }),
      ).annotate({ description: "What is given off the price of units that stay" }),
      returned: Schema.optionalKey(creditedUnits.annotate({ description: "Units that came back" })),
      shipping: Schema.optionalKey(
        Schema.Boolean.annotate({ description: "Shipping is owed no more" }),
      ),
      shippingCredit: Schema.optionalKey(
        amountAndTax.annotate({ description: "What of shipping is credited" }),
      ),
      fee: Schema.optionalKey(Money.annotate({ description: "Kept back of the rest" })),
      cancelled: Schema.optionalKey(cancelledCredit),
      creditMemoId: Schema.optionalKey(Schema.String),
      taxesIncluded: Schema.optionalKey(Schema.Boolean),
    }),
  },
} as const satisfies Readonly<Record<PaymentEvent["type"], EventDefinition>>;

export const isPaymentEvent = (event: OrderEvent): event is PaymentEvent =>
  event.type in paymentEventTypes;

/** What is told of an event: amounts as money. */
export const paymentDetailsOf = (event: PaymentEvent): Readonly<Record<string, unknown>> => {
  const { type: _, ...details } = event;
  if (!("currency" in details)) return details;
  const { currency, amount, ...rest } = details;
  const money = moneyOf(amount, currency);
  if (event.type !== "order.credited") return { ...rest, amount: money };
  return { ...rest, amount: money, ...creditDetailsOf(event) };
};

type Credited = Extract<PaymentEvent, { readonly type: "order.credited" }>;

/** The members of a credit that have amounts in them. */
const creditDetailsOf = (
  { lines, returned, shippingCredit, fee, cancelled, currency }: Credited,
) => {
  const moneyIn = (minorUnits: number) => moneyOf(minorUnits, currency);
  const both = ({ amount, tax }: ShippingCredit) => ({
    amount: moneyIn(amount),
    tax: moneyIn(tax),
  });
  const unitsOf = (units: readonly CreditedUnits[]) =>
    units.map(({ givenTax, ...line }) => ({
      ...line,
      goods: moneyIn(line.goods),
      tax: moneyIn(line.tax),
      given: moneyIn(line.given),
      ...(givenTax === undefined ? {} : { givenTax: moneyIn(givenTax) }),
    }));
  return {
    lines: lines.map(({ tax, ...line }) => ({
      ...line,
      amount: moneyIn(line.amount),
      ...(tax === undefined ? {} : { tax: moneyIn(tax) }),
    })),
    ...(returned === undefined ? {} : { returned: unitsOf(returned) }),
    ...(shippingCredit === undefined ? {} : { shippingCredit: both(shippingCredit) }),
    ...(fee === undefined ? {} : { fee: moneyIn(fee) }),
    ...(cancelled === undefined ? {} : {
      cancelled: {
        units: unitsOf(cancelled.units),
        shipping: both(cancelled.shipping),
        fees: both(cancelled.fees),
      },
    }),
  };
};
