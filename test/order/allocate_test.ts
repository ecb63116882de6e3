import assert from "node:assert/strict";
import { Result } from "effect";
import type { Order } from "../../src/order/order.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { itemsOf, line, places, request, types, World } from "./support.ts";

const split = (order: Order) =>
  order.fulfillmentOrders.map(({ locationId, lines }) => [
    locationId,
    ...lines.map(({ lineId, quantity }) => `${lineId}:${quantity}`),
  ]);

const buckets = (order: Order) =>
  quantitiesOf(order).map(({ allocated, backordered, cancelled, short, pending }) => ({
    allocated,
    backordered,
    cancelled,
    short,
    pending,
  }));

const none = { allocated: 0, backordered: 0, cancelled: 0, short: 0, pending: 0 };

Deno.test("an order that one location has is allocated there and reserves its units", () => {
  const world = new World({ stock: { "north tea": 5, "north cup": 1 } });
  const order = world.place(request([line("tea", 2), line("cup", 1)]));
  assert.equal(order.status, "allocated");
  assert.deepEqual(types(world.history), ["order.placed", "order.allocated"]);
  assert.deepEqual(split(order), [["north", "1:2", "2:1"]]);
  assert.equal(order.fulfillmentOrders[0]?.id, `ful_${order.id.slice(4)}_1`);
  assert.equal(world.row("north", "tea").reserved, 2);
  assert.equal(order.version, 1);
});

Deno.test("policy reject refuses a short order, naming each SKU once", () => {
  const world = new World({ stock: { "north tea": 3, "south tea": 2 } });
  const refused = world.tryPlace(request([line("tea", 4), line("tea", 2), line("cup", 1)]));
  assert.ok(Result.isFailure(refused));
  assert.deepEqual(refused.failure, {
    _tag: "InsufficientStock",
    shortages: [
      { sku: "tea", requested: 6, available: 5 },
      { sku: "cup", requested: 1, available: 0 },
    ],
  });
});

Deno.test("policy partial takes what is there and gives the rest up", () => {
  const world = new World({ stock: { "north tea": 3 } });
  const order = world.place(request([line("tea", 5), line("cup", 1)], { onShortage: "partial" }));
  assert.equal(order.status, "partially_allocated");
  assert.deepEqual(buckets(order), [
    { ...none, allocated: 3, cancelled: 2, short: 2 },
    { ...none, cancelled: 1, short: 1 },
  ]);
  const refused = new World().tryPlace(request([line("tea", 1)], { onShortage: "partial" }));
  assert.ok(Result.isFailure(refused) && refused.failure._tag === "InsufficientStock");
});

Deno.test("policy partial goes on to shipped and delivered with what it has", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 5)], { onShortage: "partial" }));
  const shipmentId = world.shipAll(1);
  assert.equal(world.order?.status, "shipped");
  const occurredAt = "2026-03-02T00:00:00.000Z";
  const order = world.do({ type: "track", shipmentId, status: "delivered", occurredAt });
  assert.equal(order.status, "delivered");
});

Deno.test("policy backorder lets the rest wait, and arrived stock fills it", () => {
  const world = new World({ stock: { "north tea": 3 } });
  const order = world.place(request([line("tea", 5)], { onShortage: "backorder" }));
  assert.equal(order.status, "partially_allocated");
  assert.deepEqual(buckets(order), [{ ...none, allocated: 3, backordered: 2 }]);
  assert.equal(world.do({ type: "fill" }), world.order, "no stock, nothing to do");
  assert.equal(world.order?.version, 1);
  world.arrive("south", "tea", 1);
  assert.deepEqual(buckets(world.do({ type: "fill" })), [{
    ...none,
    allocated: 4,
    backordered: 1,
  }]);
  world.arrive("south", "tea", 9);
  const full = world.do({ type: "fill" });
  assert.equal(full.status, "allocated");
  assert.equal(world.row("south", "tea").reserved, 2);
  assert.deepEqual(split(full), [["north", "1:3"], ["south", "1:1"], ["south", "1:1"]]);
});

Deno.test("policy backorder with no stock at all is backordered", () => {
  const world = new World();
  const order = world.place(request([line("tea", 5)], { onShortage: "backorder" }));
  assert.equal(order.status, "backordered");
  assert.deepEqual(types(world.history), ["order.placed", "order.backordered"]);
});

Deno.test("an item that is never backordered refuses the order, unless it is there", () => {
  const items = itemsOf({ sku: "rare", backorder: "never" });
  const world = new World({ items, stock: { "north rare": 1 } });
  const lines = [line("tea", 1), line("rare", 2)];
  const refused = world.tryPlace(request(lines, { onShortage: "backorder" }));
  assert.ok(Result.isFailure(refused));
  assert.deepEqual(refused.failure, {
    _tag: "InsufficientStock",
    shortages: [{ sku: "rare", requested: 2, available: 1 }],
  });
  world.arrive("north", "rare", 1);
  const order = world.place(request(lines, { onShortage: "backorder" }));
  assert.deepEqual(buckets(order), [{ ...none, backordered: 1 }, { ...none, allocated: 2 }]);
});

Deno.test("policy hold keeps a short order still with nothing allocated, until all is there", () => {
  const world = new World({ stock: { "north tea": 3 } });
  const order = world.place(request([line("tea", 5)], { onShortage: "hold" }));
  assert.equal(order.status, "held");
  assert.deepEqual(order.holds, [{
    code: "shortage",
    reason: "Not enough stock of tea.",
    at: order.createdAt,
    by: "key_test",
    blocks: "all",
  }]);
  assert.equal(world.row("north", "tea").reserved, 0);
  assert.deepEqual(world.refused({ type: "release" }), {
    _tag: "InsufficientStock",
    shortages: [{ sku: "tea", requested: 5, available: 3 }],
  });
  world.arrive("south", "tea", 2);
  const released = world.do({ type: "release" });
  assert.equal(released.status, "allocated");
  assert.deepEqual(released.holds, []);
});

Deno.test("a digital order is delivered at once and touches no stock", () => {
  const world = new World({ items: itemsOf({ sku: "song", digital: true }) });
  const order = world.place(request([line("song", 2)]));
  assert.equal(order.status, "delivered");
  assert.deepEqual(types(world.history), [
    "order.placed",
    "order.allocated",
    "fulfillment_order.delivered",
    "order.invoiced",
  ]);
  assert.equal(order.fulfillmentOrders[0]?.locationId, null);
  assert.equal(world.rows.size, 0);
});

Deno.test("an order with goods and a download is partially shipped from the start", () => {
  const world = new World({ stock: { "north tea": 1 } });
  const download = line("song", 1, { fulfillment: { method: "digital" } });
  const order = world.place(request([line("tea", 1), download]));
  assert.equal(order.status, "partially_shipped");
  world.shipAll(order.fulfillmentOrders.findIndex(({ method }) => method === "ship") + 1);
  assert.equal(world.order?.status, "shipped");
});

const large = (skus: number, units = 2) =>
  Array.from({ length: skus }, (_, i) => line(`s${i}`, units));

const stockOf = (skus: number, units = 2) =>
  Object.fromEntries(Array.from({ length: skus }, (_, i) => [`north s${i}`, units]));

Deno.test("an order of more rows than a commit may touch is allocated in parts", () => {
  const world = new World({ stock: stockOf(7), stockRowsPerCommit: 3 });
  const order = world.place(request(large(7)));
  assert.equal(order.status, "allocating");
  assert.deepEqual(types(world.history), ["order.placed", "order.allocating", "order.allocated"]);
  assert.equal(order.fulfillmentOrders.flatMap(({ lines }) => lines).length, 3);
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  assert.deepEqual(world.refused({ type: "accept", fulfillmentOrderId }), {
    _tag: "IllegalTransition",
    action: "accept",
    status: "allocating",
    detail: 'An order that is allocating does not allow "accept".',
  });
  assert.equal(world.do({ type: "allocate" }).status, "allocating");
  const done = world.do({ type: "allocate" });
  assert.equal(done.status, "allocated");
  assert.equal(done.allocating, false);
  assert.equal(world.do({ type: "allocate" }), world.order, "nothing is left to do");
  assert.equal(world.order?.version, 3);
});

Deno.test("an order over more locations than a commit may touch is allocated in parts", () => {
  const world = new World({
    locations: places("a", "b", "c"),
    stock: { "a tea": 1, "b tea": 1, "c tea": 1 },
    locationsPerCommit: 2,
  });
  assert.equal(world.place(request([line("tea", 3)])).status, "allocating");
  assert.equal(world.do({ type: "allocate" }).status, "allocated");
  assert.equal(world.do({ type: "cancel", reason: "changed mind" }).status, "allocating");
  assert.equal(world.do({ type: "allocate" }).status, "cancelled");
});

Deno.test("a large order is decided on its whole route before its first part", () => {
  const world = new World({ stock: stockOf(6), stockRowsPerCommit: 3 });
  const refused = world.tryPlace(request(large(7)));
  assert.ok(Result.isFailure(refused) && refused.failure._tag === "InsufficientStock");
  assert.equal(world.row("north", "s0").reserved, 0);
});

Deno.test("stock lost while a large order is allocated holds it, and keeps what it has", () => {
  const world = new World({ stock: stockOf(7), stockRowsPerCommit: 3 });
  world.place(request(large(7)));
  world.arrive("north", "s6", -1);
  const held = world.do({ type: "allocate" });
  assert.equal(held.status, "held");
  assert.deepEqual(held.holds.map(({ code }) => code), ["shortage"]);
  assert.equal(world.row("north", "s0").reserved, 2);
  world.arrive("north", "s6", 1);
  assert.equal(world.do({ type: "release" }).status, "allocating");
  assert.equal(world.do({ type: "allocate" }).status, "allocated");
});

Deno.test("a large order of which nothing is there is backordered in parts", () => {
  const world = new World({ stockRowsPerCommit: 3 });
  assert.equal(
    world.place(request(large(4), { onShortage: "backorder" })).status,
    "allocating",
  );
  const order = world.do({ type: "allocate" });
  assert.equal(order.status, "backordered");
  assert.ok(order.lines.every(({ backordered }) => backordered === 2));
});

Deno.test("2,000 lines are allocated and cancelled in parts, every unit of them", () => {
  const world = new World({ stock: stockOf(2_000) });
  let order = world.place(request(large(2_000)));
  for (let parts = 1; order.allocating; parts++) {
    assert.ok(parts < 7);
    order = world.do({ type: "allocate" });
  }
  assert.equal(order.status, "allocated");
  order = world.do({ type: "cancel", reason: "changed mind" });
  assert.equal(order.status, "allocating");
  assert.equal(world.refused({ type: "hold", reason: "no" })._tag, "IllegalTransition");
  for (let parts = 1; order.allocating; parts++) {
    assert.ok(parts < 7);
    order = world.do({ type: "allocate" });
  }
  assert.equal(order.status, "cancelled");
  assert.equal(order.cancelReason, "changed mind");
  assert.equal(order.cancelling, undefined);
  for (const row of world.rows.values()) assert.equal(row.reserved, 0);
});
