/** The lanes of the outboxes that subjects list, each with the delivery that the composition root has for it. */
import { Context, Data, Effect, Layer } from "effect";
import type { Attempt, DeadLetter } from "../../src/outbound/message.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import type { LogTail } from "../log/log-tail.ts";
import type { Deliver } from "./held-lane.ts";
import { listAttempts, listDeadLetters } from "./lane-rows.ts";
import { type LaneRunner, type LaneState, runLane } from "./lane-runner.ts";

/** By the names of outboxes. */
export type Deliveries = Readonly<Record<string, Deliver>>;

export class UnknownLane extends Data.TaggedError("UnknownLane")<{ readonly lane: string }> {}

export class Outbound extends Context.Service<Outbound, {
  readonly lanes: () => readonly LaneState[];
  /** Messages after an id that nobody tries any more, in the order of their ids. */
  readonly deadLetters: (
    lane: string,
    after: string,
    limit: number,
  ) => Effect.Effect<readonly DeadLetter[], StoreError | UnknownLane>;
  /** The newest attempts that are kept, oldest first. */
  readonly attempts: (lane: string) => Effect.Effect<readonly Attempt[], StoreError | UnknownLane>;
  /** Has a dead letter sent again, with the same id and bytes, by the process that holds the lane. */
  readonly redeliver: (lane: string, id: string) => Effect.Effect<void, StoreError | UnknownLane>;
  /** Has a dead letter forgotten. */
  readonly dismiss: (lane: string, id: string) => Effect.Effect<void, StoreError | UnknownLane>;
}>()("allot/Outbound") {
  /** Fails as a defect when an outbox has no delivery: its messages would wait for ever. */
  static readonly layer = (
    deliveries: Deliveries,
  ): Layer.Layer<Outbound, never, Store | LogTail | Subjects | Identifiers> =>
    Layer.effect(Outbound, makeOutbound(deliveries));
}

const makeOutbound = Effect.fnUntraced(function* (deliveries: Deliveries) {
  const store = yield* Store;
  const { reactors } = yield* Subjects;
  const holder = (yield* Identifiers).commitId();
  const runners = new Map<string, LaneRunner>();
  for (const reactor of reactors.values()) {
    if (reactor.type !== "outbox") continue;
    const deliver = deliveries[reactor.name];
    if (deliver === undefined) throw new TypeError(`Nobody delivers for ${reactor.name}.`);
    runners.set(reactor.name, yield* runLane(reactor, deliver, holder));
  }

  const laneOf = (lane: string): Effect.Effect<LaneRunner, UnknownLane> => {
    const runner = runners.get(lane);
    return runner === undefined ? Effect.fail(new UnknownLane({ lane })) : Effect.succeed(runner);
  };

  return Outbound.of({
    lanes: () => [...runners.values()].map((runner) => runner.state()),
    deadLetters: (lane, after, limit) =>
      Effect.andThen(laneOf(lane), listDeadLetters(store, lane, after, limit)),
    attempts: (lane) => Effect.andThen(laneOf(lane), listAttempts(store, lane)),
    redeliver: (lane, id) =>
      Effect.flatMap(laneOf(lane), (runner) => runner.ask({ type: "redeliver", id })),
    dismiss: (lane, id) =>
      Effect.flatMap(laneOf(lane), (runner) => runner.ask({ type: "dismiss", id })),
  });
});
