import assert from "node:assert/strict";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { line, now, request, types, World } from "./support.ts";

const only = (order: Order | null) => {
  const [units] = quantitiesOf(order ?? assert.fail("no order"));
  return units ?? assert.fail("no line");
};

const lost = (stock: Readonly<Record<string, number>>, policy: "reject" | "partial" = "reject") => {
  const world = new World({ stock });
  world.place(request([line("tea", 2)], { onShortage: policy }));
  const shipmentId = world.shipAll(1);
  const order = world.do({ type: "track", shipmentId, status: "exception", occurredAt: now });
  assert.equal(order.status, "shipped");
  return { world, reship: { type: "reship", shipmentId, reason: "lost" } satisfies OrderCommand };
};

Deno.test("what a lost parcel had in it is promised once more, and its units stay off the shelf", () => {
  const { world, reship } = lost({ "north tea": 5 });
  const size = world.history.length;
  const order = world.do(reship);
  assert.deepEqual(types(world.history.slice(size)), ["shipment.replaced", "order.allocated"]);
  assert.equal(order.status, "allocated");
  assert.deepEqual(
    [order.shipments[0]?.status, order.shipments[0]?.replacedReason],
    ["replaced", "lost"],
  );
  const { allocated, shipped, backordered, pending } = only(order);
  assert.deepEqual({ allocated, shipped, backordered, pending }, {
    ...{ allocated: 2, shipped: 0, backordered: 0, pending: 0 },
  });
  assert.deepEqual([world.row("north", "tea").onHand, world.row("north", "tea").reserved], [3, 2]);

  const second = world.shipAll(2);
  const done = world.do({
    type: "track",
    shipmentId: second,
    status: "delivered",
    occurredAt: now,
  });
  assert.equal(done.status, "delivered");
  assert.equal(world.row("north", "tea").onHand, 1);
  assert.equal(world.do({ type: "close" }).status, "closed");
});

for (const policy of ["reject", "partial"] as const) {
  Deno.test(`units that no location has are backordered under the policy ${policy}, for they were promised`, () => {
    const { world, reship } = lost({ "north tea": 3 }, policy);
    const order = world.do(reship);
    assert.equal(order.status, "partially_allocated");
    const { allocated, backordered, cancelled } = only(order);
    assert.deepEqual({ allocated, backordered, cancelled }, {
      ...{ allocated: 1, backordered: 1, cancelled: 0 },
    });
    world.arrive("north", "tea", 1);
    assert.equal(world.do({ type: "fill" }).status, "allocated");
  });
}

Deno.test("a parcel that is found again after all counts for nothing more", () => {
  const { world, reship } = lost({ "north tea": 5 });
  world.do(reship);
  const { shipmentId } = reship;
  const order = world.do({ type: "track", shipmentId, status: "delivered", occurredAt: now });
  assert.deepEqual([order.status, order.shipments[0]?.status], ["allocated", "replaced"]);
  assert.equal(order.shipments[0]?.tracking.length, 2, "the report is kept");
  assert.equal(only(order).delivered, 0);
});

Deno.test("of two parcels the lost one is sent again, and the order waits for it", () => {
  const world = new World({ stock: { "north tea": 9 } });
  world.place(request([line("tea", 2)]));
  const fulfillmentOrderId = world.prepare(1);
  const lines = [{ lineId: "1", quantity: 1 }];
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  const [kept = "", gone = ""] = (world.order?.shipments ?? []).map(({ id }) => id);
  world.do({ type: "track", shipmentId: kept, status: "delivered", occurredAt: now });
  const order = world.do({ type: "reship", shipmentId: gone, reason: "lost" });
  assert.equal(order.status, "partially_shipped");
  assert.equal(order.fulfillmentOrders[0]?.status, "delivered", "what is left of it has arrived");
  assert.deepEqual([only(order).delivered, only(order).allocated], [1, 1]);
  const again = world.shipAll(2);
  const done = world.do({ type: "track", shipmentId: again, status: "delivered", occurredAt: now });
  assert.equal(done.status, "delivered");
});

Deno.test("what is delivered, replaced, held or unknown is not sent again", () => {
  const { world, reship } = lost({ "north tea": 9 });
  const tag = (command: OrderCommand) => {
    const refused = world.refused(command);
    return refused._tag === "IllegalTransition" ? refused.status : refused._tag;
  };
  assert.equal(tag({ ...reship, shipmentId: "shp_x" }), "UnknownShipment");
  const { shipmentId } = reship;
  const delivered = { status: "delivered", occurredAt: now } as const;
  world.do({ type: "track", shipmentId, ...delivered });
  assert.equal(tag(reship), "delivered");
  world.do({ type: "correct-tracking", shipmentId, was: delivered, reason: "not theirs" });
  world.do(reship);
  assert.equal(tag(reship), "replaced");
  const twice = world.refused(reship);
  assert.ok(twice._tag === "IllegalTransition");
  assert.match(twice.detail, /once more already/, "it says why, and not that there is a return");

  const held = new World({ stock: { "north tea": 9 } });
  held.place(request([line("tea", 2)]));
  const fulfillmentOrderId = held.prepare(1);
  const lines = [{ lineId: "1", quantity: 1 }];
  held.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  held.do({ type: "hold", reason: "wait" });
  const [first] = held.order?.shipments ?? [];
  const refused = held.refused({ ...reship, shipmentId: first?.id ?? "" });
  assert.ok(refused._tag === "IllegalTransition" && refused.detail.includes("held for manual"));
});

Deno.test("a lost order too large for its commit is promised again in several", () => {
  const world = new World({
    stock: { "north a": 2, "north b": 2, "north c": 1 },
    stockRowsPerCommit: 2,
  });
  world.place(request([line("a", 1), line("b", 1), line("c", 1)], { onShortage: "partial" }));
  while (world.order?.allocating) world.do({ type: "allocate" });
  for (let n = 1; n <= (world.order?.fulfillmentOrders.length ?? 0); n++) {
    const shipmentId = world.shipAll(n);
    world.do({ type: "reship", shipmentId, reason: "lost" });
    while (world.order?.allocating) world.do({ type: "allocate" });
    if (n > 3) break;
  }
  const units = quantitiesOf(world.order ?? assert.fail("no order"));
  assert.deepEqual(
    units.map(({ cancelled }) => cancelled),
    [0, 0, 0],
    "nothing promised is given up",
  );
});
