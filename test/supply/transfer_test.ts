/** Transfers: no unit is made or lost on the way without somebody saying so. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { foldEvents } from "../../actors/aggregate/decision.ts";
import type { Instant } from "../../src/kernel/instant.ts";
import { subjects } from "../../src/subjects.ts";
import type { SupplyFacts } from "../../src/supply/facts.ts";
import { pendingUnits } from "../../src/supply/moves.ts";
import type { Transfer, TransferCommand } from "../../src/supply/transfer.ts";
import { decide } from "../../src/supply/transfer-decide.ts";
import { transfers } from "../../src/supply/transfer-definition.ts";
import { expectedUnits, unitsInTransit, unshippedUnits } from "../../src/supply/transfer-lines.ts";
import { transferMaking } from "../../src/supply/transfer-making.ts";
import { transferWorkout } from "../laws/supply.ts";
import { Chance } from "../sim/random.ts";

const now: Instant = "2026-03-01T12:00:00.000Z";
const id = "trf_01hqwe5k0030123456789";

const facts: SupplyFacts = {
  ...{ now, by: "key_1", isLocation: () => true, isTracked: () => false },
  ...{ free: () => Number.MAX_SAFE_INTEGER, available: () => 100, keyBytesPerCommit: 64_000 },
};

const captured = (lines: readonly (readonly [string, number])[]): Transfer => {
  const { make } = transferMaking({
    ...{ from: "ams", to: "ber", expectedAt: "2026-04-01T00:00:00.000Z" },
    lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
  });
  return Result.getOrThrow(make(id, now)).state;
};

const requested = (quantity: number): Transfer => ({
  ...captured([["mug", quantity]]),
  version: 1,
});

const lineOf = (transfer: Transfer) => {
  const [line] = transfer.lines;
  assert.ok(line !== undefined);
  return line;
};

const after = (transfer: Transfer, command: TransferCommand, more: Partial<SupplyFacts> = {}) => {
  const events = Result.getOrThrow(decide(transfer, command, { ...facts, ...more }));
  const folded = foldEvents(transfers, transfer, events, now, subjects.merge);
  return { ...folded, state: { ...folded.state, version: transfer.version + 1 } };
};

const refusalOf = (transfer: Transfer, command: TransferCommand, more = {}) => {
  const decided = decide(transfer, command, { ...facts, ...more });
  assert.ok(Result.isFailure(decided), "it is refused");
  return decided.failure;
};

type Balances = ReturnType<typeof after>["balances"];

/** A field's change at a place, by all deltas together. */
const change = (balances: Balances, balance: string, space: string, field: string): number => {
  const of = subjects.balance(balance);
  return balances.filter((each) => each.balance === balance).flatMap(({ deltas }) => deltas)
    .filter((delta) => of.spaceOf(delta) === space)
    .reduce<number>((sum, delta) => sum + of.change(delta, field), 0);
};

const ship = (transfer: Transfer, quantity: number): TransferCommand => ({
  type: "ship",
  lines: [{ lineId: lineOf(transfer).id, quantity }],
});

const receive = (
  transfer: Transfer,
  quantity: number,
  { damaged = 0, lost = 0 } = {},
): TransferCommand => ({
  type: "receive",
  lines: [{ lineId: lineOf(transfer).id, quantity, damaged, lost }],
});

const seeds = fc.integer({ min: 1, max: 1_000_000 });

Deno.test("what is requested is claimed at the source, where so many units are free", () => {
  const transfer = captured([["mug", 6], ["mug", 5]]);
  const refused = refusalOf(transfer, { type: "request" }, { available: () => 10 });
  assert.deepEqual(refused._tag === "InsufficientStock" && refused.shortages, [
    { sku: "mug", requested: 11, available: 10 },
  ]);
  const { balances } = after(transfer, { type: "request" }, { available: () => 11 });
  assert.equal(change(balances, "stock", "ams", "claimed"), 11);
  assert.equal(change(balances, "stock", "ams", "onHand"), 0);
});

Deno.test("what is tracked by lots is neither requested nor, when it is tracked later, shipped", () => {
  const isTracked = (sku: string) => sku === "milk";
  const pointerOf = (refused: ReturnType<typeof refusalOf>) =>
    refused._tag === "InvalidCommand" && refused.pointer;
  const transfer = captured([["mug", 1], ["milk", 1]]);
  assert.equal(pointerOf(refusalOf(transfer, { type: "request" }, { isTracked })), "/lines/1/sku");
  const asked = { ...transfer, version: 1 };
  assert.equal(pointerOf(refusalOf(asked, { type: "ship" }, { isTracked })), "/lines/1/sku");
  const { state } = after(asked, ship(asked, 1), { isTracked });
  assert.equal(pointerOf(refusalOf(state, { type: "ship" }, { isTracked })), "/lines/0/sku");
  const { balances } = after(state, { type: "cancel", rest: "lost" }, { isTracked });
  assert.equal(change(balances, "stock", "ams", "claimed"), -1);
});

Deno.test("what is shipped leaves the shelf and its claim, and is expected at the target", () => {
  const transfer = requested(10);
  const { state, balances } = after(transfer, ship(transfer, 4));
  assert.equal(change(balances, "stock", "ams", "onHand"), -4);
  assert.equal(change(balances, "stock", "ams", "claimed"), -4);
  assert.equal(change(balances, "supply", "ber", "expected"), 4);
  assert.equal(state.status, "partially_shipped");
  const whole = after(state, { type: "ship" });
  assert.equal(change(whole.balances, "stock", "ams", "onHand"), -6);
  assert.equal(whole.state.status, "in_transit");
  assert.equal(refusalOf(whole.state, { type: "ship" })._tag, "IllegalTransition");
  assert.equal(refusalOf(state, ship(transfer, 7))._tag, "InvalidCommand");
});

Deno.test("what came for sale is on the shelf, what is damaged is not for sale, what is lost is gone", () => {
  const { state } = after(requested(10), { type: "ship" });
  const { state: next, balances } = after(state, receive(state, 6, { damaged: 2, lost: 1 }));
  assert.equal(change(balances, "stock", "ber", "onHand"), 6);
  assert.equal(change(balances, "stock", "ber", "unavailable"), 2);
  assert.equal(change(balances, "supply", "ber", "expected"), -7);
  const { received, damaged, lost } = lineOf(next);
  assert.deepEqual([received, damaged, lost, unitsInTransit(lineOf(next))], [4, 2, 1, 3]);
  assert.equal(next.status, "partially_received");
  const refused = refusalOf(next, receive(next, 3, { lost: 1 }));
  assert.deepEqual(
    refused._tag === "OverReceipt" && [refused.received, refused.quantity, refused.most],
    [7, 4, 10],
  );
});

Deno.test("closed, the rest is lost; cancelled, it is lost or goes back; what never left is free", () => {
  const { state } = after(requested(10), ship(requested(10), 6));
  const closed = after(state, { type: "close" });
  assert.equal(change(closed.balances, "stock", "ams", "claimed"), -4);
  assert.equal(change(closed.balances, "stock", "ams", "onHand"), 0);
  assert.equal(change(closed.balances, "supply", "ber", "expected"), -6);
  assert.equal(lineOf(closed.state).lost, 6);
  const returned = after(state, { type: "cancel", rest: "return" });
  assert.equal(change(returned.balances, "stock", "ams", "onHand"), 6);
  assert.equal(change(returned.balances, "supply", "ber", "expected"), -6);
  assert.equal(returned.state.status, "cancelled");
  assert.equal(lineOf(after(state, { type: "cancel", rest: "lost" }).state).lost, 6);
});

Deno.test("a date moves the keys of all that is on its way", () => {
  const { state } = after(requested(10), { type: "ship" });
  const later = "2026-05-01T00:00:00.000Z";
  const next = after(state, { type: "change", expectedAt: later }).state;
  const keys = transfers.linksOf(next, {}).flatMap((link) => link.type === "key" ? [link.key] : []);
  const dueMs = String(Date.parse(later)).padStart(15, "0");
  assert.deepEqual(keys, [["supply", "mug", "ber", dueMs, lineOf(next).id]]);
});

Deno.test("whatever is asked, and whatever is promised, no unit comes or goes unsaid", () =>
  fc.assert(fc.property(seeds, (seed) => {
    const chance = new Chance(seed);
    const making = transferWorkout.making(chance, "property");
    let { state } = Result.getOrThrow(making.make(id, now));
    const sums = new Map<string, number>();
    const sum = (name: string) => sums.get(name) ?? 0;
    const free = (_: string, lineId: string) => chance.between(-2, sum(`supply ${lineId}`));
    for (let n = 0; n < 20; n++) {
      const command = n === 0 ? making.opening : transferWorkout.command(chance, state);
      const decided = decide(state, command, { ...facts, free });
      if (Result.isFailure(decided)) continue;
      const folded = foldEvents(transfers, state, decided.success, now, subjects.merge);
      state = { ...folded.state, version: state.version + 1 };
      for (const { balance, deltas } of folded.balances) {
        const of = subjects.balance(balance);
        for (const delta of deltas) {
          const [name, field] = balance === "supply"
            ? [`supply ${of.rowOf(delta)}`, "expected"]
            : ["stock", "onHand"];
          sums.set(name, sum(name) + of.change(delta, field));
        }
      }
      const expected = state.lines.reduce((all, line) => all + expectedUnits(line), 0);
      const lost = state.lines.reduce((all, line) => all + line.lost, 0);
      const waiting = state.lines.reduce((all, line) => all + line.cutting, 0);
      for (const line of state.lines) assert.equal(sum(`supply ${line.id}`), expectedUnits(line));
      // On both shelves, on the way, or lost: what waits to be cut off stands on a shelf or is lost already.
      assert.equal(sum("stock") + expected - waiting + lost, 0);
      assert.deepEqual(transfers.faultsOf(state), []);
    }
    const settled = after(state, { type: "settle" }).state;
    assert.ok(settled.lines.every((line) => pendingUnits(line) === 0));
  })));

Deno.test("a transfer of which units are made, or forgotten, has a fault", () => {
  const { state } = after(requested(10), { type: "ship" });
  const changed = (line: Partial<Transfer["lines"][number]>): Transfer => ({
    ...state,
    lines: [{ ...lineOf(state), ...line }],
  });
  assert.deepEqual(transfers.faultsOf(state), []);
  for (
    const line of [{ received: 11 }, { lost: 1 }, { shipped: 11 }, { returned: 11 }, { cutting: 1 }]
  ) {
    const [fault] = transfers.faultsOf(changed(line));
    assert.equal(fault?.invariant, "transfer-conserved", JSON.stringify(line));
  }
  assert.equal(unshippedUnits(lineOf(state)), 0);
});
