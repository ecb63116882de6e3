/** What the objects of Stripe say of transactions. */
import type Stripe from "stripe";
import { instantOf } from "../../../src/kernel/instant.ts";
import type { ProviderAnswer, ProviderQuestion } from "../../../src/payment/port.ts";

/** The names under which the ids of transactions stand with what is Stripe's. */
export const tags = {
  /** Of the authorization or sale that made a payment intent, and of a refund. */
  transaction: "allot_transaction",
  order: "allot_order",
  payment: "allot_payment",
  /** Of the capture of a payment intent, which has one at most. */
  capture: "allot_capture",
} as const;

export const idOf = (object: string | { readonly id: string } | null | undefined): string | null =>
  typeof object === "string" ? object : object?.id ?? null;

const chargeOf = ({ latest_charge: charge }: Stripe.PaymentIntent): Stripe.Charge | null =>
  typeof charge === "object" ? charge : null;

/** What a capture is called: the charge. */
export const captureReference = (intent: Stripe.PaymentIntent): string =>
  idOf(intent.latest_charge) ?? intent.id;

/** Until when what is authorized can be captured; Stripe says so of cards. */
const expiryOf = (intent: Stripe.PaymentIntent): Pick<ProviderAnswer, "expiresAt"> => {
  const seconds = chargeOf(intent)?.payment_method_details?.card?.capture_before;
  return typeof seconds === "number" ? { expiresAt: instantOf(seconds * 1_000) } : {};
};

const declineOf = ({ last_payment_error: error }: Stripe.PaymentIntent): string | null =>
  error == null ? null : error.decline_code ?? error.code ?? "declined";

/** What became of the authorization, or the sale, that a payment intent stands for. */
export const answerOfIntent = (
  kind: ProviderQuestion["kind"],
  intent: Stripe.PaymentIntent,
): ProviderAnswer => {
  const { id: reference, status } = intent;
  switch (status) {
    case "succeeded":
      return { status: "succeeded", reference };
    case "requires_capture":
      return kind === "authorize"
        ? { status: "succeeded", reference, ...expiryOf(intent) }
        : { status: "pending", reference, code: status };
    case "canceled":
      return { status: "failed", reference, code: declineOf(intent) ?? status };
    case "requires_payment_method": {
      const code = declineOf(intent);
      return code === null
        ? { status: "pending", reference, code: status }
        : { status: "failed", reference, code };
    }
    default:
      return { status: "pending", reference, code: status };
  }
};

/** What became of a capture; null where nothing was captured. */
export const answerOfCapture = (
  { id, amount }: { readonly id: string; readonly amount: number },
  intent: Stripe.PaymentIntent,
): ProviderAnswer | null => {
  const { status, metadata, amount_received: received } = intent;
  if (status === "requires_capture") return null;
  if (status === "succeeded" && metadata[tags.capture] === id && received === amount) {
    return { status: "succeeded", reference: captureReference(intent) };
  }
  if (status === "processing") return { status: "pending", code: status };
  return { status: "failed", code: status === "canceled" ? "canceled" : "captured_otherwise" };
};

/** What became of giving an authorization up; null where it stands. */
export const answerOfVoid = (intent: Stripe.PaymentIntent): ProviderAnswer | null => {
  const { status, id: reference } = intent;
  if (status === "canceled") return { status: "succeeded", reference };
  return status === "succeeded" || status === "processing"
    ? { status: "failed", code: "captured_otherwise" }
    : null;
};

export const answerOfRefund = (refund: Stripe.Refund): ProviderAnswer => {
  const { id: reference, status, failure_reason: reason } = refund;
  if (status === "succeeded") return { status: "succeeded", reference };
  return status === "failed" || status === "canceled"
    ? { status: "failed", reference, code: reason ?? status }
    : { status: "pending", reference, code: status ?? "pending" };
};

/** Of several, the one that counts: at most one of them moved money. */
export const answerOfAll = (answers: readonly ProviderAnswer[]): ProviderAnswer | null =>
  answers.find(({ status }) => status === "succeeded") ??
    answers.find(({ status }) => status === "pending") ?? answers[0] ?? null;
