/** Moments as fields show them and people type them: by the clock of whoever looks. */
import { epochMsOf, type Instant, instantOf } from "../../src/kernel/instant.ts";
import { field, type FormFields, type Visit } from "./visit.ts";

/** Of a moment what a field shows, to the second. */
export const localText = (at: Instant, { timeZone }: Pick<Visit, "timeZone">): string =>
  Temporal.Instant.fromEpochMilliseconds(epochMsOf(at)).toZonedDateTimeISO(timeZone)
    .toPlainDateTime().toString({ smallestUnit: "second" });

const instantIn = (typed: string, timeZone: string): Instant | null => {
  try {
    const { epochMilliseconds } = Temporal.PlainDateTime.from(typed).toZonedDateTime(timeZone);
    return instantOf(epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};

/**
 * The moment of a field; undefined where nothing was typed, and the text itself where it is no moment, for the API
 * to refuse. A field that was left alone means the moment that it came from, to the millisecond.
 */
export const typedInstant = (
  fields: FormFields,
  name: string,
  visit: Pick<Visit, "timeZone">,
  from?: Instant,
): Instant | undefined => {
  const typed = field(fields, name);
  if (typed === "") return undefined;
  const instant = instantIn(typed, visit.timeZone);
  if (instant === null) return typed;
  return from !== undefined && localText(from, visit) === localText(instant, visit)
    ? from
    : instant;
};
