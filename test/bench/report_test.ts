import assert from "node:assert/strict";
import fc from "fast-check";
import { Tally } from "../../bench/load/outcome.ts";
import { pageOf } from "../../bench/report/page.ts";
import { linePlot, roundUp } from "../../bench/report/plot.ts";
import { ratiosOf, subjects } from "../../bench/report/ratios.ts";
import { isSound, median, type Report, type Row, rowOf } from "../../bench/report/report.ts";
import { planOf } from "../../bench/suite/plan.ts";
import type { Measured } from "../../bench/worker/protocol.ts";

/** So many accepted in one second, each after the latency. */
const measured = (accepted: number, latencyMs = 1, facts = {}): Measured => {
  const tally = new Tally(0);
  for (let i = 0; i < accepted; i++) tally.add("accepted", latencyMs, i);
  return { ...tally.outcome(1_000), facts };
};

const row = (
  scenario: Row["scenario"],
  subject: string,
  at: number,
  ...rounds: readonly number[]
): Row =>
  rowOf({ scenario, subject, setting: `${at}`, at }, rounds.map((accepted) => measured(accepted)));

const reportOf = (rows: readonly Row[], more: Partial<Report> = {}): Report => ({
  format: 1,
  startedAt: "2026-01-02T03:04:05.678Z",
  seconds: 12,
  command: "deno task bench --quick",
  machine: { cpu: "A <fast> one", cores: 2, memoryBytes: 2 ** 34, system: "linux" },
  versions: { deno: "2.9.6" },
  commit: "0123456789ab",
  plan: planOf({ quick: true, peers: false, scenarios: [], seconds: undefined }),
  rows,
  ratios: ratiosOf(rows),
  stores: [],
  sellOutMs: [],
  notes: [],
  ...more,
});

Deno.test("the median is in the middle, whatever the order", () => {
  fc.assert(fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
    const middle = median(values);
    const below = values.filter((value) => value < middle).length;
    const above = values.filter((value) => value > middle).length;
    assert.ok(below <= values.length / 2 && above <= values.length / 2);
  }));
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

Deno.test("a row has the median of its rounds, all latencies and the sum of its counts", () => {
  const found = rowOf({ scenario: "hot", subject: "x", setting: "y", at: 1 }, [
    measured(100, 5, { commits: 2 }),
    measured(300, 1, { commits: 9 }),
    measured(200, 1, { commits: 3 }),
  ]);
  assert.equal(found.perSecond, 200);
  assert.deepEqual(found.rounds, [100, 300, 200]);
  assert.equal(found.counts.accepted, 600);
  assert.deepEqual(found.facts, { commits: 3 });
  assert.ok(found.latencyMs.p50 < 1.1 && found.latencyMs.p99 > 4.9);
});

Deno.test("ratios are of the best settings, and only of what was measured", () => {
  const rows = [
    row("hot", subjects.inProcess, 16, 500),
    row("hot", subjects.inProcess, 256, 900, 1_000, 1_100),
    row("naive", subjects.naive, 64, 20),
    row("hot", subjects.http, 64, 450),
    row("hot", subjects.http, 256, 800),
    row("ceiling", subjects.hono, 64, 9_000),
    row("growth", subjects.http, 0, 100),
    row("growth", subjects.http, 1_000, 99),
    row("growth", subjects.http, 100_000, 70),
  ];
  const ratios = new Map(ratiosOf(rows).map((ratio) => [ratio.name, ratio]));
  assert.equal(ratios.get("hot in process / naive, 64 workers")?.value, 50);
  assert.equal(ratios.get("hot in process / naive, 64 workers")?.met, true);
  assert.equal(ratios.get("hot over HTTP, 64 / bare Hono route")?.value, 0.05);
  assert.equal(ratios.get("hot over HTTP, 64 / bare Hono route")?.met, false);
  assert.equal(ratios.get("growth, most stored / 0 stored")?.value, 0.7);
  assert.equal(ratios.size, 3);
});

Deno.test("a report is sound only when every store is, and sold nothing that was not there", () => {
  const store = {
    scenario: "hot",
    name: "a",
    ok: true,
    orders: 1,
    unitsReserved: 1,
    unitsShipped: 0,
    oversold: 0,
    violations: 0,
    firstViolation: null,
    reservedOfSkus: null,
  } as const;
  assert.equal(isSound({ stores: [store] }), true);
  assert.equal(isSound({ stores: [store, { ...store, oversold: 1 }] }), false);
  assert.equal(isSound({ stores: [store, { ...store, ok: false }] }), false);
});

Deno.test("a report survives JSON", () => {
  const report = reportOf([row("hot", subjects.http, 64, 5)]);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

Deno.test("the page needs nothing from elsewhere, and shows text as text", () => {
  const rows = [
    row("hot", subjects.http, 1, 10),
    row("hot", subjects.http, 64, 50),
    row("naive", "<script>alert(1)</script>", 64, 5),
  ];
  const page = pageOf(reportOf(rows, { sellOutMs: [1, 2, 3], notes: ["a & b"] }));
  assert.doesNotMatch(page, /<script|src=|href=|@import|url\(/);
  assert.match(page, /&lt;script&gt;/);
  assert.match(page, /A &lt;fast&gt; one/);
  assert.match(page, /a &amp; b/);
  assert.equal(page.match(/<svg/g)?.length, page.match(/<\/svg>/g)?.length);
  assert.match(page, /flash: sell-out/);
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);
});

Deno.test("a plot has a dot for each point, and none without points", () => {
  const options = { title: "t", xLabel: "x", yLabel: "y" };
  const points = [[1, 10], [16, 0], [256, 5]] as const;
  const plot = linePlot({ ...options, steps: true }, [{ name: "a", points }]);
  assert.equal(plot.match(/<circle/g)?.length, 3);
  assert.doesNotMatch(plot, /NaN/);
  assert.equal(linePlot(options, [{ name: "a", points: [] }]), "");
});

Deno.test("a scale ends at 1, 2 or 5 times a power of ten, not below what it shows", () => {
  fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (value) => {
    const rounded = roundUp(value);
    assert.ok(rounded >= value * (1 - 1e-6) && rounded <= value * 2.5 * (1 + 1e-6));
  }));
});
