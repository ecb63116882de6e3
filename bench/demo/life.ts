/**
 * The life of one order, from its placing to its end. Each round does what the order supports just then, so
 * that whoever steps in by hand meanwhile (holds it, cancels it, ships it) disturbs nothing.
 */
import { Clock, DateTime, Effect, Random } from "effect";
import { Anything, type Client, type Declined, Order } from "./client.ts";
import { changeMind, comeBack, paidBy } from "./money.ts";
import {
  cancelReasons,
  carriers,
  channels,
  customers,
  type DemoItem,
  holdReasons,
  items,
  pickupLocation,
} from "./world.ts";

/** Rounds after which an order is left alone: it waits for something that does not come. */
const roundsPerOrder = 300;
const shortestPauseMs = 2_000;
const longestPauseMs = 9_000;

/** One of a list that is not empty, each as likely as the others. */
const oneOf = <A>(list: readonly A[]): Effect.Effect<A> => Effect.orDie(Random.choice(list));

const chance = (probability: number): Effect.Effect<boolean> =>
  Effect.map(Random.next, (random) => random < probability);

const pause = Effect.flatMap(
  Random.nextIntBetween(shortestPauseMs, longestPauseMs),
  (ms) => Effect.sleep(ms),
);

const now = Effect.map(DateTime.now, DateTime.formatIso);

/** The engine may decline: somebody else was faster, or it is busy. The next round looks anew. */
const orLater = <A>(effect: Effect.Effect<A, Declined>): Effect.Effect<void> =>
  effect.pipe(
    Effect.catch(({ status, detail }) =>
      status === 409 || status === 412 || status === 503
        ? Effect.void
        : Effect.logWarning(`The engine declined with ${status}: ${detail}`)
    ),
    Effect.asVoid,
  );

export interface LifeClients {
  /** A key for each channel, which sees nothing else. */
  readonly channel: (name: string) => Client;
  readonly operations: Client;
  readonly support: Client;
  readonly finance: Client;
  /** The id of the key of operations. */
  readonly operationsId: string;
}

const lineOf = (item: DemoItem, quantity: number, isPickup: boolean) => ({
  sku: item.sku,
  quantity,
  unitPrice: { amount: item.price, currency: "EUR" },
  ...(item.digital === true
    ? { fulfillment: { method: "digital" } }
    : isPickup
    ? { fulfillment: { method: "pickup", locationId: pickupLocation } }
    : {}),
});

/** A new order as a channel sends it. */
const newOrder = Effect.fnUntraced(function* (channel: string, externalId: string) {
  const customer = yield* oneOf(customers);
  const isPickup = channel === "web" && (yield* chance(0.15));
  const first = yield* oneOf(items);
  const chosen = new Set([first, yield* oneOf(items), yield* oneOf(items)]);
  const wanted = [...chosen].slice(0, yield* Random.nextIntBetween(1, 3));
  const lines = yield* Effect.forEach(
    wanted,
    (item) =>
      Effect.map(Random.nextIntBetween(1, 3), (quantity) => lineOf(item, quantity, isPickup)),
  );
  const { city, country, latitude, longitude } = customer;
  return {
    channel,
    externalId,
    currency: "EUR",
    customer: { id: customer.id, name: customer.name, email: `${customer.id}@example.com` },
    shippingAddress: { line1: "Main Street 1", city, country, latitude, longitude },
    lines,
    shipping: { service: "standard", amount: { amount: shippingPrice, currency: "EUR" } },
    ...paidBy(channel, externalId, lines, shippingPrice),
    onShortage: yield* oneOf(["backorder", "backorder", "partial", "hold", "reject"]),
  };
});

const shippingPrice = "4.95";

const ended: ReadonlySet<string> = new Set(["delivered", "closed", "cancelled"]);
const beforeShipping: ReadonlySet<string> = new Set([
  "backordered",
  "partially_allocated",
  "allocated",
  "fulfilling",
]);

/** What a location does with a fulfillment order, of what it may do. */
const act = Effect.fnUntraced(function* (
  client: Client,
  { id, supportedActions }: Order["fulfillmentOrders"][number],
) {
  const path = `/v1/fulfillment-orders/${id}`;
  const order = ["collect", "ready-for-pickup", "ship", "pack", "pick", "accept"];
  const rejects = supportedActions.includes("accept") && (yield* chance(0.03));
  const action = rejects ? "reject" : order.find((each) => {
    // A packed parcel can be shipped; one that is only picked is packed first.
    return supportedActions.includes(each) &&
      !(each === "ship" && supportedActions.includes("pack"));
  });
  if (action === undefined) return;
  const body = action === "reject"
    ? { reason: "damaged in the warehouse" }
    : action === "ship"
    ? { carrier: yield* oneOf(carriers), trackingNumber: id.slice(-12) }
    : {};
  yield* orLater(client.ask(Anything, "POST", `${path}/${action}`, body));
});

const nextTracking: Readonly<Record<string, string>> = {
  shipped: "in_transit",
  in_transit: "out_for_delivery",
  exception: "out_for_delivery",
  out_for_delivery: "delivered",
};

/** What the carrier reports next about a shipment. */
const track = Effect.fnUntraced(function* (
  client: Client,
  { id, status }: Order["shipments"][number],
) {
  const next = nextTracking[status];
  if (next === undefined) return;
  const failed = status === "out_for_delivery" && (yield* chance(0.1));
  const body = {
    status: failed ? "exception" : next,
    occurredAt: yield* now,
    ...(failed ? { description: "Nobody was at home" } : {}),
  };
  yield* orLater(client.ask(Anything, "POST", `/v1/shipments/${id}/tracking`, body));
});

/** What happens to the order as a whole: nothing, most of the time. */
const disturb = Effect.fnUntraced(function* (clients: LifeClients, order: Order) {
  const { operations, operationsId } = clients;
  const path = `/v1/orders/${order.id}`;
  if (order.holds.length > 0) {
    // Others release themselves what they hold.
    const ours = order.holds.find(({ code, by }) => code === "shortage" || by === operationsId);
    if (ours !== undefined && (yield* chance(0.4))) {
      const { code } = ours;
      yield* orLater(operations.ask(Anything, "POST", `${path}/release`, { code }));
    }
  } else if (beforeShipping.has(order.status) && (yield* chance(0.02))) {
    const reason = yield* oneOf(cancelReasons);
    yield* orLater(operations.ask(Anything, "POST", `${path}/cancel`, { reason }));
  } else if (beforeShipping.has(order.status) && (yield* chance(0.03))) {
    yield* orLater(changeMind(clients, order));
  } else if (order.status === "allocated" && (yield* chance(0.05))) {
    const reason = yield* oneOf(holdReasons);
    yield* orLater(operations.ask(Anything, "POST", `${path}/hold`, { reason }));
  }
});

/** Some of what has arrived comes back. Says whether something else is to be sent for it. */
const afterwards = Effect.fnUntraced(function* (clients: LifeClients, order: Order) {
  if (order.status !== "delivered" || !(yield* chance(0.15))) return false;
  yield* pause;
  const isExchange = yield* chance(0.3);
  const where = { pause, locationId: pickupLocation };
  yield* orLater(comeBack({ ...clients, ...where, isExchange }, order));
  return isExchange;
});

/** Places an order and goes on with it until it has ended. */
export const life = Effect.fnUntraced(function* (clients: LifeClients, number: number) {
  const startedMs = yield* Clock.currentTimeMillis;
  const channel = yield* oneOf(channels);
  const externalId = `${channel}-${startedMs.toString(36)}-${number}`;
  const request = yield* newOrder(channel, externalId);
  const { id } = yield* clients.channel(channel).ask(Order, "POST", "/v1/orders", request);
  let hasComeBack = false;
  for (let round = 0; round < roundsPerOrder; round++) {
    yield* pause;
    const order = yield* clients.operations.ask(Order, "GET", `/v1/orders/${id}`);
    if (ended.has(order.status)) {
      if (hasComeBack || !(yield* afterwards(clients, order))) return;
      hasComeBack = true;
      continue;
    }
    yield* disturb(clients, order);
    for (const part of order.fulfillmentOrders) yield* act(clients.operations, part);
    for (const shipment of order.shipments) yield* track(clients.operations, shipment);
  }
}, orLater);
