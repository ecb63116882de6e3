/** Calendars and carriers, as references: every process knows them all. Nothing removes one. */
import { Schema } from "effect";
import { reference, savedFields } from "../subject/reference.ts";
import { byWeekday, type Calendar } from "./calendar.ts";
import type { Carrier } from "./carrier.ts";
import { calendarLimits } from "./limits.ts";

const HoursOfDay = Schema.Array(Schema.Tuple([Schema.String, Schema.String]));

export const calendars = reference<Calendar>({
  name: "calendar",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    name: Schema.optionalKey(Schema.String),
    week: Schema.Struct(byWeekday(Schema.optionalKey(HoursOfDay))),
    exceptions: Schema.Array(Schema.Struct({
      date: Schema.String,
      open: Schema.optionalKey(Schema.Boolean),
      hours: Schema.optionalKey(HoursOfDay),
    })),
    ...savedFields,
  }),
  limit: calendarLimits.calendars,
  memory: { type: "all" },
});

export const carriers = reference<Carrier>({
  name: "carrier",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    name: Schema.String,
    calendarId: Schema.optionalKey(Schema.String),
    services: Schema.Array(Schema.Struct({
      service: Schema.String,
      transit: Schema.Array(Schema.Struct({
        country: Schema.optionalKey(Schema.String),
        postalPrefix: Schema.optionalKey(Schema.String),
        days: Schema.Int,
      })),
    })),
    ...savedFields,
  }),
  limit: calendarLimits.carriers,
  memory: { type: "all" },
});
