/** Purchase orders, whatever is asked of them, and whatever of their supply is promised meanwhile. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import type { Instant } from "../../src/kernel/instant.ts";
import type { SupplyFacts } from "../../src/supply/facts.ts";
import { pendingUnits } from "../../src/supply/moves.ts";
import type { PurchaseOrder, PurchaseOrderCommand } from "../../src/supply/purchase-order.ts";
import { decide } from "../../src/supply/purchase-order-decide.ts";
import { purchaseOrders } from "../../src/supply/purchase-order-definition.ts";
import { expectedUnits, openUnits } from "../../src/supply/purchase-order-lines.ts";
import { purchaseOrderMaking } from "../../src/supply/purchase-order-making.ts";
import { foldEvents } from "../../actors/aggregate/decision.ts";
import { subjects } from "../../src/subjects.ts";
import { purchaseOrderWorkout } from "../laws/supply.ts";
import { Chance } from "../sim/random.ts";

const now: Instant = "2026-03-01T12:00:00.000Z";
const id = "po_01hqwe5k0030123456789";

/** Everything may be had, and nobody is promised anything. */
const facts: SupplyFacts = {
  ...{ now, by: "key_1", isLocation: () => true, isTracked: () => false },
  ...{ free: () => Number.MAX_SAFE_INTEGER, available: () => 0, keyBytesPerCommit: 64_000 },
};

const placed = (
  lines: Readonly<Record<string, number>>,
  overReceiptPercent = 0,
): PurchaseOrder => {
  const { make } = purchaseOrderMaking({
    ...{ locationId: "ams", overReceiptPercent },
    lines: Object.entries(lines).map(([sku, quantity]) => ({
      ...{ sku, quantity, expectedAt: "2026-04-01T00:00:00.000Z" },
    })),
  });
  const { state } = Result.getOrThrow(make(id, now));
  return { ...state, version: 1 };
};

const lineOf = (order: PurchaseOrder, n = 0) => {
  const line = order.lines[n];
  assert.ok(line !== undefined);
  return line;
};

const after = (
  order: PurchaseOrder,
  command: PurchaseOrderCommand,
  more: Partial<SupplyFacts> = {},
) => {
  const events = Result.getOrThrow(decide(order, command, { ...facts, ...more }));
  return foldEvents(purchaseOrders, order, events, now, subjects.merge);
};

const refusalOf = (order: PurchaseOrder, command: PurchaseOrderCommand) => {
  const decided = decide(order, command, facts);
  assert.ok(Result.isFailure(decided), "it is refused");
  return decided.failure;
};

const receive = (
  order: PurchaseOrder,
  quantity: number,
  { rejected = 0, n = 0 } = {},
): PurchaseOrderCommand => ({
  type: "receive",
  lines: [{ lineId: lineOf(order, n).id, quantity, rejected }],
});

const change = (
  balances: ReturnType<typeof after>["balances"],
  balance: string,
  field: string,
): number => {
  const of = subjects.balance(balance);
  return balances.filter((each) => each.balance === balance)
    .flatMap(({ deltas }) => deltas).reduce<number>(
      (sum, delta) => sum + of.change(delta, field),
      0,
    );
};

const seeds = fc.integer({ min: 1, max: 1_000_000 });

Deno.test("thirty of a hundred received are on the shelf, and seventy are expected", () => {
  const order = placed({ mug: 100 });
  const { state, balances } = after(order, receive(order, 30));
  assert.equal(change(balances, "stock", "onHand"), 30);
  assert.equal(change(balances, "supply", "expected"), -30);
  assert.equal(expectedUnits(lineOf(state)), 70);
  assert.equal(state.status, "partially_received");
});

Deno.test("received plus expected is the same before and after a receipt, whatever is promised", () =>
  fc.assert(fc.property(seeds, fc.nat(12), (seed, free) => {
    const chance = new Chance(seed);
    const order = placed({ mug: chance.between(1, 20), cup: chance.between(1, 20) }, 0);
    const quantity = chance.between(1, lineOf(order).ordered);
    const command = receive(order, quantity, { rejected: chance.between(0, quantity) });
    const { state, balances } = after(order, command, { free: () => free });
    const [before, line] = [lineOf(order), lineOf(state)];
    assert.equal(line.received + openUnits(line), before.received + openUnits(before));
    // What left the row is what may leave it; the rest is still there, for whom it is promised to.
    assert.equal(0 - change(balances, "supply", "expected"), Math.min(quantity, free));
    assert.equal(pendingUnits(line), Math.max(0, quantity - free));
    assert.equal(state.status === "changing", quantity > free);
  })));

Deno.test("whatever is asked, and whatever is promised, the rows are what the lines say", () =>
  fc.assert(fc.property(seeds, (seed) => {
    const chance = new Chance(seed);
    const making = purchaseOrderWorkout.making(chance, "property");
    let { state } = Result.getOrThrow(making.make(id, now));
    const expected = new Map<string, number>();
    const free = (_: string, lineId: string) => chance.between(-2, expected.get(lineId) ?? 0);
    for (let n = 0; n < 20; n++) {
      const command = n === 0 ? making.opening : purchaseOrderWorkout.command(chance, state);
      const decided = decide(state, command, { ...facts, free });
      if (Result.isFailure(decided)) continue;
      const folded = foldEvents(purchaseOrders, state, decided.success, now, subjects.merge);
      state = { ...folded.state, version: state.version + 1 };
      for (const { balance, deltas } of folded.balances) {
        const of = subjects.balance(balance);
        for (const delta of balance === "supply" ? deltas : []) {
          const row = of.rowOf(delta);
          expected.set(row, (expected.get(row) ?? 0) + of.change(delta, "expected"));
        }
      }
      for (const line of state.lines) assert.equal(expected.get(line.id), expectedUnits(line));
      assert.deepEqual(purchaseOrders.faultsOf(state), []);
    }
    // Whatever was promised is promised no more: all of it comes to its end.
    const settled = after(state, { type: "settle" });
    assert.ok(settled.state.lines.every((line) => pendingUnits(line) === 0));
    assert.notEqual(settled.state.status, "changing");
  })));

Deno.test("what has come before counts for what may come still", () => {
  const order = placed({ mug: 100 }, 10);
  const { state } = after(order, receive(order, 100));
  assert.equal(state.status, "received");
  const more = after(state, receive(order, 10));
  assert.equal(change(more.balances, "stock", "onHand"), 10);
  assert.equal(change(more.balances, "supply", "expected"), 0);
  const refused = refusalOf(state, receive(order, 11));
  assert.deepEqual(
    refused._tag === "OverReceipt" && [refused.received, refused.quantity, refused.most],
    [100, 11, 110],
  );
  assert.equal(refusalOf(placed({ mug: 100 }), receive(order, 101))._tag, "OverReceipt");
});

Deno.test("units unfit for sale are on hand and not for sale, and are not expected any more", () => {
  const order = placed({ mug: 10 });
  const { state, balances } = after(order, receive(order, 6, { rejected: 2 }));
  assert.equal(change(balances, "stock", "onHand"), 6);
  assert.equal(change(balances, "stock", "unavailable"), 2);
  assert.equal(change(balances, "supply", "expected"), -6);
  assert.equal(lineOf(state).rejected, 2);
});

Deno.test("a line is never ordered below what has come of it", () => {
  const order = placed({ mug: 10 });
  const { state } = after(order, receive(order, 6));
  const ordering = (quantity: number): PurchaseOrderCommand => ({
    type: "change",
    lines: [{ lineId: lineOf(order).id, quantity }],
  });
  assert.equal(refusalOf(state, ordering(5))._tag, "InvalidCommand");
  assert.equal(after(state, ordering(6)).state.status, "received");
});

Deno.test("units that are cut off while orders are promised them come back with a larger order", () => {
  const order = placed({ mug: 10 });
  const ordering = (quantity: number): PurchaseOrderCommand => ({
    type: "change",
    lines: [{ lineId: lineOf(order).id, quantity }],
  });
  const cut = after(order, ordering(4), { free: () => 2 });
  assert.equal(lineOf(cut.state).cutting, 4);
  assert.equal(expectedUnits(lineOf(cut.state)), 8);
  const raised = after(cut.state, ordering(9), { free: () => 0 });
  assert.equal(lineOf(raised.state).cutting, 0);
  assert.equal(change(raised.balances, "supply", "expected"), 1);
  assert.equal(raised.state.status, "open");
});

Deno.test("units move with the orders that are promised them, and no more than wait", () => {
  const order = placed({ mug: 10 });
  const lineId = lineOf(order).id;
  const waiting = after(order, receive(order, 6, { rejected: 1 }), { free: () => 0 }).state;
  assert.deepEqual([lineOf(waiting).arriving, lineOf(waiting).cutting], [5, 1]);
  const moves = (quantity: number): PurchaseOrderCommand => ({
    type: "settle",
    moves: [{ lineId, quantity }],
  });
  const part = after(waiting, moves(3), { free: () => 0 });
  assert.deepEqual([lineOf(part.state).arriving, lineOf(part.state).cutting], [3, 0]);
  assert.equal(change(part.balances, "stock", "onHand"), 2);
  assert.equal(refusalOf(part.state, moves(4))._tag, "StaleMoves");
});

Deno.test("a repeated receipt is one, and another of its reference is refused", () => {
  const order = placed({ mug: 10 });
  const note = (quantity: number): PurchaseOrderCommand => ({
    ...{ type: "receive", reference: "note-1" },
    lines: [{ lineId: lineOf(order).id, quantity, rejected: 0 }],
  });
  const { state } = after(order, note(4));
  assert.deepEqual(Result.getOrThrow(decide(state, note(4), facts)), []);
  assert.equal(refusalOf(state, note(5))._tag, "ReferenceTaken");
});

Deno.test("an order of which something has come is closed and not cancelled", () => {
  const order = placed({ mug: 10, cup: 5 });
  const { state } = after(order, receive(order, 4));
  assert.equal(refusalOf(state, { type: "cancel" })._tag, "IllegalTransition");
  const closed = after(state, { type: "close" });
  assert.equal(closed.state.status, "closed");
  assert.equal(change(closed.balances, "supply", "expected"), -11);
  assert.equal(after(order, { type: "cancel" }).state.status, "cancelled");
  assert.equal(refusalOf(closed.state, receive(order, 1))._tag, "IllegalTransition");
});

Deno.test("a date moves the key of a supply, and no row", () => {
  const order = placed({ mug: 10 });
  const later = "2026-05-01T00:00:00.000Z";
  const { state, balances } = after(order, { type: "change", expectedAt: later });
  assert.deepEqual(balances, []);
  const dueMs = String(Date.parse(later)).padStart(15, "0");
  const keys = purchaseOrders.linksOf(state, {}).flatMap((link) =>
    link.type === "key" ? [link.key] : []
  );
  assert.deepEqual(keys, [["supply", "mug", "ams", dueMs, lineOf(order).id]]);
});

Deno.test("names so long that one commit has no room for them are refused in words", () => {
  const long = "\u{10ffff}".repeat(95);
  const lines = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${long}${n}`, 1]));
  const order = placed(lines);
  const refused = decide({ ...order, version: 0 }, { type: "place" }, facts);
  assert.equal(Result.isFailure(refused) && refused.failure._tag, "InvalidCommand");
  // Whatever came to be, all of it can be given up, in as many commits as that takes.
  let { state } = after(order, { type: "cancel" });
  for (let n = 0; n < 10 && state.status === "changing"; n++) {
    state = after(state, { type: "settle" }).state;
  }
  assert.equal(state.status, "cancelled");
});
