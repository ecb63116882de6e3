import assert from "node:assert/strict";
import { line, request, types, World } from "./support.ts";

const hold = { type: "hold", reason: "fraud check" } as const;

Deno.test("a held order keeps its stock and lets nothing be fulfilled", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  const fulfillmentOrderId = world.fulfillmentOrder(1);
  world.do({ type: "accept", fulfillmentOrderId });
  const held = world.do(hold);
  assert.deepEqual([held.status, held.hold?.code, held.hold?.by], ["held", "manual", "key_test"]);
  assert.equal(world.row("north", "tea").reserved, 2);
  for (const type of ["accept", "pick", "pack"] as const) {
    const refused = world.refused({ type, fulfillmentOrderId });
    assert.equal(refused._tag === "IllegalTransition" && refused.status, "held");
  }
  const again = world.refused(hold);
  assert.deepEqual(again, {
    _tag: "IllegalTransition",
    action: "hold",
    status: "held",
    detail: 'An order that is held does not allow "hold".',
  });
  assert.equal(world.do({ type: "release" }).status, "fulfilling", "it goes on where it stood");
});

Deno.test("a release says why, when somebody said it", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  world.do(hold);
  world.do({ type: "release", reason: "the customer called back" });
  assert.deepEqual(world.history.at(-1), {
    type: "order.released",
    reason: "the customer called back",
  });
  world.do(hold);
  world.do({ type: "release" });
  assert.deepEqual(world.history.at(-1), { type: "order.released" });
});

Deno.test("an order that is not held cannot be released", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  const refused = world.refused({ type: "release" });
  assert.equal(refused._tag === "IllegalTransition" && refused.action, "release");
});

Deno.test("an order of which something left cannot be held", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  world.shipAll(1);
  const refused = world.refused(hold);
  assert.equal(refused._tag === "IllegalTransition" && refused.status, "shipped");
});

Deno.test("stock that arrives while an order is held is its own only when it is released", () => {
  const world = new World();
  world.place(request([line("tea", 2)], { onShortage: "backorder" }));
  const held = world.do(hold);
  world.arrive("north", "tea", 5);
  assert.equal(world.do({ type: "fill" }), held);
  assert.equal(world.do({ type: "allocate" }), held);
  const order = world.do({ type: "release" });
  assert.equal(order.status, "allocated");
  assert.deepEqual(types(world.history.slice(-2)), ["order.released", "order.allocated"]);
});
