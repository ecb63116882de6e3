import assert from "node:assert/strict";
import fc from "fast-check";
import { instantOf } from "../../src/kernel/instant.ts";
import { statusLimits, streamLimits } from "../../src/status/limits.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import { rateNames } from "../../src/order/status-sections.ts";
import { StatusCounters } from "../../src/status/counters.ts";
import { subjects } from "../../src/subjects.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { locationName, startMs, type Step, step, World } from "./log-fixture.ts";

/** As a later process reads them. */
const saved = (form: unknown): StatusCounters => {
  const counters = StatusCounters.from(JSON.parse(JSON.stringify(form)), subjects);
  assert.ok(counters !== null);
  return counters;
};

/** As the version before saved them: each tally in a member and a shape of its own, zeros among them. */
const earlierForm = (counters: StatusCounters) => {
  const { tallies: _tallies, seconds, minutes, ...rest } = counters.save();
  const byStatus = (tally: string) =>
    [...counters.groups(tally)].map(([group, counts]) => [group, [...counts]]);
  const spans = (of: typeof seconds, names: readonly string[]) =>
    of.map(([span, counts]) => [
      span,
      Object.fromEntries(names.map((name) => [name, new Map(counts).get(name) ?? 0])),
    ]);
  return {
    ...rest,
    format: 1,
    orders: byStatus("orders"),
    fulfillment: byStatus("fulfillment"),
    units: [...counters.groups("units")].map(([location, counts]) => [
      location,
      { onHand: 0, reserved: 0, unavailable: 0, safetyStock: 0, ...Object.fromEntries(counts) },
    ]),
    seconds: spans(seconds, rateNames),
    minutes: spans(minutes, ["orders", "units"]),
    exceptions: [...counters.groups("exceptions")]
      .flatMap(([location, counts]) => counts.size === 0 ? [] : [[location, counts.get("")]]),
  };
};

const entriesOf = (steps: readonly Step[]): readonly LogEntry[] => {
  const world = new World();
  return steps.map((each, n): LogEntry => ({
    position: n.toString(16).padStart(20, "0"),
    commitId: String(n),
    at: instantOf(startMs + n * 700),
    records: [world.take(each)],
  }));
};

/** What is shown of counters. */
const shown = (counters: StatusCounters) =>
  subjects.sections.map((section) => section(counters, {}, startMs + 30_000));

Deno.test("a saved state counts on exactly as if it had never been saved", () => {
  fc.assert(fc.property(
    fc.array(step(30), { minLength: 1, maxLength: 60 }),
    fc.nat(60),
    (steps, cut) => {
      const entries = entriesOf(steps);
      const whole = new StatusCounters(subjects);
      for (const entry of entries) whole.apply(entry);
      const before = new StatusCounters(subjects);
      for (const entry of entries.slice(0, cut)) before.apply(entry);
      const after = saved(before.save());
      for (const entry of entries.slice(cut)) after.apply(entry);
      assert.deepEqual(after.save(), whole.save());
    },
  ));
});

Deno.test("rates are right again as soon as a process with a clock days ahead has ended", () => {
  const secondMs = 1_000;
  const seconds = statusLimits.secondsKept + 10;
  const world = new World();
  const counters = new StatusCounters(subjects);
  const place = (order: number, atMs: number): void =>
    counters.apply({
      position: String(order).padStart(20, "0"),
      commitId: String(order),
      at: instantOf(atMs),
      records: [
        world.take({ order, status: "held", location: null, fulfillment: "open", units: 1 }),
      ],
    });
  for (let n = 0; n < seconds; n++) place(n, startMs + 3 * 24 * 3_600_000 + n * secondMs);
  for (let n = 0; n < seconds; n++) place(seconds + n, startMs + n * secondMs);
  const nowMs = startMs + seconds * secondMs;
  assert.equal(counters.perSecond("placed", nowMs, 60), 1);
  assert.equal(counters.lastMinutes("orders", nowMs, 60).reduce((sum, n) => sum + n, 0), seconds);
});

Deno.test("counters and records of earlier versions say nothing of exceptions: one that ends hides no later one", () => {
  const { exceptions: _exceptions, ...earlier } = earlierForm(new StatusCounters(subjects));
  const counters = saved(earlier);
  const exceptions = () =>
    [...counters.groups("exceptions")].map(([location, counts]) => [location, counts.get("")]);
  const world = new World();
  const entryOf = (n: number, order: number, status: "exception" | "in_transit"): LogEntry => ({
    position: n.toString(16).padStart(20, "0"),
    commitId: String(n),
    at: instantOf(startMs),
    records: [world.take({
      order,
      status: "shipped",
      location: 0,
      fulfillment: "shipped",
      units: 1,
      shipment: { n: 1, status },
    })],
  });
  const [old] = entryOf(1, 1, "exception").records;
  assert.ok(old !== undefined && isOrderRecord(old));
  const { shipments: _shipments, ...untold } = old;
  counters.apply({ ...entryOf(1, 2, "in_transit"), records: [untold] });
  assert.deepEqual(exceptions(), []);
  counters.apply(entryOf(2, 1, "in_transit"));
  assert.deepEqual(exceptions(), [[locationName(1), undefined]]);
  counters.apply(entryOf(3, 2, "exception"));
  assert.deepEqual(exceptions(), [[locationName(1), 1]]);
});

Deno.test("rates count whole seconds before now", () => {
  const counters = new StatusCounters(subjects);
  const world = new World();
  for (let n = 0; n < 120; n++) {
    counters.apply({
      position: n.toString(16).padStart(20, "0"),
      commitId: String(n),
      at: instantOf(startMs + n * 500),
      records: [
        world.take({ order: n, status: "allocated", location: 0, fulfillment: "open", units: 1 }),
      ],
    });
  }
  const nowMs = startMs + 60_000;
  const rates = rateNames.map((name) => counters.perSecond(name, nowMs, 10));
  assert.deepEqual(rates, [2, 2, 0, 0]);
  assert.equal(counters.perSecond("placed", nowMs, 60), 2);
  assert.equal(counters.perSecond("placed", nowMs + 5_000, 10), 1);
  assert.equal(counters.perSecond("placed", nowMs + 3_600_000, 60), 0);
});

Deno.test("a position is too old only when more came after it than a reader may resume over", () => {
  const counters = new StatusCounters(subjects);
  const positionOf = (n: number) => n.toString(16).padStart(20, "0");
  const at = instantOf(startMs);
  const count = streamLimits.resumeEntries + 3 * statusLimits.entriesPerMark;
  for (let n = 0; n < count; n++) {
    counters.apply({ position: positionOf(n), commitId: "", at, records: [] });
  }
  assert.ok(counters.isTooOld(positionOf(0)));
  assert.ok(counters.isTooOld(positionOf(2 * statusLimits.entriesPerMark - 1)));
  assert.ok(!counters.isTooOld(positionOf(count - streamLimits.resumeEntries)));
});

Deno.test("counters that an earlier version saved show what they showed, and count on", () => {
  fc.assert(fc.property(
    fc.array(step(30), { minLength: 1, maxLength: 60 }),
    fc.nat(60),
    (steps, cut) => {
      const entries = entriesOf(steps);
      const counters = new StatusCounters(subjects);
      for (const entry of entries.slice(0, cut)) counters.apply(entry);
      const read = saved(earlierForm(counters));
      assert.deepEqual(shown(read), shown(counters));
      for (const entry of entries.slice(cut)) {
        counters.apply(entry);
        read.apply(entry);
      }
      assert.deepEqual(shown(read), shown(counters));
      assert.deepEqual(read.position, counters.position);
    },
  ));
});

Deno.test("counters of a form that nobody knows are counted again", () => {
  for (const form of [{ format: 3 }, {}, { format: "1" }]) {
    assert.equal(StatusCounters.from(form, subjects), null);
  }
});
