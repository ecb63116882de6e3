/** Payments that somebody has to look after, and why. */
import { balanceOf } from "./balance.ts";
import { captureNeed } from "./capture-due.ts";
import type { Order } from "./order.ts";
import type { Payment, PaymentStatus } from "./payment.ts";
import {
  amountsOf,
  failedCapturesOf,
  isPending,
  lastOf,
  paymentStatusOf,
  refundableOf,
} from "./payment-amounts.ts";

export const attentionReasons = [
  /** Nobody has known for a day what became of something that the provider was asked for. */
  "unresolved",
  /** The provider has done what our bounds do not allow. */
  "disagrees",
  /** People have to move the money, and to record it. */
  "by_hand",
  "capture_failed",
  "refund_failed",
  /** The order is cancelled, and its money is still here. */
  "refund_due",
] as const;
export type AttentionReason = (typeof attentionReasons)[number];

export const attentionOf = (order: Order, payment: Payment): readonly AttentionReason[] => {
  const reasons: AttentionReason[] = [];
  const { transactions } = payment;
  if (transactions.some(({ isOverdue = false }) => isOverdue)) reasons.push("unresolved");
  if (payment.disagrees === true) reasons.push("disagrees");
  if (transactions.some((each) => isPending(each) && each.ask === "hand")) reasons.push("by_hand");
  if (failedCapturesOf(payment) > 0 && captureNeed(order).now > 0) reasons.push("capture_failed");
  if (refundableOf(amountsOf(payment)) > 0 && balanceOf(order).refundDue > 0) {
    if (lastOf(payment, "refund")?.status === "failed") reasons.push("refund_failed");
    if (order.status === "cancelled") reasons.push("refund_due");
  }
  return reasons;
};

/** A payment whose status, or whether it needs attention, a record changed. */
export interface PaymentChange {
  readonly id: string;
  /** Null for a new one. */
  readonly from: PaymentStatus | null;
  readonly to: PaymentStatus;
  readonly neededAttention: boolean;
  readonly needsAttention: boolean;
}

/** The payments that differ between two versions of an order in what lists say of them. */
export const paymentChanges = (before: Order | null, after: Order): readonly PaymentChange[] => {
  const changes: PaymentChange[] = [];
  for (const payment of after.settlement?.payments ?? []) {
    const earlier = before?.settlement?.payments.find(({ id }) => id === payment.id);
    const from = earlier === undefined ? null : paymentStatusOf(earlier);
    const to = paymentStatusOf(payment);
    const neededAttention = before !== null && earlier !== undefined &&
      attentionOf(before, earlier).length > 0;
    const needsAttention = attentionOf(after, payment).length > 0;
    if (from === to && neededAttention === needsAttention) continue;
    changes.push({ id: payment.id, from, to, neededAttention, needsAttention });
  }
  return changes;
};
