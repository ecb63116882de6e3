/** Every bound of orders. A name ends in its unit unless it counts things. */

/** Bounds of one order. A larger order is refused with 422, naming the limit. */
export const orderLimits = {
  lines: 2_000,
  /** Components of all lines that are kits: each is a stock row, and stands in the order's document. */
  components: 5_000,
  /** Units of one line. */
  unitsPerLine: 1_000_000,
  metadataEntries: 50,
  /** Discounts of an order as a whole. */
  discounts: 50,
  fees: 50,
  trackingEventsPerShipment: 200,
  /** How far ahead of now a carrier may date a report: its clock and time zone may be wrong, not its year. */
  trackingAheadMs: 24 * 3_600_000,
  trackingNumbersPerShipment: 50,
  notesPerShipment: 50,
  shipments: 500,
  edits: 200,
  /** Changes of one edit. */
  changesPerEdit: 500,
  returns: 200,
  linesPerReturn: 200,
  /** Lines that one return is exchanged for. */
  linesPerExchange: 200,
  /** Entries of goods that came with a return and are none of the order's. */
  unexpectedPerReturn: 50,
  returnPolicies: 1_000,
  /** Days in which goods may be returned, and SKUs that may not be, of one policy. */
  returnWindowDays: 3_650,
  finalSaleSkus: 5_000,
  /** Days without anything of an authorized return, after which a policy may end it. */
  returnExpiryDays: 3_650,
  /** Packages of one fulfillment order. */
  packages: 200,
  fulfillmentOrders: 500,
  /** Stock rows that one commit of one order may touch; a larger order is allocated in several commits. */
  stockRowsPerCommit: 300,
  /** How long after a repeated order more of them are expected. */
  repeatsExpectedMs: 1_000,
  /** Lists that customers share. Part of how a store is laid out: another number needs a new index. */
  customerLists: 64,
  /** Lists that tracking numbers share, as customers do. */
  trackingLists: 64,
  /** Channels looked through for an external id without its channel. */
  channelsPerLookup: 1_000,
} as const;

export const pegLimits = {
  /** Supplies that units of one line may be promised of. */
  promisesPerLine: 50,
  /** Supplies of a SKU that are looked at, over all locations, for one decision. */
  suppliesPerSku: 500,
  /** How long units that are overdue may still be promised. */
  pastDueMs: 2 * 24 * 3_600_000,
} as const;

export const paymentLimits = {
  /** Payments of one order, and transactions of all of them together. */
  payments: 50,
  transactions: 500,
  credits: 200,
  /** Cancellations of one order for which something is kept. */
  cancellationFees: 100,
  /** Hours that an order may wait for its payment. */
  unpaidHours: 24 * 365,
  /** How long before its end an authorization is taken for expired. */
  expiryMarginMs: 3_600_000,
  /** Waits before a capture that failed is tried again. */
  captureAgainAfterMs: [3_600_000, 6 * 3_600_000, 24 * 3_600_000],
  /** How soon, and how late, one looks again at what is not known; and after how long somebody has to. */
  firstLookMs: 10_000,
  lastLookMs: 3_600_000,
  overdueMs: 24 * 3_600_000,
  overdueLookMs: 24 * 3_600_000,
} as const;

export const placedLimits = {
  /** An order placed within this of when it is made here is found by its id; others stand in lists. */
  apartMs: 60_000,
  /** Days, and then months, that one request looks into one by one; more look into one long list. */
  days: 40,
  months: 240,
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
