import assert from "node:assert/strict";
import fc from "fast-check";
import { Result } from "effect";
import { countryCodeOf } from "../../src/import/countries.ts";
import { compileDateFormat } from "../../src/import/dates.ts";
import { readAmount, readQuantity } from "../../src/import/numbers.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { digitsOf, formatAmount, parseAmount } from "../../src/kernel/money.ts";

const plain = { decimal: ".", group: null } as const;
const german = { decimal: ",", group: "." } as const;

const date = (format: string, text: string, zone = "UTC"): string | null => {
  const parse = compileDateFormat(format);
  assert.ok(typeof parse !== "string", String(parse));
  return Result.getOrNull(parse(text, zone));
};

const two = (n: number): string => String(n).padStart(2, "0");

Deno.test("every minute from 1970 to 2068 is read back from the format of the retail data", () => {
  const lastMinute = Date.UTC(2068, 11, 31) / 60_000;
  fc.assert(fc.property(fc.integer({ min: 0, max: lastMinute }), (minute) => {
    const instant = instantOf(minute * 60_000);
    const at = new Date(instant);
    const text = `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${
      two(at.getUTCFullYear() % 100)
    } ${at.getUTCHours()}:${two(at.getUTCMinutes())}`;
    assert.equal(date("M/D/YY H:mm", text), instant);
    assert.equal(date("iso", instant), instant);
    assert.equal(date("unix", String(minute * 60)), instant);
  }));
});

Deno.test("dates of many kinds mean what they say", () => {
  assert.equal(date("M/D/YY H:mm", "12/1/10 8:26"), "2010-12-01T08:26:00.000Z");
  assert.equal(date("DD.MM.YYYY", "24.12.2024"), "2024-12-24T00:00:00.000Z");
  assert.equal(date("D MMM YYYY h:mm A", "3 Feb 2024 12:05 am"), "2024-02-03T00:05:00.000Z");
  assert.equal(
    date("YYYY-MM-DDTHH:mm:ss.SSSZ", "2024-02-03T10:00:00.250+0530"),
    "2024-02-03T04:30:00.250Z",
  );
  assert.equal(date("iso", "2024-02-03"), "2024-02-03T00:00:00.000Z");
  assert.equal(date("iso", "2024-02-03 10:00"), "2024-02-03T10:00:00.000Z");
  assert.equal(date("unixMs", "1700000000123"), "2023-11-14T22:13:20.123Z");
});

Deno.test("a time without an offset is in the mapping's time zone, summer time included", () => {
  assert.equal(date("iso", "2024-01-15T12:00", "+02:00"), "2024-01-15T10:00:00.000Z");
  assert.equal(date("iso", "2024-01-15T12:00", "Europe/London"), "2024-01-15T12:00:00.000Z");
  assert.equal(date("iso", "2024-07-15T12:00", "Europe/London"), "2024-07-15T11:00:00.000Z");
  assert.equal(date("iso", "2024-07-15T12:00Z", "Europe/London"), "2024-07-15T12:00:00.000Z");
});

Deno.test("days that no calendar has are no dates", () => {
  for (
    const text of ["2/30/24 1:00", "13/1/24 1:00", "1/1/24 24:00", "1/1/24", "x", "2/29/23 0:00"]
  ) {
    assert.equal(date("M/D/YY H:mm", text), null, text);
  }
  assert.equal(date("iso", "1969-12-31T23:59:59Z"), null);
  assert.equal(date("YYYY-MM-DD h A", "2024-01-01 13 PM"), null);
});

Deno.test("a format that cannot make a date is refused with what it lacks", () => {
  for (const format of ["", "H:mm", "YYYY-MM", "YYYY-MM-DD h:mm", "YYYY YY-MM-DD"]) {
    assert.equal(typeof compileDateFormat(format), "string", format);
  }
});

Deno.test("amounts come out with exactly the currency's digits, whatever zeros they had", () => {
  fc.assert(fc.property(
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
    fc.constantFrom("GBP", "JPY", "KWD"),
    fc.nat(3),
    (minorUnits, currency, zeros) => {
      const text = formatAmount(minorUnits, currency);
      const longer = text.includes(".") || zeros === 0
        ? text + (text.includes(".") ? "0".repeat(zeros) : "")
        : `${text}.${"0".repeat(zeros)}`;
      const shorter = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
      for (const written of [text, longer, shorter]) {
        const amount = Result.getOrNull(readAmount(written, currency, plain));
        assert.equal(parseAmount(amount ?? "", currency), minorUnits, written);
        assert.equal((amount ?? "").split(".")[1]?.length ?? 0, digitsOf(currency));
      }
    },
  ));
});

Deno.test("numbers follow the mapping's separators and nothing else", () => {
  assert.equal(Result.getOrNull(readAmount("1.234,5", "EUR", german)), "1234.50");
  assert.equal(Result.getOrNull(readAmount("0012", "EUR", plain)), "12.00");
  for (const text of ["1,234.50", "2.555", "€2", "", ".", "1e3", "--1", "NaN", "0x10", "2 x"]) {
    assert.equal(Result.getOrNull(readAmount(text, "GBP", plain)), null, text);
  }
  for (const text of ["1.23,4", "1234.567,0", ".234", "1..234"]) {
    assert.equal(Result.getOrNull(readAmount(text, "EUR", german)), null, text);
  }
  assert.equal(Result.getOrNull(readQuantity("-1", plain)), -1);
  assert.equal(Result.getOrNull(readQuantity("6.00", plain)), 6);
  assert.equal(Result.getOrNull(readQuantity("6.5", plain)), null);
  assert.equal(Result.getOrNull(readQuantity("9007199254740993", plain)), null);
});

Deno.test("country names become their codes", () => {
  const codes = {
    "United Kingdom": "GB",
    "france": "FR",
    "Germany": "DE",
    "GB": "GB",
    "USA": "US",
    "Côte d'Ivoire": "CI",
    "Bosnia and Herzegovina": "BA",
    "Hong Kong": "HK",
    "Czech Republic": "CZ",
    "Myanmar": "MM",
  };
  for (const [name, code] of Object.entries(codes)) assert.equal(countryCodeOf(name), code, name);
  for (const name of ["Atlantis", "", "European Union", "ZZ", "constructor"]) {
    assert.equal(countryCodeOf(name), null, name);
  }
});
