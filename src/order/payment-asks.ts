/** What is asked of providers: transactions of an order's payments, each with an id by which they know it. */
import { epochMsOf, type Instant } from "../kernel/instant.ts";
import { paymentLimits } from "./limits.ts";
import type { Order, OrderFacts } from "./order.ts";
import type { Payment, TransactionKind } from "./payment.ts";
import { nextTransactionId, noSettlement } from "./payment-evolve.ts";
import type { Unfolding } from "./unfolding.ts";

export const settlementOf = ({ settlement = noSettlement }: Order) => settlement;

/** Whether the order may have another transaction: money that has to go back goes back in any case. */
export const hasRoom = (order: Order): boolean => {
  let transactions = 0;
  for (const payment of settlementOf(order).payments) transactions += payment.transactions.length;
  return transactions < paymentLimits.transactions;
};

/** Whether somebody can be called: with the others people move the money. */
export const isCalled = ({ provider }: Pick<Payment, "provider">, facts: OrderFacts): boolean => {
  const rules = facts.provider(provider);
  return rules !== null && rules.type !== "manual";
};

/** Whether the order has goods, all that it can have at once. */
export const hasGoods = ({ allocating, fulfillmentOrders }: Order): boolean =>
  !allocating &&
  fulfillmentOrders.some(({ status }) => status !== "rejected" && status !== "cancelled");

/** Whether the provider is to be asked for this payment once the order has goods, and was not yet. */
export const isToBeAuthorized = (order: Order, { transactions }: Payment): boolean =>
  transactions.length === 0 && settlementOf(order).policy.authorizeAt === "allocation";

const dayMs = 86_400_000;

/** Whether a provider gives back what it took for this payment, as long ago as that was. */
const isRefundable = ({ transactions }: Payment, windowDays: number, now: Instant): boolean =>
  transactions.some(({ kind, status, at, settledAt = at }) =>
    (kind === "capture" || kind === "sale") && status === "succeeded" &&
    epochMsOf(settledAt) + windowDays * dayMs >= epochMsOf(now)
  );

/** Whether the provider is called for it. Otherwise somebody has to do it, and say so. */
const isAskedByCall = (payment: Payment, kind: TransactionKind, facts: OrderFacts): boolean => {
  if (!isCalled(payment, facts)) return false;
  const windowDays = facts.provider(payment.provider)?.capabilities.refundWindowDays;
  return kind !== "refund" || windowDays === undefined ||
    isRefundable(payment, windowDays, facts.now);
};

export interface Ask {
  readonly paymentId: string;
  readonly kind: TransactionKind;
  readonly amount: number;
  readonly final?: boolean;
}

/** Asks for a transaction. */
export const askFor = (
  unfolding: Unfolding,
  { paymentId, kind, amount, final = false }: Ask,
): string => {
  const { order, facts } = unfolding;
  const { payments } = settlementOf(order);
  const payment = payments.find(({ id }) => id === paymentId);
  const transactionId = nextTransactionId(order.id, payments);
  const ask = payment !== undefined && isAskedByCall(payment, kind, facts) ? "call" : "hand";
  unfolding.add({
    ...{ type: "payment.requested", paymentId, transactionId, kind, amount, ask },
    currency: order.currency,
    ...(final ? { final } : {}),
  });
  return transactionId;
};

/** Gives an authorization up. Where nobody is called it has ended by that. */
export const giveUp = (unfolding: Unfolding, payment: Payment, amount: number): void => {
  const { id: paymentId } = payment;
  const transactionId = askFor(unfolding, { paymentId, kind: "void", amount });
  if (isCalled(payment, unfolding.facts)) return;
  unfolding.add({ type: "payment.succeeded", paymentId, transactionId });
};
