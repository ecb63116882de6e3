/** Calendars: on which days somebody works, and in which hours. Pure. */
import type { Saved } from "../subject/reference.ts";

/** In the order of `dayOfWeek`, which counts from 1. */
export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** The same for each weekday. */
export const byWeekday = <Value>(value: Value): { readonly [Day in Weekday]: Value } =>
  Object.fromEntries(weekdays.map((day) => [day, value])) as { readonly [Day in Weekday]: Value };

/** From when until when on one day, such as `["09:00", "17:00"]`; `24:00` is its end. */
export type Hours = readonly [from: string, until: string];

/** A day that is not as its week is: with hours of its own, closed, or open as its weekday is. */
export interface CalendarException {
  /** Such as `2026-12-25`. */
  readonly date: string;
  readonly open?: boolean;
  readonly hours?: readonly Hours[];
}

export interface Calendar extends Saved {
  readonly id: string;
  readonly name?: string;
  /** A day without hours is no working day. */
  readonly week: { readonly [Day in Weekday]?: readonly Hours[] };
  readonly exceptions: readonly CalendarException[];
}

/** Whether somebody works on a day. */
export type Works = (date: Temporal.PlainDate) => boolean;

const isWorked = ({ open, hours }: CalendarException): boolean =>
  open ?? (hours !== undefined && hours.length > 0);

const worksBy = ({ week, exceptions }: Calendar): Works => {
  const isWorkday = weekdays.map((day) => (week[day]?.length ?? 0) > 0);
  const excepted = new Map(exceptions.map((each) => [each.date, isWorked(each)]));
  return (date) =>
    (excepted.size === 0 ? undefined : excepted.get(date.toString())) ??
      isWorkday[date.dayOfWeek - 1] ?? false;
};

/** Decisions ask for the same calendars again and again. */
const known = new WeakMap<Calendar, Works>();

const always: Works = () => true;

/** Who has no calendar works every day. */
export const worksOf = (calendar: Calendar | null): Works => {
  if (calendar === null) return always;
  const before = known.get(calendar);
  if (before !== undefined) return before;
  const works = worksBy(calendar);
  known.set(calendar, works);
  return works;
};
