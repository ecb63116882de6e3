/** Every bound of what peers may ask for and take. */

/** Bounds of a page of a list. */
export const pageLimits = {
  /** Characters of a page: one that has so many ends, with as many rows as it has. */
  pageCharacters: 512 * 1024,
  /** Such pages that are made at once in one process, and for one key; others wait, so many at most. */
  turns: { total: 4, perKey: 3, waiting: 4_096 },
  /** Rows that are read first, and how many times as many then: rows can be large. */
  rowsOfFirstPart: 4,
  partGrowth: 4,
  /** Behind a row of so many, others are let in. */
  largeRowCharacters: 16 * 1024,
  /** Documents read at once, and at most, for a page of those that were saved within a span. */
  documentsPerLook: 200,
  documentsLookedAt: 2_000,
} as const;

/** Bounds of answers that clients do not take. */
export const answerLimits = {
  /** An answer of more characters is written in pieces of so many. */
  pieceCharacters: 64 * 1024,
  /** Characters of all such answers in one process; one key has its share. */
  characters: 32 * 1024 * 1024,
  /** How long it may take until such an answer was taken. */
  takenMs: 60_000,
} as const;

/** Bounds of peers before they have said who they are, and of the time that they may take to say anything. */
export const connectionLimits = {
  /** Connections of one process. For one more, those that have been quiet longest are closed. */
  connections: 6_000,
  /** Open files that are left for the store and for everything else that the process opens. */
  reservedFiles: 128,
  /** Connections closed at once to make room. */
  closedAtOnce: 64,
  /** How long the first head of a connection may take. */
  headMs: 15_000,
  /**
   * How long a connection may stay without a request; longer than proxies keep theirs, so that these close
   * first.
   */
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

/** How often keys that are nobody's may be tried, and how often that is told. */
export const attemptLimits = {
  /** From one address: so many at once, and then one in each interval. */
  ofAddress: { burst: 10, intervalMs: 1_000 },
  ofAll: { burst: 200, intervalMs: 20 },
  /** How long the answer to a wrong key is held back; where it would be longer, 429 comes at once. */
  waitMs: 2_000,
  /** Addresses that are told apart: of more, those that tried longest ago are forgotten. */
  addresses: 4_096,
  /** How often the log is told, and how many addresses it is told of. */
  tellMs: 10_000,
  addressesTold: 8,
} as const;

/** Bounds of a body while it arrives. */
export const bodyLimits = {
  /** Bodies that are being read as a whole in one process: for one more, the oldest is given up. */
  arriving: 1_024,
  /** How long a body may take that is read as a whole. */
  arrivalMs: 30_000,
  /** A body that is read as it comes may keep its reader waiting so long, and a second more for so many bytes. */
  waitMs: 30_000,
  bytesPerSecond: 1_024,
  /**
   * Chunks that are taken however small they are; with more of them, each must hold so many bytes on average.
   */
  chunks: 4_096,
  bytesPerChunk: 8,
  /** Bytes that are read at once. */
  bufferBytes: 16 * 1024,
  /** After so many chunks others are let in, since chunks that are here already come without a wait. */
  chunksInTurn: 64,
  /** A body that says it is no larger is read without being counted. */
  smallBytes: 16 * 1024,
  /** Bytes of all larger bodies that are being read as a whole in one process; one key has its share. */
  bytesInArrival: 32 * 1024 * 1024,
  /** How often late bodies are looked for. */
  sweepMs: 1_000,
} as const;

/** Bounds of compression, of what leaves and of what comes. */
export const compressionLimits = {
  /** An answer of fewer characters is sent as it is. */
  fromCharacters: 2_048,
  /** How hard zlib tries: for an answer that is made for one, and for a document that is kept. */
  level: 4,
  documentLevel: 9,
  /** A compressed body comes out in pieces of at most so many bytes. */
  pieceBytes: 64 * 1024,
  /** It may become so many times as large as it came, once it is larger than so many bytes. */
  expansion: 200,
  expansionFromBytes: 1024 * 1024,
} as const;

export const processLimits = {
  /** How often it is looked whether the process is held up. */
  loopTickMs: 100,
  /** How long metrics wait for what has to be read from the store. */
  measureMs: 1_000,
} as const;

/** Bounds of the access log. */
export const loggingLimits = {
  /** Characters that may wait to be written: more are dropped. */
  waitingCharacters: 1024 * 1024,
  /** Lines that come within so long are written at once. */
  gatherMs: 50,
  pathCharacters: 256,
} as const;

/** Bounds of what is sent to an OpenTelemetry collector. */
export const telemetryLimits = {
  exportEveryMs: 10_000,
  spansPerExport: 1_000,
  /** How long a collector may take for one export. */
  exportMs: 10_000,
  /** How long the last export may take when the process ends. */
  closeMs: 500,
} as const;

export const shutdownLimits = {
  /** How long requests in flight may take after a signal, and then closing: five seconds in all. */
  inFlightMs: 2_500,
  closeMs: 2_000,
} as const;
