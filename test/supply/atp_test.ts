import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type DatedSupply,
  type Promisable,
  promisableBy,
  promisableOf,
  stepsOf,
  stockSource,
  supplyEvents,
  withoutKeptBack,
} from "../../src/supply/atp.ts";
import { availableOver } from "../../src/stock/available-for.ts";
import { promiseLimits } from "../../src/supply/limits.ts";

const dayMs = 24 * 3_600_000;

const events = fc.array(
  fc.record({ atMs: fc.integer({ min: 0, max: 8 }), units: fc.integer({ min: -6, max: 6 }) }),
  { maxLength: 10 },
).map((all) => all.map((event, n) => ({ ...event, source: n === 0 ? stockSource : `s${n}` })));

const moments = Array.from({ length: 10 }, (_, atMs) => atMs);

/** The sum of all events until a moment, and the least of these sums from a moment on. */
const cumulative = (all: readonly { atMs: number; units: number }[], atMs: number): number =>
  all.reduce((sum, event) => event.atMs <= atMs ? sum + event.units : sum, 0);
const leastFrom = (all: readonly { atMs: number; units: number }[], atMs: number): number =>
  Math.min(...moments.filter((each) => each >= atMs).map((each) => cumulative(all, each)));

const promisable = fc.array(
  fc.record({ fromMs: fc.integer({ min: 0, max: 8 }), units: fc.integer({ min: 1, max: 6 }) }),
  { maxLength: 5 },
).map((all): Promisable =>
  all.map((units, n) => ({ ...units, source: `s${n}` })).toSorted((a, b) => a.fromMs - b.fromMs)
);

Deno.test("what may be promised by a moment is the least of the sums from then on", () => {
  fc.assert(fc.property(events, (all) => {
    const found = promisableOf(all);
    for (const atMs of moments) {
      assert.equal(promisableBy(found, atMs), Math.max(0, leastFrom(all, atMs)), `at ${atMs}`);
    }
  }));
});

Deno.test("no source gives more than it has, or before it has it", () => {
  fc.assert(fc.property(events, (all) => {
    const found = promisableOf(all);
    assert.equal(new Set(found.map(({ source }) => source)).size, found.length);
    for (const { source, fromMs, units } of found) {
      const event = all.find((each) => each.source === source);
      assert.ok(units > 0 && units <= (event?.units ?? 0));
      assert.equal(fromMs, event?.atMs);
    }
  }));
});

Deno.test("what is promised can be, whatever is needed later", () => {
  fc.assert(fc.property(events, fc.integer({ min: 0, max: 8 }), (all, atMs) => {
    const units = promisableBy(promisableOf(all), atMs);
    fc.pre(units > 0);
    const after = [...all, { source: "order", atMs, units: 0 - units }];
    for (const each of moments.filter((later) => later >= atMs)) {
      assert.ok(cumulative(after, each) >= 0, `short at ${each}`);
    }
  }));
});

Deno.test("the order in which events are told does not matter", () => {
  fc.assert(fc.property(events, (all) => {
    assert.deepEqual(promisableOf(all.toReversed()), promisableOf(all));
  }));
});

Deno.test("what is needed later is not promised now", () => {
  const stock = { source: stockSource, atMs: 0, units: 10 };
  const needed = { source: "trl_a_1", atMs: 5, units: -4 };
  assert.deepEqual(promisableOf([stock, needed]), [{ source: stockSource, fromMs: 0, units: 6 }]);
  // What comes meanwhile is taken for it first.
  const supply = { source: "pol_a_1", atMs: 3, units: 3 };
  assert.deepEqual(promisableOf([stock, supply, needed]), [
    { source: stockSource, fromMs: 0, units: 9 },
  ]);
  // What comes afterwards does not help.
  assert.equal(promisableBy(promisableOf([stock, needed, { ...supply, atMs: 6 }]), 0), 6);
});

const supply = (dueDays: number, expected: number, promised: number): DatedSupply => ({
  supplyId: `pol_${dueDays}`,
  dueMs: 1_000 * dayMs + dueDays * dayMs,
  availableMs: 1_000 * dayMs + (dueDays + 1) * dayMs,
  expected,
  promised,
});
const nowMs = 1_000 * dayMs;
const promisableWith = (available: number, supplies: readonly DatedSupply[]) =>
  promisableOf(supplyEvents(nowMs, available, supplies));

Deno.test("supply counts with its free units from when it can be shipped", () => {
  assert.deepEqual(promisableWith(3, [supply(2, 10, 4), supply(1, 5, 5)]), [
    { source: stockSource, fromMs: nowMs, units: 3 },
    { source: "pol_2", fromMs: nowMs + 3 * dayMs, units: 6 },
  ]);
});

Deno.test("what is kept back and not there is made up for by what comes first", () => {
  assert.deepEqual(promisableWith(-4, [supply(2, 3, 0), supply(5, 3, 0)]), [
    { source: "pol_5", fromMs: nowMs + 6 * dayMs, units: 2 },
  ]);
});

Deno.test("overdue supply counts for some days, and what was promised of it is still needed", () => {
  const late = promiseLimits.pastDueDays;
  assert.deepEqual(promisableWith(0, [supply(-late, 10, 4)]), [
    { source: `pol_-${late}`, fromMs: nowMs, units: 6 },
  ]);
  const overdue = supply(-late - 0.001, 10, 4);
  assert.deepEqual(promisableWith(0, [overdue]), []);
  assert.equal(promisableBy(promisableWith(0, [overdue, supply(3, 10, 0)]), Infinity), 6);
});

Deno.test("supply beyond the horizon is not looked at", () => {
  assert.deepEqual(promisableWith(0, [supply(promiseLimits.horizonDays - 1, 10, 0)]), []);
  assert.equal(promisableWith(0, [supply(promiseLimits.horizonDays - 2, 10, 0)]).length, 1);
});

Deno.test("units are kept back of the sum, the first ones, and more is never fewer", () => {
  const buffers = fc.oneof(
    fc.record({ units: fc.integer({ min: 0, max: 12 }) }),
    fc.record({ percent: fc.integer({ min: 0, max: 100 }) }),
  );
  fc.assert(fc.property(fc.array(promisable, { maxLength: 4 }), buffers, (places, buffer) => {
    const left = withoutKeptBack(places, (units) => availableOver([units], buffer));
    assert.equal(left.length, places.length);
    for (const atMs of moments) {
      const there = places.map((each) => promisableBy(each, atMs));
      const sum = left.reduce((units, each) => units + promisableBy(each, atMs), 0);
      assert.equal(sum, availableOver(there, buffer));
      for (const [place, each] of left.entries()) {
        assert.ok(promisableBy(each, atMs) <= (there[place] ?? 0));
      }
    }
  }));
});

Deno.test("steps begin now, rise, and are the sum at each moment", () => {
  fc.assert(fc.property(fc.array(promisable, { maxLength: 4 }), (places) => {
    const steps = stepsOf(places, 0);
    assert.equal(steps[0]?.fromMs, 0);
    for (const [n, { fromMs, units }] of steps.entries()) {
      const before = steps[n - 1];
      assert.ok(before === undefined || before.fromMs < fromMs && before.units < units);
      assert.equal(units, places.reduce((sum, each) => sum + promisableBy(each, fromMs), 0));
    }
    const total = places.reduce((sum, each) => sum + promisableBy(each, Infinity), 0);
    assert.equal(steps.at(-1)?.units, total);
  }));
});
