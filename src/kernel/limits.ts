/**
 * Every bound of the engine, in one place: what is unbounded is a bug. A name ends in its unit unless
 * it counts things. Settings that an operator may change are in `api/settings.ts`, not here.
 */

/** What one order may hold. A larger order is refused with 422, naming the limit. */
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
  /** Commits in one order's history: an order changed more often than this is an integration gone wrong. */
  versions: 2_000,
  /** Stock rows that one commit of one order may touch; a larger order is allocated in several commits. */
  stockRowsPerCommit: 300,
} as const;

/** Lengths of text fields, in characters: Unicode code points, as JSON Schema counts. */
export const textLimits = {
  id: 100,
  sku: 100,
  name: 200,
  reason: 500,
  description: 1_000,
  addressLine: 200,
} as const;

export const routingLimits = {
  /** Steps (a location weighed for a SKU) in the exact search for the fewest locations; then greedily. */
  searchSteps: 100_000,
} as const;

export const requestLimits = {
  bodyBytes: 1024 * 1024,
  idempotencyKeyLength: 255,
  /** How long an idempotency record answers repeats. */
  idempotencyRetentionMs: 48 * 3_600_000,
  pageSize: 200,
  defaultPageSize: 50,
  cursorLength: 1_000,
  /** Things wrong with one request that the answer lists; it says how many there are. */
  reportedErrors: 500,
  /** How long the store may take to answer before the process is not ready. */
  readinessMs: 2_000,
  /** Commands being worked on at once in one process; above this the answer is 503 with Retry-After. */
  inFlightCommands: 8_192,
  /** Bodies that are worked on as they come, in one process; one key has its share, as of commands. */
  uploads: 128,
  /** What an overloaded answer tells the client to wait. */
  retryAfterSeconds: 1,
  /** The same while the store is full: somebody has to make room first. */
  fullRetryAfterSeconds: 10,
  /** Stock changes in one adjustment or count. */
  stockChanges: 500,
} as const;

/** What a page of a list may cost. */
export const pageLimits = {
  /** Characters of a page: one that has so many ends, with as many rows as it has. */
  pageCharacters: 512 * 1024,
  /** Such pages that are made at once in one process, and for one key; others wait, so many at most. */
  turns: { total: 8, perKey: 6, waiting: 4_096 },
  /** Rows that are read first, and how many times as many then: rows can be large. */
  rowsOfFirstPart: 4,
  partGrowth: 4,
  /** Behind a row of so many, others are let in. */
  largeRowCharacters: 16 * 1024,
} as const;

/** What answers may cost that are not taken. */
export const answerLimits = {
  /** An answer of more characters is written in pieces of so many. */
  pieceCharacters: 64 * 1024,
  /** Characters of all such answers in one process; one key has its share. */
  characters: 48 * 1024 * 1024,
  /** How long it may take until such an answer was taken. */
  takenMs: 60_000,
} as const;

/** What a peer may cost before it has said who it is, and how long it may take to say anything. */
export const connectionLimits = {
  /** Connections of one process. For one more, those that have been quiet longest are closed. */
  connections: 6_000,
  /** Open files that are left for the store and for what else the process opens. */
  reservedFiles: 128,
  /** Connections closed at once to make room. */
  closedAtOnce: 64,
  /** How long the first head of a connection may take. */
  headMs: 15_000,
  /** How long a connection may stay without a request; longer than proxies keep theirs, who then close first. */
  idleMs: 75_000,
  /** How often those two are looked at. */
  sweepMs: 1_000,
  /** How long an answer after which the connection is closed has time to get to the client. */
  lingerMs: 500,
  /** The wait after a connection that could not be accepted, such as for want of files. */
  acceptAgainMs: 100,
  /** How often such a failure is told in the log. */
  acceptFailureLogMs: 60_000,
} as const;

/** What a body may cost while it arrives. */
export const bodyLimits = {
  /** Bodies that are being read as a whole in one process: for one more, that which came longest ago is given up. */
  arriving: 1_024,
  /** How long a body may take that is read as a whole. */
  arrivalMs: 30_000,
  /** A body that is read as it comes may keep its reader waiting so long, and a second more for so many bytes. */
  waitMs: 30_000,
  bytesPerSecond: 1_024,
  /** So many chunks are taken however small they are; beyond, they must hold so many bytes on the average. */
  chunks: 4_096,
  bytesPerChunk: 8,
  /** Bytes that are read at once. */
  bufferBytes: 16 * 1024,
  /** After so many chunks others are let in: those that are here already come without a wait. */
  chunksInTurn: 64,
  /** A body that says it is no larger is read without being counted. */
  smallBytes: 16 * 1024,
  /** Bytes of all larger bodies that are being read as a whole in one process; one key has its share. */
  bytesInArrival: 64 * 1024 * 1024,
  /** How often late bodies are looked for. */
  sweepMs: 1_000,
} as const;

export const accessLimits = {
  /** Keys that one store may have. */
  keys: 10_000,
  /** Principals kept in memory by their key's hash. */
  cachedPrincipals: 10_000,
  /** Hashes of wrong keys kept in memory, so that repeating one costs no read. */
  cachedStrangers: 10_000,
  /** Characters of a presented key; a longer one is nobody's. */
  secretLength: 200,
  /** Random characters of a key made here, of 64: six bits each. */
  secretRandomCharacters: 43,
} as const;

export const actorLimits = {
  /** Messages that wait for one order. */
  orderMailbox: 256,
  /** Messages that wait for one location. */
  locationMailbox: 4_096,
  /** How long a location's actor stays after its last message. */
  locationIdleMs: 60_000,
  /** Rows of one space of a balance, all stock of a location say, in memory; those loaded first go first. */
  cachedRowsPerSpace: 50_000,
  /** How long after a repeated order more of them are expected. */
  repeatsExpectedMs: 1_000,
  /** Items kept in memory. */
  cachedItems: 100_000,
  /** Import mappings kept in memory. */
  cachedMappings: 1_000,
  /** Locations of one store. All are known to every process. */
  locations: 1_000,
  /** Times an order is decided again after a conflict before the answer is 503. */
  decisionTries: 24,
  /** Between two tries: those who conflict with each other are best told apart by chance alone. */
  decisionBackoff: { firstMs: 2, capMs: 250, jitter: 1 },
} as const;

export const storeLimits = {
  /** Tries of a call while another process holds the database file. */
  lockedTries: 60,
  /** How long they may take together; SQLite itself waits up to five seconds in each. */
  lockedMs: 5_000,
  lockedBackoffMs: 2,
  lockedBackoffCapMs: 200,
  /** Calls of one `getMany` under way at once. */
  concurrentReads: 8,
  /** Keys that a listing fetches at once. */
  listBatch: 500,
  /** Orders that a walk over all of them reads at once. */
  ordersPerRead: 100,
  /** Keys of single reads joined into one call. */
  joinedReads: 100,
  /** Joined calls under way at once; while they are, the next gathers. */
  joinedCalls: 4,
  /** Single reads that wait for a joined call. */
  waitingReads: 65_536,
  /** What is written to see whether there is room: a disk with less than this counts as full. */
  probeBytes: 60_000,
  /** How long after a commit the store is believed to take the next. */
  provenMs: 10_000,
  /** How often that is tried while the store takes no commits. */
  probeEveryMs: 1_000,
} as const;

export const ledgerLimits = {
  /** Units of work that wait for a commit. */
  waitingUnits: 16_384,
  /** Units merged into one commit, whatever the store allows. */
  unitsPerCommit: 256,
  /** Tries of one commit while the store answers with errors, before its units fail as unavailable. */
  commitTries: 12,
  /** Times a batch is rebuilt because other processes wrote first, before its units decide again. */
  rebases: 64,
  /** Doublings of the wait between two rebuilds. */
  rebaseBackoffSteps: 1,
  /** Rebuilds without a wait: whoever has just lost is likely to be the only one who knows the fence. */
  promptRebases: 8,
  /** How long after a lost race a partition counts as contended: its winners let others go first. */
  contendedMs: 1_000,
  restCapMs: 50,
  /** Stores that take fewer checks in one commit are asked for each new order's reference instead. */
  checksForNewReferences: 50,
  /** Commit ids that a fence remembers. */
  commitsPerFence: 8,
  commitBackoff: { firstMs: 4, capMs: 1_000, jitter: 0.5 },
  /** Commits in flight at once. */
  commitsInFlight: 4,
} as const;

/** Units of work that one process leaves in the store for another that holds the fence. */
export const parcelLimits = {
  /** Units in one parcel, and its bytes. */
  units: 128,
  bytes: 250_000,
  /** Parcels of one process that wait for an answer, for each partition: while they do, the next one gathers. */
  inFlight: 2,
  /** Times one unit is offered, before it only races. */
  offersPerUnit: 8,
  /** Races that a batch loses one after another before it is offered. */
  lossesBeforeOffer: 3,
  /** How long after one was served the next batch is offered without a race. */
  servedMs: 1_000,
  /** How long offers rest at a partition where nobody has served one. */
  unservedMs: 500,
  /**
   * How long an owner waits to be served: so many times as long as that took lately, or as the offer did,
   * between two bounds.
   */
  patienceServings: 8,
  patienceCommits: 12,
  patienceMs: 250,
  patienceCapMs: 2_000,
  /** Rows of balances that the owner of a parcel reads along with its answer. */
  rowsWithAnswer: 4,
  /** How often the owner of a parcel looks whether it was served, and how often at most in all. */
  pollMs: 2,
  polls: 2_000,
  /** A parcel that was offered longer ago is not committed any more: nobody expects it. */
  staleMs: 10_000,
  /** How long an owner that has nothing to offer leaves the heads of answered parcels. */
  cleanMs: 2_000,
  /** After this the store itself drops what a process left behind that came to an end. */
  keptMs: 3_600_000,
  /** How long a holder that has said so looks for parcels, and after each, with or without commits of its own. */
  lingerMs: 50,
  /** The same where commits take long: so many times as long as the last. */
  lingerCommits: 6,
  lingerCapMs: 1_000,
  /** Between two such looks; and where nobody else is to be seen. */
  lookMs: 2,
  lookAloneMs: 100,
  /** How long others that were seen writing are expected to do so again. */
  othersMs: 1_000,
  /** Heads that one look reads, and parcels that it takes. */
  headsPerLook: 64,
  parcelsPerLook: 8,
  /** Ids of parcels that a holder has dealt with and will not take again. */
  remembered: 1_024,
  /** Commits of a holder that it knows the keys of: what was offered earlier it reads again. */
  commitsRemembered: 16,
  /** A head that a holder has seen answered for so long belongs to a process that came to an end. */
  answeredMs: 60_000,
} as const;

export const logLimits = {
  /** Log entries read at once by a consumer. */
  entriesPerRead: 64,
  /** How often a store that cannot ring a bell is asked for commits of other processes. */
  pollMs: 250,
  /** The same where a bell rings: only for the case that a ring was missed. */
  watchedPollMs: 1_000,
  /**
   * Log entries above this are stored compressed, in bytes. A batch of usual orders stays below it: to
   * compress it takes longer than to write it.
   */
  plainBytes: 180_000,
  /** Tries to handle one entry while the store is well, before it is set aside: about a minute. */
  poisonTries: 10,
  /** Between two tries. */
  retryBackoff: { firstMs: 250, capMs: 15_000, jitter: 0.5 },
  /** Entries set aside by one consumer that are listed, and of all consumers shown in the status. */
  setAsideListed: 1_000,
  setAsideShown: 20,
  /** Entries that wait for one follower; one that is further behind reads from the store. */
  waitingEntries: 128,
  /** Entries kept in memory for followers that are a little behind. */
  newestEntries: 32,
  /** Positions kept in memory to count how many entries a follower is behind. */
  recentPositions: 4_096,
  /** How often a projection's state is saved beside its position. */
  checkpointMs: 2_000,
} as const;

export const streamLimits = {
  /** Readers of the status stream in one process, and of one key. */
  readers: 2_000,
  readersPerKey: 1_500,
  /** Messages that may wait for one reader before it is dropped. */
  waitingMessages: 16_384,
  /** How long a resuming reader may take nothing before it is dropped. */
  stalledMs: 30_000,
  snapshotMs: 5_000,
  heartbeatMs: 15_000,
  retryMs: 1_000,
  /** Log entries that a resuming reader may be behind; older positions get a reset. */
  resumeEntries: 100_000,
} as const;

export const statusLimits = {
  /** Every so many log entries the status counters note the position. */
  entriesPerMark: 1_000,
  /** Seconds of which rates are counted; a minute, and some for clocks that differ. */
  secondsKept: 90,
  /** Minutes of which orders and units are kept: an hour, and some for clocks that differ. */
  minutesKept: 62,
  minutesShown: 60,
  /** Ids looked at in each list for the longest waiting. */
  oldestCandidates: 8,
  /** How long the longest waiting is believed. */
  oldestMs: 1_000,
  /** How long a status request waits for the counters to pass the last commit of its process. */
  waitMs: 1_000,
  metricsMs: 1_000,
} as const;

export const dashboardLimits = {
  /** How long a session lasts from its sign-in. */
  sessionMs: 12 * 3_600_000,
  /** A session that lasts longer than that, and than clocks of two processes differ, was not made here. */
  clocksApartMs: 5 * 60_000,
  /** Changes within this time are told to a page as one. */
  mergeMs: 400,
  /** How often a page is told that its numbers are still right; without it they count as stale. */
  beatMs: 5_000,
  formBytes: 256 * 1024,
  rowsPerPage: 50,
  /** Locations that a page offers to choose from, the rest is typed. */
  locations: 200,
  /** Locations whose oldest open fulfillment order the overview shows, and how long that is believed. */
  locationsWithAge: 20,
  ageMs: 5_000,
  /** Items of which a printed list says what they are called. */
  namedItems: 300,
  /** Events of an order on one page. */
  historyEvents: 100,
  /** Log entries looked through at once for the history of a stock row. */
  stockHistoryEntries: 2_000,
  /** Of those, read at once; and the changes of one page. */
  stockHistoryBatch: 50,
  stockHistoryChanges: 100,
  /** Stock rows looked through for one page of those that are low. */
  stockRowsScanned: 5_000,
  /** The beginning of a file that is sent for a preview, and what is shown of it. */
  previewBytes: 64 * 1024,
  previewRows: 8,
  importsShown: 20,
  /** Rejected rows that one download holds. */
  rejectedRows: 100_000,
} as const;

export const indexLimits = {
  /** Names of lists that are kept for each dimension, to be not made anew. */
  knownLists: 1_000,
  /** Ids in one page of a posting list. */
  idsPerPage: 64,
  /** Posting pages kept in memory by the index consumer. */
  cachedPages: 8_000,
  /** Pages of a posting list read at once by a list request, and by all of one request. */
  pagesPerRead: 8,
  pagesPerQuery: 4_000,
  /** The same for lists that share their pages with others. */
  sharedPagesPerRead: 64,
  /** Lists that customers share. Part of how a store is laid out: another number needs a new index. */
  customerLists: 64,
  /** Pages written in one commit of the index consumer, and how often it commits: the more at once, the cheaper. */
  pagesPerCommit: 600,
  commitEveryMs: 100,
  /** How long a list request waits for the index to pass the last commit of its process. */
  waitMs: 1_000,
  /** Channels looked through for an external id without its channel. */
  channelsPerLookup: 1_000,
  /** Documents that one list request may read before it answers with a short page. */
  documentsScannedPerPage: 2_000,
} as const;

export const placedLimits = {
  /** An order placed within this of when it is made here is found by its id; others stand in lists. */
  apartMs: 60_000,
  /** Days, and then months, that one request looks into one by one; a longer span looks into one long list. */
  days: 40,
  months: 40,
} as const;

export const backorderLimits = {
  /** Commits in which one order is given what arrived. */
  partsPerFill: 64,
  /** Lists of waiting orders read at once. */
  concurrentLists: 8,
  /** Waiting orders filled in one commit with the arrival. */
  ordersPerCommit: 50,
  /** Waiting orders looked at for one sku in one go; the rest follows in the next. */
  ordersPerFill: 500,
} as const;

export const timerLimits = {
  /** Commands in a row that one timer may carry out, for what goes on in several commits. */
  commandsPerTimer: 1_000,
  /** Due timers read at once. */
  timersRead: 100,
  concurrentTimers: 8,
  pollMs: 1_000,
  /** How long a woken process works on timers and consumers before it rests again. */
  catchUpMs: 45_000,
} as const;

export const shutdownLimits = {
  /** What is in flight may take so long after a signal, and then closing so long: five seconds in all. */
  inFlightMs: 2_500,
  closeMs: 2_000,
} as const;

export const importLimits = {
  /** Jobs that run at once in one process, and of those of one key; others wait. */
  runningJobs: 3,
  runningJobsPerKey: 2,
  waitingJobs: 100,
  rowCharacters: 64 * 1024,
  rowsPerOrder: 2_000,
  /** Orders placed at once by one job. */
  concurrentOrders: 64,
  mappingColumns: 64,
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
  errorsPerRow: 5,
  detailCharacters: 300,
  /** How often a running job says in the store that it runs. */
  heartbeatMs: 5_000,
  /** A job that has not said so for this long is shown as interrupted. */
  heartbeatLostMs: 30_000,
  /** How long jobs and their results are kept after their last change. */
  retentionMs: 30 * 24 * 3_600_000,
  /** Largest page of results, in UTF-16 code units of its JSON: with the job it fits one commit. */
  pageCharacters: 200_000,
  /** Tries to save a job's progress before the job is given up. */
  saveTries: 8,
} as const;

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
