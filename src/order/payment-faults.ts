/** Checks an order's payments by themselves, and its balance by its parts. */
import type { Fault } from "../subject/aggregate.ts";
import { part } from "../money/apportion.ts";
import { balanceOf, currentTotals, givenIn } from "./balance.ts";
import { creditableUnits } from "./credit-units.ts";
import { paymentIdOf } from "./ids.ts";
import type { Order } from "./order.ts";
import type { Payment } from "./payment.ts";
import { amountsOf, isPending, isWithinBounds } from "./payment-amounts.ts";
import { lineIndexOf, quantitiesOf } from "./quantities.ts";

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const checkPayment = (payment: Payment, wrong: (detail: string) => void): void => {
  const { id, transactions, authorized } = payment;
  const amounts = amountsOf(payment);
  for (const [name, amount] of Object.entries({ ...amounts, amount: payment.amount, authorized })) {
    if (!isCount(amount)) wrong(`${id} has ${amount} ${name}.`);
  }
  if (payment.disagrees !== true && !isWithinBounds(amounts)) {
    const { captured, capturePending, refunded, refundPending } = amounts;
    wrong(
      `${id} has ${captured} captured and ${capturePending} being captured of ${authorized}, ` +
        `${refunded} given back and ${refundPending} on its way.`,
    );
  }
  for (const transaction of transactions) {
    const { id: name, amount, dueAt, ask, settledAt } = transaction;
    if (!isCount(amount)) wrong(`${name} is of ${amount}.`);
    const isAsked = isPending(transaction) && ask !== "hand";
    if (isAsked !== (dueAt !== undefined)) {
      wrong(
        isAsked
          ? `${name} was asked for, and nobody is going to ask.`
          : `${name} is due to be asked about, and nobody waits for it.`,
      );
    }
    if (isPending(transaction) && settledAt !== undefined) wrong(`${name} is settled and pending.`);
  }
};

/** Ids count up from 1 over all payments: so each transaction is of one of them. */
const checkIds = (order: Order, payments: readonly Payment[], wrong: (detail: string) => void) => {
  const ids = new Set<string>();
  for (const [index, { id, transactions }] of payments.entries()) {
    if (id !== paymentIdOf(order.id, index + 1)) wrong(`payment ${index + 1} is called ${id}.`);
    for (const { id: name } of transactions) {
      if (ids.has(name)) wrong(`${name} stands twice.`);
      ids.add(name);
    }
  }
};

const checkBalance = (order: Order, wrong: (detail: string) => void): void => {
  const totals = currentTotals(order);
  const { owed, captured, refunded, refundPending, due, refundDue } = balanceOf(order);
  const { subtotal, discount, tax, credited } = totals;
  for (const [name, amount] of Object.entries({ subtotal, discount, tax, credited, owed })) {
    if (!isCount(amount)) wrong(`${name} is ${amount} now.`);
  }
  if (due > 0 && refundDue > 0) wrong(`${due} are due and ${refundDue} to be given back.`);
  const paid = captured - refunded;
  if (due !== Math.max(0, owed - paid)) wrong(`${due} are due of ${owed}, and ${paid} are paid.`);
  if (refundDue !== Math.max(0, paid - refundPending - owed)) {
    wrong(`${refundDue} are to be given back of ${paid} paid, and ${owed} are owed.`);
  }
  for (const { lines } of order.settlement?.credits ?? []) {
    for (const { lineId, amount, units, from = 0 } of lines) {
      if (!isCount(amount) || units <= from) {
        wrong(`line ${lineId} is given ${amount} off ${units}.`);
      }
    }
  }
};

/** What is credited of each line was accepted before, is credited once, and is worth its stored shares. */
const checkCredits = (order: Order, wrong: (detail: string) => void): void => {
  const gone = order.lines.map(() => 0);
  const givenTo = givenIn(order);
  for (const { returned = [], fee = 0 } of order.settlement?.credits ?? []) {
    if (!isCount(fee)) wrong(`${fee} are kept back.`);
    for (const { lineId, quantity, goods, tax, given } of returned) {
      const index = lineIndexOf(order, lineId);
      const line = order.lines[index];
      const from = gone[index] ?? 0;
      const to = from + quantity;
      if (line === undefined || !isCount(quantity) || to > line.quantity) {
        wrong(`line ${lineId} has units ${from} to ${to} credited.`);
        continue;
      }
      gone[index] = to;
      const worth = line.unitPrice * quantity - part(line.discount, line.quantity, from, to);
      const share = part(line.tax, line.quantity, from, to);
      const off = givenTo(line, from, to);
      if (goods !== worth || tax !== share || given !== off) {
        wrong(
          `line ${lineId} has ${goods}, ${tax} tax and ${given} given credited for units of ` +
            `${worth}, ${share} and ${off}.`,
        );
      }
    }
  }
  const creditable = creditableUnits(order);
  for (const [index, { shipped }] of quantitiesOf(order).entries()) {
    const credited = gone[index] ?? 0;
    const most = Math.min(shipped, credited + (creditable[index] ?? 0));
    if (credited > most) wrong(`line ${index + 1} has ${credited} of ${most} units credited.`);
  }
};

/** The faults in an order's payments, and in what they make of its balance. */
export const paymentFaults = (order: Order): readonly Fault[] => {
  const { settlement } = order;
  if (settlement === undefined) return [];
  const faults: Fault[] = [];
  const wrong = (detail: string) => void faults.push({ invariant: "payments", detail });
  for (const payment of settlement.payments) checkPayment(payment, wrong);
  checkIds(order, settlement.payments, wrong);
  const unbalanced = (detail: string) => void faults.push({ invariant: "order-balance", detail });
  checkBalance(order, unbalanced);
  if (settlement.credits.length > 0) checkCredits(order, unbalanced);
  return faults;
};
