/** Every bound of links of earlier versions. */
export const aggregateLimits = {
  linksRenewedAtOnce: 100,
} as const;

/** Every bound of timers. */
export const timerLimits = {
  /** Commands in a row that one timer may carry out, for work that goes on in several commits. */
  commandsPerTimer: 1_000,
  /** Due timers read at once. */
  timersRead: 100,
  concurrentTimers: 8,
  pollMs: 1_000,
  /** How long a woken process works on timers and consumers before it rests again. */
  catchUpMs: 45_000,
} as const;
