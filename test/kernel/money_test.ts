import assert from "node:assert/strict";
import fc from "fast-check";
import {
  digitsOf,
  formatAmount,
  isCurrency,
  largestAmount,
  parseAmount,
} from "../../src/kernel/money.ts";

const currency = fc.constantFrom("GBP", "USD", "JPY", "KWD", "CLF", "TND", "XOF");

Deno.test("an amount read back from its text is the same amount", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -largestAmount, max: largestAmount }),
      currency,
      (minorUnits, code) => {
        const text = formatAmount(minorUnits, code);
        assert.equal(parseAmount(text, code), minorUnits);
        assert.equal(text.split(".")[1]?.length ?? 0, digitsOf(code));
      },
    ),
  );
});

Deno.test("an amount with other digits than its currency's is no amount", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 1_000_000 }),
      fc.integer({ min: 0, max: 5 }),
      currency,
      (whole, digits, code) => {
        fc.pre(digits !== digitsOf(code));
        const text = digits === 0 ? String(whole) : `${whole}.${"7".repeat(digits)}`;
        assert.equal(parseAmount(text, code), null);
      },
    ),
  );
});

Deno.test("what is no decimal number, or too large, is no amount", () => {
  const bad = [
    "",
    "-",
    ".",
    ".50",
    "-.50",
    "1.5",
    "1,50",
    "1e2",
    "+1.50",
    " 1.50",
    "1.50 ",
    "--1.50",
  ];
  for (const text of [...bad, "1.-0", "0x1.00", "10000000000.01", "99999999999999.00"]) {
    assert.equal(parseAmount(text, "GBP"), null, text);
  }
  for (const text of ["1.", "-", "1.0", ""]) assert.equal(parseAmount(text, "JPY"), null, text);
});

Deno.test("amounts have their currency's digits", () => {
  assert.equal(parseAmount("19.99", "USD"), 1999);
  assert.equal(parseAmount("-0.01", "USD"), -1);
  assert.equal(Object.is(parseAmount("-0.00", "USD"), 0), true);
  assert.equal(parseAmount("500", "JPY"), 500);
  assert.equal(parseAmount("1.234", "KWD"), 1234);
  assert.equal(parseAmount("1.2345", "CLF"), 12345);
  assert.equal(formatAmount(-5, "GBP"), "-0.05");
  assert.equal(formatAmount(0, "KWD"), "0.000");
  assert.equal(formatAmount(12, "JPY"), "12");
  assert.equal(isCurrency("GBP") && !isCurrency("XXX") && !isCurrency("gbp"), true);
});
