import assert from "node:assert/strict";
import fc from "fast-check";
import { Histogram } from "../../bench/load/histogram.ts";

const latencies = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
});

/** The nearest rank, of all the values. */
const exactly = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(values.length * percent / 100 - 1e-9));
  return sorted[rank - 1] ?? 0;
};

const of = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

Deno.test("a percentile is the value of its rank, to within 0.8 % and a microsecond", () => {
  fc.assert(fc.property(latencies, fc.constantFrom(1, 50, 90, 99, 99.9, 100), (values, percent) => {
    const wanted = exactly(values, percent);
    const found = of(values).percentile(percent);
    assert.ok(Math.abs(found - wanted) <= wanted * 0.008 + 0.001, `${found} for ${wanted}`);
  }));
});

Deno.test("percentiles only grow, and none is above the maximum", () => {
  fc.assert(fc.property(latencies, (values) => {
    const { p50, p90, p99, p999, max } = of(values).percentiles();
    const all = [p50, p90, p99, p999, max];
    assert.deepEqual(all, all.toSorted((a, b) => a - b));
  }));
});

Deno.test("histograms that are saved and added are the histogram of all values", () => {
  fc.assert(fc.property(latencies, latencies, (left, right) => {
    const added = Histogram.of(
      JSON.parse(JSON.stringify(of(left).save())),
      JSON.parse(JSON.stringify(of(right).save())),
    );
    assert.deepEqual(added.percentiles(), of([...left, ...right]).percentiles());
    assert.equal(added.count, left.length + right.length);
  }));
});

Deno.test("nothing recorded is nothing, and what is out of range is at its end", () => {
  assert.equal(new Histogram().percentile(99), 0);
  assert.equal(of([-5]).percentile(50), 0);
  assert.equal(of([1e12]).count, 1);
});
