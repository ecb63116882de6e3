/** Every bound of supply, and of what is promised of it. */
export const promiseLimits = {
  /** Lines of one question for a promise. */
  lines: 100,
  /** Rows of one SKU at one location that are looked at, the earliest first. */
  rowsPerLocation: 500,
  /** Rows of one SKU that are looked at over all locations. */
  rowsPerSku: 10_000,
  /** Rows that are read at once; SKUs for which that is done at once. */
  rowsPerRead: 500,
  concurrentReads: 8,
  /** Days ahead of now in which supply is looked for. */
  horizonDays: 400,
  /** Days that supply still counts after it was due. */
  pastDueDays: 2,
  /** Overdue supplies that an answer names. */
  overdueShown: 20,
  /** Steps (a place weighed for a SKU) in all searches for the fewest places of one promise; then greedily. */
  searchSteps: 200_000,
} as const;
