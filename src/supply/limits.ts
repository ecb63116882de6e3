/** Every bound of purchase orders and transfers. */
export const supplyLimits = {
  /**
   * Lines of one document: each touches a row of supply, one of stock and two keys in one commit. A larger
   * purchase is several documents.
   */
  lines: 200,
  /** Units of one line. */
  unitsPerLine: 1_000_000,
  /** Receipts of one document, and lines of all of them together; shipments of a transfer alike. */
  receipts: 200,
  receiptLines: 2_000,
  /** Units beyond those ordered that a purchase order may allow for, in percent of them. */
  overReceiptPercent: 100,
} as const;

/** Every bound of moving units together with the orders that are promised them. */
export const settleLimits = {
  /** Orders that take part in one commit; those of one supply that are read at once. */
  ordersPerCommit: 50,
  /** Commits for one document in a row. */
  commits: 10_000,
  /** Times that a plan is made anew when others have changed what it rests on. */
  tries: 8,
} as const;

export const promiseLimits = {
  /** Lines of one question for a promise. */
  lines: 100,
  /** SKUs of one question, with parts in place of kits. */
  goods: 200,
  /** Rows of one SKU at one location that are looked at, the earliest first. */
  rowsPerLocation: 500,
  /** Rows that are looked at for one question, over all locations: each of its SKUs has its share of them. */
  rowsPerQuestion: 20_000,
  /** Rows that are read at once; SKUs for which that is done at once. */
  rowsPerRead: 500,
  concurrentReads: 8,
  /** Days ahead of now in which supply is looked for. */
  horizonDays: 400,
  /** Days that supply still counts after it was due. */
  pastDueDays: 2,
  /** Overdue supplies that an answer names. */
  overdueShown: 20,
  /** Parts of lines, each from a place on a day, after which units are not looked for on later days. */
  parts: 5_000,
  /** Days by location and moment that are kept in memory, of each kind. */
  keptDates: 50_000,
  /** Steps (a place weighed for a SKU) in all searches for the fewest places of one promise; then greedily. */
  searchSteps: 200_000,
} as const;
