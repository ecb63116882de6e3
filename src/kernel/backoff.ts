/** Waits after failures: twice as long each time up to a cap, and in part by chance. */

export interface Backoff {
  /** The longest wait after the first failure. */
  readonly firstMs: number;
  /** The longest wait after any. */
  readonly capMs: number;
  /** The share of a wait that chance decides, so that callers that failed together do not return together. */
  readonly jitter: number;
}

/** More doublings than this end at any cap. */
const mostDoublings = 16;

/** The wait after so many earlier failures; `random` is from 0 (included) to 1 (not included). */
export const waitMs = (
  { firstMs, capMs, jitter }: Backoff,
  failures: number,
  random: number,
): number =>
  Math.min(capMs, firstMs * 2 ** Math.min(failures, mostDoublings)) *
  (1 - jitter + jitter * random);
