/**
 * What records are counted in: named tallies of groups of keys, and named rates. They are nothing but the
 * fold of the log, so a recount finds the same.
 */

/** One definition counts through this; `actors/status` keeps, saves and reads it. */
export interface Tallies {
  /** Adds to a tally: `add("orders", channel, status, 1)`. A key at zero is forgotten. */
  add(tally: string, group: string, key: string, change: number): void;
  /** The same, where records of earlier versions may end what they did not begin: never below zero. */
  addAtLeastZero(tally: string, group: string, key: string, change: number): void;
  /** Something happened, `times` times, in the second of the record's entry. */
  happened(rate: string, times: number): void;
  /** The same by the minute. */
  perMinute(series: string, amount: number): void;
}
