/** The payments of a request for an order, and what a channel wants done about them. */
import { Schema } from "effect";
import { parseInstant } from "../kernel/instant.ts";
import { Money, SentIdentifier, Timestamp } from "../kernel/vocabulary.ts";
import type { CaptureErrors } from "./capture-errors.ts";
import { isCardNumber } from "./card-numbers.ts";
import { paymentIdOf, transactionIdOf } from "./ids.ts";
import { paymentLimits } from "./limits.ts";
import type { Payment, Settlement } from "./payment.ts";
import { newPayment, usualPolicy } from "./payment-evolve.ts";
import { manualProvider } from "../payment/provider.ts";
import type { PlaceOrderRequest } from "./request.ts";
import {
  AuthorizationPoint,
  CancelRefund,
  CapturePoint,
  FulfillCondition,
  LatePayment,
  ReportedStatus,
} from "./vocabulary.ts";

const methodPattern = /^[a-z][a-z0-9_]{0,39}$/;

/** A word, so that nothing secret fits into it. */
export const PaymentMethod = Schema.String.check(
  Schema.makeFilter(
    (value: string) =>
      methodPattern.test(value) || "must be a word such as card, bank_transfer or cash",
    { toJsonSchema: () => ({ pattern: methodPattern.source }) },
  ),
).annotate({ identifier: "PaymentMethod" });

export const PaymentReference = SentIdentifier.annotate({
  description: "What the provider calls it: never the number of a card, and never a secret",
});

export const PlacedPayment = Schema.Struct({
  provider: SentIdentifier,
  method: Schema.optionalKey(PaymentMethod),
  amount: Money,
  status: ReportedStatus,
  reference: Schema.optionalKey(PaymentReference),
  expiresAt: Schema.optionalKey(
    Timestamp.annotate({ description: "Until when what is authorized can be captured" }),
  ),
}).annotate({ identifier: "PlaceOrderPayment" });

export const PaymentPolicyRequest = Schema.Struct({
  authorizeAt: Schema.optionalKey(AuthorizationPoint),
  captureAt: Schema.optionalKey(CapturePoint),
  fulfillWhen: Schema.optionalKey(FulfillCondition),
  onLatePayment: Schema.optionalKey(LatePayment),
  refundOnCancel: Schema.optionalKey(CancelRefund),
  unpaidCancelAfterHours: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: paymentLimits.unpaidHours })).annotate(
      { description: "An order of which nothing is paid by then is cancelled" },
    ),
  ),
}).annotate({ identifier: "PaymentPolicyRequest" });

/** The settlement of a request; undefined for one that says nothing of payments. */
export const captureSettlement = (
  request: PlaceOrderRequest,
  facts: { readonly id: string; readonly now: string },
  errors: CaptureErrors,
): Settlement | undefined => {
  const { payments, paymentPolicy, currency } = request;
  if (payments === undefined && paymentPolicy === undefined) return undefined;
  const { authorizeAt, ...policy } = paymentPolicy ?? {};
  const isLater = authorizeAt === "allocation";
  const captured: Payment[] = [];
  let transactions = 0;
  for (const [index, sent] of (payments ?? []).entries()) {
    const pointer = `/payments/${index}`;
    const { provider, method, status, reference } = sent;
    const amount = errors.amount(sent.amount, currency, `${pointer}/amount`);
    if (amount === 0) errors.add(`${pointer}/amount/amount`, "A payment is of more than nothing.");
    if (reference !== undefined && isCardNumber(reference)) {
      errors.add(
        `${pointer}/reference`,
        "This looks like the number of a card, which is never kept here.",
      );
    }
    const isTwice = reference !== undefined &&
      captured.some((each) => each.provider === provider && each.reference === reference);
    if (isTwice) errors.add(`${pointer}/reference`, "It is the reference of a payment before it.");
    const isByHand = provider === manualProvider;
    const isReported = status !== "promised" || !(isByHand || isLater);
    captured.push(newPayment(
      paymentIdOf(facts.id, index + 1),
      {
        ...{ provider, method, amount, status, reference },
        ...(sent.expiresAt === undefined
          ? {}
          : { expiresAt: parseInstant(sent.expiresAt) ?? undefined }),
      },
      isReported
        ? {
          transactionId: transactionIdOf(facts.id, ++transactions),
          ask: isByHand ? "hand" : "find",
        }
        : undefined,
      facts.now,
    ));
  }
  return {
    policy: { ...usualPolicy, ...policy, ...(isLater ? { authorizeAt } : {}) },
    payments: captured,
    credits: [],
  };
};
