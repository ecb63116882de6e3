/**
 * A lane in this process: holds it, or looks whether another process does. The cursor of the lane is its
 * lease: who moves it holds it, and who finds it unmoved for a while although there is something to do takes
 * it over by moving it. No clock of another process is believed.
 */
import { Clock, Effect, Exit, Random, type Scope } from "effect";
import { logLimits } from "../../src/store/limits.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { messagesOf } from "../../src/outbound/entry-messages.ts";
import { backOff } from "../../src/store/back-off.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import type { Outbox } from "../../src/subject/reactor.ts";
import { Cursor } from "../log/cursor.ts";
import { LogTail, type Progress } from "../log/log-tail.ts";
import { asideInStore } from "../log/set-aside.ts";
import type { Deliver } from "./held-lane.ts";
import { type Hold, hold, noPlace } from "./lane-hold.ts";
import { type LanePlace, type LaneRequest, listRequests, requestName } from "./lane-rows.ts";

export interface LaneState {
  readonly name: string;
  /** Whether this process holds the lane. */
  readonly isHeld: boolean;
  readonly position: string;
  /** Messages that are not settled; of a lane that another process holds, those that wait in the store. */
  readonly messages: number;
  /** Null of a lane that another process holds. */
  readonly deadLetters: number | null;
  /** Since when nobody answers at the other end, epoch milliseconds; null while somebody does. */
  readonly failingSinceMs: number | null;
}

export class LaneRunner {
  readonly cursor: Cursor<LanePlace>;
  #hold: Hold | null = null;

  constructor(
    readonly store: Store["Service"],
    readonly tail: LogTail["Service"],
    readonly outbox: Outbox,
    readonly deliver: Deliver,
    /** The name of this process. */
    readonly holder: string,
  ) {
    this.cursor = new Cursor(store, outbox.name);
  }

  state(): LaneState {
    const { position, waiting, failing } = this.cursor.place ?? noPlace;
    const lane = this.#hold?.lane;
    return {
      name: this.outbox.name,
      isHeld: lane !== undefined,
      position,
      messages: lane?.depth ?? waiting,
      deadLetters: lane?.deadLetters ?? null,
      failingSinceMs: (lane === undefined ? failing : lane.failing)?.sinceMs ?? null,
    };
  }

  progress(): Progress {
    const { position, atMs } = this.cursor.place ?? noPlace;
    return this.#hold?.lane.progress() ?? { position, atMs };
  }

  readonly ask = (request: LaneRequest): Effect.Effect<void, StoreError> =>
    Effect.asVoid(this.store.commit({
      checks: [],
      mutations: [{
        type: "set",
        key: keys.laneRequest(this.outbox.name, requestName(request)),
        value: encodeJson(request),
      }],
    }));

  /** Has the messages of an entry sent that was left out, if there are any now. */
  readonly again = (entry: LogEntry): Effect.Effect<void, StoreError> =>
    Effect.suspend(() =>
      messagesOf(this.outbox, entry).length === 0
        ? Effect.void
        : this.ask({ type: "take", position: entry.position })
    );

  /** Holds the lane whenever no other process does. */
  readonly run = Effect.fnUntraced(function* (
    this: LaneRunner,
  ): Effect.fn.Return<void, StoreError> {
    while (true) {
      const { store, tail, outbox, deliver, cursor, holder } = this;
      const heldSinceMs = yield* this.#claim();
      yield* hold(
        { store, tail, outbox, deliver, cursor, holder, heldSinceMs },
        (holding) => {
          this.#hold = holding;
        },
      );
    }
  }).bind(this);

  /** Completes when this process holds the lane; answers since when. */
  readonly #claim = Effect.fnUntraced(function* (
    this: LaneRunner,
  ): Effect.fn.Return<number, StoreError> {
    const { cursor, holder } = this;
    let heardAtMs = Number.NEGATIVE_INFINITY;
    let seen: string | null = "";
    while (true) {
      yield* cursor.read;
      const place = cursor.place ?? noPlace;
      const nowMs = yield* Clock.currentTimeMillis;
      if (seen !== cursor.versionstamp || !(yield* this.#isWanted(place))) heardAtMs = nowMs;
      // After its clock was set back, nobody is taken for silent.
      if (nowMs < heardAtMs) heardAtMs = nowMs;
      seen = cursor.versionstamp;
      if (place.holder === null || nowMs - heardAtMs >= outboundLimits.leaseMs) {
        if (yield* cursor.move({ ...place, holder, moves: place.moves + 1 }, [])) return nowMs;
      } else {
        yield* Effect.sleep(outboundLimits.watchEveryMs * (0.5 + 0.5 * (yield* Random.next)));
      }
    }
  }).bind(this);

  /** Whether the lane has anything to do: only then its holder must say that it is there. */
  readonly #isWanted = Effect.fnUntraced(function* (this: LaneRunner, place: LanePlace) {
    return place.waiting > 0 || this.tail.position() > place.position ||
      (yield* listRequests(this.store, this.outbox.name)).length > 0;
  }).bind(this);
}

export const runLane = Effect.fnUntraced(function* (
  outbox: Outbox,
  deliver: Deliver,
  holder: string,
): Effect.fn.Return<LaneRunner, never, Store | LogTail | Scope.Scope> {
  const store = yield* Store;
  const tail = yield* LogTail;
  const runner = new LaneRunner(store, tail, outbox, deliver, holder);
  const { name } = outbox;
  yield* tail.listed({
    name,
    progress: () => runner.progress(),
    aside: asideInStore(store, name),
    again: runner.again,
  });
  const running = Effect.gen(function* () {
    for (let failures = 0;; failures++) {
      const exit = yield* Effect.exit(runner.run());
      if (Exit.hasInterrupts(exit)) return;
      yield* Effect.logWarning(`The lane ${name} rests for a moment`, exit);
      yield* backOff(logLimits.retryBackoff, failures);
    }
  });
  yield* Effect.forkScoped(running);
  return runner;
});
