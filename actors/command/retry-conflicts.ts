/** Decides again when the facts of a decision have changed. */
import { Effect, Metric } from "effect";
import { actorLimits } from "../../src/kernel/limits.ts";
import { backOff } from "../../src/store/back-off.ts";
import { Conflict } from "../ledger/unit.ts";

/**
 * A request that lost its idempotency key to another has an answer to repeat, and nothing to decide again.
 */
const mayDecideAgain = (conflict: Conflict): boolean => conflict.key?.[0] !== "idempotency";

const conflicts = Metric.counter("allot_command_conflicts_total", {
  description:
    "Decisions that were taken again, or given up, since what they rested on had changed",
  incremental: true,
});

/** Shows that there were none yet: a rate needs a beginning. */
export const showConflicts: Effect.Effect<unknown> = Metric.value(conflicts);

/** Runs `attempt` again while it fails by conflict: a bounded number of times, with growing random pauses. */
export const retryConflicts = <A, E, R>(
  attempt: Effect.Effect<A, E | Conflict, R>,
): Effect.Effect<A, E | Conflict, R> => {
  const run = (tries: number): Effect.Effect<A, E | Conflict, R> =>
    Effect.catch(attempt, (error) => {
      if (!(error instanceof Conflict && mayDecideAgain(error))) return Effect.fail(error);
      const next = tries >= actorLimits.decisionTries
        ? Effect.fail(error)
        : Effect.andThen(backOff(actorLimits.decisionBackoff, tries), run(tries + 1));
      return Effect.andThen(Metric.update(conflicts, 1), next);
    });
  return run(0);
};
