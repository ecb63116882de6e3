/**
 * Records are counted in named tallies of groups of keys, and in named rates. They are nothing but the fold
 * of the log, so a recount finds the same. Subjects count their records and make members of the status of
 * the counts; the machine keeps and saves the numbers without knowing what they count.
 */
import type { Scope } from "../kernel/principal.ts";

/** The definition of a kind of record counts through this. */
export interface Tallies {
  /** Adds to a tally: `add("orders", channel, status, 1)`. A key at zero is forgotten; its group stays. */
  add(tally: string, group: string, key: string, change: number): void;
  /** Adds, and never goes below zero: records of earlier versions may end a thing that no record began. */
  addAtLeastZero(tally: string, group: string, key: string, change: number): void;
  /** Something happened, `times` times, in the second of the record's entry. */
  happened(rate: string, times: number): void;
  /** Adds to a series in the minute of the record's entry. */
  perMinute(series: string, amount: number): void;
}

/** The key of tallies whose groups have one number each. */
export const onlyKey = "";

/** The keys of a group, and how many there are of each. */
export type Counts = ReadonlyMap<string, number>;

/** The counts up to now. */
export interface TallyReader {
  /** The groups of a tally; none before anything was counted in it. */
  groups(tally: string): ReadonlyMap<string, Counts>;
  /** How often something happened in a second, over the whole seconds before now. */
  perSecond(rate: string, nowMs: number, overSeconds: number): number;
  /** A series in each of the last minutes, oldest first; the last is the one that goes on. */
  lastMinutes(series: string, nowMs: number, minutes: number): readonly number[];
}

/** Members of the status, as far as a key of the scope may see them. */
export type StatusSection = (
  counted: TallyReader,
  scope: Scope,
  nowMs: number,
) => Readonly<Record<string, unknown>>;
