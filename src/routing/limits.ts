/** Every bound of the search for places. */
export const routingLimits = {
  /** Steps (a location weighed for a SKU) in the exact search for the fewest locations; then greedily. */
  searchSteps: 100_000,
} as const;
