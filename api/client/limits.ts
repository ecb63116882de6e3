/** How long and how often the client tries. */

export const clientLimits = {
  /** Times that a call is sent: after that its failure is told. */
  attempts: 6,
  /** For one answer to come whole, or to begin where it is a stream. */
  attemptMs: 60_000,
  /** The longest wait before the second attempt; it doubles with each. */
  firstWaitMs: 250,
  /** Between two attempts. Who says to come back later than that is not asked again. */
  longestWaitMs: 30_000,
  /** How long the engine may hold a request for events; it takes no more. */
  eventWaitSeconds: 30,
  /** Characters of an answer that is no problem object, such as a proxy's page, in an error. */
  quotedCharacters: 500,
} as const;
