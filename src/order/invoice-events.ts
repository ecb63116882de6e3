/** The type of the event of an invoice, with all that is told of it: books are kept by it, without the order. */
import { Schema } from "effect";
import { moneyOf } from "../kernel/money.ts";
import { Money } from "../kernel/vocabulary.ts";
import { formatRate } from "../money/tax.ts";
import { eventCount, type EventDefinition } from "../subject/event-type.ts";
import {
  type InvoiceContent,
  type InvoicedLine,
  invoiceTotals,
  type OrderInvoiced,
} from "./invoice.ts";

const taxRatePercent = Schema.optionalKey(Schema.String);

const InvoiceLine = Schema.Struct({
  lineId: Schema.String,
  sku: Schema.String,
  from: eventCount.annotate({
    description: "The first of the line's units that it is for, from zero",
  }),
  to: eventCount.annotate({ description: "It is for the units before this one" }),
  quantity: eventCount,
  unitPrice: Money,
  discount: Money.annotate({ description: "The share of its units" }),
  tax: Money.annotate({ description: "The share of its units" }),
  taxRatePercent,
}).annotate({ identifier: "InvoiceLine" });

/** The members of an invoice that its event and its own page share. */
export const invoiceFields = {
  invoiceId: Schema.String,
  shipmentId: Schema.optionalKey(Schema.String),
  fulfillmentOrderId: Schema.optionalKey(
    Schema.String.annotate({ description: "What was collected, or delivered digitally" }),
  ),
  taxesIncluded: Schema.Boolean,
  lines: Schema.Array(InvoiceLine).annotate({
    description: "None where it is for a fee of a cancellation",
  }),
  shipping: Schema.optionalKey(
    Schema.Struct({ amount: Money, discount: Money, tax: Money, taxRatePercent }).annotate({
      identifier: "InvoiceShipping",
      description: "With the first units of an order",
    }),
  ),
  fees: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({ code: Schema.String, amount: Money, tax: Money }).annotate({
        identifier: "InvoiceFee",
      }),
    ),
  ),
  totals: Schema.Struct({
    subtotal: Money,
    discount: Money,
    tax: Money,
    shipping: Money.annotate({ description: "Without its discount" }),
    shippingTax: Money,
    fees: Money,
    feeTax: Money,
    total: Money,
  }).annotate({ identifier: "InvoiceTotals" }),
};

export const invoiceEventTypes = {
  "order.invoiced": {
    description: "Units of an order have left and are invoiced, or a fee is",
    details: Schema.Struct(invoiceFields),
  },
} as const satisfies Readonly<Record<OrderInvoiced["type"], EventDefinition>>;

/** An invoice as it is told: amounts as money, rates as texts. */
export const toldInvoice = (invoice: InvoiceContent, currency: string) => {
  const money = (minorUnits: number) => moneyOf(minorUnits, currency);
  const { id, shipmentId, fulfillmentOrderId, taxesIncluded, lines, shipping, fees } = invoice;
  const totals = invoiceTotals(invoice);
  const rate = (taxRate: InvoicedLine["taxRate"]) =>
    taxRate === undefined ? {} : { taxRatePercent: formatRate(taxRate) };
  return {
    invoiceId: id,
    ...(shipmentId === undefined ? {} : { shipmentId }),
    ...(fulfillmentOrderId === undefined ? {} : { fulfillmentOrderId }),
    taxesIncluded,
    lines: lines.map(({ lineId, sku, from, to, unitPrice, discount, tax, taxRate }) => ({
      ...{ lineId, sku, from, to, quantity: to - from },
      ...{ unitPrice: money(unitPrice), discount: money(discount), tax: money(tax) },
      ...rate(taxRate),
    })),
    ...(shipping === undefined ? {} : {
      shipping: {
        amount: money(shipping.amount),
        discount: money(shipping.discount),
        tax: money(shipping.tax),
        ...rate(shipping.taxRate),
      },
    }),
    ...(fees === undefined ? {} : {
      fees: fees.map(({ code, amount, tax }) => ({ code, amount: money(amount), tax: money(tax) })),
    }),
    totals: {
      subtotal: money(totals.subtotal),
      discount: money(totals.discount),
      tax: money(totals.tax),
      shipping: money(totals.shipping),
      shippingTax: money(totals.shippingTax),
      fees: money(totals.fees),
      feeTax: money(totals.feeTax),
      total: money(totals.total),
    },
  };
};

export const invoicedDetailsOf = ({ invoice, currency }: OrderInvoiced) =>
  toldInvoice(invoice, currency);
