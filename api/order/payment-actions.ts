/** The actions on a payment. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { Identifier, Money, Reason } from "../../src/kernel/vocabulary.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { PaymentReference } from "../../src/order/payment-request.ts";
import { TransactionKind } from "../../src/order/vocabulary.ts";
import type { Action, ActionField, Actions, Nothing } from "../http/actions.ts";
import { reason } from "./actions.ts";
import { amountExceeded, paymentDiffers, paymentUnresolved } from "./payment-problems.ts";

/** For the compiler: the command gets the body's decoded type. */
const action = <Body = Nothing>(
  definition: Action<Body, OrderCommand>,
): Action<Body, OrderCommand> => definition;

export const reference: ActionField = {
  name: "reference",
  label: "What the provider calls it",
  required: true,
  maxLength: textLimits.id,
};

export const paymentActions = {
  capture: action({
    operationId: "capturePayment",
    summary: "Capture what is authorized",
    description:
      "The provider is called after the answer: the payment shows what became of it, and until then the amount " +
      "counts as captured. Where an authorization can be captured once only, the rest of it is given up.",
    permission: "payments:act",
    body: Schema.Struct({
      amount: Schema.optionalKey(Money.annotate({ description: "All that is due when absent" })),
      final: Schema.optionalKey(
        Schema.Boolean.annotate({ description: "Gives up the rest of the authorization" }),
      ),
    }).annotate({
      identifier: "CaptureRequest",
      examples: [{ amount: { amount: "17.20", currency: "EUR" }, final: false }],
    }),
    problems: [amountExceeded],
    command: ({ amount, final }, paymentId) => ({ type: "capture", paymentId, amount, final }),
    says: { button: "Capture what is due", tone: "main", done: "The provider is asked to." },
  }),
  void: action({
    operationId: "voidPayment",
    summary: "Give up what is authorized and not captured",
    permission: "payments:act",
    problems: [paymentUnresolved],
    command: (_, paymentId) => ({ type: "void", paymentId }),
    says: {
      button: "Void the authorization",
      tone: "danger",
      done: "The provider is asked to give it up.",
    },
  }),
  record: action({
    operationId: "recordPayment",
    summary: "Record what was done by hand, or at the provider",
    description:
      "What the provider was asked for in this amount is settled by it; anything else counts as it is recorded. " +
      "One reference is recorded once.",
    permission: "payments:act",
    body: Schema.Struct({ kind: TransactionKind, amount: Money, reference: PaymentReference })
      .annotate({
        identifier: "RecordPaymentRequest",
        examples: [{
          kind: "capture",
          amount: { amount: "17.20", currency: "EUR" },
          reference: "statement-2026-03-04-7",
        }],
      }),
    problems: [amountExceeded, paymentDiffers],
    command: (body, paymentId) => ({ type: "record", paymentId, ...body }),
    says: {
      opens: "Record…",
      button: "Record it",
      fields: [reference],
      done: "It is recorded.",
    },
  }),
  resolve: action({
    operationId: "resolvePayment",
    summary: "Say what became of something that nobody knew about",
    permission: "payments:resolve",
    body: Schema.Struct({
      outcome: Schema.Literals(["succeeded", "failed"]).annotate({ identifier: "ResolvedOutcome" }),
      reference: Schema.optionalKey(
        PaymentReference.annotate({ description: "What the provider calls it; of a success" }),
      ),
      reason: Reason,
      transactionId: Schema.optionalKey(
        Identifier.annotate({ description: "Where several of the payment are not known" }),
      ),
    }).annotate({
      identifier: "ResolvePaymentRequest",
      examples: [{
        outcome: "succeeded",
        reference: "ch_8",
        reason: "Seen in the provider's dashboard",
      }],
    }),
    command: (body, paymentId) => ({ type: "resolve", paymentId, ...body }),
    says: {
      opens: "Resolve…",
      button: "Say so",
      fields: [{ ...reference, required: false }, reason],
      done: "It is known what became of it.",
    },
  }),
} as const satisfies Actions<OrderCommand>;
