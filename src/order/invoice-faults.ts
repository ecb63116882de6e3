/**
 * Checks what was invoiced and credited of an order against what it costs: each component of each line is
 * divided into what is invoiced, what is not yet, and what is cancelled, and nothing is in two of them.
 */
import type { Fault } from "../subject/aggregate.ts";
import { part } from "../money/apportion.ts";
import { currentTotals, givenIn } from "./balance.ts";
import { chargeSumsOf, noCharges } from "./charges.ts";
import { creditAmountOf } from "./credit.ts";
import { creditedAsCancelled, creditedUnits, shippingPrice } from "./credit-units.ts";
import { invoiceIdOf } from "./ids.ts";
import {
  cancellationFees,
  hasInvoicedUnits,
  type InvoicedLine,
  invoicedUnits,
  invoicesOf,
  invoiceTotals,
} from "./invoice.ts";
import type { Order, OrderLine } from "./order.ts";
import { partsOf } from "./parts.ts";
import { hasUnitsLeft, lineIndexOf, quantitiesOf } from "./quantities.ts";

type Wrong = (detail: string) => void;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** The units of each line are invoiced one after the other, at the price of the line. */
const checkRanges = (order: Order, wrong: Wrong): void => {
  const next = order.lines.map(() => 0);
  for (const [n, { id, lines }] of invoicesOf(order).entries()) {
    if (id !== invoiceIdOf(order.id, n + 1)) wrong(`invoice ${n + 1} is called ${id}.`);
    for (const { lineId, sku, from, to, unitPrice, discount, tax } of lines) {
      const index = lineIndexOf(order, lineId);
      const line = order.lines[index];
      if (line === undefined || line.sku !== sku || line.unitPrice !== unitPrice) {
        wrong(`${id} has line ${lineId} as it is not.`);
        continue;
      }
      if (from !== next[index] || to <= from || to > line.quantity) {
        wrong(`${id} has units ${from} to ${to} of line ${lineId}, of which ${next[index]} were.`);
      }
      if (!isCount(discount) || !isCount(tax)) {
        wrong(`${id} has ${discount} discount and ${tax} tax of line ${lineId}.`);
      }
      next[index] = to;
    }
  }
};

const sumOf = (
  lines: readonly InvoicedLine[],
  value: (line: InvoicedLine) => number,
): number => lines.reduce((sum, line) => sum + value(line), 0);

/** What is invoiced, not yet invoiced and cancelled of a line is what it costs, in each component. */
const checkComponents = (
  line: OrderLine,
  invoiced: readonly InvoicedLine[],
  both: number,
  wrong: Wrong,
): void => {
  const { id, quantity, cancelled } = line;
  const units = sumOf(invoiced, ({ from, to }) => to - from);
  const left = quantity - cancelled;
  const components = {
    gross: [line.unitPrice * quantity, ({ unitPrice, from, to }) => unitPrice * (to - from)],
    discount: [line.discount, ({ discount }) => discount],
    tax: [line.tax, ({ tax }) => tax],
  } satisfies Record<string, [number, (line: InvoicedLine) => number]>;
  if (units > quantity || units - both > left) {
    return wrong(`line ${id} has ${units} of ${left} units invoiced.`);
  }
  for (const [name, [total, value]] of Object.entries(components)) {
    const shares = part(total, quantity, units - both, left) +
      part(total, quantity, left, quantity);
    // Units that are cancelled after they were invoiced are in both: they were credited for it.
    const sum = sumOf(invoiced, value) + shares - part(total, quantity, units - both, units);
    if (sum !== total) {
      wrong(`line ${id} has ${sum} ${name} invoiced, open and cancelled of ${total}.`);
    }
  }
};

const checkLines = (order: Order, wrong: Wrong): void => {
  const byLine = order.lines.map((): InvoicedLine[] => []);
  for (const { lines } of invoicesOf(order)) {
    for (const each of lines) byLine[lineIndexOf(order, each.lineId)]?.push(each);
  }
  const invoiced = invoicedUnits(order);
  const [gone, asCancelled] = [creditedUnits(order), creditedAsCancelled(order)];
  const left = order.lines.map(() => 0);
  for (const { lines } of order.fulfillmentOrders) {
    for (const { lineId, shipped } of lines) {
      const index = lineIndexOf(order, lineId);
      if (index >= 0) left[index] = (left[index] ?? 0) + shipped;
    }
  }
  for (const [lineId, { everShipped }] of partsOf(order) ?? []) {
    const index = lineIndexOf(order, lineId);
    left[index] = (left[index] ?? 0) + everShipped;
  }
  for (const [n, { shipped }] of quantitiesOf(order).entries()) {
    const line = order.lines[n];
    const [units = 0, credited = 0, both = 0] = [invoiced[n], gone[n], asCancelled[n]];
    if (line === undefined) continue;
    checkComponents(line, byLine[n] ?? [], both, wrong);
    if (shipped > units || units > (left[n] ?? 0)) {
      wrong(`line ${line.id} has ${units} units invoiced, and ${shipped} shipped.`);
    }
    if (both !== Math.max(0, units + line.cancelled - line.quantity)) {
      wrong(`line ${line.id} has ${both} units credited because they were cancelled.`);
    }
    if (credited + both > units) {
      wrong(`line ${line.id} has ${credited + both} of ${units} invoiced units credited.`);
    }
  }
};

/** Shipping and the fees of the order stand in the first invoice of units, and in no other. */
const checkCharges = (order: Order, wrong: Wrong): void => {
  const price = shippingPrice(order);
  const sums = chargeSumsOf(order.charges ?? noCharges);
  let isFirst = true;
  for (const invoice of invoicesOf(order)) {
    const { shipping, shippingTax, fees, feeTax } = invoiceTotals(invoice);
    const isOfUnits = invoice.lines.length > 0;
    const expected = isOfUnits && isFirst
      ? { shipping: price.amount, shippingTax: price.tax, ...sums }
      : { shipping: 0, shippingTax: 0, fees: isOfUnits ? 0 : fees, feeTax: 0 };
    const found = { shipping, shippingTax, fees, feeTax };
    for (const name of ["shipping", "shippingTax", "fees", "feeTax"] as const) {
      if (found[name] !== expected[name]) {
        wrong(`${invoice.id} has ${found[name]} ${name}, and should have ${expected[name]}.`);
      }
    }
    if (invoice.taxesIncluded !== (order.charges?.taxesIncluded === true)) {
      wrong(`${invoice.id} does not say whether its prices include tax.`);
    }
    if (isOfUnits) isFirst = false;
  }
};

/** The value of a line's units that are neither invoiced nor cancelled. */
const openOf = (order: Order, line: OrderLine, from: number): number => {
  const to = line.quantity - line.cancelled;
  if (from >= to) return 0;
  const goods = line.unitPrice * (to - from) - part(line.discount, line.quantity, from, to);
  const isIncluded = order.charges?.taxesIncluded === true;
  return isIncluded ? goods : goods + part(line.tax, line.quantity, from, to);
};

/** What is owed is what was invoiced and is still to be, less what was credited. */
const checkOwed = (order: Order, wrong: Wrong): void => {
  const { total } = currentTotals(order);
  if (!hasUnitsLeft(order)) {
    const fees = cancellationFees(order);
    if (total !== fees) wrong(`${total} are owed of a cancelled order with fees of ${fees}.`);
    return;
  }
  const isIncluded = order.charges?.taxesIncluded === true;
  const invoiced = invoicedUnits(order);
  const givenTo = givenIn(order);
  let expected = invoicesOf(order).reduce((sum, each) => sum + invoiceTotals(each).total, 0);
  for (const [n, line] of order.lines.entries()) {
    const units = invoiced[n] ?? 0;
    expected += openOf(order, line, units);
    // Goodwill leaves with units that are cancelled before they are invoiced.
    const first = Math.max(units, line.quantity - line.cancelled);
    expected += givenTo(line, first, line.quantity);
  }
  if (!hasInvoicedUnits(order)) {
    const [price, sums] = [shippingPrice(order), chargeSumsOf(order.charges ?? noCharges)];
    expected += price.amount + sums.fees + (isIncluded ? 0 : price.tax + sums.feeTax);
  }
  for (const credit of order.settlement?.credits ?? []) {
    expected -= creditAmountOf(order, credit);
  }
  if (total !== expected) {
    wrong(`${total} are owed; what is invoiced, open and credited makes ${expected}.`);
  }
};

/** The faults in an order's invoices, and in what they make of what is owed. */
export const invoiceFaults = (order: Order): readonly Fault[] => {
  const faults: Fault[] = [];
  if (order.invoices !== undefined) {
    const wrong = (detail: string) => void faults.push({ invariant: "line-money", detail });
    checkRanges(order, wrong);
    checkCharges(order, wrong);
    // Where the ranges are wrong, shares of them say nothing more.
    if (faults.length === 0 && hasInvoicedUnits(order)) checkLines(order, wrong);
  }
  if (faults.length === 0 && (order.invoices !== undefined || order.settlement !== undefined)) {
    checkOwed(order, (detail) => void faults.push({ invariant: "order-balance", detail }));
  }
  return faults;
};
