/** Every bound of imports. */
export const importLimits = {
  /** Import mappings kept in memory. */
  cachedMappings: 1_000,
  /** Jobs that run at once in one process, and of those of one key; others wait. */
  runningJobs: 3,
  runningJobsPerKey: 2,
  waitingJobs: 100,
  rowCharacters: 64 * 1024,
  rowsPerOrder: 2_000,
  /** Rows, and their characters, among which the rows of one order are looked for. */
  windowRows: 20_000,
  windowCharacters: 4 * 1024 * 1024,
  /** Orders further up of which it is known that they are through. */
  rememberedOrders: 200_000,
  /** Orders placed at once by one job. */
  concurrentOrders: 64,
  mappingColumns: 64,
  /** Sources that are asked in turn where a field's own is blank. */
  fallbacks: 4,
  /** Columns that are joined to one text. */
  joinedColumns: 4,
  separatorCharacters: 10,
  /** Conditions of one kind in a mapping, and values of one condition. */
  conditions: 8,
  conditionValues: 32,
  /** Items of one row. */
  itemsPerRow: 1_000,
  /** Names that one mapping may give codes for. */
  countryNames: 500,
  /** Larger than bulk bodies elsewhere: an import is read as it comes and never held as a whole. */
  bodyBytes: 1024 * 1024 * 1024,
  /** Rows of one order before it is placed, in UTF-16 code units: as much as one order over HTTP may have. */
  orderCharacters: 1024 * 1024,
  /** How long an import waits for its turn before the answer is 503. */
  waitMs: 30_000,
  /** Tries to place one order while the engine is overloaded or the store does not answer. */
  placeTries: 8,
  placeBackoffMs: 50,
  placeBackoffCapMs: 2_000,
  /** Row results in one stored value. */
  resultsPerPage: 500,
  /** Up to so many row results, the job is shown with all of them. */
  inlineResults: 200,
  /** Result pages that one filtered request may read before it answers with a short page. */
  pagesScannedPerRequest: 50,
  /** Jobs that one request for a list may look at, and of those, read at once. */
  jobsScannedPerPage: 1_000,
  jobsPerRead: 50,
  errorsPerRow: 5,
  detailCharacters: 300,
  /** Of a cell's text in a message. */
  shownCharacters: 80,
  /** How often a running job says in the store that it runs. */
  heartbeatMs: 5_000,
  /** How long orders that are being placed may take when whoever uploads may not go on. */
  endingMs: 300,
  /** A job is shown as interrupted by a process that has not heard of it for so long since it first looked. */
  heartbeatLostMs: 30_000,
  /** Running jobs of which a process remembers when it heard of them. */
  jobsHeard: 1_000,
  /** How long jobs and their results are kept after their last change. */
  retentionMs: 30 * 24 * 3_600_000,
  /** Largest page of results, in UTF-16 code units of its JSON: with the job it fits one commit. */
  pageCharacters: 200_000,
  /** Tries to save a job's progress before the job is given up. */
  saveTries: 8,
} as const;

/** Bounds of files of purchase orders and of transfers, which are read as a whole. */
export const sheetLimits = {
  bodyBytes: 4 * 1024 * 1024,
  rows: 20_000,
  documents: 1_000,
  rowCharacters: 16 * 1024,
  /** Things wrong with one document that the answer lists. */
  errorsPerDocument: 20,
  /** Documents made at once. */
  concurrentDocuments: 8,
} as const;
