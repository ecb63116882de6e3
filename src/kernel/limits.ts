/**
 * Bounds that several rooms share: of texts, requests and actors. All others stand in the `limits.ts` of their
 * room or subject; `test/limits_test.ts` lists them. A name ends in its unit unless it counts things. Settings
 * that an operator may change are in `api/settings.ts`.
 */

/** Lengths of text fields, in characters: Unicode code points, as JSON Schema counts. */
export const textLimits = {
  id: 100,
  sku: 100,
  name: 200,
  reason: 500,
  description: 1_000,
  addressLine: 200,
  note: 5_000,
  timeZone: 50,
} as const;

export const requestLimits = {
  bodyBytes: 1024 * 1024,
  /** Characters of a presented API key; a longer one is nobody's. */
  secretLength: 200,
  idempotencyKeyLength: 255,
  /** Characters of a request id, and of a place in a trace, that are taken over from a client. */
  requestIdLength: 128,
  traceparentLength: 512,
  /** How long an idempotency record answers repeats, at least: it does until the store drops it. */
  idempotencyRetentionMs: 48 * 3_600_000,
  pageSize: 200,
  defaultPageSize: 50,
  cursorLength: 1_000,
  /** Values of one query parameter, apart by commas. */
  severalValues: 50,
  /** Things wrong with one request that the answer lists; it says how many there are. */
  reportedErrors: 500,
  /** Clocks of two processes differ by less: an id that is further ahead was not made by one of them. */
  clocksApartMs: 5 * 60_000,
  /** How long the store may take to answer before the process is not ready. */
  readinessMs: 2_000,
  /** Commands being worked on at once in one process; above this the answer is 503 with Retry-After. */
  inFlightCommands: 8_192,
  /** Bodies that are worked on as they come, in one process; one key has its share, as of commands. */
  uploads: 128,
  /** How long an overloaded answer tells the client to wait. */
  retryAfterSeconds: 1,
  /** How long the client is told to wait while the store is full: somebody has to make room first. */
  fullRetryAfterSeconds: 10,
} as const;

export const actorLimits = {
  /** Commits in one order's history: an order changed more often than this is an integration gone wrong. */
  versions: 2_000,
  /** Messages that wait for one order. */
  mailbox: 256,
  /** How far ahead of its time an id may be, to come after those before it. */
  idsAheadMs: 30_000,
  /**
   * Rows of one space of a balance in memory, such as all stock of a location; rows loaded first go first.
   */
  cachedRowsPerSpace: 50_000,
  /** Times an order is decided again after a conflict before the answer is 503. */
  decisionTries: 24,
  /** Between two tries: chance alone best separates commands that conflict with each other. */
  decisionBackoff: { firstMs: 2, capMs: 250, jitter: 1 },
} as const;
