/** Keys that point at an order because of its payments: calls of providers that are due, and timers. */
import { epochMsOf } from "../kernel/instant.ts";
import { type Link, timer, waitingKey } from "../subject/link.ts";
import { captureNeed } from "./capture-due.ts";
import type { ProviderCall } from "./document.ts";
import { orderKeys } from "./keys.ts";
import { paymentLimits } from "./limits.ts";
import type { Order } from "./order.ts";
import type { Payment } from "./payment.ts";
import { amountsOf, failedCapturesOf, isPending, lastOf } from "./payment-amounts.ts";
import { hasGoods, hasRoom, isToBeAuthorized } from "./payment-asks.ts";
import { totalQuantitiesOf } from "./quantities.ts";
import { orderAllows } from "./status.ts";

/** When an authorization is taken for expired, epoch milliseconds; null when it is not going to be. */
export const expiryDueMs = (payment: Payment): number | null => {
  const { expiresAt, ended } = payment;
  if (expiresAt === undefined || ended !== undefined) return null;
  const { authorized, captured, capturePending } = amountsOf(payment);
  return authorized > captured + capturePending
    ? epochMsOf(expiresAt) - paymentLimits.expiryMarginMs
    : null;
};

/** When a capture that failed is tried again; null when it is not. */
export const captureRetryMs = (payment: Payment): number | null => {
  const failed = failedCapturesOf(payment);
  const waitMs = failed === 0 ? undefined : paymentLimits.captureAgainAfterMs[failed - 1];
  const { settledAt } = lastOf(payment, "capture") ?? {};
  return waitMs === undefined || settledAt === undefined || payment.ended !== undefined
    ? null
    : epochMsOf(settledAt) + waitMs;
};

/** Whether an order may be cancelled because nothing of it was paid, or is being. */
export const mayBeUnpaid = (order: Order): boolean => {
  const { settlement } = order;
  if (settlement?.policy.unpaidCancelAfterHours === undefined) return false;
  if (order.totals.total === 0 || order.cancelling !== undefined) return false;
  // It waits for goods, and nobody was asked for money.
  const waits = !hasGoods(order) &&
    settlement.payments.some((payment) => isToBeAuthorized(order, payment));
  if (waits) return false;
  return orderAllows(order, "cancel") && totalQuantitiesOf(order).shipped === 0 &&
    settlement.payments.every((payment) => {
      const { authorized, captured } = amountsOf(payment);
      return authorized === 0 && captured === 0 && !payment.transactions.some(isPending);
    });
};

const hourMs = 3_600_000;

export const paymentLinks = (order: Order): readonly Link[] => {
  const { settlement } = order;
  if (settlement === undefined) return [];
  const links: Link[] = [];
  for (const payment of settlement.payments) {
    for (const { id, dueAt } of payment.transactions) {
      if (dueAt === undefined) continue;
      const call: ProviderCall = { orderId: order.id, provider: payment.provider };
      links.push(waitingKey(orderKeys.providerCall(epochMsOf(dueAt), id), { ...call }));
    }
    const { id: paymentId } = payment;
    const expiryMs = expiryDueMs(payment);
    if (expiryMs !== null) {
      const command = { type: "expire-payment", paymentId };
      links.push(timer(`expire ${paymentId} ${expiryMs}`, Math.max(0, expiryMs), command));
    }
    const retryMs = captureRetryMs(payment);
    if (retryMs !== null && hasRoom(order) && captureNeed(order).now > 0) {
      links.push(timer(`capture ${paymentId} ${retryMs}`, retryMs, { type: "capture-due" }));
    }
  }
  const { unpaidCancelAfterHours } = settlement.policy;
  if (unpaidCancelAfterHours !== undefined && mayBeUnpaid(order)) {
    const dueMs = epochMsOf(order.createdAt) + unpaidCancelAfterHours * hourMs;
    links.push(timer("unpaid", dueMs, { type: "cancel-unpaid" }));
  }
  return links;
};
