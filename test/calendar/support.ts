/** Calendars, locations and carriers of tests, and clocks on the wall that know nothing of ours. */
import fc from "fast-check";
import {
  type Calendar,
  type CalendarException,
  type Hours,
  type Weekday,
  weekdays,
} from "../../src/calendar/calendar.ts";
import type { Carrier } from "../../src/calendar/carrier.ts";
import type { LocationDates } from "../../src/calendar/dates.ts";
import type { Location } from "../../src/catalog/catalog.ts";

const saved = {
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  version: 1,
};

const dayShift: readonly Hours[] = [["09:00", "17:00"]];

export const calendarOf = (
  days: readonly Weekday[],
  exceptions: readonly CalendarException[] = [],
  id = "work",
): Calendar => ({
  ...saved,
  id,
  week: Object.fromEntries(days.map((day) => [day, dayShift])),
  exceptions,
});

/** From Monday to Friday. */
export const workdays: readonly Weekday[] = weekdays.slice(0, 5);

export const locationOf = (
  id: string,
  dates: LocationDates & Pick<Location, "calendarId">,
): Location => ({
  ...saved,
  ...{ id, name: id, type: "warehouse", address: { country: "NL" }, active: true },
  ...dates,
});

export const carrierOf = (
  id: string,
  services: Carrier["services"],
  calendarId?: string,
): Carrier => ({
  ...saved,
  ...{ id, name: id, services },
  ...(calendarId === undefined ? {} : { calendarId }),
});

const dayMs = 86_400_000;

/** The next day by its name alone. */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);

/** Whether a calendar has work on a day, by the name of the day alone. */
export const isWorked = (calendar: Calendar | null, day: string): boolean => {
  if (calendar === null) return true;
  const exception = calendar.exceptions.find(({ date }) => date === day);
  if (exception?.open !== undefined) return exception.open;
  if (exception?.hours !== undefined) return exception.hours.length > 0;
  const weekday = weekdays[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7] ?? "mon";
  return (calendar.week[weekday] ?? []).length > 0;
};

/** Day and time that a clock in a zone shows. */
export const wallClock = (timeZone: string) => {
  const format = new Intl.DateTimeFormat("en-CA", {
    ...{ timeZone, year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  return (epochMs: number) => {
    const [day = "", time = ""] = format.format(epochMs).split(", ");
    return { day, time };
  };
};

/** Among them: half an hour of summer time, clocks put forward at midnight, a day that was left out. */
export const zones = [
  ...["UTC", "Europe/Berlin", "America/Sao_Paulo", "America/New_York"],
  ...["Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia"],
] as const;

/** Days shortly before clocks are changed, or the date line moves. */
const turns: readonly string[] = [
  ...["2026-03-26", "2026-10-22", "2018-11-01", "2018-02-14", "2026-03-05", "2026-10-30"],
  ...["2026-04-02", "2026-10-01", "2011-12-27", "2011-12-28"],
];

export const aboutMs = fc.oneof(
  fc.tuple(fc.constantFrom(...turns), fc.integer({ min: 0, max: 5 * dayMs }))
    .map(([day, later]) => Date.parse(`${day}T00:00:00Z`) + later),
  fc.integer({ min: Date.parse("2005-01-01T00:00Z"), max: Date.parse("2040-01-01T00:00Z") }),
);

const two = (value: number): string => String(value).padStart(2, "0");

/** Clocks are changed earlier in the day. */
export const cutOff = fc.integer({ min: 4 * 4, max: 24 * 4 - 1 })
  .map((quarters) => `${two(Math.floor(quarters / 4))}:${two(quarters % 4 * 15)}`);

/** With work on some days of each week, and exceptions about a moment. */
export const calendarAbout = (epochMs: number): fc.Arbitrary<Calendar> =>
  fc.tuple(
    fc.subarray([...weekdays], { minLength: 1 }),
    fc.uniqueArray(
      fc.record({
        in: fc.integer({ min: -2, max: 20 }),
        kind: fc.constantFrom("open", "closed", "hours"),
      }),
      { selector: (each) => each.in, maxLength: 8 },
    ),
  ).map(([days, exceptions]) =>
    calendarOf(
      days,
      exceptions.map(({ in: later, kind }) => ({
        date: new Date(epochMs + later * dayMs).toISOString().slice(0, 10),
        ...(kind === "hours" ? { hours: dayShift } : { open: kind === "open" }),
      })),
    )
  );
