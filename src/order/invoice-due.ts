/**
 * What a decision does to invoices: units that leave are invoiced, and units that were and are cancelled are
 * credited.
 */
import {
  contentOf,
  hasInvoicedUnits,
  type InvoiceCause,
  invoicedUnits,
  invoicesOf,
  type OrderInvoiced,
} from "./invoice.ts";
import { chargeSumsOf, noCharges } from "./charges.ts";
import { creditAmountOf, creditedEvent, creditOfUnits, givenOf } from "./credit.ts";
import { creditedAsCancelled, shippingLeft } from "./credit-units.ts";
import { invoiceIdOf } from "./ids.ts";
import type { Order, OrderEvent, OrderFacts } from "./order.ts";
import type { CancelledCredit, CreditedUnits } from "./payment.ts";
import { hasUnitsLeft, quantitiesOf } from "./quantities.ts";
import { Unfolding } from "./unfolding.ts";

/** What an event lets leave; undefined where it does not. */
const causeOf = (event: OrderEvent): InvoiceCause | undefined => {
  switch (event.type) {
    case "shipment.created":
      return { shipmentId: event.shipment.id };
    case "fulfillment_order.collected":
    // Digital goods leave as they arrive; of others nothing is left to invoice by then.
    case "fulfillment_order.delivered":
      return { fulfillmentOrderId: event.fulfillmentOrderId };
    default:
      return undefined;
  }
};

/** Whether any of these events may have something invoiced, or credited because it was. */
export const concernsInvoices = (events: readonly OrderEvent[]): boolean =>
  events.some((event) => event.type === "order.cancelled" || causeOf(event) !== undefined);

const invoiced = (order: Order, cause: InvoiceCause): OrderInvoiced | null => {
  const done = invoicedUnits(order);
  const units = quantitiesOf(order).flatMap(({ shipped }, index) => {
    const [line, from = 0] = [order.lines[index], done[index]];
    return line === undefined || shipped <= from ? [] : [{ lineId: line.id, from, to: shipped }];
  });
  if (units.length === 0) return null;
  const id = invoiceIdOf(order.id, invoicesOf(order).length + 1);
  return {
    type: "order.invoiced",
    invoice: contentOf(order, id, cause, units, !hasInvoicedUnits(order)),
    currency: order.currency,
  };
};

/**
 * The units that have left by a decision, invoiced. Units of a parcel that is sent once more were invoiced with
 * the first one, and are not once more.
 */
const invoiceWhatLeft = (unfolding: Unfolding): void => {
  const cause = unfolding.events.map(causeOf).find((each) => each !== undefined);
  const event = cause === undefined ? null : invoiced(unfolding.order, cause);
  if (event !== null) unfolding.add(event);
};

/** By line, the units that are both invoiced and cancelled, and not credited for that yet. */
const cancelledInvoiced = (order: Order): readonly number[] => {
  const done = invoicedUnits(order);
  const credited = creditedAsCancelled(order);
  return order.lines.map(({ quantity, cancelled }, n) =>
    Math.max(0, (done[n] ?? 0) + cancelled - quantity) - (credited[n] ?? 0)
  );
};

/** What is credited where nothing is left of an order whose first units were invoiced. */
const besideUnits = (order: Order): Pick<CancelledCredit, "shipping" | "fees"> => {
  const nothing = { amount: 0, tax: 0 };
  if (hasUnitsLeft(order)) {
    return { shipping: nothing, fees: nothing };
  }
  const { fees, feeTax } = chargeSumsOf(order.charges ?? noCharges);
  return {
    shipping: shippingLeft(order),
    fees: { amount: fees, tax: feeTax },
  };
};

/**
 * Credits what was invoiced and is cancelled: units that left, did not arrive, and are not sent once more after
 * all. By the cancellation they are owed no more already.
 */
const creditWhatIsCancelled = (unfolding: Unfolding): void => {
  const { order, facts } = unfolding;
  const given = givenOf(order);
  const units = cancelledInvoiced(order).flatMap((quantity, n): readonly CreditedUnits[] => {
    const line = order.lines[n];
    return quantity <= 0 || line === undefined
      ? []
      : [creditOfUnits(line, line.quantity - line.cancelled, quantity, given)];
  });
  if (units.length === 0) return;
  const cancelled = { units, ...besideUnits(order) };
  const parts = { lines: [], cancelled };
  const amount = creditAmountOf(order, parts);
  const reason = unfolding.events.find((event) => event.type === "order.cancelled")?.reason ?? "";
  unfolding.add(creditedEvent(order, reason, { ...parts, amount }, facts));
};

/** The events of a decision, and those that follow from them for its invoices. */
export const followInvoices = (
  order: Order,
  events: readonly OrderEvent[],
  facts: OrderFacts,
): readonly OrderEvent[] => {
  const unfolding = new Unfolding(order, facts, events);
  invoiceWhatLeft(unfolding);
  if (invoicesOf(order).length > 0) creditWhatIsCancelled(unfolding);
  return unfolding.events;
};
