import { Effect, Random } from "effect";
import { actorLimits } from "../../src/kernel/limits.ts";
import { Conflict } from "../ledger/unit.ts";

/** Whoever lost an idempotency key has lost it for good: there is an answer to repeat, not to decide anew. */
const mayDecideAgain = (conflict: Conflict): boolean => conflict.key?.[0] !== "idempotency";

/** Runs `attempt` again while it fails by conflict: a bounded number of times, with growing random pauses. */
export const retryConflicts = <A, E, R>(
  attempt: Effect.Effect<A, E | Conflict, R>,
): Effect.Effect<A, E | Conflict, R> => {
  const run = (tries: number): Effect.Effect<A, E | Conflict, R> =>
    Effect.catch(attempt, (error) => {
      const again = error instanceof Conflict && mayDecideAgain(error);
      if (!again || tries >= actorLimits.decisionTries) return Effect.fail(error);
      const longestMs = Math.min(
        actorLimits.decisionBackoffCapMs,
        actorLimits.decisionBackoffMs * 2 ** Math.min(tries, 16),
      );
      return Random.next.pipe(
        Effect.flatMap((random) => Effect.sleep(longestMs * random)),
        Effect.andThen(run(tries + 1)),
      );
    });
  return run(0);
};
