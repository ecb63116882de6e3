/** Orders and their parts as the API shows them. */
import type { OrderDocument } from "../../src/order/document.ts";
import type { FulfillmentOrder, Order, OrderLine, Shipment } from "../../src/order/order.ts";
import { latestDates } from "../../src/order/goods-dates.ts";
import { promisedUnits } from "../../src/order/promise.ts";
import { holdCodesOf } from "../../src/order/hold-codes.ts";
import { type Kits, kitsOf } from "../../src/order/kits.ts";
import { hasEnded, type LineQuantities, quantitiesOf } from "../../src/order/quantities.ts";
import { supportedActions } from "../../src/order/status.ts";
import { exceptionOf } from "../../src/order/tracking.ts";
import { returnedUnits } from "../../src/order/return-units.ts";
import { trackingNumbersOf } from "../../src/order/tracking-numbers.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { type Money, moneyOf } from "../../src/kernel/money.ts";
import { formatRate } from "../../src/money/tax.ts";
import { chargeSumsOf } from "../../src/order/charges.ts";
import { returnView } from "./return-schemas.ts";
import { documentViews } from "./invoice-schemas.ts";
import { editView } from "./edit-schemas.ts";
import { settlementViews } from "./payment-views.ts";

/** One literal, without spreading: an answer spends most of its time on making and writing its lines. */
const lineView = (
  line: OrderLine,
  quantities: LineQuantities | undefined,
  returned: number,
  money: (minorUnits: number) => Money,
) => ({
  id: line.id,
  sku: line.sku,
  quantity: line.quantity,
  unitPrice: money(line.unitPrice),
  discount: money(line.discount),
  tax: money(line.tax),
  fulfillment: { method: line.method, locationId: line.locationId },
  allocated: quantities?.allocated,
  shipped: quantities?.shipped,
  delivered: quantities?.delivered,
  backordered: quantities?.backordered,
  cancelled: quantities?.cancelled,
  short: quantities?.short,
  pending: quantities?.pending,
  returned,
  externalId: line.externalId,
  taxRatePercent: line.taxRate === undefined ? undefined : formatRate(line.taxRate),
  orderDiscount: line.orderDiscount === undefined ? undefined : money(line.orderDiscount),
  basedOn: line.basedOn,
  neededAt: line.neededAt,
  promises: line.promises,
  components: line.components,
});

/** Members of an order whose money is more than plain prices. */
const chargeViews = (
  { charges }: Order,
  money: (minorUnits: number) => Money,
) => {
  if (charges === undefined) return undefined;
  const { taxesIncluded, taxRounding, discounts, fees, channelTotal, shippingTaxRate } = charges;
  const { fees: feeSum, feeTax } = chargeSumsOf(charges);
  return {
    shipping: {
      discount: money(charges.shippingDiscount),
      tax: money(charges.shippingTax),
      taxRatePercent: shippingTaxRate === undefined ? undefined : formatRate(shippingTaxRate),
    },
    order: {
      taxesIncluded,
      taxRounding,
      discounts: discounts.map(({ code, amount }) => ({ code, amount: money(amount) })),
      fees: fees.map(({ code, amount, tax }) => ({
        code,
        amount: money(amount),
        tax: money(tax),
      })),
      channelTotal: channelTotal === undefined ? undefined : money(channelTotal),
    },
    totals: {
      shippingDiscount: money(charges.shippingDiscount),
      shippingTax: money(charges.shippingTax),
      fees: money(feeSum),
      feeTax: money(feeTax),
    },
  };
};

/** With what each unit of a kit is made of. */
const fulfillmentLines = (
  { lines }: FulfillmentOrder,
  kits: Kits,
): readonly FulfillmentLineView[] =>
  kits === null ? lines : lines.map((line) => {
    const components = kits.get(line.lineId);
    return components === undefined ? line : { ...line, components };
  });

type FulfillmentLineView = FulfillmentOrder["lines"][number] & Pick<OrderLine, "components">;

const fulfillmentOrderPart = (
  fulfillmentOrder: FulfillmentOrder,
  order: Order,
  kits: Kits = kitsOf(order),
) => ({
  ...fulfillmentOrder,
  lines: fulfillmentLines(fulfillmentOrder, kits),
  supportedActions: supportedActions(fulfillmentOrder, order),
});

/** The holds of its order keep it waiting as long as there is anything to do. */
const waiting = (fulfillmentOrder: FulfillmentOrder, order: Order) => {
  const holds = hasEnded(fulfillmentOrder) ? [] : holdCodesOf(order);
  return { held: holds.length > 0, holds };
};

export const shipmentView = (
  { trackingNumber, moreTrackingNumbers, notes = [], ...shipment }: Shipment,
  order: Order,
) => ({
  ...shipment,
  orderId: order.id,
  ...(trackingNumber === undefined ? {} : { trackingNumber }),
  trackingNumbers: trackingNumbersOf({ trackingNumber, moreTrackingNumbers }),
  notes,
});

/** A shipment in an exception, with what one must know to look after it. */
export const exceptionView = (shipment: Shipment, { state: order }: OrderDocument) => ({
  shipment: shipmentView(shipment, order),
  channel: order.channel,
  externalId: order.externalId,
  ...exceptionOf(shipment) ?? { since: shipment.shippedAt },
});

const totalsView = (
  totals: Order["totals"],
  charges: NonNullable<ReturnType<typeof chargeViews>>["totals"] | undefined,
  money: (minorUnits: number) => Money,
) => ({
  subtotal: money(totals.subtotal),
  discount: money(totals.discount),
  tax: money(totals.tax),
  shipping: money(totals.shipping),
  shippingDiscount: charges?.shippingDiscount,
  shippingTax: charges?.shippingTax,
  fees: charges?.fees,
  feeTax: charges?.feeTax,
  total: money(totals.total),
});

/**
 * The order as channels and operations see it. Without spreading: an object that is made of others is a table
 * of its members, which takes three times as long to write.
 */
export const orderView = ({ state: order, personal: contact }: OrderDocument) => {
  const money = (minorUnits: number) => moneyOf(minorUnits, order.currency);
  const quantities = quantitiesOf(order);
  const returned = order.returns === undefined ? undefined : returnedUnits(order);
  const { totals } = order;
  const charges = chargeViews(order, money);
  const settled = settlementViews(order);
  const documents = documentViews(order);
  const kits = kitsOf(order);
  const dates = latestDates(
    order,
    (line, n) => quantities[n]?.pending === 0 && quantities[n]?.backordered === promisedUnits(line),
  );
  return {
    id: order.id,
    channel: order.channel,
    externalId: order.externalId,
    status: order.status,
    currency: order.currency,
    customer: order.customerId === undefined
      ? contact.customer
      : { id: order.customerId, ...contact.customer },
    shippingAddress: contact.shippingAddress,
    billingAddress: contact.billingAddress,
    note: contact.note,
    shipping: {
      service: order.shippingService,
      amount: money(totals.shipping),
      discount: charges?.shipping.discount,
      tax: charges?.shipping.tax,
      taxRatePercent: charges?.shipping.taxRatePercent,
    },
    onShortage: order.onShortage,
    shipComplete: order.shipComplete,
    priority: order.priority,
    holds: order.holds,
    hold: order.holds[0],
    shipBy: dates.shipBy,
    deliverBy: dates.deliverBy,
    lines: order.lines.map((line, i) => lineView(line, quantities[i], returned?.[i] ?? 0, money)),
    totals: totalsView(totals, charges?.totals, money),
    taxesIncluded: charges?.order.taxesIncluded,
    taxRounding: charges?.order.taxRounding,
    discounts: charges?.order.discounts,
    fees: charges?.order.fees,
    channelTotal: charges?.order.channelTotal,
    currentTotals: settled?.currentTotals,
    balance: settled?.balance,
    paymentStatus: settled?.paymentStatus,
    paymentPolicy: settled?.paymentPolicy,
    payments: settled?.payments,
    credits: settled?.credits,
    fulfillmentOrders: order.fulfillmentOrders.map((each) =>
      fulfillmentOrderPart(each, order, kits)
    ),
    shipments: order.shipments.map((each) => shipmentView(each, order)),
    returns: order.returns?.map((each) => returnView(each, order)),
    edits: order.edits?.map((each) => editView(each, order.currency)),
    invoices: documents.invoices,
    creditMemos: documents.creditMemos,
    metadata: order.metadata,
    cancelReason: order.cancelReason,
    reservation: order.reservation,
    placedAt: order.placedAt,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    version: order.version,
  };
};

/** The order as a key sees it: one of a location sees none of its invoices. */
export const orderViewFor = ({ scope }: Principal) => (document: OrderDocument) => {
  const view = orderView(document);
  if (scope.locationId === undefined) return view;
  const { invoices: _, creditMemos: __, ...rest } = view;
  return rest;
};

/** A fulfillment order with the facts that its location must know to fulfill it. */
export const fulfillmentOrderView = (
  fulfillmentOrder: FulfillmentOrder,
  { state: order, personal: contact }: OrderDocument,
) => ({
  ...fulfillmentOrderPart(fulfillmentOrder, order),
  ...waiting(fulfillmentOrder, order),
  orderId: order.id,
  channel: order.channel,
  externalId: order.externalId,
  recipient: {
    name: contact.shippingAddress?.name ?? contact.customer.name,
    phone: contact.shippingAddress?.phone ?? contact.customer.phone,
    address: contact.shippingAddress,
  },
  shippingService: order.shippingService,
  shipments: order.shipments
    .filter(({ fulfillmentOrderId }) => fulfillmentOrderId === fulfillmentOrder.id)
    .map((shipment) => shipmentView(shipment, order)),
  version: order.version,
});
