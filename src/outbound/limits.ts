/** Every bound of messages to the outside. Each number is of one lane. */
export const outboundLimits = {
  /** Messages being sent at once, and how long one attempt may take. */
  concurrency: 8,
  attemptMs: 15_000,
  /** Messages in memory that are not settled, and the length of their bodies, before no more are taken. */
  window: 256,
  windowLength: 4 * 1024 * 1024,
  /** Of one record of the log; and of one body and key, in UTF-16 code units. */
  messagesPerRecord: 1_000,
  bodyLength: 20_000,
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
  /** Failures in a row, of so many keys, after which nobody seems to be there. */
  failuresToOpen: 10,
  keysToOpen: 3,
  /** Waits between the messages that are sent to see whether somebody answers again. */
  probeAfterMs: [5_000, 30_000, 2 * 60_000, 10 * 60_000, 30 * 60_000],
  /** Messages that wait in the store, and those that nobody tries any more, before no more are taken. */
  waitingRows: 2_000,
  deadLetters: 1_000,
  /** Rows read at once. */
  rowsPerRead: 50,
  /** How often somebody's requests for dead letters are looked for, and how many of them at once. */
  requestsEveryMs: 1_000,
  requestsPerLook: 20,
  /** Attempts kept: the newest of each save, on so many pages. */
  attemptsPerPage: 100,
  attemptPages: 50,
  /** What is kept of why an attempt failed, in UTF-16 code units. */
  reasonLength: 100,
  /** A process that holds a lane says so at least so often while there is something to do. */
  renewMs: 5_000,
  /** When it has said nothing for so long, another takes the lane over; it looks that often. */
  leaseMs: 15_000,
  watchEveryMs: 2_000,
} as const;
