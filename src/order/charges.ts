/** What an order costs beside its plain prices: how its total is made, and in what it differs from the channel's. */
import { formatAmount } from "../kernel/money.ts";
import { taxOnTop, type TaxRate, taxWithin } from "../money/tax.ts";
import type { Charges, HoldCode, Order, OrderLine, Totals } from "./order.ts";

/** The code of the one fee that may be negative: it makes up for what channels round. */
export const roundingFee = "rounding";

/** Charges of an order that has none. */
export const noCharges: Charges = {
  taxesIncluded: false,
  taxRounding: "line",
  discounts: [],
  shippingDiscount: 0,
  shippingTax: 0,
  fees: [],
};

/** Sums of an order's charges, in minor units. */
export interface ChargeSums {
  readonly fees: number;
  readonly feeTax: number;
}

export const chargeSumsOf = ({ fees }: Charges): ChargeSums => {
  let sum = 0, feeTax = 0;
  for (const { amount, tax } of fees) {
    sum += amount;
    feeTax += tax;
  }
  return { fees: sum, feeTax };
};

/**
 * Goods without discounts, and shipping without its own, and fees; and tax on top, unless the prices have it
 * in them.
 */
export const totalOf = (
  { subtotal, discount, tax, shipping }: Omit<Totals, "total">,
  charges: Charges | undefined,
): number => {
  const goods = subtotal - discount;
  if (charges === undefined) return goods + tax + shipping;
  const { fees, feeTax } = chargeSumsOf(charges);
  const before = goods + shipping - charges.shippingDiscount + fees;
  return charges.taxesIncluded ? before : before + tax + charges.shippingTax + feeTax;
};

/** Minor units by which a channel's tax may differ from the one by its rate: it may round otherwise. */
const taxTolerance = 1;

/** Whether a tax is not what its rate makes of an amount. Without a rate there is nothing to say. */
export const isTaxOff = (
  amount: number,
  tax: number,
  rate: TaxRate | undefined,
  included: boolean,
): boolean =>
  rate !== undefined &&
  Math.abs(tax - (included ? taxWithin : taxOnTop)(amount, rate)) > taxTolerance;

/** Why an order's money needs a look before the order leaves. */
export interface Finding {
  readonly code: HoldCode;
  readonly reason: string;
  /** Who gives the reason: whoever places the order when absent. */
  readonly by?: string;
}

/** Names in a reason: further ones are counted. */
const namesInReason = 10;

const listed = (names: readonly string[]): string => {
  const more = names.length - namesInReason;
  return names.slice(0, namesInReason).join(", ") + (more > 0 ? ` and ${more} more` : "");
};

const hasRate = ({ taxRate }: OrderLine): boolean => taxRate !== undefined;

const taxFindings = ({ lines, totals, charges = noCharges }: Order): readonly Finding[] => {
  const { taxesIncluded, shippingTaxRate, shippingTax, shippingDiscount } = charges;
  const off = lines.filter(({ unitPrice, quantity, discount, tax, taxRate }) =>
    isTaxOff(unitPrice * quantity - discount, tax, taxRate, taxesIncluded)
  ).map(({ id }) => `line ${id}`);
  const shipping = totals.shipping - shippingDiscount;
  if (isTaxOff(shipping, shippingTax, shippingTaxRate, taxesIncluded)) off.push("shipping");
  return off.length === 0
    ? []
    : [{ code: "tax", reason: `The tax is not what its rate makes it: ${listed(off)}.` }];
};

const noFindings: readonly Finding[] = [];

/** The findings about an order's money. None for one without rates and without a total of its channel. */
export const moneyFindings = (order: Order): readonly Finding[] => {
  const { charges, totals, lines, currency } = order;
  if (charges === undefined && !lines.some(hasRate)) return noFindings;
  const channelTotal = charges?.channelTotal;
  const taxes = taxFindings(order);
  return channelTotal === undefined || channelTotal === totals.total ? taxes : [{
    code: "totals",
    reason: `The channel asked for ${formatAmount(channelTotal, currency)} ${currency}, and the ` +
      `order's parts make ${formatAmount(totals.total, currency)}.`,
  }, ...taxes];
};
