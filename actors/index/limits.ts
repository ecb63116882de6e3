/** Every bound of lists that are read from the log. */
export const changedLimits = {
  /** Log entries read at once, first and then twice as many up to an end, and at most for one page. */
  firstEntries: 2,
  entriesPerRead: 32,
  entriesPerPage: 2_000,
  /** Entries whose middle time is believed where a moment is looked for. */
  entriesPerProbe: 3,
  /** The log is read on behind a span until so many entries in a row are older, the last by so much. */
  olderEntries: 64,
  clocksApartMs: 10_000,
} as const;
