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

export const feedLimits = {
  /** Events of one page of the feed, and where the request does not say how many. */
  events: 1_000,
  defaultEvents: 100,
  /** Characters of a page: one that has so many ends, with as many events as it has. */
  characters: 2 * 1024 * 1024,
  /** Events that are looked at for one page, those that are not of it too. */
  lookedAt: 20_000,
  /** Entries kept in memory in which a page ended. */
  begunEntries: 8,
  /** How long a reader may wait for an event. */
  waitSeconds: 30,
  /** Patterns of types in one request. */
  patterns: 20,
  /** Pages that are made at once in one process, and for one key; others wait, so many at most. */
  turns: { total: 4, perKey: 2, waiting: 1_024 },
  /** Readers that wait for an event in one process, and of one key. */
  waits: { total: 512, perKey: 64 },
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
