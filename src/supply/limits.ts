/** Every bound of supply, and of what is promised of it. */
export const supplyLimits = {
  /** Rows of one SKU at one location that are looked at, the earliest first. */
  rowsPerLocation: 500,
  /** Rows of one SKU that are looked at over all locations. */
  rowsPerSku: 10_000,
  /** Days ahead of now in which supply is looked for. */
  horizonDays: 400,
  /** Days that supply still counts after it was due. */
  pastDueDays: 2,
} as const;
