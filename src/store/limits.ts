/** Every bound of the store, and of the machine's rows in it: the log, parcels, posting lists. */

export const storeLimits = {
  /** Tries of a call while another process holds the database file. */
  lockedTries: 60,
  /** How long they may take together; SQLite itself waits up to five seconds in each. */
  lockedMs: 5_000,
  lockedBackoffMs: 2,
  lockedBackoffCapMs: 200,
  /** How long a KV server may take to answer a call. */
  callMs: 5_000,
  /** How often calls are looked at for how long they have taken. */
  callTickMs: 500,
  /** Reads, and commits, that were given up and still go on: while there are so many, others fail at once. */
  callsGoingOn: 8,
  /** Calls that fail one after another, for no reason that is known, before the store is opened anew. */
  failuresBeforeReopening: 3,
  /** Between two openings; calls of the one before may go on. */
  reopenBackoff: { firstMs: 1_000, capMs: 300_000, jitter: 0.5 },
  /** How often a file is looked at: whether it is still the one at its path. */
  lookEveryMs: 1_000,
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
  /** Bytes written to see whether there is room: a disk with less counts as full. */
  probeBytes: 60_000,
  /** How long after a commit the store is believed to take the next. */
  provenMs: 10_000,
  /** How often that is tried while the store takes no commits. */
  probeEveryMs: 1_000,
  /** How far the clocks of two processes may be apart: values that expire are kept for so much longer. */
  clocksApartMs: 7 * 24 * 3_600_000,
} as const;

export const copyLimits = {
  /** Pages of a database that are copied in one step: more than any has, so that all are of one moment. */
  pages: 1_000_000_000,
} as const;

export const logLimits = {
  /** Log entries read at once by a consumer. */
  entriesPerRead: 64,
  /** Commits of a busy process that its consumers see together, instead of one after another. */
  commitsPerRead: 8,
  /** How often a store that cannot ring a bell is asked for commits of other processes. */
  pollMs: 250,
  /** How often a store that rings a bell is asked, in case a ring was missed. */
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
  /** Commits of a holder of which it remembers the time, over about that time. */
  commitTimes: 10,
  /** How long an owner that has nothing to offer leaves the heads of answered parcels. */
  cleanMs: 2_000,
  /** After this the store drops rows that a process left behind when it ended. */
  keptMs: 3_600_000,
  /** How long a holder that has said so looks for parcels, and after each, with or without commits of its own. */
  lingerMs: 50,
  /** Where commits take long, it looks for so many times as long as the last commit took. */
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
  /** Commits of a holder whose keys it remembers: it reads again for parcels that were offered earlier. */
  commitsRemembered: 16,
  /** A head that a holder has seen answered for so long belongs to a process that came to an end. */
  answeredMs: 60_000,
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
  /** Pages read at once of a list that shares its pages with others. */
  sharedPagesPerRead: 64,
  /** Pages written in one commit of the index consumer, and how often it commits: the more at once, the cheaper. */
  pagesPerCommit: 600,
  commitEveryMs: 100,
  /** Documents read at once to fill lists that came later, and the pause before that is tried again. */
  documentsPerFill: 100,
  fillAgainMs: 5_000,
  /** How long a list request waits for the index to pass the last commit of its process. */
  waitMs: 1_000,
  /** Documents that one list request may read before it answers with a short page. */
  documentsScannedPerPage: 2_000,
} as const;
