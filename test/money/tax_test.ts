import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRate, taxesOf, taxOnTop, taxWithin } from "../../src/money/tax.ts";
import { largestAmount } from "../../src/kernel/money.ts";

const amount = fc.integer({ min: -largestAmount, max: largestAmount });
const rate = fc.integer({ min: 0, max: 10_000_000 });
const lines = fc.array(
  fc.record({
    amount: fc.integer({ min: 0, max: 1_000_000 }),
    rate: fc.constantFrom(0, 70_000, 190_000, 77_500),
  }),
  { maxLength: 20 },
);
const sumOf = (parts: readonly number[]): number => parts.reduce((sum, each) => sum + each, 0);

Deno.test("tax is within half a minor unit of the exact one, on either side alike", () => {
  fc.assert(fc.property(amount, rate, (net, rate) => {
    const close = (tax: number, over: number) => {
      const off = 2n * (BigInt(tax) * BigInt(over) - BigInt(net) * BigInt(rate));
      assert.ok((off < 0n ? -off : off) <= BigInt(over));
    };
    close(taxOnTop(net, rate), 1_000_000);
    close(taxWithin(net, rate), 1_000_000 + rate);
    assert.equal(taxOnTop(-net, rate), 0 - taxOnTop(net, rate) || 0);
    assert.equal(taxWithin(-net, rate), 0 - taxWithin(net, rate) || 0);
  }));
});

Deno.test("rounded for the order, each rate's taxes add up to the tax of its sum", () => {
  fc.assert(fc.property(lines, fc.boolean(), (lines, included) => {
    const taxes = taxesOf(lines, { included, rounding: "order" });
    assert.equal(taxes.length, lines.length);
    for (const each of new Set(lines.map(({ rate }) => rate))) {
      const of = lines.filter(({ rate }) => rate === each);
      const wanted = (included ? taxWithin : taxOnTop)(sumOf(of.map(({ amount }) => amount)), each);
      assert.equal(sumOf(taxes.filter((_, index) => lines[index]?.rate === each)), wanted);
    }
    const byLine = taxesOf(lines, { included, rounding: "line" });
    for (const [index, tax] of taxes.entries()) {
      assert.ok(Math.abs(tax - (byLine[index] ?? 0)) <= 1);
    }
  }));
});

Deno.test("rates are decimals of percent", () => {
  assert.equal(parseRate("7.75"), 77_500);
  assert.equal(parseRate("19"), 190_000);
  assert.equal(parseRate("0.0001"), 1);
  assert.equal(parseRate("999.9999"), 9_999_999);
  for (const text of ["", "-1", "7,75", ".5", "7.", "7.12345", "1000", "1e1", " 7", "NaN"]) {
    assert.equal(parseRate(text), null, text);
  }
});

Deno.test("known taxes", () => {
  assert.equal(taxOnTop(2_500, 200_000), 500);
  assert.equal(taxWithin(11_900, 190_000), 1_900);
  // Half up: 0.5 of a cent is a cent.
  assert.equal(taxOnTop(10, 50_000), 1);
  assert.equal(taxOnTop(-10, 50_000), -1);
});
