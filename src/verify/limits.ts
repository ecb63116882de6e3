/** Every bound of verify. */
export const verifyLimits = {
  /** Violations that a report spells out; the others are counted. */
  reportedViolations: 1_000,
  /** Entries read at once: log entries are the largest, then documents. */
  logEntriesPerRead: 10,
  documentsPerRead: 100,
  entriesPerRead: 500,
  /** Documents compared with the log in one go over it, by their number and their stored size. */
  windowDocuments: 5_000,
  windowBytes: 8 * 1024 * 1024,
  /** Entries of lists that are looked at one by one where lists and documents differ. */
  listEntries: 10_000,
  /** Looks at something that seems wrong and changes at that very time. */
  secondLooks: 20,
} as const;
