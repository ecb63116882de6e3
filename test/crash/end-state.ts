/** The end state of a flow without what a crash may change: times, ids, and in how many commits it came. */
import { timerOwner } from "../../src/store/documents.ts";
import type { Order, OrderEvent } from "../../src/order/order.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import type { Truth } from "../sim/truth.ts";

const eventName = (event: OrderEvent): string =>
  event.type === "order.allocated"
    ? `${event.type} ${event.fulfillmentOrders.map(({ locationId }) => locationId).join(" ")}`
    : event.type;

const orderState = (order: Order) => ({
  status: order.status,
  holds: order.holds.map(({ code }) => code),
  cancelReason: order.cancelReason ?? null,
  lines: order.lines.map(({ sku, quantity }, index) => ({
    sku,
    quantity,
    ...quantitiesOf(order)[index],
  })),
  fulfillmentOrders: order.fulfillmentOrders.map((
    { locationId, method, status, lines, packages },
  ) => ({ locationId, method, status, lines, packages })),
  shipments: order.shipments.map(({ locationId, carrier, status, lines, tracking }) => ({
    locationId,
    carrier,
    status,
    lines,
    tracking: tracking.map((each) => [each.status, each.occurredAt]),
  })),
  totals: order.totals,
});

export const endStateOf = (truth: Truth): unknown => {
  const names = new Map(truth.documents.map(({ state: order }) => [order.id, order.externalId]));
  const events = new Map<string, string[]>();
  for (const record of truth.log.flatMap(({ records }) => records)) {
    if (!isOrderRecord(record)) continue;
    const name = names.get(record.orderId) ?? record.orderId;
    events.set(name, [...events.get(name) ?? [], ...record.events.map(eventName)]);
  }
  return {
    orders: Object.fromEntries(
      truth.documents.map(({ state: order }) => [order.externalId, orderState(order)] as const)
        .toSorted(([one], [other]) => one < other ? -1 : 1),
    ),
    events: Object.fromEntries([...events].toSorted(([one], [other]) => one < other ? -1 : 1)),
    rows: truth.rows,
    items: truth.items.map(({ sku, name, digital, version }) => ({ sku, name, digital, version })),
    locations: truth.locations.map(({ id, active, version }) => ({ id, active, version })),
    timers: truth.timers.map(({ name, timer }) => [name, names.get(timerOwner(timer))]).sort(),
    backorders: truth.backorders.map(({ sku, orderId }) => [sku, names.get(orderId)]).sort(),
    references: truth.references,
  };
};
