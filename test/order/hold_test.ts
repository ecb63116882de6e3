/** Holds as a set: one of each code, and an order that goes on when those that stop it are released. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { roles } from "../../src/kernel/principal.ts";
import { evolve } from "../../src/order/evolve.ts";
import { codesOf, holdRules, isHeld } from "../../src/order/hold-codes.ts";
import {
  fulfillmentActions,
  type HoldCode,
  holdCodes,
  type Order,
  type OrderCommand,
  type OrderEvent,
} from "../../src/order/order.ts";
import { supportedActions } from "../../src/order/status.ts";
import { itemsOf, line, now, request, types, World } from "./support.ts";

const hold = { type: "hold", reason: "to be checked" } as const;
const holdFor = (code: HoldCode, reason = "to be checked"): OrderCommand => ({
  type: "hold",
  code,
  reason,
});
const release = (...codes: readonly HoldCode[]): OrderCommand => ({ type: "release", codes });
const codesIn = ({ holds }: Order): readonly HoldCode[] => holds.map(({ code }) => code);
const reservedIn = (world: World): number => world.row("north", "tea").reserved;

const code = fc.constantFrom(...holdCodes);
const command: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.record({
    type: fc.constant("hold" as const),
    code,
    reason: fc.constantFrom("one", "another"),
  }),
  fc.record({ type: fc.constant("release" as const), codes: fc.subarray([...holdCodes]) }),
  fc.constantFrom<OrderCommand>({ type: "fill" }, { type: "allocate" }, { type: "release" }),
);

Deno.test("whatever is held and released, there is one hold of each code, and no other is touched", () => {
  const policy = fc.constantFrom("backorder" as const, "hold" as const);
  fc.assert(fc.property(fc.array(command, { maxLength: 30 }), policy, (asked, onShortage) => {
    const world = new World({ stock: { "north tea": 3 } });
    let order = world.place(request([line("tea", 5)], { onShortage }));
    const reasons = new Map<HoldCode, string>(
      order.holds.map((each) => [each.code, each.reason]),
    );
    for (const each of asked) {
      const done = world.tryDo(each);
      if (Result.isFailure(done)) continue;
      order = done.success;
      if (each.type === "hold") reasons.set(each.code ?? "manual", each.reason);
      if (each.type === "release") {
        for (const one of each.codes ?? holdCodes) reasons.delete(one);
        // What is released and still short is held for that once more.
        const short = order.holds.find((standing) => standing.code === "shortage");
        if (short !== undefined) reasons.set("shortage", short.reason);
      }
      assert.deepEqual(new Map(order.holds.map((one) => [one.code, one.reason])), reasons);
      assert.equal(codesIn(order).length, reasons.size, "one hold of each code");
      const stopped = codesIn(order).some((one) => holdRules[one].blocks === "all");
      assert.equal(order.status === "held", stopped);
      for (const part of order.fulfillmentOrders) {
        assert.equal(supportedActions(part, order).length > 0, order.holds.length === 0);
      }
      const folded = world.history.reduce<Order | null>(
        (state, event) => evolve(state, event, now),
        null,
      );
      assert.deepEqual({ ...folded, version: order.version }, order, "the log makes the order");
    }
  }));
});

Deno.test("a held order keeps its stock and lets nothing be fulfilled", () => {
  for (const held of holdCodes) {
    const world = new World({ stock: { "north tea": 3 } });
    world.place(request([line("tea", 2)]));
    const fulfillmentOrderId = world.fulfillmentOrder(1);
    world.do({ type: "accept", fulfillmentOrderId });
    const order = world.do(holdFor(held));
    assert.equal(order.status, holdRules[held].blocks === "all" ? "held" : "fulfilling");
    assert.equal(reservedIn(world), 2);
    for (const type of fulfillmentActions) {
      const refused = world.refused({ type, fulfillmentOrderId, reason: "x", carrier: "x" });
      assert.deepEqual(refused, {
        _tag: "IllegalTransition",
        action: type,
        status: order.status,
        detail: `An order that is held for ${held} does not allow "${type}".`,
      });
    }
    assert.equal(world.do({ type: "release" }).status, "fulfilling", "it goes on where it stood");
  }
});

Deno.test("a hold without a code is by hand", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  assert.deepEqual(world.do(hold).holds, [
    { code: "manual", reason: "to be checked", at: now, by: "key_test", blocks: "all" },
  ]);
  assert.deepEqual(world.history.at(-1), {
    type: "order.held",
    code: "manual",
    reason: "to be checked",
    by: "key_test",
  });
});

Deno.test("a code that stands gets another reason, and nothing changes for the same one", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  world.do(holdFor("fraud", "a new address"), holdFor("payment"));
  const before = world.order;
  assert.equal(world.do(holdFor("fraud", "a new address")), before);
  const later = "2026-03-02T00:00:00.000Z";
  assert.ok(Result.isSuccess(world.tryDo(holdFor("fraud", "and a stolen card"), later)));
  assert.deepEqual(
    world.order?.holds.map(({ code, reason, at }) => [code, reason, at]),
    [["fraud", "and a stolen card", now], ["payment", "to be checked", now]],
  );
});

Deno.test("a short order can be held for fraud as well, and releasing one keeps the other", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 5)], { onShortage: "hold" }));
  assert.deepEqual(codesIn(world.do(holdFor("fraud"))), ["shortage", "fraud"]);
  world.arrive("north", "tea", 5);
  const cleared = world.do(release("fraud"));
  assert.deepEqual([cleared.status, codesIn(cleared)], ["held", ["shortage"]]);
  assert.equal(reservedIn(world), 0);
  assert.equal(world.do(release("shortage")).status, "allocated");
  assert.equal(reservedIn(world), 5);
});

Deno.test("an order that is still short when its last other hold ends is held for that again", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 5)], { onShortage: "hold" }));
  world.do(holdFor("fraud"));
  const waiting = world.do(release("shortage"));
  assert.deepEqual([waiting.status, codesIn(waiting)], ["held", ["fraud"]]);
  const short = world.do(release("fraud"));
  assert.deepEqual([short.status, codesIn(short)], ["held", ["shortage"]]);
  const refused = world.refused(release("shortage"));
  assert.equal(
    refused._tag,
    "InsufficientStock",
    "who asks for the stock hears that there is none",
  );
});

Deno.test("allocation and the filling of backorders go on under a hold of fulfillment", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 5)], { onShortage: "hold" }));
  world.do(holdFor("payment"));
  world.arrive("north", "tea", 2);
  const allocated = world.do(release("shortage"));
  assert.deepEqual([allocated.status, codesIn(allocated)], ["allocated", ["payment"]]);
  assert.equal(reservedIn(world), 5);

  const later = new World({ stock: { "north tea": 3 } });
  later.place(request([line("tea", 5)], { onShortage: "backorder" }));
  later.do(holdFor("address"));
  later.arrive("north", "tea", 2);
  const filled = later.do({ type: "fill" });
  assert.deepEqual([filled.status, codesIn(filled)], ["allocated", ["address"]]);
  assert.equal(reservedIn(later), 5);
});

Deno.test("a large order goes on being allocated under a hold of fulfillment", () => {
  const skus = [..."abcde"];
  const stock = Object.fromEntries(skus.map((sku) => [`north ${sku}`, 1]));
  const world = new World({ stock, stockRowsPerCommit: 2 });
  world.arrive("north", "e", -1);
  world.place(request(skus.map((sku) => line(sku, 1)), { onShortage: "hold" }));
  world.do(holdFor("payment"));
  world.arrive("north", "e", 1);
  assert.equal(world.do(release("shortage")).status, "allocating");
  world.do({ type: "allocate" });
  const order = world.do({ type: "allocate" });
  assert.deepEqual([order.status, codesIn(order)], ["allocated", ["payment"]]);
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

Deno.test("digital goods are not delivered before the last hold ends", () => {
  const items = itemsOf({ sku: "song", digital: true });
  const world = new World({ stock: { "north tea": 1 }, items });
  world.place(request([line("song", 1), line("tea", 2)], { onShortage: "hold" }));
  world.do(holdFor("payment"));
  world.arrive("north", "tea", 1);
  const allocated = world.do(release("shortage"));
  assert.equal(allocated.status, "allocated");
  assert.ok(!types(world.history).includes("fulfillment_order.delivered"));
  const going = world.do(release("payment"));
  assert.equal(going.status, "partially_shipped");
  assert.deepEqual(types(world.history.slice(-3)), [
    "order.released",
    "fulfillment_order.delivered",
    "order.invoiced",
  ]);
});

Deno.test("a release says for what it is, and why when somebody said it", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  world.do(hold, holdFor("tax"));
  world.do({ type: "release", reason: "the customer called back" });
  assert.deepEqual(world.history.slice(-2), [
    { type: "order.released", code: "manual", reason: "the customer called back" },
    { type: "order.released", code: "tax", reason: "the customer called back" },
  ]);
  world.do(hold);
  world.do({ type: "release" });
  assert.deepEqual(world.history.at(-1), { type: "order.released", code: "manual" });
});

Deno.test("only a hold that stands can be released", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  const detailOf = (asked: OrderCommand) => {
    const refused = world.refused(asked);
    return refused._tag === "IllegalTransition" ? refused.detail : refused._tag;
  };
  assert.equal(
    detailOf({ type: "release" }),
    'An order that is allocated does not allow "release".',
  );
  world.do(holdFor("fraud"));
  assert.equal(detailOf(release("tax")), "The order is held for fraud, not for tax.");
  assert.equal(
    detailOf(release("tax", "terms")),
    "The order is held for fraud, not for tax or terms.",
  );
});

Deno.test("an order of which a part has left can be held, and one that has left as a whole cannot", () => {
  const world = new World({ stock: { "north tea": 3 } });
  world.place(request([line("tea", 2)]));
  const fulfillmentOrderId = world.prepare(1);
  const lines = [{ lineId: "1", quantity: 1 }];
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
  assert.equal(world.do(holdFor("address")).status, "partially_shipped");
  assert.equal(world.do(hold).status, "held");
  assert.equal(world.do({ type: "release" }).status, "partially_shipped");
  world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL" });
  const refused = world.refused(hold);
  assert.equal(refused._tag === "IllegalTransition" && refused.status, "shipped");
});

Deno.test("events of earlier versions fold to what they made then", () => {
  const world = new World({ stock: { "north tea": 3 } });
  const order = world.place(request([line("tea", 2)]));
  const fold = (...events: readonly OrderEvent[]) =>
    events.reduce<Order>((state, event) => evolve(state, event, now), order);
  for (const earlier of ["manual", "shortage"] as const) {
    const held = { type: "order.held", code: earlier, reason: "why", by: "key_1" } as const;
    const after = fold(held);
    assert.deepEqual(after.holds, [
      { code: earlier, reason: "why", at: now, by: "key_1", blocks: "all" },
    ]);
    assert.equal(after.status, "held");
    const released = fold(held, { type: "order.held", code: "tax", reason: "", by: "" }, {
      type: "order.released",
      reason: "all of them",
    });
    assert.deepEqual([released.status, released.holds], ["allocated", []]);
  }
});

Deno.test("somebody may place and release each code, and whoever places holds may release some", () => {
  for (const each of holdCodes) {
    for (const right of ["placedBy", "releasedBy"] as const) {
      assert.ok(
        holdRules[each][right].includes("admin") && holdRules[each][right].includes("operations"),
      );
    }
  }
  for (const role of roles) {
    assert.equal(
      codesOf(role, "placedBy").length > 0,
      codesOf(role, "releasedBy").length > 0,
      role,
    );
  }
  assert.ok(!isHeld({ holds: [] }));
});
