import assert from "node:assert/strict";
import type { FulfillmentOrder, Order, OrderRejection } from "../../src/order/order.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { supportedActions } from "../../src/order/status.ts";
import { line, places, request, types, World } from "./support.ts";

const placed = (quantity = 3, stock: Readonly<Record<string, number>> = { "north tea": 5 }) => {
  const world = new World({ stock });
  world.place(request([line("tea", quantity), line("cup", 1)], { onShortage: "partial" }));
  return world;
};

const part = (order: Order | null, n = 1): FulfillmentOrder =>
  order?.fulfillmentOrders[n - 1] ?? assert.fail(`no fulfillment order ${n}`);

const transition = (refused: OrderRejection): readonly (string | undefined)[] =>
  refused._tag === "IllegalTransition"
    ? [refused.action, refused.status, refused.fulfillmentOrderId]
    : assert.fail(`refused as ${refused._tag}`);

Deno.test("a fulfillment order goes from accepted to packed, and says what may follow", () => {
  const world = placed();
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  const allowed = () => supportedActions(part(world.order), world.order ?? assert.fail());
  assert.deepEqual(allowed(), ["accept", "reject"]);
  assert.equal(world.do({ type: "accept", fulfillmentOrderId }).status, "fulfilling");
  assert.deepEqual(allowed(), ["reject", "pick"]);
  world.do({ type: "pick", fulfillmentOrderId, lines: [{ lineId: "1", quantity: 1 }] });
  assert.equal(part(world.order).status, "partially_picked");
  world.do({ type: "pick", fulfillmentOrderId });
  assert.equal(part(world.order).status, "picked");
  assert.deepEqual(allowed(), ["reject", "pack", "ship"]);
  const packages = [{ reference: "box 1", weightGrams: 400 }];
  world.do({ type: "pack", fulfillmentOrderId, packages });
  assert.deepEqual(part(world.order).packages, packages);
  assert.deepEqual(allowed(), ["reject", "ship"]);
});

Deno.test("steps out of turn are refused, naming the fulfillment order's status and the action", () => {
  const world = placed();
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  for (const type of ["pick", "pack", "ready-for-pickup", "collect"] as const) {
    const refused = world.refused({ type, fulfillmentOrderId });
    assert.deepEqual(transition(refused), [type, "open", fulfillmentOrderId]);
  }
  const shipped = world.refused({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  assert.deepEqual(transition(shipped), ["ship", "open", fulfillmentOrderId]);
  world.do({ type: "accept", fulfillmentOrderId });
  const again = world.refused({ type: "accept", fulfillmentOrderId });
  assert.deepEqual(transition(again), ["accept", "accepted", fulfillmentOrderId]);
});

Deno.test("unknown fulfillment orders and lines, and too many units, are refused", () => {
  const world = placed();
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  assert.deepEqual(world.refused({ type: "accept", fulfillmentOrderId: "ful_x" }), {
    _tag: "UnknownFulfillmentOrder",
    fulfillmentOrderId: "ful_x",
  });
  world.do({ type: "accept", fulfillmentOrderId });
  const pick = (lines: readonly { lineId: string; quantity: number }[]) => {
    const refused = world.refused({ type: "pick", fulfillmentOrderId, lines });
    return refused._tag === "InvalidCommand" ? refused.pointer : refused._tag;
  };
  assert.equal(pick([]), "/lines");
  assert.equal(
    pick([{ lineId: "1", quantity: 1 }, { lineId: "9", quantity: 1 }]),
    "/lines/1/lineId",
  );
  assert.equal(pick([{ lineId: "2", quantity: 1 }]), "/lines/0/lineId", "short lines are not here");
  assert.equal(pick([{ lineId: "1", quantity: 4 }]), "/lines/0/quantity");
  const twice = [{ lineId: "1", quantity: 2 }, { lineId: "1", quantity: 2 }];
  assert.equal(pick(twice), "/lines/1/quantity", "a line named twice counts together");
});

Deno.test("a rejected fulfillment order goes elsewhere", () => {
  const world = placed(3, { "north tea": 5, "south tea": 3 });
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  const order = world.do({ type: "reject", fulfillmentOrderId, reason: "not found" });
  assert.equal(part(order, 1).status, "rejected");
  assert.equal(part(order, 1).reason, "not found");
  assert.deepEqual([part(order, 2).locationId, part(order, 2).status], ["south", "open"]);
  assert.equal(world.row("north", "tea").reserved, 0);
  assert.equal(world.row("south", "tea").reserved, 3);
});

Deno.test("what no other location has is backordered, whatever the policy, and never sent back", () => {
  const world = placed(3, { "north tea": 5, "south tea": 1 });
  world.do({ type: "reject", fulfillmentOrderId: world.fulfillmentOrder(1), reason: "broken" });
  assert.deepEqual(quantitiesOf(world.order ?? assert.fail())[0], {
    allocated: 1,
    shipped: 0,
    delivered: 0,
    backordered: 2,
    cancelled: 0,
    short: 0,
    pending: 0,
  });
  const before = world.order;
  assert.equal(world.do({ type: "fill", locationId: "south" }), before, "north is not asked again");
  world.arrive("north", "tea", 1);
  const filled = world.do({ type: "fill", locationId: "north" });
  assert.equal(part(filled, 3).locationId, "north");
});

Deno.test("a rejection too large for its commit is routed again in the next ones", () => {
  const world = new World({
    stock: { "north a": 1, "north b": 1, "south a": 1, "south b": 1 },
    stockRowsPerCommit: 2,
  });
  world.place(request([line("a", 1), line("b", 1)]));
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  const rejected = world.do({ type: "reject", fulfillmentOrderId, reason: "closed" });
  assert.equal(rejected.status, "allocating");
  const order = world.do({ type: "allocate" });
  assert.equal(order.status, "allocated");
  assert.equal(part(order, 2).locationId, "south");
});

Deno.test("a pickup waits at its location until it is collected, and has then arrived", () => {
  const world = new World({
    locations: places("north", "shop"),
    stock: { "shop tea": 2, "north tea": 9 },
  });
  const fulfillment = { method: "pickup", locationId: "shop" } as const;
  const { shippingAddress: _none, ...without } = request([line("tea", 2, { fulfillment })]);
  world.place(without);
  const fulfillmentOrderId = world.prepare(1);
  const shipped = world.refused({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  assert.deepEqual(transition(shipped), ["ship", "packed", fulfillmentOrderId]);
  const early = world.refused({ type: "collect", fulfillmentOrderId });
  assert.deepEqual(transition(early), ["collect", "packed", fulfillmentOrderId]);
  assert.equal(world.do({ type: "ready-for-pickup", fulfillmentOrderId }).status, "fulfilling");
  const order = world.do({ type: "collect", fulfillmentOrderId });
  assert.equal(order.status, "delivered");
  assert.equal(part(order).status, "collected");
  assert.deepEqual([world.row("shop", "tea").onHand, world.row("shop", "tea").reserved], [0, 0]);
  assert.equal(world.do({ type: "close" }).status, "closed");
});

Deno.test("shipping takes units off the shelf, in parts if wanted", () => {
  const world = placed();
  const fulfillmentOrderId = world.prepare(1);
  const lines = [{ lineId: "1", quantity: 1 }];
  const order = world.do({
    type: "ship",
    fulfillmentOrderId,
    carrier: "DHL",
    trackingNumbers: ["T1"],
    lines,
  });
  assert.deepEqual([order.status, part(order).status], ["partially_shipped", "partially_shipped"]);
  assert.deepEqual([world.row("north", "tea").onHand, world.row("north", "tea").reserved], [4, 2]);
  assert.equal(order.shipments[0]?.trackingNumber, "T1");
  assert.equal(order.shipments[0]?.id, `shp_${order.id.slice(4)}_1`);
  const most = world.refused({
    type: "ship",
    fulfillmentOrderId,
    carrier: "DHL",
    lines: [{ lineId: "1", quantity: 3 }],
  });
  assert.equal(most._tag === "InvalidCommand" && most.pointer, "/lines/0/quantity");
  const rest = world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  assert.deepEqual([rest.status, part(rest).status], ["shipped", "shipped"]);
  const again = world.refused({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  assert.deepEqual(transition(again), ["ship", "shipped", fulfillmentOrderId]);
});

Deno.test("an order is delivered when its last shipment is, and stays so", () => {
  const world = placed();
  const fulfillmentOrderId = world.prepare(1);
  const lines = [{ lineId: "1", quantity: 1 }];
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  const [first = "", second = ""] = (world.order?.shipments ?? []).map(({ id }) => id);
  const at = (day: number) => `2026-02-0${day}T08:00:00.000Z`;
  const track = (shipmentId: string, status: "delivered" | "in_transit", day: number) =>
    world.do({ type: "track", shipmentId, status, occurredAt: at(day) });
  assert.equal(track(second, "delivered", 3).status, "shipped");
  const size = world.history.length;
  const done = track(first, "delivered", 4);
  assert.deepEqual(types(world.history.slice(size)), [
    "shipment.tracked",
    "fulfillment_order.delivered",
  ]);
  assert.deepEqual([done.status, part(done).status], ["delivered", "delivered"]);
  const late = track(first, "in_transit", 5);
  assert.equal(late.shipments[0]?.status, "delivered");
  assert.equal(late.shipments[0]?.deliveredAt, at(4));
  assert.equal(late.shipments[0]?.tracking.length, 2, "late news is kept");
  assert.equal(track(first, "in_transit", 5), late, "a repeat changes nothing");
  const unknown = world.refused({
    type: "track",
    shipmentId: "shp_x",
    status: "delivered",
    occurredAt: at(1),
  });
  assert.deepEqual(unknown, { _tag: "UnknownShipment", shipmentId: "shp_x" });
});

Deno.test("a shipment keeps a bounded number of carrier events, but always its delivery", () => {
  const world = placed();
  const shipmentId = world.shipAll(1);
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 0, minute)).toISOString();
  for (let minute = 0; minute < 200; minute++) {
    world.do({ type: "track", shipmentId, status: "in_transit", occurredAt: at(minute) });
  }
  const more = { type: "track", shipmentId, occurredAt: at(200) } as const;
  assert.equal(world.refused({ ...more, status: "in_transit" })._tag, "InvalidCommand");
  assert.equal(world.do({ ...more, status: "delivered" }).status, "delivered");
  assert.equal(world.refused({ ...more, status: "exception" })._tag, "InvalidCommand");
});

Deno.test("only a delivered order closes", () => {
  const world = placed();
  const refused = world.refused({ type: "close" });
  assert.deepEqual(transition(refused), ["close", "partially_allocated", undefined]);
});
