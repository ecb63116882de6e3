/**
 * The lanes of the outboxes that subjects list, one for each outbox or one for each document of it, with the
 * delivery that the composition root has for them.
 */
import { Clock, Context, Data, Effect, Layer, type Scope } from "effect";
import type { DeadLetter, Waiting } from "../../src/outbound/message.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { documentOfLane, noPlace, outboxOfLane } from "../../src/outbound/place.ts";
import type { LaneRequest } from "../../src/outbound/request.ts";
import { SharedEvents, sourceOf } from "../../src/outbound/source.ts";
import { type LaneState, stateOf } from "../../src/outbound/state.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import type { DocumentOutbox, Outbox } from "../../src/subject/reactor.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { Ledger } from "../ledger/ledger.ts";
import { LogTail } from "../log/log-tail.ts";
import { References } from "../reference/references.ts";
import { DocumentLanes } from "./document-lanes.ts";
import type { Delivery } from "./held-lane.ts";
import { LaneBoard } from "./lane-board.ts";
import {
  ask,
  type AttemptsOfPage,
  listAttemptPages,
  listDeadLetters,
  listRequests,
  listWaitingAfter,
} from "./lane-rows.ts";
import { laneCursor, LaneRunner, runLane, type RunnerOptions } from "./lane-runner.ts";
import { Sends } from "./sends.ts";

/** By the names of outboxes. */
export type Deliveries = Readonly<Record<string, Delivery>>;

export class UnknownLane extends Data.TaggedError("UnknownLane")<{ readonly lane: string }> {}

type Read<A> = Effect.Effect<A, StoreError | UnknownLane>;

export class Outbound extends Context.Service<Outbound, {
  /** The lanes of this process, whether or not it holds them. */
  readonly lanes: () => readonly LaneState[];
  /** How a lane does, also of a document that is closed. */
  readonly lane: (lane: string) => Read<LaneState>;
  /** Messages after an id that are to be sent again by themselves, in the order of their ids. */
  readonly waiting: (lane: string, after: string, limit: number) => Read<readonly Waiting[]>;
  /** Messages after an id that nobody tries any more, in the order of their ids. */
  readonly deadLetters: (
    lane: string,
    after: string,
    limit: number,
  ) => Read<readonly DeadLetter[]>;
  /** Pages of attempts before a number, as many as one look reads, the newest first. */
  readonly attempts: (lane: string, before: number | null) => Read<readonly AttemptsOfPage[]>;
  /** Requests that the holder of the lane has not carried out. */
  readonly requests: (lane: string) => Read<readonly LaneRequest[]>;
  /** Asks the process that holds the lane for something. */
  readonly ask: (lane: string, request: LaneRequest) => Read<void>;
  /** Has a dead letter sent again, with the same id and bytes, by the process that holds the lane. */
  readonly redeliver: (lane: string, id: string) => Read<void>;
  /** Has a dead letter forgotten. */
  readonly dismiss: (lane: string, id: string) => Read<void>;
  /** Completes when nothing is to be sent now of what the log has by then. */
  readonly caughtUp: Effect.Effect<void>;
}>()("allot/Outbound") {
  /**
   * Fails as a defect when an outbox has no delivery: its messages would wait for ever. `runs` is false in a
   * process that leaves all of it to others.
   */
  static readonly layer = <R = never>(
    deliveries: Deliveries | Effect.Effect<Deliveries, never, R>,
    runs = true,
  ): Layer.Layer<
    Outbound,
    never,
    | Store
    | LogTail
    | References
    | Subjects
    | Identifiers
    | LaneBoard
    | Ledger
    | Exclude<R, Scope.Scope>
  > =>
    Layer.effect(
      Outbound,
      Effect.flatMap(
        Effect.isEffect(deliveries) ? deliveries : Effect.succeed(deliveries),
        (known) => makeOutbound(known, runs),
      ),
    );
}

/** Null for an optional outbox that nobody delivers for. */
const deliveryOf = (deliveries: Deliveries, outbox: Outbox | DocumentOutbox): Delivery | null => {
  const { name } = outbox;
  const found = deliveries[name];
  if (found === undefined) {
    if (outbox.type === "outbox" && outbox.isOptional) return null;
    throw new TypeError(`Nobody delivers for ${name}.`);
  }
  const isLatest = outbox.type === "document outbox" && outbox.latest !== undefined;
  if (isLatest !== (found.latest !== null)) {
    throw new TypeError(`The delivery for ${name} is one of lanes of another kind.`);
  }
  return found;
};

const runOutbox = Effect.fnUntraced(function* (
  outbox: Outbox,
  options: RunnerOptions,
): Effect.fn.Return<LaneRunner, never, Scope.Scope> {
  const runner = new LaneRunner(options, sourceOf(outbox));
  yield* runLane(runner);
  // Before the lane is interrupted: what is under way comes to its end.
  yield* Effect.addFinalizer(() => runner.state().isHeld ? runner.finish : Effect.void);
  return runner;
});

/** Throws TypeError for more lanes than one process runs. */
const requireRoom = (outboxes: readonly DocumentOutbox[]): void => {
  const lanes = outboxes.reduce((sum, { reference: { limit } }) => sum + limit, 0);
  if (lanes > outboundLimits.documentLanes) {
    throw new TypeError(`There may be ${lanes} lanes, more than ${outboundLimits.documentLanes}.`);
  }
};

/** Runs every lane, and answers with those that there are now. */
const runLanes = Effect.fnUntraced(function* (deliveries: Deliveries) {
  const store = yield* Store;
  const tail = yield* LogTail;
  const subjects = yield* Subjects;
  const holder = (yield* Identifiers).commitId();
  const sends = new Sends();
  (yield* Ledger).onWrite(({ records }) => sends.commits(records.length));
  yield* Effect.forkScoped(sends.pace);
  const events = new SharedEvents(subjects);
  const fixed: LaneRunner[] = [];
  const changing: DocumentLanes[] = [];
  const outboxes = [...subjects.reactors.values()];
  requireRoom(outboxes.filter((each) => each.type === "document outbox"));
  for (const outbox of outboxes) {
    if (outbox.type !== "outbox" && outbox.type !== "document outbox") continue;
    const delivery = deliveryOf(deliveries, outbox);
    if (delivery === null) continue;
    const options = { store, tail, delivery, sends, holder };
    if (outbox.type === "outbox") fixed.push(yield* runOutbox(outbox, options));
    else {
      const references = yield* References;
      const lanes = new DocumentLanes({ ...options, references, outbox, events });
      changing.push(lanes);
      yield* Effect.forkScoped(lanes.run);
    }
  }
  return () => [...fixed, ...changing.flatMap(({ runners }) => runners)];
});

const noRunners = Effect.succeed((): readonly LaneRunner[] => []);

const makeOutbound = Effect.fnUntraced(function* (deliveries: Deliveries, runs: boolean) {
  const store = yield* Store;
  const tail = yield* LogTail;
  const { reactors } = yield* Subjects;
  const board = yield* LaneBoard;
  const runners = yield* runs ? runLanes(deliveries) : noRunners;
  const states = () => runners().map((runner) => runner.state());
  board.show(states);

  const known = <A>(lane: string, read: Effect.Effect<A, StoreError>): Read<A> => {
    const type = reactors.get(outboxOfLane(lane))?.type;
    const isOne = documentOfLane(lane) === null ? type === "outbox" : type === "document outbox";
    return isOne ? read : Effect.fail(new UnknownLane({ lane }));
  };

  const stored = Effect.fnUntraced(function* (lane: string) {
    const cursor = laneCursor(store, lane);
    yield* cursor.read;
    return stateOf(lane, cursor.place ?? noPlace, null);
  });

  const caughtUp = Effect.gen(function* () {
    const upTo = tail.committedPosition();
    while (true) {
      const nowMs = yield* Clock.currentTimeMillis;
      if (runners().every((runner) => runner.isAtRest(upTo, nowMs))) return;
      yield* Effect.sleep(outboundLimits.restLookMs);
    }
  });

  return Outbound.of({
    lanes: states,
    lane: (lane) => {
      const running = states().find(({ name }) => name === lane);
      return running === undefined ? known(lane, stored(lane)) : Effect.succeed(running);
    },
    waiting: (lane, after, limit) => known(lane, listWaitingAfter(store, lane, after, limit)),
    deadLetters: (lane, after, limit) => known(lane, listDeadLetters(store, lane, after, limit)),
    attempts: (lane, before) => known(lane, listAttemptPages(store, lane, before)),
    requests: (lane) => known(lane, listRequests(store, lane)),
    ask: (lane, request) => known(lane, ask(store, lane, request)),
    redeliver: (lane, id) => known(lane, ask(store, lane, { type: "redeliver", id })),
    dismiss: (lane, id) => known(lane, ask(store, lane, { type: "dismiss", id })),
    caughtUp,
  });
});
