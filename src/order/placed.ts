/** Spans of the time in which orders were placed, as the lists of those placed apart divide it. Pure. */
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import { placedLimits } from "./limits.ts";
import { periodLengths } from "./lists.ts";

/** A span of time; an end that is absent is open. */
export interface PlacedSpan {
  readonly after?: Instant | undefined;
  readonly before?: Instant | undefined;
}

/** The periods that a span touches; null when they are more than a limit. */
const periodsIn = (
  { after, before }: PlacedSpan,
  period: "day" | "month",
  most: number,
): readonly string[] | null => {
  if (after === undefined || before === undefined) return null;
  const periods: string[] = [];
  const end = epochMsOf(before);
  const date = new Date(epochMsOf(after));
  date.setUTCHours(0, 0, 0, 0);
  if (period === "month") date.setUTCDate(1);
  while (date.getTime() <= end) {
    if (periods.length === most) return null;
    periods.push(instantOf(date.getTime()).slice(0, periodLengths[period]));
    if (period === "month") date.setUTCMonth(date.getUTCMonth() + 1);
    else date.setUTCDate(date.getUTCDate() + 1);
  }
  return periods;
};

/** The shortest periods that cover a span and are few enough to look into one by one. */
export const periodsOf = (span: PlacedSpan): readonly string[] =>
  periodsIn(span, "day", placedLimits.days) ?? periodsIn(span, "month", placedLimits.months) ??
    [""];
