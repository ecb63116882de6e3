/**
 * The actors of locations: each takes the changes that people make to its stock. A turn takes all that wait
 * and lets the ledger commit them together; the next turn begins when they are committed. Promises to orders
 * need no turn: they are holds in the stock book, taken in one tick.
 */
import { Context, Deferred, Duration, Effect, Layer, Queue, RcMap, type Scope } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { stockLimits } from "../../src/stock/limits.ts";
import { Overloaded } from "../ledger/unit.ts";

interface LocationActor {
  readonly mailbox: Queue.Queue<Effect.Effect<void>>;
}

const makeActor: Effect.Effect<LocationActor, never, Scope.Scope> = Effect.gen(function* () {
  const mailbox = yield* Queue.dropping<Effect.Effect<void>>(stockLimits.locationMailbox);
  const turn = Effect.flatMap(
    Queue.takeAll(mailbox),
    (messages) =>
      Effect.forEach(messages, (run) => run, { concurrency: "unbounded", discard: true }),
  );
  yield* Effect.forkScoped(Effect.forever(turn));
  return { mailbox };
});

export class LocationActors extends Context.Service<LocationActors, {
  /** Runs `change` in a turn of the location's actor. */
  readonly ask: <A, E>(
    locationId: string,
    change: Effect.Effect<A, E>,
  ) => Effect.Effect<A, E | Overloaded>;
  /** Live actors, for metrics. */
  readonly size: Effect.Effect<number>;
}>()("allot/LocationActors") {
  static readonly layer = Layer.effect(
    LocationActors,
    Effect.gen(function* () {
      const actors = yield* RcMap.make({
        lookup: (_locationId: string) => makeActor,
        idleTimeToLive: Duration.millis(stockLimits.locationIdleMs),
      });
      return LocationActors.of({
        ask: <A, E>(locationId: string, change: Effect.Effect<A, E>) =>
          // The reference keeps the actor alive until the answer is there.
          Effect.scoped(Effect.gen(function* () {
            const { mailbox } = yield* RcMap.get(actors, locationId);
            const answer = yield* Deferred.make<A, E>();
            const accepted = Queue.offerUnsafe(mailbox, Deferred.into(change, answer));
            if (!accepted) {
              return yield* new Overloaded({
                what: `changes of stock at location ${locationId}`,
                retryAfterSeconds: requestLimits.retryAfterSeconds,
              });
            }
            return yield* Deferred.await(answer);
          })),
        size: Effect.map(RcMap.keys(actors), (keys) => [...keys].length),
      });
    }),
  );
}
