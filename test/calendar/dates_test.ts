import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import type { Calendar } from "../../src/calendar/calendar.ts";
import {
  availableDay,
  deliveryDate,
  localDateOf,
  type LocationDates,
  neverOpenText,
  shipDate,
} from "../../src/calendar/dates.ts";
import { calendarLimits } from "../../src/calendar/limits.ts";
import {
  aboutMs,
  calendarAbout,
  calendarOf,
  cutOff,
  dayAfter,
  isWorked,
  wallClock,
  workdays,
  zones,
} from "./support.ts";

const quarterMs = 15 * 60_000;

/** A day as a wall calendar shows it, with the moments that matter. */
interface WallDay {
  readonly day: string;
  readonly startMs: number;
  /** The first moment at which the clock shows the cut-off or later; null where it has none. */
  readonly cutOffMs: number | null;
  readonly lastMs: number;
}

/** The days that clocks show one after another from a moment on, found by looking at them every quarter. */
function* wallDays(fromMs: number, timeZone: string, cutOff?: string): Generator<WallDay> {
  const shown = wallClock(timeZone);
  const today = shown(fromMs).day;
  let now = Math.floor(fromMs / quarterMs) * quarterMs;
  while (shown(now - quarterMs).day === today) now -= quarterMs;
  for (;;) {
    const { day } = shown(now);
    const startMs = now;
    let cutOffMs: number | null = null;
    for (let at = shown(now); at.day === day; now += quarterMs, at = shown(now)) {
      if (cutOff !== undefined && cutOffMs === null && at.time >= cutOff) cutOffMs = now;
    }
    yield { day, startMs, cutOffMs, lastMs: now - 1 };
  }
}

/** The day that counts: the first of those with work, and as many of them more. */
const counted = (
  days: Iterable<WallDay>,
  calendar: Calendar | null,
  more: number,
): WallDay => {
  let left = more;
  for (const each of days) {
    if (!isWorked(calendar, each.day)) continue;
    if (left === 0) return each;
    left -= 1;
  }
  throw new Error("Days do not end.");
};

const places = fc.record({
  timeZone: fc.constantFrom(...zones),
  cutOff,
  handlingDays: fc.integer({ min: 0, max: 6 }),
  receivingDays: fc.integer({ min: 0, max: 6 }),
}, { requiredKeys: ["timeZone"] });

const cases = aboutMs.chain((fromMs) =>
  fc.record({
    fromMs: fc.constant(fromMs),
    calendar: fc.option(calendarAbout(fromMs)),
    place: places,
    isAtCutOff: fc.boolean(),
  })
);

Deno.test("something leaves by the day, and the moment, that somebody finds who looks at the wall", () => {
  fc.assert(
    fc.property(cases, ({ fromMs: about, calendar, place, isAtCutOff }) => {
      const { timeZone, cutOff, handlingDays = 0 } = place as LocationDates & { timeZone: string };
      const [today] = wallDays(about, timeZone, cutOff);
      // The very moment of a cut-off is where things go wrong.
      const fromMs = isAtCutOff && today?.cutOffMs ? today.cutOffMs : about;
      const days = [];
      for (const each of wallDays(fromMs, timeZone, cutOff)) {
        if (each.cutOffMs !== null && fromMs >= each.cutOffMs) continue;
        days.push(each);
        if (days.length > 80) break;
      }
      const expected = counted(days, calendar, handlingDays);
      assert.deepEqual(
        Result.getOrThrow(shipDate(place as LocationDates, calendar, fromMs)),
        {
          date: expected.day,
          at: new Date(expected.cutOffMs ?? expected.lastMs).toISOString(),
        },
      );
    }),
    { numRuns: 150 },
  );
});

Deno.test("units that are due can leave from the first moment of the day that somebody finds who looks at the wall", () => {
  fc.assert(
    fc.property(cases, ({ fromMs, calendar, place }) => {
      const { timeZone, receivingDays = 0 } = place as LocationDates & { timeZone: string };
      const expected = counted(wallDays(fromMs, timeZone), calendar, receivingDays);
      const due = localDateOf(fromMs, timeZone);
      assert.deepEqual(
        Result.getOrThrow(availableDay(place as LocationDates, calendar, due)),
        { date: expected.day, startMs: expected.startMs },
      );
    }),
    { numRuns: 100 },
  );
});

Deno.test("a parcel is delivered after as many working days of its carrier as one counts day by day", () => {
  const shipped = aboutMs.map((ms) => new Date(ms).toISOString().slice(0, 10));
  fc.assert(
    fc.property(
      shipped.chain((day) =>
        fc.tuple(fc.constant(day), fc.option(calendarAbout(Date.parse(`${day}T00:00:00Z`))))
      ),
      fc.integer({ min: 0, max: 12 }),
      ([day, calendar], days) => {
        let expected = day;
        while (!isWorked(calendar, expected)) expected = dayAfter(expected);
        for (let left = days; left > 0;) {
          expected = dayAfter(expected);
          if (isWorked(calendar, expected)) left -= 1;
        }
        assert.equal(Result.getOrThrow(deliveryDate(day, days, calendar)), expected);
      },
    ),
  );
});

const berlin: LocationDates = { timeZone: "Europe/Berlin", cutOff: "15:00" };
const week = calendarOf(workdays);

const shipped = (location: LocationDates, from: string, calendar: Calendar | null = week) =>
  Result.getOrThrow(shipDate(location, calendar, Date.parse(from)));

Deno.test("the cut-off is a time of the location's clocks", () => {
  // Wednesday: the cut-off is at 13:00 UTC in summer, at 14:00 in winter.
  assert.equal(shipped(berlin, "2026-07-01T12:59:59.999Z").date, "2026-07-01");
  assert.equal(shipped(berlin, "2026-07-01T13:30:00Z").date, "2026-07-02");
  assert.equal(shipped(berlin, "2026-12-02T13:30:00Z").date, "2026-12-02");
  const samoa = { timeZone: "Pacific/Apia", cutOff: "10:00" };
  // Tuesday in Samoa, Monday in UTC.
  assert.deepEqual(shipped(samoa, "2026-06-01T20:00:00Z"), {
    date: "2026-06-02",
    at: "2026-06-01T21:00:00.000Z",
  });
});

Deno.test("an order exactly at the cut-off is after it", () => {
  assert.equal(shipped(berlin, "2026-07-01T12:59:59.999Z").date, "2026-07-01");
  assert.equal(shipped(berlin, "2026-07-01T13:00:00.000Z").date, "2026-07-02");
});

Deno.test("handling days over a change of clocks end at the cut-off of the clocks", () => {
  const location = { ...berlin, handlingDays: 2 };
  // Friday before clocks are put forward, and before they are put back.
  assert.deepEqual(shipped(location, "2026-03-27T09:00:00Z"), {
    date: "2026-03-31",
    at: "2026-03-31T13:00:00.000Z",
  });
  assert.deepEqual(shipped(location, "2026-10-23T09:00:00Z"), {
    date: "2026-10-27",
    at: "2026-10-27T14:00:00.000Z",
  });
});

Deno.test("without a cut-off, something leaves by the last moment of its day, however long that is", () => {
  const lordHowe = { timeZone: "Australia/Lord_Howe" };
  assert.deepEqual(shipped(lordHowe, "2026-04-04T14:00:00Z", null), {
    date: "2026-04-05",
    at: "2026-04-05T13:29:59.999Z",
  });
});

Deno.test("a location that says nothing ships the day in UTC on which it is asked", () => {
  assert.deepEqual(shipped({}, "2026-11-29T23:59:59.999Z", null), {
    date: "2026-11-29",
    at: "2026-11-29T23:59:59.999Z",
  });
});

Deno.test("holidays, and days that are worked though they are not of the week, count as they are", () => {
  const calendar = calendarOf(workdays, [
    { date: "2026-12-24", hours: [["09:00", "12:00"]] },
    { date: "2026-12-25", open: false },
    { date: "2026-12-26", open: true },
    { date: "2026-12-28", hours: [] },
  ]);
  const days = [1, 2, 3].map((handlingDays) =>
    shipped({ ...berlin, handlingDays }, "2026-12-23T09:00:00Z", calendar).date
  );
  assert.deepEqual(days, ["2026-12-24", "2026-12-26", "2026-12-29"]);
});

Deno.test("a day that a zone left out is not counted", () => {
  const location = { timeZone: "Pacific/Apia", handlingDays: 1 };
  // Thursday the 29th of December 2011 was followed by Saturday.
  assert.equal(shipped(location, "2011-12-29T20:00:00Z", null).date, "2011-12-31");
});

Deno.test("who never works has no date, and it is said why", () => {
  const never = calendarOf([], [{ date: "2026-06-01", open: true }], "closed");
  const refused = shipDate(berlin, never, Date.parse("2026-07-01T00:00:00Z"));
  assert.ok(Result.isFailure(refused));
  assert.deepEqual(refused.failure, {
    _tag: "NeverOpen",
    calendarId: "closed",
    from: "2026-07-01",
    days: calendarLimits.searchedDays,
  });
  assert.match(neverOpenText(refused.failure), /calendar closed .* 400 days from 2026-07-01/);
  assert.ok(Result.isFailure(availableDay({}, never, Temporal.PlainDate.from("2026-07-01"))));
  assert.ok(Result.isFailure(deliveryDate("2026-07-01", 1, never)));
});
