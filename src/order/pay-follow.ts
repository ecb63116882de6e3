/**
 * What follows for an order's money from anything that happened to it: captures when goods leave, money back
 * when units are cancelled, a hold while payment is missing. Asked only where an order has a settlement.
 */
import { Result } from "effect";
import { systemPrincipal } from "../kernel/principal.ts";
import { balanceOf } from "./balance.ts";
import { captureDue, captureNeed } from "./capture-due.ts";
import type { Finding } from "./charges.ts";
import { release } from "./hold.ts";
import { heldEvent } from "./hold-codes.ts";
import type { Order, OrderEvent, OrderFacts } from "./order.ts";
import type { Payment } from "./payment.ts";
import { amountsOf, capturableOf, failedCapturesOf, isPending, lastOf } from "./payment-amounts.ts";
import {
  askFor,
  giveUp,
  hasGoods,
  hasRoom,
  isCalled,
  isToBeAuthorized,
  settlementOf,
} from "./payment-asks.ts";
import { refundParts } from "./refund-parts.ts";
import type { OrderDecision } from "./refusals.ts";
import { invalid } from "./refusals.ts";
import { orderAllows } from "./status.ts";
import { Unfolding } from "./unfolding.ts";

/** What there is for what is owed: paid and not given back, being captured, or free to be. */
const coverOf = (order: Order, facts: Pick<OrderFacts, "now">): number => {
  let cover = 0;
  for (const payment of settlementOf(order).payments) {
    const amounts = amountsOf(payment);
    cover += amounts.captured - amounts.refunded - amounts.refundPending + amounts.capturePending +
      capturableOf(payment, amounts, facts.now);
  }
  return cover;
};

const authorizePendingOf = (order: Order): number => {
  let pending = 0;
  for (const payment of settlementOf(order).payments) {
    pending += amountsOf(payment).authorizePending;
  }
  return pending;
};

/** Why nothing of the order may leave; null when its money does not stand in the way. */
const missingPayment = (order: Order, facts: Pick<OrderFacts, "now">): string | null => {
  const { policy, payments } = settlementOf(order);
  const { owed, captured, refunded } = balanceOf(order);
  if (policy.fulfillWhen === "paid" && captured - refunded < owed) return "It is not paid.";
  if (policy.fulfillWhen === "authorized" && coverOf(order, facts) < owed) {
    return "Its payment is not authorized.";
  }
  return payments.some((payment) => failedCapturesOf(payment) > 0) && captureNeed(order).now > 0
    ? "A payment could not be captured."
    : null;
};

const noFindings: readonly Finding[] = [];

/** The hold with which an order is placed that has to be paid first. */
export const paymentFindings = (
  order: Order,
  facts: Pick<OrderFacts, "now">,
): readonly Finding[] => {
  const reason = missingPayment(order, facts);
  return reason === null ? noFindings : [{ code: "payment", reason, by: systemPrincipal.id }];
};

/** Why an order cannot be placed with its payments; null when it can. */
export const unknownProvider = (order: Order, facts: OrderFacts): OrderDecision | null => {
  const payments = order.settlement?.payments ?? [];
  const index = payments.findIndex(({ provider }) => facts.provider(provider) === null);
  return index < 0 ? null : invalid(
    `/payments/${index}/provider`,
    `There is no payment provider ${payments[index]?.provider}.`,
  );
};

/**
 * Holds the order when payment goes missing, and releases it when it is there. What people hold, they release;
 * and what they release although payment is missing stays released.
 */
const followHold = (unfolding: Unfolding, before: Order): void => {
  const { order, facts } = unfolding;
  const standing = order.holds.find(({ code }) => code === "payment");
  const reason = missingPayment(order, facts);
  // What has expired counts as missing from the event that says so, however late that comes.
  const isNew = reason !== null && missingPayment(before, { now: before.createdAt }) === null;
  if (isNew && standing === undefined && orderAllows(order, "hold")) {
    unfolding.add(heldEvent("payment", reason, systemPrincipal.id));
  }
  if (reason !== null || standing === undefined || standing.by !== systemPrincipal.id) return;
  const released = release(order, ["payment"], undefined, facts);
  if (Result.isFailure(released)) return;
  for (const event of released.success) unfolding.add(event);
};

/** Gives back what is due to the customer, as far as the payments can. */
const giveBack = (unfolding: Unfolding): void => {
  const { order } = unfolding;
  const parts = refundParts(
    settlementOf(order).payments,
    balanceOf(order).refundDue,
    "lastFirst",
  ) ?? [];
  for (const { paymentId, amount } of parts) {
    askFor(unfolding, { paymentId, kind: "refund", amount });
  }
};

const isMoneyIn = (order: Order, event: OrderEvent): boolean => {
  if (event.type === "payment.observed") return event.kind === "capture" || event.kind === "sale";
  if (event.type !== "payment.succeeded") return false;
  const payment = settlementOf(order).payments.find(({ id }) => id === event.paymentId);
  const done = payment?.transactions.find(({ id }) => id === event.transactionId);
  return done?.kind === "capture" || done?.kind === "sale";
};

/** Whether what is due to the customer is given back at once: after a cancellation, or money that came late. */
const givesBack = (order: Order, events: readonly OrderEvent[]): boolean => {
  const { policy } = settlementOf(order);
  if (order.cancelling !== undefined) return false;
  if (events.some(({ type }) => type === "order.cancelled" || type === "order.shorted")) {
    return policy.refundOnCancel === "automatic";
  }
  if (!events.some((event) => isMoneyIn(order, event))) return false;
  return order.status === "cancelled"
    ? policy.onLatePayment === "refund"
    : policy.refundOnCancel === "automatic" && order.lines.some(({ cancelled }) => cancelled > 0);
};

/** Whether the rest of the authorization is given up by a capture that is under way. */
const endsByCapture = ({ transactions }: Payment): boolean =>
  transactions.some((each) => each.kind === "capture" && each.isFinal && isPending(each));

/** Gives up what is authorized for an order that is cancelled, once nothing more is to be captured of it. */
const giveUpAll = (unfolding: Unfolding): void => {
  if (captureNeed(unfolding.order).now > 0) return;
  for (const payment of settlementOf(unfolding.order).payments) {
    const capturable = capturableOf(payment, amountsOf(payment), unfolding.facts.now);
    if (capturable === 0 || endsByCapture(payment)) continue;
    if (lastOf(payment, "void")?.status === "failed") continue;
    giveUp(unfolding, payment, capturable);
  }
};

/** Whether a payment's rest is authorized anew now that its authorization has ended. */
const asksAnew = (payment: Payment, events: readonly OrderEvent[], facts: OrderFacts): boolean => {
  const rules = facts.provider(payment.provider);
  if (rules === null || !isCalled(payment, facts)) return false;
  const { id, ended } = payment;
  const has = (type: OrderEvent["type"]) =>
    events.some((event) => event.type === type && "paymentId" in event && event.paymentId === id);
  if (ended === "expired") return rules.capabilities.reauthorize && has("payment.expired");
  return ended === "released" && has("payment.succeeded") &&
    !rules.capabilities.multipleCaptures && rules.singleCapture === "reauthorize";
};

const authorizeAnew = (unfolding: Unfolding, events: readonly OrderEvent[]): void => {
  const { order, facts } = unfolding;
  if (order.status === "cancelled" || !hasRoom(order)) return;
  for (const payment of settlementOf(order).payments) {
    if (!asksAnew(payment, events, facts)) continue;
    const missing = balanceOf(unfolding.order).owed - coverOf(unfolding.order, facts);
    if (missing <= 0 || amountsOf(payment).authorizePending > 0) continue;
    askFor(unfolding, { paymentId: payment.id, kind: "authorize", amount: missing });
  }
};

/** Asks for what was promised until the order has goods, once it has the first of them. */
const authorizeAllocated = (unfolding: Unfolding): void => {
  const { order, facts } = unfolding;
  if (!hasGoods(order) || order.cancelling !== undefined || order.status === "cancelled") return;
  for (const payment of settlementOf(order).payments) {
    if (!isToBeAuthorized(order, payment) || !isCalled(payment, facts)) continue;
    const missing = balanceOf(unfolding.order).owed - coverOf(unfolding.order, facts) -
      authorizePendingOf(unfolding.order);
    const amount = Math.min(payment.amount, missing);
    if (amount <= 0 || !hasRoom(unfolding.order)) return;
    askFor(unfolding, { paymentId: payment.id, kind: "authorize", amount });
  }
};

/** The events of a decision, and those that follow from them for the order's money. */
export const followMoney = (
  order: Order,
  events: readonly OrderEvent[],
  facts: OrderFacts,
): readonly OrderEvent[] => {
  if (events.length === 0) return events;
  const unfolding = new Unfolding(order, facts, events);
  if (unfolding.order.cancelling === undefined) captureDue(unfolding);
  if (unfolding.order.status === "cancelled") giveUpAll(unfolding);
  if (givesBack(unfolding.order, events)) giveBack(unfolding);
  authorizeAnew(unfolding, events);
  authorizeAllocated(unfolding);
  followHold(unfolding, order);
  return unfolding.events;
};
