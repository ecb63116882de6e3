/** Writes one commit until it is certain whether it happened. */
import { Clock, Effect, Metric, Result } from "effect";
import type { Key } from "../../src/kernel/key.ts";
import { msOfNanos } from "../../src/kernel/instant.ts";
import { ledgerLimits } from "./limits.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { backOff as backOffBy } from "../../src/store/back-off.ts";
import { type Commit, Store, type StoreError, type StoreTrouble } from "../../src/store/store.ts";
import type { WaitingUnit } from "./batch.ts";
import { type CommitOutcome, findOutcome, type Partition } from "./fences.ts";
import { Unavailable } from "./unit.ts";

/** How a commit ended: it happened, others were first, or keys were not as its units took them to be. */
export type Written =
  | Exclude<CommitOutcome, { readonly _tag: "Untouched" }>
  | { readonly _tag: "Present"; readonly keys: ReadonlySet<Key> }
  /** The store turned out to take fewer checks than this commit has. */
  | { readonly _tag: "TooManyChecks" };

const retriedCommits = Metric.counter("allot_ledger_retried_commits_total", {
  description: "Commits tried again after the store failed to answer",
  incremental: true,
});

/** Shows that there were none yet: a rate needs a beginning. */
export const showRetriedCommits: Effect.Effect<unknown> = Metric.value(retriedCommits);

const commitSeconds = Metric.histogram("allot_ledger_commit_duration_seconds", {
  description: "Time from a commit's beginning until it was certain that it happened",
  boundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

/** Between half and the whole of an exponentially growing wait. */
export const backOff = (failures: number): Effect.Effect<void> =>
  backOffBy(ledgerLimits.commitBackoff, failures);

/** Keys that units of the batch took for absent, and that are there; and parcels that are not as offered. */
const present = Effect.fnUntraced(function* (
  batch: readonly WaitingUnit[],
): Effect.fn.Return<ReadonlySet<Key>, StoreError, Store> {
  const store = yield* Store;
  const wanted = batch.flatMap(({ unit, claim }) => [
    ...(unit.absent ?? []).map((key) => ({ key, versionstamp: null })),
    ...(claim === undefined ? [] : [claim]),
  ]);
  const entries = yield* store.getMany(wanted.map(({ key }) => key));
  const changed = wanted.filter(({ versionstamp }, index) =>
    entries[index] !== undefined && entries[index].versionstamp !== versionstamp
  );
  return new Set(changed.map(({ key }) => key));
});

/**
 * Whether to try again helps nobody: it makes no room and brings no file back, the store has waited for the
 * lock, and others wait behind this. A lost request is sent once more, as far as the store still answers reads.
 */
const isHopeless = (reason: StoreTrouble | undefined, attempt: number): boolean =>
  reason === "full" || reason === "locked" || reason === "gone" ||
  (reason === "unanswered" && attempt + 1 >= ledgerLimits.unansweredTries);

const monotonicMs = (clock: Clock.Clock): number => msOfNanos(clock.monotonicTimeNanosUnsafe());

/** Tries a commit again while the store does not say whether it happened, for a while. */
export const writeCommit = Effect.fnUntraced(function* (
  commitId: string,
  commit: Commit,
  batch: readonly WaitingUnit[],
  seen: readonly Partition[],
): Effect.fn.Return<Written, Unavailable, Store> {
  const store = yield* Store;
  const clock = yield* Clock.Clock;
  const startedMs = monotonicMs(clock);
  let detail = "";
  let reason: StoreTrouble | undefined;
  for (let attempt = 0; attempt < ledgerLimits.commitTries; attempt++) {
    const answer = yield* Effect.result(store.commit(commit));
    if (Result.isSuccess(answer) && answer.success.ok) {
      yield* Metric.update(commitSeconds, (monotonicMs(clock) - startedMs) / 1_000);
      return { _tag: "Committed", versionstamp: answer.success.versionstamp };
    }
    if (Result.isFailure(answer)) {
      ({ detail, reason } = answer.failure);
      if (commit.checks.length > store.limits.checks) return { _tag: "TooManyChecks" };
    } else reason = undefined;
    const outcome = yield* Effect.result(
      findOutcome(commitId, seen),
    );
    if (Result.isSuccess(outcome)) {
      if (outcome.success._tag !== "Untouched") return outcome.success;
      const found = yield* Effect.result(present(batch));
      if (Result.isSuccess(found) && found.success.size > 0) {
        // Was it this very commit that changed them, late? Then the fences show it by now.
        const now = yield* Effect.result(
          findOutcome(commitId, seen),
        );
        if (Result.isSuccess(now)) {
          return now.success._tag === "Untouched"
            ? { _tag: "Present", keys: found.success }
            : now.success;
        }
      }
    } else {
      ({ detail } = outcome.failure);
      if (outcome.failure.reason === "unanswered" || outcome.failure.reason === "gone") {
        ({ reason } = outcome.failure);
        break;
      }
    }
    if (isHopeless(reason, attempt)) break;
    if (monotonicMs(clock) - startedMs >= ledgerLimits.commitMs) break;
    yield* Metric.update(retriedCommits, 1);
    yield* backOff(attempt);
  }
  return yield* new Unavailable({
    detail: `The store does not confirm commits: ${detail}`,
    reason,
    retryAfterSeconds: requestLimits.retryAfterSeconds,
  });
});
