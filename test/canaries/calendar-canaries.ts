/** Bugs of dates that are counted in working days, each with the test that must find it. */
import type { Canary } from "./canary.ts";

const dates = (name: string): Required<Canary>["test"] => ({
  file: "test/calendar/dates_test.ts",
  name,
});

const rules = (name: string): Required<Canary>["test"] => ({
  file: "test/calendar/rules_test.ts",
  name,
});

const api = (name: string): Required<Canary>["test"] => ({
  file: "test/api/calendars_test.ts",
  name,
});

export const calendarCanaries: readonly Canary[] = [
  {
    name: "the cut-off of a location is one of UTC",
    file: "src/calendar/dates.ts",
    find: "timeZone: timeZone ?? defaultTimeZone, plainTime: cutOff",
    replace: "timeZone: defaultTimeZone, plainTime: cutOff",
    test: dates("the cut-off is a time of the location's clocks"),
  },
  {
    name: "an order exactly at the cut-off is before it",
    file: "src/calendar/dates.ts",
    find: "endsMs === null || fromMs < endsMs ? today",
    replace: "endsMs === null || fromMs <= endsMs ? today",
    test: dates("an order exactly at the cut-off is after it"),
  },
  {
    name: "handling days over a change of clocks have 24 hours each",
    file: "src/calendar/dates.ts",
    find: "(date) => ({ date: date.toString(), at: instantOf(leavesByMs(location, date)) }),",
    replace: "(date) => ({ date: date.toString(), at: instantOf(leavesByMs(location, " +
      "openDay(location, fromMs)) + openDay(location, fromMs).until(date).days * 86_400_000) }),",
    test: dates("handling days over a change of clocks"),
  },
  {
    name: "the last day before clocks are changed ends an hour early",
    file: "src/calendar/dates.ts",
    find: "cutOffMs(location, date) ?? startMs(date.add({ days: 1 }), zoneOf(location)) - 1;",
    replace: "cutOffMs(location, date) ?? startMs(date, zoneOf(location)) + 86_400_000 - 1;",
    test: dates("without a cut-off, something leaves by the last moment"),
  },
  {
    name: "units that are due can leave from the day in UTC",
    file: "src/calendar/rules.ts",
    find: "const due = localDateOf(dueMs, zoneOf(dates));",
    replace: 'const due = localDateOf(dueMs, "UTC");',
    test: rules("rules that are asked again and again"),
  },
  {
    name: "a date that is kept outlives its cut-off",
    file: "src/calendar/rules.ts",
    find: "kept.fromMs <= fromMs && fromMs < kept.untilMs",
    replace: "kept.fromMs <= fromMs && fromMs <= kept.untilMs",
    test: rules("rules that are asked again and again"),
  },
  {
    name: "a shorter prefix of the postal code counts before a longer one",
    file: "src/calendar/carrier.ts",
    find: "? 2 * prefix.length + (row.country === undefined ? 0 : 1)",
    replace: "? 40 - 2 * prefix.length + (row.country === undefined ? 0 : 1)",
    test: rules("the row with the longest prefix counts"),
  },
  {
    name: "a parcel is under way on the working days of its location",
    file: "src/calendar/rules.ts",
    find: "deliveryDate(shipped, days, this.#calendar(carrier.calendarId));",
    replace: "deliveryDate(shipped, days, null);",
    test: rules("days under way are the carrier's working days"),
  },
  {
    name: "a location has a calendar that is not there",
    file: "api/calendar/known.ts",
    find: "if ((yield* references.find(calendars, calendarId)) !== null) return;\n    // Another",
    replace: "if (calendarId !== null) return;\n    // Another",
    test: api("a location says what its dates rest on"),
  },
  {
    name: "a process does not believe that another has made a calendar",
    file: "api/calendar/known.ts",
    find: "    references.forget(calendars, calendarId);\n",
    replace: "",
    test: api("a calendar that another process has just made"),
  },
];
