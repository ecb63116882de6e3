/** Decides again when the facts of a decision have changed. */
import { Effect } from "effect";
import { actorLimits } from "../../src/kernel/limits.ts";
import { backOff } from "../../src/store/back-off.ts";
import { Conflict } from "../ledger/unit.ts";

/**
 * A request that lost its idempotency key to another has an answer to repeat, and nothing to decide again.
 */
const mayDecideAgain = (conflict: Conflict): boolean => conflict.key?.[0] !== "idempotency";

/** Runs `attempt` again while it fails by conflict: a bounded number of times, with growing random pauses. */
export const retryConflicts = <A, E, R>(
  attempt: Effect.Effect<A, E | Conflict, R>,
): Effect.Effect<A, E | Conflict, R> => {
  const run = (tries: number): Effect.Effect<A, E | Conflict, R> =>
    Effect.catch(attempt, (error) => {
      const again = error instanceof Conflict && mayDecideAgain(error);
      if (!again || tries >= actorLimits.decisionTries) return Effect.fail(error);
      return Effect.andThen(backOff(actorLimits.decisionBackoff, tries), run(tries + 1));
    });
  return run(0);
};
