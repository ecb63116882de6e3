/**
 * What is owed for an order, stated without the engine's own words for it: integers, and each part of a line by
 * the rule that k of n units have the first k shares of it, rounded half up.
 */
import type { Order } from "../../src/order/order.ts";

/** What the units `from` to `to` of `units` have of an amount. */
export const shareOf = (amount: number, units: number, from: number, to: number): number => {
  const first = (k: number): bigint => {
    const numerator = 2n * BigInt(amount) * BigInt(k) + BigInt(units);
    return numerator / (2n * BigInt(units));
  };
  return Number(first(to) - first(from));
};

export const owedExactly = (order: Order): number => {
  const { lines, charges, totals, settlement } = order;
  const credits = settlement?.credits ?? [];
  const isIncluded = charges?.taxesIncluded === true;
  let owed = 0;
  let isAnyLeft = false;
  for (const { id, quantity, cancelled, unitPrice, discount, tax } of lines) {
    const left = quantity - cancelled;
    if (left > 0) isAnyLeft = true;
    let gone = 0;
    for (const { returned = [] } of credits) {
      for (const each of returned) if (each.lineId === id) gone += each.quantity;
    }
    const from = Math.min(gone, left);
    owed += unitPrice * (left - from) - shareOf(discount, quantity, from, left);
    if (!isIncluded) owed += shareOf(tax, quantity, from, left);
    for (const { lines: given } of credits) {
      for (const { lineId, amount, units, from: first = 0 } of given) {
        if (lineId !== id) continue;
        const within = (unit: number) => Math.min(Math.max(unit, first), units) - first;
        owed -= shareOf(amount, units - first, within(from), within(left));
      }
    }
  }
  if (!isAnyLeft) return owed;
  for (const { fee = 0 } of credits) owed += fee;
  for (const { amount, tax } of charges?.fees ?? []) owed += amount + (isIncluded ? 0 : tax);
  if (credits.some(({ shipping }) => shipping === true)) return owed;
  const { shippingDiscount = 0, shippingTax = 0 } = charges ?? {};
  return owed + totals.shipping - shippingDiscount + (isIncluded ? 0 : shippingTax);
};
