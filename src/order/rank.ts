/** Who is served first of those that wait: by priority, then by the date that is needed, then first come. */
import { epochMsOf, type Instant } from "../kernel/instant.ts";

/** The higher, the sooner. */
export const priorities = { lowest: 0, highest: 9 } as const;

export interface Ranked {
  /** A whole number of `priorities`; absent: the lowest. */
  readonly priority?: number | undefined;
  /** Absent: whenever it comes. */
  readonly neededAt?: Instant | undefined;
}

/** Digits of the last moment that an instant may name. */
const momentDigits = 15;
const noDate = "9".repeat(momentDigits);

/** A text of one length, so that keys with it sort as those who wait are served. */
export const rankOf = ({ priority = priorities.lowest, neededAt }: Ranked): string =>
  String(priorities.highest - priority) +
  (neededAt === undefined ? noDate : String(epochMsOf(neededAt)).padStart(momentDigits, "0"));

export interface Waiting extends Ranked {
  /** Its place in the log; ids decide between orders of one commit. */
  readonly place: string;
  readonly id: string;
}

/** Compares two that wait; the one that is served first comes first. */
export const serveOrder = (one: Waiting, other: Waiting): number => {
  const [first, second] = [rankOf(one), rankOf(other)];
  if (first !== second) return first < second ? -1 : 1;
  if (one.place !== other.place) return one.place < other.place ? -1 : 1;
  return one.id === other.id ? 0 : one.id < other.id ? -1 : 1;
};
