import assert from "node:assert/strict";
import fc from "fast-check";
import { instantOf } from "../../src/kernel/instant.ts";
import { rankOf, serveOrder } from "../../src/order/rank.ts";

const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const ranked = fc.record({
  priority: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
  neededAt: fc.option(
    fc.oneof(fc.integer({ min: 0, max: lastMs }), fc.integer({ min: 0, max: 3 })).map(instantOf),
    { nil: undefined },
  ),
});

const waiting = fc.tuple(
  ranked,
  fc.record({ place: fc.constantFrom("01", "02", "03"), id: fc.constantFrom("a", "b", "c") }),
).map(([rank, place]) => ({ ...rank, ...place }));

Deno.test("ranks have one length, and sort by priority, then by date", () => {
  fc.assert(fc.property(ranked, ranked, (one, other) => {
    const [first, second] = [rankOf(one), rankOf(other)];
    assert.match(first, /^\d{16}$/);
    const [priority, than] = [one.priority ?? 0, other.priority ?? 0];
    if (priority !== than) return assert.equal(first < second, priority > than);
    if (one.neededAt === other.neededAt) return assert.equal(first, second);
    if (one.neededAt === undefined) return assert.ok(first > second);
    if (other.neededAt === undefined) return assert.ok(first < second);
    assert.equal(first < second, one.neededAt < other.neededAt);
  }));
});

Deno.test("who is served first is a total order that begins with the rank", () => {
  fc.assert(fc.property(waiting, waiting, waiting, (one, other, third) => {
    assert.equal(Math.sign(serveOrder(one, other)) + Math.sign(serveOrder(other, one)), 0);
    if (serveOrder(one, other) <= 0 && serveOrder(other, third) <= 0) {
      assert.ok(serveOrder(one, third) <= 0);
    }
    if (rankOf(one) < rankOf(other)) assert.ok(serveOrder(one, other) < 0);
  }));
});

Deno.test("a later order goes first only for a reason, and the place in the log says which is later", () => {
  const plain = { place: "05", id: "ord_b" };
  assert.ok(serveOrder({ place: "04", id: "ord_c" }, plain) < 0);
  assert.ok(serveOrder({ place: "06", id: "ord_a" }, plain) > 0);
  assert.ok(serveOrder({ place: "06", id: "ord_a", priority: 1 }, plain) < 0);
  assert.ok(serveOrder({ place: "06", id: "ord_a", neededAt: instantOf(5) }, plain) < 0);
  assert.ok(
    serveOrder({ ...plain, priority: 2 }, { ...plain, priority: 1, neededAt: instantOf(5) }) < 0,
  );
  assert.ok(serveOrder({ ...plain, id: "ord_a" }, plain) < 0);
});
