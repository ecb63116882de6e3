/** The end state of a flow without what a crash may change: times, ids, and in how many commits it came. */
import { timerOwner } from "../../src/store/documents.ts";
import type { Order, OrderEvent } from "../../src/order/order.ts";
import { paymentStatusOf } from "../../src/order/payment-amounts.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { trackingNumbersOf } from "../../src/order/tracking-numbers.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import type { Standing, Truth } from "../sim/truth.ts";
import type { Workout } from "../support/workout.ts";

const eventName = (event: OrderEvent): string =>
  event.type === "order.allocated"
    ? `${event.type} ${event.fulfillmentOrders.map(({ locationId }) => locationId).join(" ")}`
    : event.type;

const orderState = (order: Order) => ({
  status: order.status,
  holds: order.holds.map(({ code }) => code),
  cancelReason: order.cancelReason ?? null,
  lines: order.lines.map(({ sku, quantity, promises = [] }, index) => ({
    sku,
    quantity,
    ...quantitiesOf(order)[index],
    promises: promises.map((each) => [each.quantity, each.locationId, each.expectedAt]),
  })),
  fulfillmentOrders: order.fulfillmentOrders.map((
    { locationId, method, status, lines, packages },
  ) => ({ locationId, method, status, lines, packages })),
  shipments: order.shipments.map((
    { locationId, carrier, status, lines, tracking, notes = [], ...shipment },
  ) => ({
    locationId,
    carrier,
    status,
    lines,
    tracking: tracking.map((each) => [each.status, each.occurredAt]),
    numbers: trackingNumbersOf(shipment),
    notes: notes.map(({ text }) => text),
  })),
  returns: (order.returns ?? []).map(({ status, locationId = null, lines }) => ({
    status,
    locationId,
    lines,
  })),
  totals: order.totals,
  payments: (order.settlement?.payments ?? []).map((payment) => ({
    status: paymentStatusOf(payment),
    transactions: payment.transactions.map(({ kind, amount, status }) => [kind, amount, status]),
  })),
});

/** Times and ids are others after a crash, and so is in how many commits it came. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const withoutTimes = (value: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (typeof value === "string") return instant.test(value) ? "a time" : names.get(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => withoutTimes(each, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withoutTimes(each, names)]),
  );
};

/** A timer that moves has its time in its name, as epoch milliseconds. */
const withoutDueTime = (timerName: string): string => timerName.replace(/\b\d{13}\b/, "a time");

export const nameIn = (workouts: readonly Workout[], { definition, state }: Standing): string => {
  const found = workouts.find((each) => each.definition.name === definition.name);
  if (found === undefined) throw new Error(`${definition.name} has no workout`);
  return found.nameOf(state);
};

/** Ids of its parts hold its own. */
const withoutId = (state: object, id: string): unknown =>
  JSON.parse(JSON.stringify(state).replaceAll(id.slice(id.indexOf("_") + 1), "its-id"));

const anyState = (
  { state: { id, version: _, ...state } }: Standing,
  names: ReadonlyMap<string, string>,
): unknown => withoutTimes(withoutId(state, id), names);

export const endStateOf = (truth: Truth, workouts: readonly Workout[]): unknown => {
  const names = new Map(truth.documents.map(({ state: order }) => [order.id, order.externalId]));
  const events = new Map<string, string[]>();
  for (const record of truth.log.flatMap(({ records }) => records)) {
    if (!isOrderRecord(record)) continue;
    const name = names.get(record.orderId) ?? record.orderId;
    // How often promises are made anew depends on when somebody looks; what they are in the end does not.
    const told = record.events.filter(({ type }) => type !== "order.promised");
    events.set(name, [...events.get(name) ?? [], ...told.map(eventName)]);
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
    channels: truth.channels.map((each) => withoutTimes(each, names)),
    timers: truth.timers
      .map(({ name, timer }) => [withoutDueTime(name), names.get(timerOwner(timer))]).sort(),
    backorders: truth.backorders.map(({ sku, orderId }) => [sku, names.get(orderId)]).sort(),
    references: truth.references,
    others: Object.fromEntries(
      truth.others.map((each) => [nameIn(workouts, each), anyState(each, names)] as const)
        .toSorted(([one], [other]) => one < other ? -1 : 1),
    ),
  };
};
