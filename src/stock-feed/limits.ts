/** Every bound of stock feeds. */
export const levelLimits = {
  /** Feeds that one store may have. */
  feeds: 20,
  /** Locations of one feed. */
  locations: 50,
  /** The largest number of units that a feed keeps back of each SKU. */
  buffer: 1_000_000,
  /** How long a rise may wait for others, milliseconds: by default, and at most. */
  minIntervalMs: 1_000,
  mostMinIntervalMs: 3_600_000,
  /** SKUs that one request tells of: by default, and at most. */
  batchSize: 100,
  mostBatchSize: 500,
  /** Random bytes of a secret, as Standard Webhooks has it. */
  secretBytes: 32,
  /** How long an old secret signs beside the new one. */
  keepOldHours: 24,
  /** Waits between the attempts to tell of a SKU, milliseconds; the last again and again. */
  retryAfterMs: [1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 60_000, 5 * 60_000, 30 * 60_000],
  /** The hour of the day, UTC, at which all SKUs are told of. */
  nightlyHour: 3,
  /** SKUs that failed which the answer about one feed names. */
  troubles: 20,
  /** Tries to change a feed that others change at the same time. */
  changeTries: 5,
} as const;
