/**
 * Gives money back. What may be given back is read from the balance: what was paid and is not owed, less what
 * is on its way back. A refund may credit first what came back; and a goodwill refund gives something off the
 * price of units that stay, by a credit that stays with them.
 */
import { Result } from "effect";
import { part, spread } from "../money/apportion.ts";
import { balanceOf, givenIn, type GivenTo } from "./balance.ts";
import {
  creditAmountOf,
  creditedEvent,
  type CreditPlan,
  type Given,
  givenOf,
  noRoomForCredit,
  planCredit,
  withCredit,
} from "./credit.ts";
import { creditedUnits } from "./credit-units.ts";
import type { Order, OrderEvent, OrderFacts, OrderLine, OrderRejection } from "./order.ts";
import type { Goodwill, Payment, PaymentCommand } from "./payment.ts";
import { amountsOf, refundableOf } from "./payment-amounts.ts";
import { askFor, settlementOf } from "./payment-asks.ts";
import { amountIn, exceeded } from "./payment-refusals.ts";
import type { OrderDecision } from "./refusals.ts";
import { invalid } from "./refusals.ts";
import { type RefundPart, refundParts } from "./refund-parts.ts";
import { restockUnits } from "./restock.ts";
import { Unfolding } from "./unfolding.ts";

type Refund = Extract<PaymentCommand, { readonly type: "refund" }>;

/** A line, and of its units those that are neither cancelled nor credited. */
interface LeftOf {
  readonly line: OrderLine;
  readonly from: number;
  readonly to: number;
}

/** What the units of a line that are left are worth, less what was given off them already. */
const worthOf = (order: Order, givenTo: GivenTo, { line, from, to }: LeftOf): number => {
  const { quantity, unitPrice, discount, tax } = line;
  const goods = unitPrice * (to - from) - part(discount, quantity, from, to);
  const isIncluded = order.charges?.taxesIncluded === true;
  return Math.max(
    0,
    (isIncluded ? goods : goods + part(tax, quantity, from, to)) - givenTo(line, from, to),
  );
};

/** Of an amount that is given off units, the tax: as all that is given off them divides into goods and tax. */
const taxOf = (order: Order, given: Given, { line, from, to }: LeftOf, amount: number): number => {
  const { quantity, unitPrice, discount } = line;
  const tax = part(line.tax, quantity, from, to);
  const goods = unitPrice * (to - from) - part(discount, quantity, from, to);
  const whole = order.charges?.taxesIncluded === true ? goods : goods + tax;
  const all = Math.min(whole, given.amount(line, from, to) + amount);
  if (tax === 0 || all <= 0) return 0;
  const share = part(tax, whole, 0, all) - given.tax(line, from, to);
  return Math.max(0, Math.min(amount, share));
};

/** The credit of an amount over lines, by what each is worth now; null where they are not worth as much. */
const creditLines = (
  order: Order,
  lines: readonly LeftOf[],
  amount: number,
): readonly Goodwill[] | null => {
  const given = givenOf(order);
  const worth = lines.map((line) => worthOf(order, given.amount, line));
  if (worth.reduce((sum, each) => sum + each, 0) < amount) return null;
  const shares = spread(amount, worth);
  return lines.map((left, index) => {
    const { line, from, to } = left;
    const tax = taxOf(order, given, left, shares[index] ?? 0);
    return {
      lineId: line.id,
      amount: shares[index] ?? 0,
      units: to,
      ...(from === 0 ? {} : { from }),
      ...(tax === 0 ? {} : { tax }),
    };
  }).filter((each) => each.amount > 0);
};

export interface RefundPlan {
  readonly amount: number;
  /** What is credited first; null where nothing is. */
  readonly credit: CreditPlan | null;
  readonly parts: readonly RefundPart[];
}

type Planned = Result.Result<RefundPlan, OrderRejection>;

const chosenLines = (
  order: Order,
  lineIds: readonly string[] | undefined,
): Result.Result<readonly LeftOf[], OrderRejection> => {
  for (const [index, id] of (lineIds ?? []).entries()) {
    if (order.lines.every((line) => line.id !== id)) {
      return invalid(`/lines/${index}`, `There is no line ${id} here.`);
    }
  }
  const gone = creditedUnits(order);
  return Result.succeed(
    order.lines.map((line, index): LeftOf => ({
      ...{ line, from: gone[index] ?? 0, to: line.quantity - line.cancelled },
    })).filter(({ line: { id }, from, to }) =>
      to > from && (lineIds === undefined || lineIds.includes(id))
    ),
  );
};

/** The amount that is given back, and the credit that it needs. */
const amountOf = (
  order: Order,
  { amount: asked, goodwill = false, lineIds }: Refund,
): Result.Result<Omit<RefundPlan, "parts">, OrderRejection> => {
  const { refundDue, owed, captured, refunded, refundPending } = balanceOf(order);
  const amount = asked === undefined ? Result.succeed(refundDue) : amountIn(order, asked);
  if (Result.isFailure(amount)) return Result.fail(amount.failure);
  if (amount.success === 0) return Result.fail({ _tag: "NothingToRefund" });
  if (!goodwill && lineIds !== undefined) {
    return invalid("/lines", "What is due is due for the order: only goodwill is for lines.");
  }
  if (!goodwill) {
    return amount.success > refundDue
      ? refundDue === 0 ? Result.fail({ _tag: "NothingToRefund" }) : exceeded(order, refundDue)
      : Result.succeed({ amount: amount.success, credit: null });
  }
  const full = noRoomForCredit(order, "/goodwill");
  if (full !== null) return full;
  if (asked === undefined) return invalid("/amount", "A goodwill refund says how much it is.");
  const lines = chosenLines(order, lineIds);
  if (Result.isFailure(lines)) return Result.fail(lines.failure);
  const givenTo = givenIn(order);
  const worth = lines.success.reduce((sum, line) => sum + worthOf(order, givenTo, line), 0);
  const paid = captured - refunded - refundPending;
  // Who has to pay more, once all that is on its way back is there, is given nothing.
  const available = owed > paid ? 0 : Math.min(paid, worth);
  const credit = creditLines(order, lines.success, amount.success);
  return credit === null || amount.success > available
    ? exceeded(order, Math.max(0, available))
    : Result.succeed({
      amount: amount.success,
      credit: { lines: credit, amount: amount.success },
    });
};

/** The amount that is given back once what came back is credited. */
const amountAfterCredit = (
  order: Order,
  command: Refund,
): Result.Result<Omit<RefundPlan, "parts">, OrderRejection> => {
  if (command.credit === undefined) return amountOf(order, command);
  if (command.goodwill === true) {
    return invalid("/credit", "Goodwill is a credit of its own: ask for one after the other.");
  }
  return Result.flatMap(
    planCredit(order, command.credit, "/credit"),
    (credit) =>
      Result.map(amountOf(withCredit(order, credit), command), ({ amount }) => ({
        ...{ amount, credit },
      })),
  );
};

/** What a refund would do, or why it is refused. The preview of a refund is the refund. */
export const planRefund = (order: Order, command: Refund): Planned => {
  const { allocation = "lastFirst", paymentIds, expectedRefundable, to } = command;
  if (to === "storeCredit") {
    const detail = "There are no accounts that could have store credit: it goes to the payments.";
    return invalid("/to", detail);
  }
  const { payments } = settlementOf(order);
  if (expectedRefundable !== undefined) {
    const expected = amountIn(order, expectedRefundable, "/expectedRefundable");
    if (Result.isFailure(expected)) return Result.fail(expected.failure);
    const { captured, refunded, refundPending } = balanceOf(order);
    const refundable = captured - refunded - refundPending;
    if (expected.success !== refundable) return exceeded(order, refundable);
  }
  for (const [index, id] of (paymentIds ?? []).entries()) {
    if (payments.every((payment) => payment.id !== id)) {
      return invalid(`/payments/${index}`, `There is no payment ${id} here.`);
    }
  }
  return Result.flatMap(amountAfterCredit(order, command), ({ amount, credit }): Planned => {
    const giving = payments.filter(({ id }) => paymentIds === undefined || paymentIds.includes(id));
    const parts = refundParts(giving, amount, allocation);
    if (parts !== null) return Result.succeed({ amount, credit, parts });
    return exceeded(order, refundableOfAll(giving));
  });
};

const refundableOfAll = (payments: readonly Payment[]): number =>
  payments.reduce((sum, payment) => sum + refundableOf(amountsOf(payment)), 0);

export const refund = (order: Order, command: Refund, facts: OrderFacts): OrderDecision => {
  const unfolding = new Unfolding(order, facts);
  const { restock } = command;
  if (restock !== undefined) {
    const taken = restockUnits(unfolding, restock, command.reason);
    if (Result.isFailure(taken)) return Result.fail(taken.failure);
  }
  const planned = planRefund(unfolding.order, command);
  return Result.map(planned, ({ credit, parts }): readonly OrderEvent[] => {
    if (credit !== null) unfolding.add(creditedEvent(order, command.reason, credit, facts));
    for (const each of parts) {
      askFor(unfolding, { paymentId: each.paymentId, kind: "refund", amount: each.amount });
    }
    return unfolding.events;
  });
};

/** What a refund has done, by its order before and after it. */
export const refundBetween = (before: Order, after: Order): RefundPlan => {
  const credits = settlementOf(after).credits;
  const credit = credits.length > settlementOf(before).credits.length ? credits.at(-1) : undefined;
  const parts = settlementOf(after).payments.flatMap(({ id: paymentId, transactions }) => {
    const was = settlementOf(before).payments.find(({ id }) => id === paymentId);
    return transactions.slice(was?.transactions.length ?? 0)
      .filter(({ kind }) => kind === "refund")
      .map(({ amount }) => ({ paymentId, amount }));
  });
  const { reason: _, at: __, by: ___, ...credited } = credit ??
    { reason: "", at: "", by: "", lines: [] };
  return {
    amount: parts.reduce((sum, { amount }) => sum + amount, 0),
    credit: credit === undefined ? null : { ...credited, amount: creditAmountOf(after, credited) },
    parts,
  };
};
