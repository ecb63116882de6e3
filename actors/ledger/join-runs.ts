/** Joins concurrent runs of one effect whose answer serves all callers from before the run began. */
import { Deferred, Effect, Scope } from "effect";

/**
 * While a run is under way, fibers that ask wait together for the next one: so each gets an answer that was
 * found after it asked, and at most one run is under way and one is waiting.
 */
export const joinRuns = <A, E>(
  run: Effect.Effect<A, E>,
): Effect.Effect<Effect.Effect<A, E>, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    let running = false;
    let next: Deferred.Deferred<A, E> | null = null;

    const start: Effect.Effect<void> = Effect.suspend(() => {
      const answer = next;
      next = null;
      if (answer === null) {
        running = false;
        return Effect.void;
      }
      return Effect.flatMap(Effect.exit(run), (exit) =>
        Effect.andThen(Deferred.done(answer, exit), start));
    });

    return Effect.suspend(() => {
      const answer = next ?? Deferred.makeUnsafe<A, E>();
      next = answer;
      if (running) {
        return Deferred.await(answer);
      }
      running = true;
      return Effect.andThen(Effect.forkIn(start, scope), Deferred.await(answer));
    });
  });
