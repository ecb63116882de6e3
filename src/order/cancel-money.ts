/**
 * Cancels with all that it does to an order's money. What was not captured is given up or never captured, what
 * was is due to the customer, and what was invoiced is credited: that follows from any cancellation. Beside it,
 * something may be kept as a fee, and shipping that is owed for what has left may be given back.
 */
import { Result } from "effect";
import { currentTotals } from "./balance.ts";
import { cancel } from "./cancel.ts";
import { creditAmountOf, creditedEvent, noRoomForCredit } from "./credit.ts";
import { isShippingCredited, shippingLeft } from "./credit-units.ts";
import { cancellationFees, feeContent, invoicesOf, isOfUnits } from "./invoice.ts";
import { invoiceIdOf } from "./ids.ts";
import { paymentLimits } from "./limits.ts";
import type { Order, OrderCommand, OrderEvent, OrderFacts, OrderRejection } from "./order.ts";
import { amountIn, exceeded } from "./payment-refusals.ts";
import { hasUnitsLeft } from "./quantities.ts";
import { invalid, type OrderDecision } from "./refusals.ts";
import { Unfolding } from "./unfolding.ts";

type Cancel = Extract<OrderCommand, { readonly type: "cancel" }>;

const isGoing = (order: Order): boolean => order.cancelling === undefined && hasUnitsLeft(order);

/** Credits what is left of shipping. Where nothing is left of the order it is not owed any more anyway. */
const giveShippingBack = (unfolding: Unfolding, reason: string): OrderDecision | null => {
  const { order, facts } = unfolding;
  if (!isGoing(order) || isShippingCredited(order)) return null;
  const rest = shippingLeft(order);
  if (rest.amount === 0 && rest.tax === 0) return null;
  const full = noRoomForCredit(order, "/refundShipping");
  if (full !== null) return full;
  const parts = { lines: [], shipping: true, shippingCredit: rest } as const;
  const amount = creditAmountOf(order, parts);
  unfolding.add(creditedEvent(order, reason, { ...parts, amount }, facts));
  return null;
};

/** What a cancellation takes off: a fee keeps no more of it. */
const takenOff = (before: Order, after: Order): number => {
  // One that goes on in further commits takes off all.
  const left = after.cancelling === undefined
    ? currentTotals(after).total
    : cancellationFees(after);
  return Math.max(0, currentTotals(before).total - left);
};

const feeOf = (
  before: Order,
  after: Order,
  fee: Cancel["fee"],
): Result.Result<number, OrderRejection> => {
  if (fee === undefined) return Result.succeed(0);
  const amount = amountIn(before, fee, "/fee");
  if (Result.isFailure(amount) || amount.success === 0) return amount;
  const most = takenOff(before, after);
  if (amount.success > most) return exceeded(before, most);
  const fees = invoicesOf(before).filter((each) => !isOfUnits(each)).length;
  return fees < paymentLimits.cancellationFees
    ? amount
    : invalid("/fee", `An order has at most ${paymentLimits.cancellationFees} of them.`);
};

const withCode = (event: OrderEvent, code: Cancel["code"]): OrderEvent =>
  event.type === "order.cancelled" && code !== undefined ? { ...event, code } : event;

/** Cancels an order of which nothing has left, or any units that have not. */
export const cancelWithMoney = (
  order: Order,
  { reason, lines, code, fee, refundShipping = false }: Cancel,
  facts: OrderFacts,
): OrderDecision => {
  const cancelled = cancel(order, reason, lines, facts);
  if (Result.isFailure(cancelled)) return cancelled;
  const events = cancelled.success.map((event) => withCode(event, code));
  if (fee === undefined && !refundShipping) return Result.succeed(events);
  const unfolding = new Unfolding(order, facts, events);
  const full = refundShipping ? giveShippingBack(unfolding, reason) : null;
  if (full !== null) return full;
  const kept = feeOf(order, unfolding.order, fee);
  if (Result.isFailure(kept)) return Result.fail(kept.failure);
  if (kept.success > 0) {
    const id = invoiceIdOf(order.id, invoicesOf(order).length + 1);
    const invoice = feeContent(order, id, kept.success);
    unfolding.add({ type: "order.invoiced", invoice, currency: order.currency });
  }
  return Result.succeed(unfolding.events);
};
