import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Correlation,
  correlationOfAll,
  joinCorrelations,
} from "../../src/kernel/correlation.ts";

const correlation: fc.Arbitrary<Correlation | undefined> = fc.option(
  fc.record({ requestId: fc.string(), traceparent: fc.string() }, { requiredKeys: [] }),
  { nil: undefined },
);

Deno.test("each record of joined units keeps the request that it came of", () => {
  const unit = fc.record({ correlation, records: fc.nat(4) });
  fc.assert(fc.property(fc.array(unit, { maxLength: 6 }), (units) => {
    const joined = joinCorrelations(
      units.map(({ correlation, records }) => ({
        records,
        correlations: correlationOfAll(correlation, records),
      })),
    );
    const expected = units.flatMap(({ correlation, records }) =>
      Array.from({ length: records }, () => correlation)
    );
    assert.deepEqual(expected.map((_, index) => joined?.[index]), expected);
    if (expected.every((each) => each === undefined)) assert.equal(joined, undefined);
  }));
});
