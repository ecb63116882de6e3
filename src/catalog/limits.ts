/** Every bound of the catalog. */
export const catalogLimits = {
  /** Items kept in memory. */
  cachedItems: 100_000,
  /** Locations of one store. All are known to every process. */
  locations: 1_000,
} as const;
