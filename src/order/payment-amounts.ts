/** Sums over the transactions of a payment, and what follows from them alone. */
import type { Instant } from "../kernel/instant.ts";
import type { Payment, PaymentStatus, Transaction } from "./payment.ts";

/** What has been asked for counts as used until it is known what became of it. */
export const isPending = ({ status }: Transaction): boolean =>
  status === "requested" || status === "unresolved";

export interface PaymentAmounts {
  readonly authorized: number;
  readonly captured: number;
  readonly capturePending: number;
  readonly refunded: number;
  readonly refundPending: number;
  readonly voidPending: number;
  /** Sales included. */
  readonly authorizePending: number;
  readonly salePending: number;
}

export const amountsOf = ({ authorized, transactions }: Payment): PaymentAmounts => {
  let captured = 0, capturePending = 0, refunded = 0, refundPending = 0;
  let voidPending = 0, authorizePending = 0, salePending = 0;
  for (const transaction of transactions) {
    const { kind, amount, status } = transaction;
    const isDone = status === "succeeded";
    if (!isDone && !isPending(transaction)) continue;
    switch (kind) {
      case "authorize":
        if (!isDone) authorizePending += amount;
        break;
      case "sale":
        if (isDone) captured += amount;
        else {
          authorizePending += amount;
          salePending += amount;
        }
        break;
      case "capture":
        if (isDone) captured += amount;
        else capturePending += amount;
        break;
      case "refund":
        if (isDone) refunded += amount;
        else refundPending += amount;
        break;
      case "void":
        if (!isDone) voidPending += amount;
    }
  }
  return {
    ...{ authorized, captured, capturePending, refunded, refundPending },
    ...{ voidPending, authorizePending, salePending },
  };
};

/** What may still be captured: nothing once the authorization has ended, or is being given up. */
export const capturableOf = (
  payment: Payment,
  { authorized, captured, capturePending, voidPending }: PaymentAmounts,
  now: Instant,
): number =>
  payment.ended !== undefined || voidPending > 0 ||
    (payment.expiresAt !== undefined && payment.expiresAt <= now)
    ? 0
    : Math.max(0, authorized - captured - capturePending);

/** What may still be given back. */
export const refundableOf = ({ captured, refunded, refundPending }: PaymentAmounts): number =>
  Math.max(0, captured - refunded - refundPending);

/** Whether the bounds hold that Allot decides by. */
export const isWithinBounds = (amounts: PaymentAmounts): boolean =>
  amounts.captured + amounts.capturePending <= amounts.authorized &&
  amounts.refunded + amounts.refundPending <= amounts.captured;

export const paymentStatusOf = (payment: Payment): PaymentStatus => {
  const { authorized, captured, refunded, authorizePending } = amountsOf(payment);
  const { ended } = payment;
  if (captured > 0) {
    if (refunded >= captured) return "refunded";
    if (refunded > 0) return "partially_refunded";
    return ended === undefined && captured < authorized ? "partially_captured" : "captured";
  }
  if (ended !== undefined) return ended === "released" ? "voided" : ended;
  if (authorized > 0) return "authorized";
  return authorizePending > 0 ? "pending" : "promised";
};

/** The last transaction of a payment of these kinds. */
export const lastOf = (
  { transactions }: Payment,
  ...kinds: readonly Transaction["kind"][]
): Transaction | undefined => transactions.findLast(({ kind }) => kinds.includes(kind));

/** Captures that failed since the last one that did not. */
export const failedCapturesOf = ({ transactions }: Payment): number => {
  let failed = 0;
  for (const { kind, status } of transactions) {
    if (kind === "capture") failed = status === "failed" ? failed + 1 : 0;
  }
  return failed;
};
