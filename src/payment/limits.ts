/** Every bound of payment providers and of calls to them. */
export const providerLimits = {
  providers: 50,
  /** The longest time in which one may say that it gives money back, in days. */
  refundWindowDays: 3_650,
  /** For one call, with all that it takes. */
  callMs: 20_000,
  /** Calls that one process makes at once. */
  concurrentCalls: 64,
  /** Of them, those to one provider: one that does not answer keeps no other waiting. */
  concurrentCallsPerProvider: 48,
  /** Calls that one look at what is due takes up, and how often is looked. */
  callsPerLook: 256,
  lookMs: 1_000,
  /** How long the others leave a call to the process that took it. */
  claimMs: 60_000,
  /** What says who made a call, after a crash. */
  claimsKeptMs: 24 * 3_600_000,
  /** Providers forget the keys of calls after a day: from here on one is asked before it is called. */
  keyKnownMs: 20 * 3_600_000,
  /** After so long a call that was sent has come, or never comes; and all that there is is found by a search. */
  arrivalMs: 5 * 60_000,
  searchLagMs: 15 * 60_000,
  /** What is read of an answer of Stripe, in UTF-16 code units; and payments found, things on a page, and pages. */
  stripeAnswerCharacters: 65_536,
  stripeFound: 10,
  stripePageSize: 25,
  stripePages: 40,
  /** A webhook: its bytes, how old it may be, and how many of them one process looks into at once. */
  webhookBytes: 262_144,
  webhookToleranceMs: 5 * 60_000,
  concurrentWebhooks: 32,
  /** Transactions of one payment that are looked up for a webhook. */
  looksPerWebhook: 20,
} as const;
