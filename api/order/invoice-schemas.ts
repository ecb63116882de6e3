/** Invoices and credit memos as the API shows them, and their values. */
import { Schema } from "effect";
import type { OrderDocument } from "../../src/order/document.ts";
import { creditSums } from "../../src/order/credit.ts";
import { creditMemoIdOf } from "../../src/order/ids.ts";
import { type Invoice as InvoiceOf, invoicesOf } from "../../src/order/invoice.ts";
import { invoiceFields as told, toldInvoice } from "../../src/order/invoice-events.ts";
import type { Order } from "../../src/order/order.ts";
import type { Credit, CreditedUnits } from "../../src/order/payment.ts";
import { moneyOf } from "../../src/kernel/money.ts";
import { Money } from "../../src/kernel/vocabulary.ts";
import { count, time } from "../http/schemas.ts";

const { invoiceId: _, ...content } = told;

const invoiceFields = { id: Schema.String, at: time, ...content };

/** An invoice inside its order. */
export const OrderInvoice = Schema.Struct(invoiceFields).annotate({ identifier: "OrderInvoice" });

const ofOrder = {
  orderId: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  version: Schema.Int.annotate({ description: "The version of its order" }),
};

export const Invoice = Schema.Struct({ ...invoiceFields, ...ofOrder }).annotate({
  identifier: "Invoice",
});

const creditMemoFields = {
  id: Schema.String,
  at: time,
  reason: Schema.String,
  by: Schema.String,
  taxesIncluded: Schema.Boolean,
  lines: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      from: count.annotate({ description: "The first of the line's units, from zero" }),
      to: count.annotate({ description: "The units before this one" }),
      quantity: count,
      goods: Money.annotate({
        description: "Their price less their discount, and less what was given off them before",
      }),
      tax: Money,
    }).annotate({ identifier: "CreditMemoLine" }),
  ).annotate({ description: "Units that are owed no more" }),
  allowances: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      from: count,
      to: count,
      amount: Money.annotate({ description: "With its tax" }),
      tax: Money,
    }).annotate({ identifier: "CreditMemoAllowance" }),
  ).annotate({ description: "What is given off units that stay" }),
  totals: Schema.Struct({
    goods: Money,
    tax: Money,
    shipping: Money,
    shippingTax: Money,
    fees: Money.annotate({ description: "Fees of the order that are owed no more" }),
    feeTax: Money,
    keptBack: Money.annotate({ description: "A fee for the return: taken off the total" }),
    total: Money,
  }).annotate({ identifier: "CreditMemoTotals" }),
};

export const OrderCreditMemo = Schema.Struct(creditMemoFields).annotate({
  identifier: "OrderCreditMemo",
});

export const CreditMemo = Schema.Struct({ ...creditMemoFields, ...ofOrder }).annotate({
  identifier: "CreditMemo",
});

export const invoiceView = ({ at, ...invoice }: InvoiceOf, { currency }: Order) => {
  const { invoiceId: id, ...rest } = toldInvoice(invoice, currency);
  return { id, at, ...rest };
};

const creditMemoView = (
  { at, reason, by, ...parts }: Credit,
  order: Order,
  id: string,
  /** By line, the units that memos before this one are for. */
  credited: Map<string, number>,
) => {
  const money = (minorUnits: number) => moneyOf(minorUnits, order.currency);
  const taxesIncluded = order.charges?.taxesIncluded === true;
  const lineOf = (from: number, { lineId, quantity, ...units }: CreditedUnits) => {
    const { goods, tax, given, givenTax = 0 } = units;
    return {
      ...{ lineId, from, to: from + quantity, quantity },
      goods: money(goods - (taxesIncluded ? given : given - givenTax)),
      tax: money(tax - givenTax),
    };
  };
  const returned = (parts.returned ?? []).map((units) => {
    const from = credited.get(units.lineId) ?? 0;
    credited.set(units.lineId, from + units.quantity);
    return lineOf(from, units);
  });
  const { fee: keptBack, ...sums } = creditSums(order, parts);
  return {
    ...{ id, at, reason, by, taxesIncluded },
    lines: [
      ...returned,
      ...(parts.cancelled?.units ?? []).map((units) => lineOf(units.from ?? 0, units)),
    ],
    allowances: parts.lines.map(({ lineId, amount, units, from = 0, tax = 0 }) => ({
      ...{ lineId, from, to: units, amount: money(amount), tax: money(tax) },
    })),
    totals: {
      goods: money(sums.goods),
      tax: money(sums.tax),
      shipping: money(sums.shipping),
      shippingTax: money(sums.shippingTax),
      fees: money(sums.fees),
      feeTax: money(sums.feeTax),
      keptBack: money(keptBack),
      total: money(sums.total),
    },
  };
};

/** The credit memos of an order, oldest first. */
export const creditMemoViews = (order: Order) => {
  const credited = new Map<string, number>();
  return (order.settlement?.credits ?? []).map((credit, n) =>
    creditMemoView(credit, order, creditMemoIdOf(order.id, n + 1), credited)
  );
};

export const invoiceViews = (order: Order) =>
  invoicesOf(order).map((each) => invoiceView(each, order));

/** Members that a document has on its own. */
export const withOrder = <View extends object>(view: View, { state: order }: OrderDocument) => ({
  ...view,
  orderId: order.id,
  channel: order.channel,
  externalId: order.externalId,
  version: order.version,
});

/** Members of an order with its documents: none where it has none. */
export const documentViews = (order: Order) => ({
  ...(order.invoices === undefined ? {} : { invoices: invoiceViews(order) }),
  ...((order.settlement?.credits.length ?? 0) === 0 ? {} : { creditMemos: creditMemoViews(order) }),
});

export const documentFields = {
  invoices: Schema.optionalKey(
    Schema.Array(OrderInvoice).annotate({
      description: "Oldest first; absent without any, and for keys of a location",
    }),
  ),
  creditMemos: Schema.optionalKey(
    Schema.Array(OrderCreditMemo).annotate({
      description: "Oldest first; absent without any, and for keys of a location",
    }),
  ),
};
