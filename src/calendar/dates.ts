/**
 * Dates that are counted in working days: by when something is to leave a location, when supply is ready to
 * leave it, and when a parcel is delivered. Days are days of clocks on the wall; each is as long as its zone
 * has it. Pure.
 */
import { Result } from "effect";
import type { Location } from "../catalog/catalog.ts";
import { type Instant, instantOf } from "../kernel/instant.ts";
import { type Calendar, type Works, worksOf } from "./calendar.ts";
import { calendarLimits } from "./limits.ts";

/** A day, such as `2026-03-29`, where it is meant. */
export type LocalDate = string;

/** The part of a location that its dates rest on. */
export type LocationDates = Pick<
  Location,
  "timeZone" | "cutOff" | "handlingDays" | "receivingDays"
>;

/** By when something is to leave a location. */
export interface ShipBy {
  /** The day there. */
  readonly date: LocalDate;
  /** The cut-off of that day; its last millisecond where there is no cut-off. */
  readonly at: Instant;
}

/** Nobody works, for as long as it is worth to look. */
export interface NeverOpen {
  readonly _tag: "NeverOpen";
  readonly calendarId: string | null;
  readonly from: LocalDate;
  readonly days: number;
}

export const neverOpenText = ({ calendarId, from, days }: NeverOpen): string =>
  `The calendar ${calendarId} has too few working days in the ${days} days from ${from} on: give it more.`;

const defaultTimeZone = "UTC";

export const zoneOf = ({ timeZone }: LocationDates): string => timeZone ?? defaultTimeZone;

/** The day on which clocks of the zone show the moment. */
export const localDateOf = (epochMs: number, timeZone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).toPlainDate();

const startMs = (date: Temporal.PlainDate, timeZone: string): number =>
  date.toZonedDateTime(timeZone).epochMilliseconds;

/** A zone that moves across the date line leaves out a day, on which nobody can work. */
const isThere = (date: Temporal.PlainDate, timeZone: string): boolean =>
  date.toZonedDateTime(timeZone).toPlainDate().equals(date);

/** The cut-off of a day as a moment; null where there is none. */
const cutOffMs = ({ cutOff, timeZone }: LocationDates, date: Temporal.PlainDate): number | null =>
  cutOff === undefined
    ? null
    : date.toZonedDateTime({ timeZone: timeZone ?? defaultTimeZone, plainTime: cutOff })
      .epochMilliseconds;

/** The last moment of a day at which something may still leave. */
export const leavesByMs = (location: LocationDates, date: Temporal.PlainDate): number =>
  cutOffMs(location, date) ?? startMs(date.add({ days: 1 }), zoneOf(location)) - 1;

/** The first working day from a day on, and as many working days more. */
const workingDay = (
  from: Temporal.PlainDate,
  more: number,
  works: Works,
  calendar: Calendar | null,
): Result.Result<Temporal.PlainDate, NeverOpen> => {
  const days = calendarLimits.searchedDays;
  let left = more;
  for (let looked = 0, date = from; looked < days; looked++, date = date.add({ days: 1 })) {
    if (!works(date)) continue;
    if (left === 0) return Result.succeed(date);
    left -= 1;
  }
  return Result.fail({
    _tag: "NeverOpen",
    calendarId: calendar?.id ?? null,
    from: from.toString(),
    days,
  });
};

const worksAt = (location: LocationDates, calendar: Calendar | null): Works => {
  const works = worksOf(calendar);
  const timeZone = zoneOf(location);
  return (date) => works(date) && isThere(date, timeZone);
};

/** The first day whose cut-off has not passed. At the cut-off is after it. */
export const openDay = (location: LocationDates, fromMs: number): Temporal.PlainDate => {
  const today = localDateOf(fromMs, zoneOf(location));
  const endsMs = cutOffMs(location, today);
  return endsMs === null || fromMs < endsMs ? today : today.add({ days: 1 });
};

/** By when something leaves whose first day is one of `openDay`: that day if it is worked, and handling days more. */
export const shipDateFrom = (
  location: LocationDates,
  calendar: Calendar | null,
  day: Temporal.PlainDate,
): Result.Result<ShipBy, NeverOpen> =>
  Result.map(
    workingDay(day, location.handlingDays ?? 0, worksAt(location, calendar), calendar),
    (date) => ({ date: date.toString(), at: instantOf(leavesByMs(location, date)) }),
  );

/**
 * By when something leaves that may leave from a moment on: on the first working day whose cut-off has not
 * passed, and the location's handling days more.
 */
export const shipDate = (
  location: LocationDates,
  calendar: Calendar | null,
  fromMs: number,
): Result.Result<ShipBy, NeverOpen> => shipDateFrom(location, calendar, openDay(location, fromMs));

/** The day on which units can leave that are due on a day. */
export interface AvailableDay {
  readonly date: LocalDate;
  /** Its first moment. */
  readonly startMs: number;
}

/** The first working day from the day on which units are due, and the location's receiving days more. */
export const availableDay = (
  location: LocationDates,
  calendar: Calendar | null,
  due: Temporal.PlainDate,
): Result.Result<AvailableDay, NeverOpen> =>
  Result.map(
    workingDay(due, location.receivingDays ?? 0, worksAt(location, calendar), calendar),
    (date) => ({ date: date.toString(), startMs: startMs(date, zoneOf(location)) }),
  );

/**
 * The day of delivery of what leaves on a day: the carrier takes it on its first working day from then on, and
 * is under way for some working days more.
 */
export const deliveryDate = (
  shipped: LocalDate,
  transitDays: number,
  calendar: Calendar | null,
): Result.Result<LocalDate, NeverOpen> =>
  Result.map(
    workingDay(Temporal.PlainDate.from(shipped), transitDays, worksOf(calendar), calendar),
    String,
  );
