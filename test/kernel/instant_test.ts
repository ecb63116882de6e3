/** Times as they come in: RFC 3339, and nothing that only looks like it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseInstant } from "../../src/kernel/instant.ts";

Deno.test("every moment from 1970 to 9999 comes back as it was, in any offset", () => {
  const last = Date.UTC(9999, 11, 31, 9);
  fc.assert(fc.property(
    fc.integer({ min: 86_400_000, max: last }),
    fc.integer({ min: -14 * 60, max: 14 * 60 }),
    (epochMs, offsetMinutes) => {
      const local = new Date(epochMs + offsetMinutes * 60_000).toISOString().slice(0, -1);
      const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, "0");
      const sign = offsetMinutes < 0 ? "-" : "+";
      const offset = `${sign}${two(offsetMinutes / 60)}:${two(offsetMinutes % 60)}`;
      assert.equal(parseInstant(local + offset), new Date(epochMs).toISOString());
    },
  ));
});

Deno.test("what is no RFC 3339 time, or has no text that sorts among the others, is none", () => {
  const wrong = [
    "2026-02-30T10:00:00Z", // no such day
    "2025-02-29T10:00:00Z",
    "2026-04-31T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-01-00T10:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T10:60:00Z",
    "2026-01-01T10:00Z", // RFC 3339 wants seconds
    "2026-01-01T10:00:00", // and an offset
    "2026-01-01 10:00:00Z",
    "2026-01-01",
    "2026-01-01T10:00:00+24:00",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59-01:00", // in UTC the year 10000
    "+010000-01-01T00:00:00Z",
  ];
  for (const text of wrong) assert.equal(parseInstant(text), null, text);
  assert.equal(parseInstant("2024-02-29t10:00:00.5z"), "2024-02-29T10:00:00.500Z");
});
