import assert from "node:assert/strict";
import fc from "fast-check";
import { instantOf } from "../../src/kernel/instant.ts";
import { placedLimits } from "../../src/order/limits.ts";
import { periodsOf } from "../../src/order/placed.ts";

const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2026, 11, 31) }).map(
  instantOf,
);
const dayOf = (instant: string): string => instant.slice(0, 10);
const monthOf = (instant: string): string => instant.slice(0, 7);

Deno.test("the periods of a span have all of its orders, and none of a day that it does not touch", () => {
  const end = fc.option(moment, { nil: undefined });
  fc.assert(
    fc.property(end, end, fc.array(moment, { maxLength: 60 }), (after, before, placed) => {
      const months = [...new Set(placed.map(monthOf))].sort();
      const span = { after, before };
      const periods: readonly string[] | null = periodsOf(span) ?? periodsOf(span, months);
      assert.ok(periods !== null);
      assert.equal(new Set(periods).size, periods.length);
      for (const at of placed) {
        const isWithin = (after === undefined || at > after) &&
          (before === undefined || at < before);
        const touches = (after === undefined || dayOf(at) >= dayOf(after)) &&
          (before === undefined || dayOf(at) <= dayOf(before));
        const found: number = periods.filter((period) => at.startsWith(period)).length;
        if (isWithin) assert.equal(found, 1, at);
        if (!touches) assert.equal(found, 0, at);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("few days are looked into one by one, whatever months there are", () => {
  const days = periodsOf({ after: "2025-02-27T12:00:00.000Z", before: "2025-03-02T00:00:00.000Z" });
  assert.deepEqual(days, ["2025-02-27", "2025-02-28", "2025-03-01", "2025-03-02"]);
  assert.equal(periodsOf({ after: "2020-01-01T00:00:00.000Z" }), null);
  const long = { after: "2025-01-30T00:00:00.000Z", before: "2025-12-02T00:00:00.000Z" };
  assert.equal(periodsOf(long), null);
  const periods = periodsOf(long, ["2024-12", "2025-01", "2025-06", "2025-12", "2026-01"]);
  assert.deepEqual(periods, ["2025-01-30", "2025-01-31", "2025-06", "2025-12-01", "2025-12-02"]);
  assert.ok(placedLimits.days < placedLimits.months);
});
