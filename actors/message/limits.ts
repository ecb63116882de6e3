/** Every bound of sending mail. */
export const mailLimits = {
  /** Connections to the mail server at once, and messages sent over one before another is opened. */
  connections: 4,
  messagesPerConnection: 100,
  /** How long the server may take to be reached, to greet, and to answer each command. */
  connectionMs: 10_000,
  greetingMs: 15_000,
  /** RFC 5321, section 4.5.3.2, has minutes for the end of a message: who ends early does not know what became of it. */
  socketMs: 120_000,
  /** A whole attempt, with the waits for a connection: who is so slow is given up. */
  attemptMs: 5 * 60_000,
  /** The lane waits longer: it must not end an attempt of which the outcome is about to be known. */
  laneAttemptMs: 6 * 60_000,
  /** Of what the server answered, that is kept. */
  answerLength: 300,
  /** RFC 5321, section 4.5.3.1.3. */
  addressLength: 254,
} as const;
