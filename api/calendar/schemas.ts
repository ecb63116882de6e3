/** Calendars and carriers as the API takes them and answers with them. */
import { Schema } from "effect";
import { byWeekday } from "../../src/calendar/calendar.ts";
import { placeOfRow, plainService } from "../../src/calendar/carrier.ts";
import { calendarLimits } from "../../src/calendar/limits.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { isLocalDate } from "../../src/kernel/local-day.ts";
import { Country, Identifier, text } from "../../src/kernel/vocabulary.ts";
import { time } from "../http/schemas.ts";

const Name = text(textLimits.name);

const timeOfDay = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** As texts, times of day compare like what they stand for. */
const TimeOfDay = Schema.String.check(
  Schema.makeFilter(
    (value: string) => timeOfDay.test(value) || "must be a time of the day such as 09:30",
    { toJsonSchema: () => ({ pattern: timeOfDay.source }) },
  ),
).annotate({
  identifier: "TimeOfDay",
  description: "On a clock of 24 hours; `24:00` ends the day",
});

const Hours = Schema.Array(TimeOfDay).check(
  Schema.isMinLength(2),
  Schema.isMaxLength(2),
  Schema.makeFilter(([from = "", until = ""]: readonly string[]) =>
    from < until || { path: [1], issue: `must be after ${from}: hours end on the day they begin` }
  ),
).annotate({ identifier: "Hours", description: "From when until when, on one day" });

const apart = Schema.makeFilter((hours: readonly (readonly string[])[]) =>
  hours.flatMap(([from = "", until = ""], n) => {
    const other = hours.slice(0, n).find(([start = "", end = ""]) => from < end && start < until);
    return other === undefined ? [] : [{ path: [n], issue: `overlaps ${other.join("-")}` }];
  })
);

const HoursOfDay = Schema.Array(Hours).check(
  Schema.isMaxLength(calendarLimits.hoursPerDay),
  apart,
);

const LocalDate = Schema.String.check(
  Schema.makeFilter(
    (value: string) => isLocalDate(value) || "must be a day from 1970 on, such as 2026-12-25",
    { toJsonSchema: () => ({ format: "date" }) },
  ),
).annotate({ identifier: "LocalDate" });

const Exception = Schema.Struct({
  date: LocalDate,
  open: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "False: closed. True: a working day, like others" }),
  ),
  hours: Schema.optionalKey(
    HoursOfDay.annotate({ description: "Its own hours; without any it is closed" }),
  ),
}).check(
  Schema.makeFilter(({ open, hours }) =>
    open === undefined && hours === undefined
      ? "must have `open` or `hours`"
      : open === undefined || hours === undefined || open === hours.length > 0 ||
        { path: ["open"], issue: "is not what the hours say" }
  ),
).annotate({ identifier: "CalendarException" });

/** An issue at each entry that has in common with one before it what only one may have. */
const once = <Entry>(keyOf: (entry: Entry) => string, path: readonly string[] = []) =>
  Schema.makeFilter((entries: readonly Entry[]) => {
    const seen = new Set<string>();
    return entries.flatMap((entry, n) => {
      const key = keyOf(entry);
      if (seen.has(key)) return [{ path: [n, ...path], issue: "comes twice" }];
      seen.add(key);
      return [];
    });
  });

const week = Schema.Struct(byWeekday(Schema.optionalKey(HoursOfDay))).annotate({
  identifier: "CalendarWeek",
  description: "The hours of each weekday; one without hours is no working day",
});

export const CalendarRequest = Schema.Struct({
  name: Schema.optionalKey(Name),
  week,
  exceptions: Schema.optionalKey(
    Schema.Array(Exception).check(
      Schema.isMaxLength(calendarLimits.exceptions),
      once(({ date }) => date, ["date"]),
    ).annotate({ description: "Days that are not as the week is, such as holidays" }),
  ),
}).annotate({
  identifier: "CalendarRequest",
  examples: [{
    name: "Warehouse",
    week: {
      mon: [["09:00", "17:00"]],
      tue: [["09:00", "17:00"]],
      wed: [["09:00", "17:00"]],
      thu: [["09:00", "17:00"]],
      fri: [["09:00", "12:30"], ["13:00", "16:00"]],
    },
    exceptions: [
      { date: "2026-12-25", open: false },
      { date: "2026-12-24", hours: [["09:00", "12:00"]] },
    ],
  }],
});

export const Calendar = Schema.Struct({
  id: Schema.String,
  name: Schema.optionalKey(Schema.String),
  week,
  exceptions: Schema.Array(Exception),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Calendar" });

const TransitRow = Schema.Struct({
  country: Schema.optionalKey(Country),
  postalPrefix: Schema.optionalKey(
    text(calendarLimits.postalPrefixLength).annotate({
      description: "The beginning of postal codes, whatever their spaces, hyphens and capitals",
    }),
  ),
  days: Schema.Int.check(
    Schema.isBetween({ minimum: 0, maximum: calendarLimits.transitDays }),
  ).annotate({ description: "Working days under way" }),
}).annotate({ identifier: "TransitRow" });

const CarrierService = Schema.Struct({
  service: text(textLimits.id).annotate({ description: "The name that orders call it by" }),
  transit: Schema.Array(TransitRow).check(
    Schema.isMaxLength(calendarLimits.transitRows),
    once(placeOfRow),
  ).annotate({
    description: "The longest prefix that fits counts, before the country alone, before neither",
  }),
}).annotate({ identifier: "CarrierService" });

const calendarId = (description: string) =>
  Schema.optionalKey(Identifier.annotate({ description }));

export const CarrierRequest = Schema.Struct({
  name: Name,
  calendarId: calendarId("Its working days; every day when absent"),
  services: Schema.optionalKey(
    Schema.Array(CarrierService).check(
      Schema.isMaxLength(calendarLimits.services),
      once(({ service }) => plainService(service), ["service"]),
    ).annotate({ description: "The first is what it carries by where none is asked for" }),
  ),
}).annotate({
  identifier: "CarrierRequest",
  examples: [{
    name: "DHL",
    services: [
      {
        service: "standard",
        transit: [{ country: "DE", days: 1 }, { country: "DE", postalPrefix: "27", days: 2 }, {
          country: "NL",
          days: 2,
        }],
      },
      { service: "express", transit: [{ country: "DE", days: 1 }, { country: "NL", days: 1 }] },
    ],
  }],
});

export const Carrier = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  calendarId: Schema.optionalKey(Schema.String),
  services: Schema.Array(CarrierService),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Carrier" });
