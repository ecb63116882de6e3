/**
 * Invoices as they are stored. An order's document has of each the units only, and of the usual one, of just
 * what a shipment has in it, nothing but the shipment's number; a log record has all figures, by position.
 */
import { epochMsOf, instantOf } from "../kernel/instant.ts";
import {
  at,
  boxed,
  given,
  type Json,
  numberOf,
  type Packed,
  trimmed,
  unboxed,
} from "../kernel/packed.ts";
import { fulfillmentOrderIdOf, invoiceIdOf, shipmentIdOf } from "./ids.ts";
import {
  contentOf,
  feeContent,
  type Invoice,
  type InvoiceCause,
  type InvoiceContent,
  type InvoicedUnits,
  type OrderInvoiced,
} from "./invoice.ts";
import type { Order } from "./order.ts";
import { lineIndexOf } from "./quantities.ts";

const partOf = (id: string | undefined): number => id === undefined ? 0 : numberOf(id);

const isOfShipment = ({ at, lines }: Invoice, shipment: Order["shipments"][number]): boolean =>
  at === shipment.shippedAt && lines.length === shipment.lines.length &&
  lines.every(({ lineId, from, to }, n) => {
    const other = shipment.lines[n];
    return other?.lineId === lineId && other.quantity === to - from;
  });

const packInvoice = (order: Order) => (invoice: Invoice): Json => {
  const { shipmentId, fulfillmentOrderId, lines, fees = [] } = invoice;
  const shipment = order.shipments[partOf(shipmentId) - 1];
  if (shipment?.id === shipmentId && shipment !== undefined && isOfShipment(invoice, shipment)) {
    return numberOf(shipment.id);
  }
  return trimmed([
    epochMsOf(invoice.at) - epochMsOf(order.createdAt),
    lines.flatMap(({ lineId, from, to }) => [Number(lineId), to - from]),
    partOf(fulfillmentOrderId),
    partOf(shipmentId),
    // Those of the order itself follow from it.
    lines.length > 0 ? 0 : fees.reduce((sum, { amount }) => sum + amount, 0),
  ]);
};

/** Null without any. */
export const packInvoices = (order: Order): Packed | null =>
  order.invoices === undefined ? null : order.invoices.map(packInvoice(order));

/** Reads invoices in their order: each goes on with its lines where the one before has ended. */
class Reader {
  readonly #invoiced: number[];
  #isFirst = true;
  #count = 0;

  constructor(private readonly order: Order) {
    this.#invoiced = order.lines.map(() => 0);
  }

  read(packed: Json): Invoice {
    const { order } = this;
    const id = invoiceIdOf(order.id, ++this.#count);
    if (!Array.isArray(packed)) {
      const shipment = order.shipments[Number(packed) - 1];
      const units = shipment?.lines.map(({ lineId, quantity }) => this.#next(lineId, quantity));
      const cause = { shipmentId: shipmentIdOf(order.id, Number(packed)) };
      return {
        ...this.#content(id, cause, units ?? []),
        at: shipment?.shippedAt ?? order.createdAt,
      };
    }
    const [since = 0, counts = [], fulfillment = 0, shipment = 0, fee = 0] = packed as [
      number?,
      number[]?,
      number?,
      number?,
      number?,
    ];
    const made = { at: instantOf(epochMsOf(order.createdAt) + since) };
    if (counts.length === 0) return { ...feeContent(order, id, fee), ...made };
    const units: InvoicedUnits[] = [];
    for (let n = 0; n < counts.length; n += 2) {
      units.push(this.#next(String(counts[n]), counts[n + 1] ?? 0));
    }
    const cause = {
      ...(shipment === 0 ? {} : { shipmentId: shipmentIdOf(order.id, shipment) }),
      ...(fulfillment === 0
        ? {}
        : { fulfillmentOrderId: fulfillmentOrderIdOf(order.id, fulfillment) }),
    };
    return { ...this.#content(id, cause, units), ...made };
  }

  #next(lineId: string, quantity: number): InvoicedUnits {
    const index = lineIndexOf(this.order, lineId);
    const from = this.#invoiced[index] ?? 0;
    if (index >= 0) this.#invoiced[index] = from + quantity;
    return { lineId, from, to: from + quantity };
  }

  #content(id: string, cause: InvoiceCause, units: readonly InvoicedUnits[]): InvoiceContent {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return contentOf(this.order, id, cause, units, isFirst);
  }
}

/** The order with its invoices. */
export const withStoredInvoices = (order: Order, packed: Packed | null | undefined): Order => {
  if (packed === null || packed === undefined) return order;
  const reader = new Reader(order);
  return { ...order, invoices: packed.map((each) => reader.read(each)) };
};

/** An event as a log record has it: all that is to be known of the invoice. */
export const packInvoiced = ({ invoice, currency }: OrderInvoiced): Json[] => {
  const { id, shipmentId, fulfillmentOrderId, taxesIncluded, lines, shipping, fees } = invoice;
  return [
    ...trimmed([
      numberOf(id),
      currency,
      lines.map((line) =>
        trimmed([
          ...[line.lineId, line.sku, line.from, line.to, line.unitPrice, line.discount, line.tax],
          boxed(line.taxRate),
        ])
      ),
      partOf(shipmentId),
      partOf(fulfillmentOrderId),
      taxesIncluded ? 1 : 0,
      shipping === undefined ? null : trimmed([
        ...[shipping.amount, shipping.discount, shipping.tax],
        boxed(shipping.taxRate),
      ]),
      fees === undefined ? null : fees.map(({ code, amount, tax }) => [code, amount, tax]),
    ]),
  ];
};

const rateAt = (packed: Packed, index: number) => given("taxRate", unboxed(at(packed, index)));

export const unpackInvoiced = (packed: Packed, orderId: string): OrderInvoiced => {
  const shipment = at<number | undefined>(packed, 3) ?? 0;
  const fulfillment = at<number | undefined>(packed, 4) ?? 0;
  const shipping = at<Packed | null | undefined>(packed, 6);
  const fees = at<readonly Packed[] | null | undefined>(packed, 7);
  const invoice: InvoiceContent = {
    id: invoiceIdOf(orderId, at(packed, 0)),
    ...(shipment === 0 ? {} : { shipmentId: shipmentIdOf(orderId, shipment) }),
    ...(fulfillment === 0
      ? {}
      : { fulfillmentOrderId: fulfillmentOrderIdOf(orderId, fulfillment) }),
    taxesIncluded: at(packed, 5) === 1,
    lines: at<readonly Packed[]>(packed, 2).map((line) => ({
      ...{ lineId: at<string>(line, 0), sku: at<string>(line, 1) },
      from: at<number | undefined>(line, 2) ?? 0,
      to: at<number | undefined>(line, 3) ?? 0,
      unitPrice: at<number | undefined>(line, 4) ?? 0,
      discount: at<number | undefined>(line, 5) ?? 0,
      tax: at<number | undefined>(line, 6) ?? 0,
      ...rateAt(line, 7),
    })),
    ...(shipping === null || shipping === undefined ? {} : {
      shipping: {
        amount: at<number | undefined>(shipping, 0) ?? 0,
        discount: at<number | undefined>(shipping, 1) ?? 0,
        tax: at<number | undefined>(shipping, 2) ?? 0,
        ...rateAt(shipping, 3),
      },
    }),
    ...given(
      "fees",
      fees?.map((fee) => ({
        ...{ code: at<string>(fee, 0), amount: at<number>(fee, 1), tax: at<number>(fee, 2) },
      })),
    ),
  };
  return { type: "order.invoiced", invoice, currency: at(packed, 1) };
};
