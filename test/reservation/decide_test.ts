/** What holds of every decision about a cart. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { instantOf } from "../../src/kernel/instant.ts";
import { claimsOf, effectsOf } from "../../src/reservation/claims.ts";
import { decide } from "../../src/reservation/decide.ts";
import { evolve } from "../../src/reservation/evolve.ts";
import type {
  Reservation,
  ReservationCommand,
  ReservationFacts,
  ReservationLine,
} from "../../src/reservation/reservation.ts";
import { stockDeltasIn } from "../../src/stock/record.ts";
import {
  applyDelta,
  availableUnits,
  emptyRow,
  isSound,
  stockDelta,
  type StockRow,
} from "../../src/stock/stock.ts";
import { newReservation } from "../support/reservations.ts";

const places = ["ams", "ber", "cdg"];
const skus = ["mug", "cup"];
const startMs = Date.UTC(2030, 0, 1);

type Rows = Map<string, StockRow>;

const rowAt = (rows: Rows, locationId: string, sku: string): StockRow =>
  rows.get(`${locationId} ${sku}`) ?? emptyRow(locationId, sku);

const factsOf = (rows: Rows, nowMs: number): ReservationFacts => ({
  now: instantOf(nowMs),
  locations: places.map((id) => ({ id, active: true })),
  item: () => null,
  available: (locationId, sku) => availableUnits(rowAt(rows, locationId, sku)),
  locationsPerCommit: 90,
  keyBytesPerCommit: 64_000,
});

const apply = (rows: Rows, before: Reservation, state: Reservation, events: readonly object[]) => {
  for (const event of events) {
    for (const delta of stockDeltasIn(effectsOf(before, event as never))) {
      const after = applyDelta(rowAt(rows, delta.locationId, delta.sku), delta);
      assert.ok(isSound(after), JSON.stringify(after));
      rows.set(`${delta.locationId} ${delta.sku}`, after);
    }
  }
  return state;
};

/** Carries a command out; null where it is refused. */
const step = (rows: Rows, state: Reservation, command: ReservationCommand, nowMs: number) => {
  const facts = factsOf(rows, nowMs);
  const decided = decide(state, command, facts);
  if (Result.isFailure(decided)) return null;
  const after = decided.success.reduce((folded, event) => evolve(folded, event, facts.now), state);
  return apply(rows, state, { ...after, version: state.version + 1 }, decided.success);
};

const line: fc.Arbitrary<ReservationLine> = fc.record({
  sku: fc.constantFrom(...skus),
  quantity: fc.integer({ min: 1, max: 5 }),
  method: fc.constantFrom("ship", "pickup"),
  locationId: fc.constantFrom(...places),
}, { requiredKeys: ["sku", "quantity", "method"] }).map((each) =>
  each.method === "pickup" && each.locationId === undefined
    ? { ...each, locationId: places[0] ?? "" }
    : each
);

const lines = fc.array(line, { minLength: 1, maxLength: 4 });
const stock = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 6, maxLength: 6 });

const rowsOf = (units: readonly number[]): Rows =>
  new Map(
    places.flatMap((locationId, p) =>
      skus.map((sku, s) =>
        [
          `${locationId} ${sku}`,
          applyDelta(
            emptyRow(locationId, sku),
            stockDelta(locationId, sku, { onHand: units[p * skus.length + s] ?? 0 }),
          ),
        ] as const
      )
    ),
  );

const wish = (wanted: readonly ReservationLine[]): Reservation => ({
  ...newReservation(
    { channel: "web", externalId: "c", expiresInSeconds: 60, lines: [] },
    "res_1",
    instantOf(startMs),
  ),
  lines: wanted,
});

const unitsBySku = (of: readonly { readonly sku: string; readonly quantity: number }[]) =>
  skus.map((sku) => of.reduce((sum, each) => each.sku === sku ? sum + each.quantity : sum, 0));

Deno.test("what is kept is what is wanted, whole or not at all, and never more than there is", () =>
  fc.assert(fc.property(stock, lines, (units, wanted) => {
    const rows = rowsOf(units);
    const made = step(rows, wish(wanted), { type: "reserve" }, startMs);
    if (made === null) return;
    assert.deepEqual(unitsBySku(made.allocations), unitsBySku(wanted));
  })));

Deno.test("a cart that is changed gets just what it would get if it had kept nothing", () =>
  fc.assert(fc.property(stock, lines, lines, lines, (units, mine, others, next) => {
    const rows = rowsOf(units);
    const made = step(rows, wish(mine), { type: "reserve" }, startMs);
    if (made === null) return;
    step(rows, { ...wish(others), id: "res_2" }, { type: "reserve" }, startMs);
    const without = new Map(rows);
    step(without, made, { type: "release" }, startMs);
    const anew = step(without, wish(next), { type: "reserve" }, startMs);
    const replace = { type: "replace", lines: next, expiresInSeconds: 60 } as const;
    const changed = step(rows, made, replace, startMs);
    assert.equal(changed === null, anew === null, "it is refused where it would be");
    if (changed === null || anew === null) return;
    assert.deepEqual(unitsBySku(changed.allocations), unitsBySku(next));
    if (JSON.stringify(mine) !== JSON.stringify(next)) assert.deepEqual([...rows], [...without]);
  })));

Deno.test("whatever ends a cart, nothing of it is kept, and what comes later changes nothing", () =>
  fc.assert(fc.property(
    stock,
    lines,
    fc.array(
      fc.record({
        command: fc.constantFrom<ReservationCommand>(
          { type: "convert", orderId: "ord_1", channel: "web" },
          { type: "release" },
          { type: "expire" },
          { type: "extend", expiresInSeconds: 30 },
        ),
        afterMs: fc.integer({ min: 0, max: 40_000 }),
      }),
      { maxLength: 8 },
    ),
    (units, wanted, commands) => {
      const rows = rowsOf(units);
      const made = step(rows, wish(wanted), { type: "reserve" }, startMs);
      if (made === null) return;
      let state = made;
      let nowMs = startMs;
      for (const { command, afterMs } of commands) {
        nowMs += afterMs;
        const before = state;
        state = step(rows, state, command, nowMs) ?? state;
        if (before.status !== "active") {
          assert.equal(state.status, before.status);
          assert.equal(state.expiresAt, before.expiresAt);
        } else if (state.status === "expired") {
          assert.ok(instantOf(nowMs) >= before.expiresAt, "it ended before its time");
        }
        const claimed = [...rows.values()].reduce((sum, row) => sum + (row.claimed ?? 0), 0);
        const own = stockDeltasIn(claimsOf(state))
          .reduce((sum, delta) => sum + (delta.claimed ?? 0), 0);
        assert.equal(claimed, own);
        assert.equal(own > 0, state.status === "active");
      }
    },
  )));
