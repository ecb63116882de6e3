/** Every bound of the status and of its stream. */

export const streamLimits = {
  /** Readers of the status stream in one process, and of one key. */
  readers: 2_000,
  readersPerKey: 1_500,
  /** Messages that may wait for one reader before it is dropped. */
  waitingMessages: 16_384,
  /** How long a resuming reader may take nothing before it is dropped. */
  stalledMs: 30_000,
  snapshotMs: 5_000,
  heartbeatMs: 15_000,
  retryMs: 1_000,
  /** Log entries that a resuming reader may be behind; older positions get a reset. */
  resumeEntries: 100_000,
} as const;

export const statusLimits = {
  /** Every so many log entries the status counters note the position. */
  entriesPerMark: 1_000,
  /** Seconds of which rates are counted; a minute, and some for clocks that differ. */
  secondsKept: 90,
  /** Minutes of which orders and units are kept: an hour, and some for clocks that differ. */
  minutesKept: 62,
  minutesShown: 60,
  /** Ids looked at in each list for the longest waiting. */
  oldestCandidates: 8,
  /** How long the longest waiting is believed. */
  oldestMs: 1_000,
  /** How long a status request waits for the counters to pass the last commit of its process. */
  waitMs: 1_000,
  metricsMs: 1_000,
} as const;
