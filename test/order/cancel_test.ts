import assert from "node:assert/strict";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { line, request, types, World } from "./support.ts";

const reason = "changed mind";

Deno.test("cancelling an order gives all its stock back at once", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 5)], { onShortage: "backorder" }));
  const order = world.do({ type: "cancel", reason });
  assert.equal(order.status, "cancelled");
  assert.equal(order.cancelReason, reason);
  assert.equal(order.fulfillmentOrders[0]?.status, "cancelled");
  assert.equal(order.fulfillmentOrders[0]?.reason, reason);
  assert.deepEqual(
    order.lines.map(({ cancelled, short, backordered }) => [cancelled, short, backordered]),
    [
      [5, 0, 0],
    ],
  );
  assert.equal(world.row("north", "tea").reserved, 0);
  const again = world.refused({ type: "cancel", reason });
  assert.deepEqual(again, {
    _tag: "IllegalTransition",
    action: "cancel",
    status: "cancelled",
    detail: 'An order that is cancelled does not allow "cancel".',
  });
});

Deno.test("a held order can be cancelled, and is no longer held", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 1)]));
  world.do({ type: "hold", reason: "fraud" });
  const order = world.do({ type: "cancel", reason });
  assert.deepEqual([order.status, order.holds], ["cancelled", []]);
});

Deno.test("an order of which something left cannot be cancelled whole, but what has not left can", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 3)]));
  const fulfillmentOrderId = world.prepare(1);
  const one = [{ lineId: "1", quantity: 1 }];
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines: one });
  const refused = world.refused({ type: "cancel", reason });
  assert.equal(refused._tag === "IllegalTransition" && refused.status, "partially_shipped");
  const order = world.do({
    type: "cancel",
    reason,
    lines: [{ lineId: "1", quantity: 2 }],
  });
  assert.equal(order.status, "shipped");
  assert.equal(order.fulfillmentOrders[0]?.status, "shipped");
  assert.equal(order.cancelReason, undefined);
  assert.deepEqual([world.row("north", "tea").onHand, world.row("north", "tea").reserved], [2, 0]);
  const none = world.refused({ type: "cancel", reason, lines: one });
  assert.equal(none._tag === "IllegalTransition" && none.status, "shipped");
});

Deno.test("cancelling what is left of a delivered part delivers the order", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 3)]));
  const fulfillmentOrderId = world.prepare(1);
  const lines = [{ lineId: "1", quantity: 1 }];
  const shipped = world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  world.do({
    type: "track",
    shipmentId: shipped.shipments[0]?.id ?? "",
    status: "delivered",
    occurredAt: "2026-03-02T00:00:00.000Z",
  });
  assert.equal(world.order?.status, "partially_shipped");
  const order = world.do({ type: "cancel", reason, lines: [{ lineId: "1", quantity: 2 }] });
  assert.deepEqual([order.status, order.fulfillmentOrders[0]?.status], ["delivered", "delivered"]);
});

Deno.test("backordered units are cancelled before allocated ones, and those where least is done", () => {
  const world = new World({ stock: { "north tea": 2 } });
  world.place(request([line("tea", 6)], { onShortage: "backorder" }));
  world.arrive("south", "tea", 3);
  world.do({ type: "fill" });
  world.do({ type: "accept", fulfillmentOrderId: world.fulfillmentOrder(2) });
  const order = world.do({ type: "cancel", reason, lines: [{ lineId: "1", quantity: 2 }] });
  assert.deepEqual(
    order.fulfillmentOrders.map(({ lines }) => lines[0]?.quantity),
    [1, 3],
    "the accepted one is spared",
  );
  assert.equal(quantitiesOf(order)[0]?.backordered, 0);
  assert.deepEqual(types(world.history.slice(-1)), ["order.cancelled"]);
});

Deno.test("a fulfillment order left with what is picked is picked", () => {
  const world = new World({ stock: { "north tea": 3, "north cup": 1 } });
  world.place(request([line("tea", 3), line("cup", 1)]));
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  world.do({ type: "accept", fulfillmentOrderId });
  const lines = [{ lineId: "1", quantity: 2 }];
  world.do({ type: "pick", fulfillmentOrderId, lines });
  const rest = [{ lineId: "1", quantity: 1 }, { lineId: "2", quantity: 1 }];
  const order = world.do({ type: "cancel", reason, lines: rest });
  assert.equal(order.fulfillmentOrders[0]?.status, "picked");
  assert.equal(order.status, "fulfilling");
});

Deno.test("lines that are not there, and more units than are left, are refused with a pointer", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 3)]));
  const pointer = (lines: readonly { lineId: string; quantity: number }[]) => {
    const refused = world.refused({ type: "cancel", reason, lines });
    return refused._tag === "InvalidCommand" ? refused.pointer : refused._tag;
  };
  assert.equal(pointer([]), "/lines");
  assert.equal(pointer([{ lineId: "2", quantity: 1 }]), "/lines/0/lineId");
  assert.equal(pointer([{ lineId: "1", quantity: 4 }]), "/lines/0/quantity");
  assert.equal(pointer([{ lineId: "1", quantity: 0 }]), "/lines/0/quantity");
  assert.equal(
    pointer([{ lineId: "1", quantity: 2 }, { lineId: "1", quantity: 2 }]),
    "/lines/1/quantity",
  );
});

Deno.test("lines that touch more rows than one commit may are not cancelled at once", () => {
  const world = new World({ stock: { "north a": 1, "north b": 1 }, stockRowsPerCommit: 1 });
  world.place(request([line("a", 1), line("b", 1)]));
  world.do({ type: "allocate" });
  const lines = [{ lineId: "1", quantity: 1 }, { lineId: "2", quantity: 1 }];
  const refused = world.refused({ type: "cancel", reason, lines });
  assert.equal(refused._tag === "InvalidCommand" && refused.pointer, "/lines");
});
