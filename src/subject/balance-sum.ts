/**
 * A sum over rows of several balances: parts that come to no more than their whole, or a thing that is counted
 * in two places. Each row's own `isSound` cannot say it. Decisions keep it, and verify proves it of every
 * position of the log.
 */

/** The share of a change in the sum of a group of rows. */
export interface SumShare {
  readonly group: string;
  readonly units: number;
}

export interface BalanceSum {
  /** The name of the invariant in reports. Several sums may prove one. */
  readonly invariant: string;
  /** Null for a change that has no part in it. */
  of(balance: string, delta: unknown): SumShare | null;
  /** Whether a group may come to this. Nothing, 0, is sound. */
  isSound(units: number): boolean;
}
