/** Every bound of orders. A name ends in its unit unless it counts things. */

/** Bounds of one order. A larger order is refused with 422, naming the limit. */
export const orderLimits = {
  lines: 2_000,
  /** Units of one line. */
  unitsPerLine: 1_000_000,
  metadataEntries: 50,
  trackingEventsPerShipment: 200,
  shipments: 500,
  /** Packages of one fulfillment order. */
  packages: 200,
  fulfillmentOrders: 500,
  /** Stock rows that one commit of one order may touch; a larger order is allocated in several commits. */
  stockRowsPerCommit: 300,
  /** How long after a repeated order more of them are expected. */
  repeatsExpectedMs: 1_000,
  /** Lists that customers share. Part of how a store is laid out: another number needs a new index. */
  customerLists: 64,
  /** Channels looked through for an external id without its channel. */
  channelsPerLookup: 1_000,
} as const;

export const routingLimits = {
  /** Steps (a location weighed for a SKU) in the exact search for the fewest locations; then greedily. */
  searchSteps: 100_000,
} as const;

export const placedLimits = {
  /** An order placed within this of when it is made here is found by its id; others stand in lists. */
  apartMs: 60_000,
  /** Days, and then months, that one request looks into one by one; a longer span looks into one long list. */
  days: 40,
  months: 40,
} as const;

export const backorderLimits = {
  /** Commits in which one order is given units that arrived. */
  partsPerFill: 64,
  /** Lists of waiting orders read at once. */
  concurrentLists: 8,
  /** Waiting orders filled in one commit with the arrival. */
  ordersPerCommit: 50,
  /** Orders given units between two looks at changes by other processes. */
  ordersPerFill: 500,
  /** Waiting orders of one SKU that are sorted by arrival; behind them, the clocks decide. */
  ordersCompared: 5_000,
  /** Orders of which it is remembered when they came, and of how many that is read at once. */
  placesRemembered: 20_000,
  placesPerRead: 100,
} as const;
