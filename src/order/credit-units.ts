/** The units of an order that are credited, and those that may be: each once, the first of a line first. Pure. */
import { noCharges } from "./charges.ts";
import type { Order } from "./order.ts";
import type { ShippingCredit } from "./payment.ts";
import { lineIndexOf } from "./quantities.ts";
import { acceptedUnits } from "./return-units.ts";

/** By line, the units that are credited: the first so many. */
export const creditedUnits = (order: Order): readonly number[] => {
  const sums = new Array<number>(order.lines.length).fill(0);
  for (const { returned = [] } of order.settlement?.credits ?? []) {
    for (const { lineId, quantity } of returned) {
      const index = lineIndexOf(order, lineId);
      if (index >= 0) sums[index] = (sums[index] ?? 0) + quantity;
    }
  }
  return sums;
};

/** By line, the units that the seller stands for and that are not credited yet. */
export const creditableUnits = (order: Order): readonly number[] => {
  const left = creditedUnits(order).map((units) => -units);
  for (const { lineId, quantity } of acceptedUnits(order)) {
    const index = lineIndexOf(order, lineId);
    left[index] = (left[index] ?? 0) + quantity;
  }
  return left;
};

/** Whether nothing of shipping is owed any more. */
export const isShippingCredited = ({ settlement }: Pick<Order, "settlement">): boolean =>
  settlement?.credits.some(({ shipping }) => shipping === true) ?? false;

/** Whether anything of shipping was credited. */
export const hasShippingCredit = ({ settlement }: Pick<Order, "settlement">): boolean =>
  settlement?.credits.some(({ shipping, shippingCredit }) =>
    shipping === true || shippingCredit !== undefined
  ) ?? false;

/** What shipping costs less its discount, and its tax. */
export const shippingPrice = (
  { totals, charges = noCharges }: Pick<Order, "totals" | "charges">,
): ShippingCredit => ({
  amount: totals.shipping - charges.shippingDiscount,
  tax: charges.shippingTax,
});

const nothing: ShippingCredit = { amount: 0, tax: 0 };

/** What of shipping is credited. */
export const shippingCredited = (
  order: Pick<Order, "settlement" | "totals" | "charges">,
): ShippingCredit => {
  let { amount, tax } = nothing;
  for (const { shipping, shippingCredit } of order.settlement?.credits ?? []) {
    const credited = shippingCredit ?? (shipping === true ? shippingPrice(order) : nothing);
    amount += credited.amount;
    tax += credited.tax;
  }
  return { amount, tax };
};

/** What of shipping is not credited yet. */
export const shippingLeft = (
  order: Pick<Order, "settlement" | "totals" | "charges">,
): ShippingCredit => {
  const [price, gone] = [shippingPrice(order), shippingCredited(order)];
  return { amount: price.amount - gone.amount, tax: price.tax - gone.tax };
};

/** By line, the units that were invoiced, and were cancelled and credited for that. */
export const creditedAsCancelled = (order: Order): readonly number[] => {
  const sums = new Array<number>(order.lines.length).fill(0);
  for (const { cancelled } of order.settlement?.credits ?? []) {
    for (const { lineId, quantity } of cancelled?.units ?? []) {
      const index = lineIndexOf(order, lineId);
      if (index >= 0) sums[index] = (sums[index] ?? 0) + quantity;
    }
  }
  return sums;
};

/** What was kept back of credits. */
export const keptBack = ({ settlement }: Pick<Order, "settlement">): number =>
  settlement?.credits.reduce((sum, { fee = 0 }) => sum + fee, 0) ?? 0;
