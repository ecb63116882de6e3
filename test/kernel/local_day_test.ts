import assert from "node:assert/strict";
import fc from "fast-check";
import { epochMsOf } from "../../src/kernel/instant.ts";
import { isTimeZone, localDay } from "../../src/kernel/local-day.ts";

const hourMs = 3_600_000;

const zone = fc.constantFrom(
  ...["UTC", "Europe/Amsterdam", "America/New_York", "America/Sao_Paulo", "Africa/Cairo"],
  ...["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "+05:30"],
);

const day = fc.date({
  min: new Date("1971-01-01"),
  max: new Date("2040-12-31"),
  noInvalidDate: true,
})
  .map((date) => date.toISOString().slice(0, 10));

/** The day that a wall calendar shows, told by something that knows nothing of ours. */
const shownIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat("en-CA", {
    ...{ timeZone, year: "numeric", month: "2-digit", day: "2-digit" },
  });
  return (epochMs: number): string => format.format(epochMs);
};

Deno.test("a day is exactly the moments at which a calendar on the wall shows it", () => {
  fc.assert(
    fc.property(day, zone, fc.double({ min: 0, max: 1, noNaN: true }), (text, name, part) => {
      const found = localDay(text, name);
      assert.ok(found !== null);
      const [start, end] = [epochMsOf(found.start), epochMsOf(found.end)];
      const shown = shownIn(name);
      assert.ok(shown(start - 1) < text);
      assert.ok(shown(end) > text);
      // Where the date line was moved, a day was left out.
      if (start === end) return;
      assert.equal(shown(start), text);
      assert.equal(shown(end - 1), text);
      assert.equal(shown(Math.floor(start + (end - 1 - start) * part)), text);
      assert.ok(end - start >= 22 * hourMs && end - start <= 26 * hourMs);
    }),
    { numRuns: 300 },
  );
});

Deno.test("days have the hours that they have where clocks are changed", () => {
  const hours = (text: string, name: string) => {
    const found = localDay(text, name);
    assert.ok(found !== null);
    return [found.start, (epochMsOf(found.end) - epochMsOf(found.start)) / hourMs];
  };
  assert.deepEqual(hours("2025-03-30", "Europe/Amsterdam"), ["2025-03-29T23:00:00.000Z", 23]);
  assert.deepEqual(hours("2025-10-26", "Europe/Amsterdam"), ["2025-10-25T22:00:00.000Z", 25]);
  // There is no midnight: the day begins at one.
  assert.deepEqual(hours("2024-04-26", "Africa/Cairo"), ["2024-04-25T22:00:00.000Z", 23]);
  assert.deepEqual(hours("2025-04-06", "Australia/Lord_Howe"), ["2025-04-05T13:00:00.000Z", 24.5]);
});

Deno.test("what is no day and what is no zone is told apart from what is", () => {
  for (const text of ["", "2025-02-30", "2025-13-01", "2025-1-1", "1969-12-31", "20250101", "x"]) {
    assert.equal(localDay(text, "UTC"), null, text);
  }
  for (const name of ["", "Mars/Olympus", "Europe", "x".repeat(100), "../etc"]) {
    assert.equal(isTimeZone(name), false, name);
  }
  assert.ok(isTimeZone("Europe/Amsterdam"));
});
