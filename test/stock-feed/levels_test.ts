/** Which changes a feed is told of, how soon, and how many units are available then. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { levelLimits } from "../../src/stock-feed/limits.ts";
import { isSweepDue, marksOf } from "../../src/stock-feed/marks.ts";
import { outcomeOfAnswer } from "../../src/stock-feed/told.ts";
import { availableFor } from "../../src/stock/available-for.ts";
import { inStock } from "../../src/stock/balance.ts";
import {
  applyDelta,
  emptyRow,
  type StockDelta,
  stockDelta,
  type StockRow,
} from "../../src/stock/stock.ts";

const feed = { locationIds: ["ams", "ber"], minIntervalMs: 700 };

const row = (locationId: string, onHand: number, more: Partial<StockRow> = {}): StockRow => ({
  ...emptyRow(locationId, "a"),
  onHand,
  ...more,
});

Deno.test("each location counts for itself", () => {
  assert.equal(availableFor([row("ams", 2, { safetyStock: 5 }), row("ber", 3)], 0), 3);
  assert.equal(
    availableFor([row("ams", 9, { reserved: 2, unavailable: 1, safetyStock: 1 })], 0),
    5,
  );
});

Deno.test("the buffer is kept back of the sum, and nothing is below zero", () => {
  assert.equal(availableFor([row("ams", 2), row("ber", 3)], 4), 1);
  assert.equal(availableFor([row("ams", 2)], 4), 0);
  assert.equal(availableFor([], 0), 0);
});

const delta = fc.record({
  locationId: fc.constantFrom("ams", "ber", "par"),
  sku: fc.constantFrom("a", "b"),
  onHand: fc.integer({ min: -3, max: 3 }),
  reserved: fc.integer({ min: -3, max: 3 }),
  unavailable: fc.integer({ min: -1, max: 1 }),
  safetyStock: fc.integer({ min: -1, max: 1 }),
});

Deno.test("every SKU of which another number is available is marked, and a fall does not wait", () =>
  fc.assert(
    fc.property(fc.array(delta, { maxLength: 6 }), (deltas) => {
      const rows = new Map<string, StockRow>();
      for (const locationId of ["ams", "ber", "par"]) {
        for (const sku of ["a", "b"]) {
          rows.set(`${locationId} ${sku}`, { ...emptyRow(locationId, sku), onHand: 20 });
        }
      }
      const availableOf = (sku: string) =>
        availableFor(
          feed.locationIds.flatMap((id) => rows.get(`${id} ${sku}`) ?? []),
          0,
        );
      const before = new Map(["a", "b"].map((sku) => [sku, availableOf(sku)]));
      for (const each of deltas) {
        const name = `${each.locationId} ${each.sku}`;
        rows.set(name, applyDelta(rows.get(name) ?? emptyRow(each.locationId, each.sku), each));
      }
      const marks = new Map(
        marksOf(feed, inStock(deltas)).map(({ key, afterMs }) => [key, afterMs]),
      );
      for (const [sku, units] of before) {
        if (availableOf(sku) !== units) assert.ok(marks.has(sku), sku);
        if (availableOf(sku) < units) assert.equal(marks.get(sku), 0);
      }
    }),
  ));

Deno.test("changes at other locations mark nothing", () => {
  const elsewhere: readonly StockDelta[] = [stockDelta("par", "a", { onHand: 5 })];
  assert.deepEqual(marksOf(feed, inStock(elsewhere)), []);
});

Deno.test("units that leave were promised before, and mark nothing", () => {
  const shipped = stockDelta("ams", "a", { onHand: -2, reserved: -2 });
  assert.deepEqual(marksOf(feed, inStock([shipped])), []);
});

Deno.test("all SKUs are told of at the beginning, and once each night", () => {
  const night = Date.UTC(2030, 0, 2, levelLimits.nightlyHour);
  assert.ok(isSweepDue(null, 0));
  assert.ok(!isSweepDue(night - 10_000, night - 1));
  assert.ok(isSweepDue(night - 1, night));
  assert.ok(!isSweepDue(night, night + 23 * 3_600_000));
  assert.ok(!isSweepDue(night, night - 3_600_000), "a clock that was set back brings none twice");
});

Deno.test("an answer to a resync may say how much differed", () => {
  const answered = (status: number, text: string, isSwept = true) =>
    outcomeOfAnswer(isSwept)({ status, text }, 0).differed;
  assert.equal(answered(200, '{"differed": 3}'), 3);
  assert.equal(answered(200, '{"differed": 3, "more": "words"}'), 3);
  for (const text of ["", "thank you", '{"differed": -1}', '{"differed": "3"}', "[3]"]) {
    assert.equal(answered(200, text), undefined, text);
  }
  assert.equal(answered(500, '{"differed": 3}'), undefined);
  assert.equal(answered(200, '{"differed": 3}', false), undefined);
});
