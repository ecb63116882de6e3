/** Divides what is given back over the payments that it came from, none of which gives more than it got. */
import { spread } from "../money/apportion.ts";
import type { Payment, RefundAllocation } from "./payment.ts";
import { amountsOf, refundableOf } from "./payment-amounts.ts";

export interface RefundPart {
  readonly paymentId: string;
  readonly amount: number;
}

/** The parts of an amount; null where these payments do not have as much to give. */
export const refundParts = (
  payments: readonly Payment[],
  amount: number,
  allocation: RefundAllocation,
): readonly RefundPart[] | null => {
  const able = payments.map((payment) => ({
    paymentId: payment.id,
    refundable: refundableOf(amountsOf(payment)),
  })).filter(({ refundable }) => refundable > 0);
  if (able.reduce((sum, { refundable }) => sum + refundable, 0) < amount) return null;
  if (allocation === "proportional") {
    const shares = spread(amount, able.map(({ refundable }) => refundable));
    return able.map(({ paymentId }, index) => ({ paymentId, amount: shares[index] ?? 0 }))
      .filter((each) => each.amount > 0);
  }
  let left = amount;
  const parts: RefundPart[] = [];
  for (const { paymentId, refundable } of allocation === "firstFirst" ? able : able.reverse()) {
    const part = Math.min(left, refundable);
    if (part > 0) parts.push({ paymentId, amount: part });
    left -= part;
  }
  return parts;
};
