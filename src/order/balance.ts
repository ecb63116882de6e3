/**
 * What an order costs now, what is paid of it, and what is due to whom: functions of the order, so that no sum
 * can drift from its parts. Amounts are integers of minor units.
 */
import { part } from "../money/apportion.ts";
import { chargeSumsOf, noCharges } from "./charges.ts";
import { creditedUnits, isShippingCredited, keptBack, shippingCredited } from "./credit-units.ts";
import { cancellationFees } from "./invoice.ts";
import type { Order, OrderLine, Totals } from "./order.ts";
import type { Goodwill, OrderPaymentStatus } from "./payment.ts";
import { amountsOf } from "./payment-amounts.ts";
import { hasUnitsLeft, quantitiesOf } from "./quantities.ts";

/** What a charge beside lines comes to. */
interface Beside {
  readonly shipping: number;
  readonly shippingDiscount: number;
  readonly shippingTax: number;
  readonly fees: number;
  readonly feeTax: number;
  /** Kept back when units that came back were credited. */
  readonly returnFees: number;
  /** Kept for cancellations: owed whatever else is. */
  readonly cancellationFees: number;
}

const nothingBeside: Beside = {
  shipping: 0,
  shippingDiscount: 0,
  shippingTax: 0,
  fees: 0,
  feeTax: 0,
  returnFees: 0,
  cancellationFees: 0,
};

/** The totals of an order after what was taken out of it; `total` is what is owed for it. */
export interface CurrentTotals extends Totals, Beside {
  /** Given to the customer off the price of units that stay. */
  readonly credited: number;
}

/**
 * Shipping and fees are owed as long as anything of the order is. Units that came back do not take them along:
 * shipping is credited by itself.
 */
const besideOf = (order: Order): Beside => {
  const { totals, charges = noCharges } = order;
  const isOwed = !isShippingCredited(order);
  const credited = shippingCredited(order);
  return {
    shipping: isOwed ? totals.shipping - credited.amount : 0,
    shippingDiscount: isOwed ? charges.shippingDiscount : 0,
    shippingTax: isOwed ? charges.shippingTax - credited.tax : 0,
    ...chargeSumsOf(charges),
    returnFees: keptBack(order),
    cancellationFees: cancellationFees(order),
  };
};

/** What is owed beside lines of an order of which nothing is left, or nothing has left yet. */
const feesAlone = (order: Order): Beside => ({
  ...nothingBeside,
  cancellationFees: cancellationFees(order),
});

/** What units `from` (inclusive) to `to` (exclusive) of a line were given off their price. */
export type GivenTo = (line: OrderLine, from: number, to: number) => number;

const nothingGiven: GivenTo = () => 0;

/**
 * What the units of an order's lines were given off their price, or of that the tax: the credits are sorted by
 * line once.
 */
export const givenIn = (
  { settlement }: Pick<Order, "settlement">,
  what: "amount" | "tax" = "amount",
): GivenTo => {
  if (settlement === undefined) return nothingGiven;
  const byLine = new Map<string, Goodwill[]>();
  for (const { lines } of settlement.credits) {
    for (const each of lines) {
      const others = byLine.get(each.lineId);
      if (others === undefined) byLine.set(each.lineId, [each]);
      else others.push(each);
    }
  }
  if (byLine.size === 0) return nothingGiven;
  return ({ id }, from, to) => {
    let sum = 0;
    for (const { [what]: amount = 0, units, from: first = 0 } of byLine.get(id) ?? []) {
      const within = (unit: number) => Math.min(Math.max(unit, first), units) - first;
      sum += part(amount, units - first, within(from), within(to));
    }
    return sum;
  };
};

/**
 * The totals of each line's units before `unitsOf` it, without those that are credited; with all that stands
 * beside lines, or with nothing of it.
 */
const totalsOfUnits = (
  order: Order,
  unitsOf: (line: OrderLine, index: number) => number,
  beside: Beside,
): CurrentTotals => {
  let subtotal = 0, discount = 0, tax = 0, credited = 0;
  const gone = creditedUnits(order);
  const givenTo = givenIn(order);
  for (const [index, line] of order.lines.entries()) {
    const to = unitsOf(line, index);
    const from = Math.min(gone[index] ?? 0, to);
    subtotal += line.unitPrice * (to - from);
    // Discount and tax are divided apart, each to the minor unit, whatever leaves in which order.
    discount += part(line.discount, line.quantity, from, to);
    tax += part(line.tax, line.quantity, from, to);
    credited += givenTo(line, from, to);
  }
  const goods = subtotal - discount - credited + beside.shipping - beside.shippingDiscount +
    beside.fees + beside.returnFees + beside.cancellationFees;
  const isIncluded = order.charges?.taxesIncluded === true;
  const total = isIncluded ? goods : goods + tax + beside.shippingTax + beside.feeTax;
  return { subtotal, discount, tax, ...beside, credited, total };
};

/** Units that are taken out of a line come off its end. */
const unitsLeft = ({ quantity, cancelled }: OrderLine): number => quantity - cancelled;

/** What is left of an order, after cancellations and credits. */
export const currentTotals = (order: Order): CurrentTotals =>
  totalsOfUnits(order, unitsLeft, hasUnitsLeft(order) ? besideOf(order) : feesAlone(order));

/**
 * What is owed for the units that have left, or arrived: shipping and fees with the first of them. Fees of
 * cancellations come with them, too, and where nothing is left to come.
 */
export const owedFor = (order: Order, which: "shipped" | "delivered"): number => {
  const quantities = quantitiesOf(order);
  const units = (_: OrderLine, index: number): number => quantities[index]?.[which] ?? 0;
  const beside = quantities.some((each) => each[which] > 0)
    ? besideOf(order)
    : hasUnitsLeft(order)
    ? nothingBeside
    : feesAlone(order);
  return totalsOfUnits(order, units, beside).total;
};

export interface Balance {
  readonly owed: number;
  /** What may be captured in all, what was captured included. */
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** Captures and refunds that were asked for and are not known yet. */
  readonly pending: number;
  readonly capturePending: number;
  readonly refundPending: number;
  /** Still to be paid. */
  readonly due: number;
  /** To be given back: paid, not given back yet, and not owed. */
  readonly refundDue: number;
}

export const balanceOf = (order: Order): Balance => {
  let authorized = 0, captured = 0, capturePending = 0, refunded = 0, refundPending = 0;
  for (const payment of order.settlement?.payments ?? []) {
    const amounts = amountsOf(payment);
    authorized += amounts.authorized;
    captured += amounts.captured;
    capturePending += amounts.capturePending;
    refunded += amounts.refunded;
    refundPending += amounts.refundPending;
  }
  const owed = Math.max(0, currentTotals(order).total);
  const paid = captured - refunded;
  return {
    ...{ owed, authorized, captured, refunded, capturePending, refundPending },
    pending: capturePending + refundPending,
    due: Math.max(0, owed - paid),
    refundDue: Math.max(0, paid - refundPending - owed),
  };
};

/** How far the payments of an order are. An order that never cost anything is paid. */
export const orderPaymentStatusOf = (order: Order, balance: Balance): OrderPaymentStatus => {
  const { owed, authorized, captured, refunded } = balance;
  if (order.totals.total === 0) return "paid";
  if (captured === 0) return owed > 0 && authorized >= owed ? "authorized" : "unpaid";
  const paid = captured - refunded;
  if (paid > owed) return "overpaid";
  if (refunded > 0) return paid <= 0 ? "refunded" : "partially_refunded";
  return paid === owed ? "paid" : "partially_paid";
};
