/**
 * Invoices: what was sold with the units that left, in figures that never change. One is made in the commit in
 * which units leave, as an event of its own: whoever reads the log needs no order to know what was invoiced.
 * Each line is invoiced from its first unit on, so an order keeps of an invoice little more than how many.
 */
import type { Instant } from "../kernel/instant.ts";
import { part } from "../money/apportion.ts";
import type { TaxRate } from "../money/tax.ts";
import { noCharges } from "./charges.ts";
import type { Fee, Order, OrderLine } from "./order.ts";
import { lineIndexOf } from "./quantities.ts";

/** The next units of a line, counted from zero: from the first (inclusive) to the last (exclusive). */
export interface InvoicedUnits {
  readonly lineId: string;
  readonly from: number;
  readonly to: number;
}

/** Minor units of the order's currency; discount and tax are the shares of the units. */
export interface InvoicedLine extends InvoicedUnits {
  readonly sku: string;
  readonly unitPrice: number;
  readonly discount: number;
  /** Part of the price where the invoice's prices include tax. */
  readonly tax: number;
  readonly taxRate?: TaxRate;
}

export interface InvoicedShipping {
  readonly amount: number;
  readonly discount: number;
  readonly tax: number;
  readonly taxRate?: TaxRate;
}

/** What left, that an invoice is for; neither for one of a fee alone. */
export interface InvoiceCause {
  readonly shipmentId?: string;
  readonly fulfillmentOrderId?: string;
}

export interface InvoiceContent extends InvoiceCause {
  readonly id: string;
  readonly taxesIncluded: boolean;
  readonly lines: readonly InvoicedLine[];
  /** With the first units of an order. */
  readonly shipping?: InvoicedShipping;
  /** Those of the order with its first units; the one for a cancellation by itself, without lines. */
  readonly fees?: readonly Fee[];
}

export interface Invoice extends InvoiceContent {
  readonly at: Instant;
}

export interface OrderInvoiced {
  readonly type: "order.invoiced";
  readonly invoice: InvoiceContent;
  readonly currency: string;
}

const noInvoices: readonly Invoice[] = [];

export const invoicesOf = ({ invoices = noInvoices }: Pick<Order, "invoices">) => invoices;

/** By line, the units that are invoiced: the first so many. */
export const invoicedUnits = (
  order: Order,
  invoices: readonly Pick<Invoice, "lines">[] = invoicesOf(order),
): readonly number[] => {
  const sums = new Array<number>(order.lines.length).fill(0);
  for (const { lines } of invoices) {
    for (const { lineId, from, to } of lines) {
      const index = lineIndexOf(order, lineId);
      if (index >= 0) sums[index] = (sums[index] ?? 0) + to - from;
    }
  }
  return sums;
};

/** Whether it is for goods; the others are for a fee of a cancellation. */
export const isOfUnits = ({ lines }: Pick<Invoice, "lines">): boolean => lines.length > 0;

/** Whether shipping and the order's fees are invoiced: they are with its first units. */
export const hasInvoicedUnits = (order: Pick<Order, "invoices">): boolean =>
  invoicesOf(order).some(isOfUnits);

/** What was kept for cancellations: it is owed, whatever else is. */
export const cancellationFees = ({ invoices }: Pick<Order, "invoices">): number => {
  let sum = 0;
  for (const each of invoices ?? noInvoices) {
    if (isOfUnits(each)) continue;
    for (const { amount } of each.fees ?? []) sum += amount;
  }
  return sum;
};

const invoicedLine = (line: OrderLine, { from, to }: InvoicedUnits): InvoicedLine => ({
  ...{ lineId: line.id, sku: line.sku, from, to, unitPrice: line.unitPrice },
  discount: part(line.discount, line.quantity, from, to),
  tax: part(line.tax, line.quantity, from, to),
  ...(line.taxRate === undefined ? {} : { taxRate: line.taxRate }),
});

const shippingOf = (
  { totals, charges = noCharges }: Order,
): Pick<InvoiceContent, "shipping" | "fees"> => {
  const { shippingDiscount: discount, shippingTax: tax, shippingTaxRate, fees } = charges;
  const shipping = {
    ...{ amount: totals.shipping, discount, tax },
    ...(shippingTaxRate === undefined ? {} : { taxRate: shippingTaxRate }),
  };
  return {
    ...(totals.shipping === 0 && tax === 0 ? {} : { shipping }),
    ...(fees.length === 0 ? {} : { fees }),
  };
};

/** The figures of units: they follow from the line, which is not changed once any unit of it is invoiced. */
export const contentOf = (
  order: Order,
  id: string,
  cause: InvoiceCause,
  units: readonly InvoicedUnits[],
  isFirst: boolean,
): InvoiceContent => ({
  id,
  ...cause,
  taxesIncluded: order.charges?.taxesIncluded === true,
  lines: units.flatMap((each) => {
    const line = order.lines[lineIndexOf(order, each.lineId)];
    return line === undefined ? [] : [invoicedLine(line, each)];
  }),
  ...(isFirst ? shippingOf(order) : {}),
});

/** The invoice of a fee for a cancellation, which bears no tax. */
export const feeContent = (order: Order, id: string, amount: number): InvoiceContent => ({
  id,
  taxesIncluded: order.charges?.taxesIncluded === true,
  lines: [],
  fees: [{ code: "cancellation", amount, tax: 0 }],
});

/** Sums of an invoice in minor units, by what they are for. */
export interface InvoiceTotals {
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  /** Without its discount. */
  readonly shipping: number;
  readonly shippingTax: number;
  readonly fees: number;
  readonly feeTax: number;
  readonly total: number;
}

export const invoiceTotals = (invoice: InvoiceContent): InvoiceTotals => {
  let subtotal = 0, discount = 0, tax = 0, fees = 0, feeTax = 0;
  for (const line of invoice.lines) {
    subtotal += line.unitPrice * (line.to - line.from);
    discount += line.discount;
    tax += line.tax;
  }
  for (const fee of invoice.fees ?? []) {
    fees += fee.amount;
    feeTax += fee.tax;
  }
  const { amount = 0, discount: off = 0, tax: shippingTax = 0 } = invoice.shipping ?? {};
  const shipping = amount - off;
  const before = subtotal - discount + shipping + fees;
  return {
    ...{ subtotal, discount, tax, shipping, shippingTax, fees, feeTax },
    total: invoice.taxesIncluded ? before : before + tax + shippingTax + feeTax,
  };
};
