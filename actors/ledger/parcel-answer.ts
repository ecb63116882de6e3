/** Waits until the fate of a parcel is certain, and takes back a parcel that nobody commits. */
import { Effect, Random, Result } from "effect";
import type { Key } from "../../src/kernel/key.ts";
import { ledgerLimits } from "./limits.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { answerWrites, headOf, type ParcelHead, reclaimWrites } from "../../src/store/parcel.ts";
import type { Entry, Store, StoreError, Versionstamp } from "../../src/store/store.ts";
import { backOff } from "./write-commit.ts";

/** The answer to a parcel. */
export type OfferAnswer =
  /** With the fences of its partitions, as young as that or younger, and rows as of the same moment. */
  | {
    readonly _tag: "Served";
    readonly versionstamp: Versionstamp;
    readonly fences: readonly Entry[];
    readonly rows: readonly Entry[];
  }
  | { readonly _tag: "Bounced"; readonly key: Key | undefined; readonly isStale: boolean }
  /** It was not committed, and will not be. */
  | { readonly _tag: "Reclaimed" }
  | { readonly _tag: "Unknown"; readonly detail: string };

export interface SentParcel {
  readonly place: string;
  readonly key: Key;
  readonly parts: number;
  readonly partitions: readonly string[];
  /** Keys of rows that it changes, when they are few. */
  readonly rows: readonly Key[];
  /** Null while it is not known whether the offer stands in the store. */
  readonly versionstamp: Versionstamp | null;
  /** Whether the store said that something is not as the units take it to be. */
  readonly refused: boolean;
  readonly sentAtMs: number;
}

/** How the owner of a parcel waits for its answer. */
interface AnswerWait {
  readonly store: Store["Service"];
  readonly nowMs: () => number;
  readonly sent: SentParcel;
  /** How long serving takes there, milliseconds: others that wait may learn it meanwhile. */
  readonly place: { readonly servingMs: number };
  /** After this the parcel is taken back, milliseconds. */
  readonly patienceMs: number;
  /** Whether the offer was seen in the store. */
  stands: boolean;
  reclaiming: boolean;
  failures: number;
  detail: string;
}

/** A parcel's head as it was read, with the values read along. */
interface SeenHead {
  readonly head: ParcelHead;
  readonly versionstamp: Versionstamp;
  readonly fences: readonly Entry[];
  readonly rows: readonly Entry[];
}

const patienceFor = Effect.fnUntraced(function* (servingMs: number, offerMs: number) {
  const longMs = Math.max(
    servingMs * parcelLimits.patienceServings,
    offerMs * parcelLimits.patienceCommits,
    parcelLimits.patienceMs,
  );
  return Math.min(longMs, parcelLimits.patienceCapMs) * (0.75 + 0.5 * (yield* Random.next));
});

const seenIn = (entries: readonly Entry[], fenceCount: number): SeenHead | null => {
  const [first, ...others] = entries;
  const head = first === undefined ? null : headOf(first);
  const versionstamp = first?.versionstamp ?? null;
  return head === null || versionstamp === null ? null : {
    head,
    versionstamp,
    fences: others.slice(0, fenceCount),
    rows: others.slice(fenceCount),
  };
};

/** Null while there is none. */
const answerOf = ({ head, versionstamp, fences, rows }: SeenHead): OfferAnswer | null => {
  switch (head.state) {
    case "withdrawn":
      return { _tag: "Reclaimed" };
    case "bounced":
      return { _tag: "Bounced", key: head.key, isStale: head.isStale === true };
    case "done":
      return fences.every((fence) => (fence.versionstamp ?? "") >= versionstamp)
        ? { _tag: "Served", versionstamp, fences, rows }
        : null;
    case "offered":
      return null;
  }
};

/** A call that took all the time it may is as bad as several that failed at once. */
const noteFailure = (wait: AnswerWait, { detail, reason }: StoreError): Effect.Effect<void> => {
  const pause = backOff(wait.failures);
  wait.detail = detail;
  wait.failures += reason === "unanswered"
    ? ledgerLimits.commitTries / ledgerLimits.unansweredTries
    : 1;
  return pause;
};

/** The offer may still arrive: a head that stands in its place keeps it out. */
const keepOut = Effect.fnUntraced(function* (wait: AnswerWait) {
  const { store, sent: { key } } = wait;
  const kept = yield* Effect.result(store.commit({
    checks: [{ key, versionstamp: null }],
    mutations: answerWrites(key, 0, { state: "withdrawn" }),
  }));
  if (Result.isFailure(kept)) yield* noteFailure(wait, kept.failure);
  else yield* backOff(wait.failures++);
});

/** Answers whether the parcel was taken back for sure. */
const reclaim = Effect.fnUntraced(function* (wait: AnswerWait, versionstamp: Versionstamp) {
  const { store, sent: { key, parts } } = wait;
  wait.reclaiming = true;
  const taken = yield* Effect.result(store.commit({
    checks: [{ key, versionstamp }],
    mutations: reclaimWrites(key, parts),
  }));
  if (Result.isSuccess(taken) && taken.success.ok) return true;
  if (Result.isFailure(taken)) yield* noteFailure(wait, taken.failure);
  else yield* backOff(wait.failures++);
  return false;
});

const sleepBetweenPolls = ({ nowMs, sent, place }: AnswerWait) => {
  // Clocks may be set meanwhile, so that the difference is anything.
  const leftMs = place.servingMs / 2 - Math.abs(nowMs() - sent.sentAtMs);
  return Effect.sleep(Math.max(parcelLimits.pollMs, leftMs));
};

/** Looks once; null while there is no answer. */
const poll = Effect.fnUntraced(function* (
  wait: AnswerWait,
  wanted: readonly Key[],
  isLate: boolean,
): Effect.fn.Return<OfferAnswer | null> {
  const { store, nowMs, sent, patienceMs } = wait;
  const read = yield* Effect.result(store.getMany(wanted));
  if (Result.isFailure(read)) {
    yield* noteFailure(wait, read.failure);
    return null;
  }
  const seen = seenIn(read.success, sent.partitions.length);
  if (seen === null) {
    if (wait.reclaiming) return { _tag: "Reclaimed" };
    if (wait.stands) return { _tag: "Unknown", detail: "The parcel that was left is gone." };
    yield* keepOut(wait);
    return null;
  }
  wait.stands = true;
  if (seen.head.state !== "offered") return answerOf(seen);
  if (isLate || nowMs() - sent.sentAtMs > patienceMs) {
    return (yield* reclaim(wait, seen.versionstamp)) ? { _tag: "Reclaimed" } : null;
  }
  yield* sleepBetweenPolls(wait);
  return null;
});

/** Waits until the fate of a parcel is certain, or for longer than any process should. */
export const awaitAnswer = Effect.fnUntraced(function* (
  { store, nowMs, sent, place }: Pick<AnswerWait, "store" | "nowMs" | "sent" | "place">,
): Effect.fn.Return<OfferAnswer> {
  const wanted = [sent.key, ...sent.partitions.map(keys.fence), ...sent.rows];
  const wait: AnswerWait = {
    store,
    nowMs,
    sent,
    place,
    patienceMs: yield* patienceFor(place.servingMs, Math.abs(nowMs() - sent.sentAtMs)),
    stands: sent.versionstamp !== null,
    reclaiming: false,
    failures: 0,
    detail: "It was never answered.",
  };
  for (
    let polls = 0;
    polls < parcelLimits.polls && wait.failures < ledgerLimits.commitTries;
    polls++
  ) {
    const answer = yield* poll(wait, wanted, polls > parcelLimits.polls / 2);
    if (answer !== null) return answer;
  }
  return { _tag: "Unknown", detail: wait.detail };
});
