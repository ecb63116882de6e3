/** Days as clocks on the wall have them: each begins, and ends, when the zone says. */
import { type Instant, instantOf, parseInstant } from "./instant.ts";

const pattern = /^\d{4}-\d{2}-\d{2}$/;

/** The day as a text such as `2026-03-29`; null for what is no day from 1970 on. */
const dayOf = (day: string): Temporal.PlainDate | null =>
  // Temporal would throw for a day that its month has not.
  pattern.test(day) && parseInstant(`${day}T12:00:00Z`) !== null
    ? Temporal.PlainDate.from(day)
    : null;

/** Whether the text is a day such as `2026-03-29`, from 1970 on. */
export const isLocalDate = (day: string): boolean => dayOf(day) !== null;

/** Its first moment: where clocks are put forward at midnight, that is one o'clock. */
const startOf = (day: Temporal.PlainDate, timeZone: string): Instant =>
  instantOf(Math.max(0, day.toZonedDateTime(timeZone).epochMilliseconds));

export interface LocalDay {
  readonly start: Instant;
  /** The first moment of the day after. */
  readonly end: Instant;
}

/**
 * A day of a time zone (IANA): 23 or 25 hours long where clocks are changed. Null for what is no day from 1970
 * on. Throws RangeError for a zone that is not known.
 */
export const localDay = (day: string, timeZone: string): LocalDay | null => {
  const date = dayOf(day);
  return date === null ? null : {
    start: startOf(date, timeZone),
    end: startOf(date.add({ days: 1 }), timeZone),
  };
};

/** Whether the text names a zone, or an offset, that days can be told in. */
export const isTimeZone = (zone: string): boolean => {
  try {
    Temporal.PlainDate.from("2000-01-01").toZonedDateTime(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};
