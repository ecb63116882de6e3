/** Every bound of stock. */
export const stockLimits = {
  /** Stock changes in one adjustment or count. */
  changesPerRequest: 500,
  /** Buckets by name that one row may have. */
  bucketsPerRow: 20,
  /** Rows that are read at once where several are asked for by name. */
  rowsPerRead: 500,
  /** Messages that wait for one location. */
  locationMailbox: 4_096,
  /** How long a location's actor stays after its last message. */
  locationIdleMs: 60_000,
  /** Log entries looked through at once for the history of a stock row. */
  historyEntries: 2_000,
  /** Log entries read at once for it; and the changes of one page. */
  historyBatch: 50,
  historyChanges: 100,
  /** UTF-16 code units of an event in it: of a longer one the details are left out. */
  historyEventLength: 4_000,
} as const;
