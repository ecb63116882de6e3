/**
 * Captures what is due by an order's policy, out of what is authorized. Most authorizations can be captured
 * once, and a capture of less gives the rest up, so what is captured depends on what a provider can do.
 */
import type { ProviderRules } from "../payment/provider.ts";
import { balanceOf, owedFor } from "./balance.ts";
import type { Order } from "./order.ts";
import type { Payment } from "./payment.ts";
import { amountsOf, capturableOf, failedCapturesOf } from "./payment-amounts.ts";
import { askFor, hasRoom, isCalled, settlementOf } from "./payment-asks.ts";
import type { Unfolding } from "./unfolding.ts";

export interface CaptureNeed {
  /** What is to be captured by now, beside what was, and is being. */
  readonly now: number;
  /** The same for all that is owed. */
  readonly ever: number;
}

/** What has to be captured of an order by its policy. */
export const captureNeed = (order: Order): CaptureNeed => {
  const { policy, payments } = settlementOf(order);
  const { owed, captured, refunded, capturePending, refundPending } = balanceOf(order);
  let salePending = 0;
  for (const payment of payments) salePending += amountsOf(payment).salePending;
  const has = captured - refunded - refundPending + capturePending + salePending;
  const ever = Math.max(0, owed - has);
  const due = (which: "shipped" | "delivered") =>
    Math.min(ever, Math.max(0, owedFor(order, which) - has));
  switch (policy.captureAt) {
    case "order":
      return { now: ever, ever };
    case "shipment":
      return { now: due("shipped"), ever };
    case "delivery":
      return { now: due("delivered"), ever };
    case "manual":
      return { now: 0, ever };
  }
};

/** How much of a payment is captured for a need, and whether that is the last of it. */
const captureOf = (
  { capabilities, singleCapture }: ProviderRules,
  { now, ever }: CaptureNeed,
  capturable: number,
): { readonly amount: number; readonly final: boolean } => {
  const { multipleCaptures, partialCapture } = capabilities;
  const amount = multipleCaptures || singleCapture === "reauthorize"
    ? Math.min(now, capturable)
    : singleCapture === "captureOnFirst"
    ? Math.min(ever, capturable)
    : now === ever
    ? Math.min(ever, capturable)
    : 0;
  if (!partialCapture && amount < capturable) return { amount: 0, final: false };
  // Nothing is owed after it, or nothing can be captured: what is left is given up.
  return { amount, final: amount < capturable && (!multipleCaptures || amount === ever) };
};

/** Asks for captures of what is due. A payment of which one failed is tried again only where that is said. */
export const captureDue = (
  unfolding: Unfolding,
  mayTry: (payment: Payment) => boolean = (payment) => failedCapturesOf(payment) === 0,
): void => {
  const { facts } = unfolding;
  let need = captureNeed(unfolding.order);
  for (const payment of settlementOf(unfolding.order).payments) {
    if (need.now <= 0 || !hasRoom(unfolding.order)) return;
    const rules = facts.provider(payment.provider);
    if (rules === null || !isCalled(payment, facts) || !mayTry(payment)) continue;
    const capturable = capturableOf(payment, amountsOf(payment), facts.now);
    if (capturable === 0) continue;
    const { amount, final } = captureOf(rules, need, capturable);
    if (amount === 0) continue;
    askFor(unfolding, { paymentId: payment.id, kind: "capture", amount, final });
    need = { now: Math.max(0, need.now - amount), ever: need.ever - amount };
  }
};
