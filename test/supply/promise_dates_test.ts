import assert from "node:assert/strict";
import fc from "fast-check";
import { byWeekday, type Hours } from "../../src/calendar/calendar.ts";
import { dateRules } from "../../src/calendar/rules.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import { locationDates } from "../../src/supply/promise-dates.ts";

const saved = { createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "", version: 1 };
const hours: readonly Hours[] = [["09:00", "17:00"]];
const office = { id: "office", week: { ...byWeekday(hours), sun: [] }, exceptions: [], ...saved };

const settings = fc.record({
  timeZone: fc.constantFrom("Europe/Berlin", "America/New_York", "Pacific/Auckland"),
  cutOff: fc.constantFrom("09:00", "15:00"),
  handlingDays: fc.integer({ min: 0, max: 2 }),
  receivingDays: fc.integer({ min: 0, max: 2 }),
  calendarId: fc.constantFrom("office", "none"),
}, { requiredKeys: [] });

/** Locations that differ in one setting, or in none. */
const locationsOf = fc.tuple(
  settings,
  fc.array(fc.tuple(fc.nat({ max: 5 }), settings), { minLength: 2, maxLength: 6 }),
).map(([common, all]) =>
  all.map(([differsIn, other], n): Location => {
    const setting = Object.entries(other)[differsIn];
    return {
      ...{ id: `l${n}`, name: "", type: "warehouse", address: { country: "DE" }, active: true },
      ...saved,
      ...common,
      ...(setting === undefined ? {} : Object.fromEntries([setting])),
    };
  })
);

const startMs = Date.UTC(2026, 2, 27);
const moments = fc.array(
  fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 0, max: 60 }).map((n) => startMs + n * 3_600_000)),
  { maxLength: 30 },
);

Deno.test("dates that are kept are those of the rules, for each location", () => {
  fc.assert(fc.property(locationsOf, moments, (locations, asked) => {
    const rules = dateRules({ locations, calendars: [office], carriers: [] });
    const dates = locationDates(rules, locations);
    assert.equal(locationDates(rules, locations), dates);
    // An id that no location has is one that nobody described.
    for (
      const [n, atMs] of asked.flatMap(([one, at]) => [[one, at], [(one + 1) % 6, at]] as const)
    ) {
      assert.deepEqual(dates.shipBy(`l${n}`, atMs), rules.shipBy(`l${n}`, atMs));
      assert.equal(dates.availableMs(`l${n}`, atMs), rules.availableMs(`l${n}`, atMs));
    }
  }));
});
