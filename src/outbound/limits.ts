/** Every bound of messages to the outside. Each number is of one lane, unless it says something else. */
export const outboundLimits = {
  /** Lanes of all documents of all outboxes: so many one process runs. */
  documentLanes: 100,
  /** Messages that one process sends at once, over all lanes. */
  processSends: 64,
  /**
   * From so many units of work in one commit on, on the average, messages take less of this process, which then
   * begins to send so many of them in so many milliseconds. How much the last commit counts for the average, and
   * after how long without one there is nothing else to do.
   */
  strainedUnits: 12,
  strainedSends: 6,
  strainEveryMs: 20,
  strainWeight: 0.1,
  strainRestMs: 100,
  /** Messages being sent at once, and how long one attempt may take. */
  concurrency: 8,
  attemptMs: 15_000,
  /** How long one request over HTTP may take, with all that it takes: a little less. */
  postMs: 14_500,
  /** Messages in memory that are not settled, and the length of their bodies, before no more are taken. */
  window: 256,
  windowLength: 4 * 1024 * 1024,
  /** The same where only the newest of a key matters: keys that are marked, each without a body. */
  markedKeys: 10_000,
  /** Keys of one part of a sweep over all of them; no other is begun before these are told of. */
  keysPerSweep: 500,
  /** Of one record of the log; and of one body and key, in UTF-16 code units. */
  messagesPerRecord: 1_000,
  bodyLength: 20_480,
  keyLength: 300,
  /** How often what was settled is saved, and how much at most: so much a crash sends again. */
  saveEveryMs: 500,
  settledPerSave: 256,
  /** After this others do not wait for an answer: the message is stored, and the cursor passes it. */
  slowMs: 1_000,
  /** Rows written by one commit, and the length of their bodies. */
  rowsPerSave: 200,
  lengthPerSave: 150_000,
  /** Waits between the attempts to deliver one message: three days and some hours, as Standard Webhooks has it. */
  retryAfterMs: [
    5_000,
    5 * 60_000,
    30 * 60_000,
    2 * 3_600_000,
    5 * 3_600_000,
    10 * 3_600_000,
    14 * 3_600_000,
    20 * 3_600_000,
    24 * 3_600_000,
  ],
  /** The share by which chance makes a wait longer. */
  jitter: 0.2,
  /** The longest that the other side may ask to be left alone. */
  longestRestMs: 24 * 3_600_000,
  /** After an answer that asks for less, how long half as many messages are sent at once. */
  slowDownMs: 60_000,
  /**
   * Failures in a row, of so many keys, after which nobody seems to be there; or so long without a success,
   * for messages of more than one key.
   */
  failuresToOpen: 10,
  keysToOpen: 3,
  silenceToOpenMs: 30_000,
  silentKeysToOpen: 2,
  /** A lane of a document ends after so long without a success, and so many attempts. */
  silenceToEndMs: 5 * 24 * 3_600_000,
  attemptsToEnd: 20,
  /** Waits between the messages that are sent to see whether somebody answers again. */
  probeAfterMs: [5_000, 30_000, 2 * 60_000, 10 * 60_000, 30 * 60_000],
  /** Messages that wait in the store, and those that nobody tries any more, before no more are taken. */
  waitingRows: 10_000,
  deadLetters: 1_000,
  /** Rows read at once. */
  rowsPerRead: 50,
  /** How often somebody's requests for dead letters are looked for, and how many of them at once. */
  requestsEveryMs: 1_000,
  requestsPerLook: 20,
  /** Attempts kept of each save, on one page as long as they fit; so many pages, for so long. */
  attemptsPerPage: 100,
  attemptPageLength: 30_000,
  attemptPages: 10_000,
  attemptsKeptMs: 7 * 24 * 3_600_000,
  /** Pages that one look at attempts reads. */
  attemptPagesPerRead: 10,
  /** What is kept of why an attempt failed, in UTF-16 code units. */
  reasonLength: 100,
  /** Of a target's URL, characters. */
  urlLength: 2_000,
  /** Names being resolved at once, in one process. */
  lookups: 64,
  /** Addresses of one name that are tried, and how long each may take to take the connection. */
  addressesTried: 3,
  connectMs: 5_000,
  /** Connections to one address that are kept for the next request, and for how long. */
  idlePerAddress: 8,
  idleMs: 4_000,
  /** What is read of an answer: its head and its body. */
  answerHeadBytes: 16_384,
  answerBytes: 65_536,
  /** What is kept of its body, and of a header, in UTF-16 code units. */
  answerCharacters: 512,
  answerHeaderCharacters: 200,
  /** A process that holds a lane says so at least so often while there is something to do. */
  renewMs: 5_000,
  /** When it has said nothing for so long, another takes the lane over; it looks that often. */
  leaseMs: 15_000,
  watchEveryMs: 2_000,
  /** How often somebody who waits for lanes looks whether nothing is to be sent now. */
  restLookMs: 100,
} as const;
