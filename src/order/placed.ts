/** Spans of the time in which orders were placed, as the lists of those placed apart divide it. Pure. */
import { type Instant, instantOf } from "../kernel/instant.ts";
import { placedLimits } from "./limits.ts";
import { periodLengths } from "./lists.ts";

/** A span of time; an end that is absent is open. */
export interface PlacedSpan {
  readonly after?: Instant | undefined;
  readonly before?: Instant | undefined;
}

/** The days from one to another one; null when they are more than a limit. */
const daysBetween = (first: string, last: string, most: number): readonly string[] | null => {
  const days: string[] = [];
  const date = new Date(`${first}T00:00:00Z`);
  for (let day = first; day <= last;) {
    if (days.length === most) return null;
    days.push(day);
    date.setUTCDate(date.getUTCDate() + 1);
    day = dayOf(instantOf(date.getTime()));
  }
  return days;
};

const dayOf = (instant: Instant): string => instant.slice(0, periodLengths.day);
const monthOf = (instant: Instant): string => instant.slice(0, periodLengths.month);

const daysOfMonth = 31;

/** The days of a month that a span touches. */
const daysIn = (month: string, { after, before }: PlacedSpan): readonly string[] => {
  const end = new Date(`${month}-01T00:00:00Z`);
  end.setUTCMonth(end.getUTCMonth() + 1);
  const [first, last] = [`${month}-01`, dayOf(instantOf(end.getTime() - 1))];
  return daysBetween(
    after !== undefined && dayOf(after) > first ? dayOf(after) : first,
    before !== undefined && dayOf(before) < last ? dayOf(before) : last,
    daysOfMonth,
  ) ?? [];
};

/** Where the months are not known, or too many: the list of all. */
export const ever: readonly string[] = [""];

/**
 * The fewest periods that cover a span and next to nothing beside it: its days where they are few, else the
 * months of which there is anything, and the days of those in which it begins and ends. Null where it has
 * many days, or no end, and the months are not said.
 */
export const periodsOf = (
  span: PlacedSpan,
  months?: readonly string[],
): readonly string[] | null => {
  const { after, before } = span;
  const days = after === undefined || before === undefined
    ? null
    : daysBetween(dayOf(after), dayOf(before), placedLimits.days);
  if (days !== null || months === undefined) return days;
  const first = after === undefined ? "" : monthOf(after);
  const last = before === undefined ? "" : monthOf(before);
  return months.filter((month) => month >= first && (last === "" || month <= last))
    .flatMap((month) => month === first || month === last ? daysIn(month, span) : [month]);
};
