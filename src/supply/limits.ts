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
