import assert from "node:assert/strict";
import fc from "fast-check";
import { part, spread } from "../../src/money/apportion.ts";
import { largestAmount } from "../../src/kernel/money.ts";

const amount = fc.integer({ min: -largestAmount, max: largestAmount });
const weight = fc.oneof(fc.integer({ min: 0, max: largestAmount }), fc.constant(0), fc.nat(3));
const sumOf = (parts: readonly number[]): number => parts.reduce((sum, each) => sum + each, 0);

Deno.test("parts of any division of the units add up to the total, and none is a cent off its share", () => {
  fc.assert(
    fc.property(
      amount,
      fc.integer({ min: 1, max: 100_000 }),
      fc.array(fc.nat(1_000), { maxLength: 12 }),
      (total, units, cuts) => {
        const places = [
          0,
          ...cuts.map((cut) => Math.floor(cut * units / 1_000)).sort((a, b) => a - b),
          units,
        ];
        const parts = places.slice(1).map((to, index) =>
          part(total, units, places[index] ?? 0, to)
        );
        assert.equal(sumOf(parts), total);
        for (const [index, found] of parts.entries()) {
          const count = BigInt((places[index + 1] ?? 0) - (places[index] ?? 0));
          // |found - total * count / units| <= 1, in whole numbers.
          const off = BigInt(found) * BigInt(units) - BigInt(total) * count;
          assert.ok((off < 0n ? -off : off) <= BigInt(units), `${found} of ${total}`);
        }
      },
    ),
  );
});

Deno.test("what is cancelled from the end and invoiced from the beginning never counts twice", () => {
  fc.assert(
    fc.property(
      amount,
      fc.integer({ min: 1, max: 50 }),
      fc.infiniteStream(fc.nat(3)),
      (total, units, steps) => {
        let [begun, end, taken] = [0, units, 0];
        for (const step of steps) {
          if (begun === end) break;
          const count = Math.min(1 + step, end - begun);
          if (step % 2 === 0) {
            taken += part(total, units, begun, begun + count);
            begun += count;
          } else {
            taken += part(total, units, end - count, end);
            end -= count;
          }
          assert.equal(taken + part(total, units, begun, end), total);
        }
        assert.equal(taken, total);
      },
    ),
  );
});

Deno.test("a negative total mirrors a positive one", () => {
  fc.assert(
    fc.property(amount, fc.array(weight, { minLength: 1, maxLength: 9 }), (total, weights) => {
      assert.deepEqual(
        spread(-total, weights),
        spread(total, weights).map((each) => 0 - each || 0),
      );
      assert.equal(part(-total, 7, 2, 5), 0 - part(total, 7, 2, 5) || 0);
    }),
  );
});

Deno.test("a spread adds up, gives nobody a cent more or less than its share, and nothing to a weight of zero", () => {
  fc.assert(
    fc.property(amount, fc.array(weight, { minLength: 1, maxLength: 30 }), (total, weights) => {
      const shares = spread(total, weights);
      assert.equal(sumOf(shares), total);
      const whole = weights.reduce((sum, each) => sum + BigInt(each), 0n);
      if (whole === 0n) {
        assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
        return;
      }
      for (const [index, share] of shares.entries()) {
        const off = BigInt(share) * whole - BigInt(total) * BigInt(weights[index] ?? 0);
        assert.ok((off < 0n ? -off : off) < whole, `${share} at ${index}`);
        if (weights[index] === 0) assert.equal(share, 0);
      }
    }),
  );
});

Deno.test("known divisions", () => {
  // 10.00 by three is not 3.33 thrice.
  assert.deepEqual([0, 1, 2].map((unit) => part(1_000, 3, unit, unit + 1)), [333, 334, 333]);
  assert.deepEqual(spread(1_000, [1, 1, 1]), [334, 333, 333]);
  // A discount of 5.00 over three units of 10.00, one of them cancelled and one invoiced.
  assert.equal(part(500, 3, 2, 3), 167);
  assert.equal(part(500, 3, 0, 1), 167);
  assert.equal(part(500, 3, 1, 2), 166);
  // 100.00 by standalone prices of 50, 25 and 75.
  assert.deepEqual(spread(10_000, [50, 25, 75]), [3_333, 1_667, 5_000]);
  assert.deepEqual(spread(5, [0, 0, 0]), [2, 2, 1]);
  assert.deepEqual(spread(0, []), []);
});

Deno.test("what is not there to divide is refused", () => {
  assert.throws(() => part(100, 0, 0, 0), RangeError);
  assert.throws(() => part(100, 3, 2, 4), RangeError);
  assert.throws(() => part(1.5, 3, 0, 1), RangeError);
  assert.throws(() => spread(1, []), RangeError);
  assert.throws(() => spread(1, [-1, 2]), RangeError);
});
