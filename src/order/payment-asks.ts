/** What is asked of providers: transactions of an order's payments, each with an id by which they know it. */
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

export interface Ask {
  readonly paymentId: string;
  readonly kind: TransactionKind;
  readonly amount: number;
  readonly final?: boolean;
}

/** Asks for a transaction. Where nobody is called, somebody has to do it, and say so. */
export const askFor = (
  unfolding: Unfolding,
  { paymentId, kind, amount, final = false }: Ask,
): string => {
  const { order, facts } = unfolding;
  const { payments } = settlementOf(order);
  const payment = payments.find(({ id }) => id === paymentId);
  const transactionId = nextTransactionId(order.id, payments);
  const ask = payment !== undefined && isCalled(payment, facts) ? "call" : "hand";
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
