/** How often each fault was reached: a fault that never came has proved nothing. */

export const faultNames = [
  /** A commit that lost against another, or was told so. */
  "conflict",
  /** A call that found the database locked. */
  "locked",
  /** A commit for which the disk had no room. */
  "noRoom",
  /** A call that failed for another reason, and did nothing. */
  "brokenCall",
  /** A commit whose answer was an error or `ok: false` though it was applied. */
  "ambiguousCommit",
  /** One of those that the engine found applied, and answered as such. */
  "ambiguousCommitFound",
  /** A commit that was applied long after its answer was an error. */
  "lateCommit",
  /** A process that ended while it worked on a request. */
  "crashMidFlow",
  /** A large order whose allocation another life of a process went on with. */
  "resumedLargeOrder",
  /** Units of work that one process left in the store, and that another committed. */
  "parcelServed",
  /** The same, where the other found that they cannot be. */
  "parcelBounced",
  /** The same, where nobody took them until their owner lost patience. */
  "parcelReclaimed",
  /** An offer that its owner kept out, as its answer had been an error. */
  "parcelWithdrawn",
  /** A process that ended while a parcel of its own was waiting. */
  "ownerDiedWithParcel",
  /** A request that was refused because too much was waiting. */
  "backpressureRefusal",
  /** A reader of the status stream that was dropped. */
  "droppedSlowReader",
  /** A request that was sent again. */
  "repeatedRequest",
  /** A repeat that was answered with what was answered before. */
  "replayedAnswer",
  /** A client that did not learn what became of its request, at first. */
  "unknownOutcome",
  /** A call of the payment provider that did not arrive. */
  "providerCallLost",
  /** One that arrived when nobody waited for its answer any more. */
  "providerCallLate",
  /** One that arrived twice. */
  "providerCallRepeated",
  /** One that was answered, and nobody heard it. */
  "providerAnswerLost",
  /** One that the provider failed at, and fails at with this key for ever. */
  "providerFailureStored",
  /** One that the provider had to look at first. */
  "providerReview",
  /** One that it declined. */
  "providerDeclined",
  /** One whose process ended before the answer. */
  "crashMidProviderCall",
  /** A capture that was tried again by schedule, once it had failed. */
  "captureAgain",
  /** A customer who paid for an order that was cancelled already. */
  "latePayment",
  /** A return for which other goods were given. */
  "exchanged",
  /** Units on their way that an order was promised as it was placed, or as its turn came. */
  "promised",
  "promisedInTurn",
  /** Promised units that came, and became the order's. */
  "promisedArrived",
  /** A promise that became another: of other supply, or of the same at another time. */
  "promiseMoved",
  /** Promised units that will not come, for which there are no others. */
  "promiseLost",
] as const;
export type FaultName = (typeof faultNames)[number];

export type Reached = Record<FaultName, number>;

export const nothingReached = (): Reached =>
  Object.fromEntries(faultNames.map((name) => [name, 0])) as Reached;

export const addReached = (sum: Reached, more: Readonly<Reached>): void => {
  for (const name of faultNames) sum[name] += more[name];
};

export const notReached = (reached: Readonly<Reached>): readonly FaultName[] =>
  faultNames.filter((name) => reached[name] === 0);
