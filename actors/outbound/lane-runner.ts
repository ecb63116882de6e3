/**
 * A lane in this process: holds it, or looks whether another process does. The cursor of the lane is its
 * lease: who moves it holds it, and who finds it unmoved for a while although there is something to do takes
 * it over by moving it. No clock of another process is believed.
 */
import { Clock, Effect, Exit, Latch, Random, type Scope } from "effect";
import { logLimits } from "../../src/store/limits.ts";
import { elapsedMs } from "../../src/kernel/instant.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { type LanePlace, noPlace, placeAt } from "../../src/outbound/place.ts";
import type { LaneRequest } from "../../src/outbound/request.ts";
import type { LaneSource } from "../../src/outbound/source.ts";
import { type LaneState, stateOf } from "../../src/outbound/state.ts";
import { backOff } from "../../src/store/back-off.ts";
import type { LogEntry, Position } from "../../src/store/log.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { Cursor } from "../log/cursor.ts";
import { LogTail, type Progress } from "../log/log-tail.ts";
import { asideInStore } from "../log/set-aside.ts";
import { forget } from "./forget-rows.ts";
import type { Delivery } from "./held-lane.ts";
import { type Hold, hold, type HoldOptions } from "./lane-hold.ts";
import { ask, listRequests } from "./lane-rows.ts";
import type { Sends } from "./sends.ts";

export interface RunnerOptions {
  readonly store: Store["Service"];
  readonly tail: LogTail["Service"];
  readonly delivery: Delivery;
  readonly sends: Sends;
  /** The name of this process. */
  readonly holder: string;
}

export const laneCursor = (store: Store["Service"], lane: string): Cursor<LanePlace> =>
  new Cursor(store, lane, placeAt);

/** For the one lane of an outbox, which neither changes nor ends. */
const noDocument = { onEnding: () => Effect.void, isCurrent: Effect.succeed(true) };

export class LaneRunner {
  readonly cursor: Cursor<LanePlace>;
  readonly #ended = Latch.makeUnsafe(false);
  #hold: Hold | null = null;
  #isFinishing = false;
  #claimingSinceMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly options: RunnerOptions,
    readonly source: LaneSource,
    private readonly document: Pick<HoldOptions, "onEnding" | "isCurrent"> = noDocument,
  ) {
    this.cursor = laneCursor(options.store, source.name);
  }

  state(): LaneState {
    return stateOf(this.source.name, this.cursor.place ?? noPlace, this.#hold?.lane ?? null);
  }

  progress(): Progress {
    const { position, atMs } = this.cursor.place ?? noPlace;
    return this.#hold?.lane.progress() ?? { position, atMs };
  }

  /**
   * Whether nothing is to be done now of what the log has up to there. Of a lane that another process holds,
   * and that is behind because nobody answers, that is known once the holder would have lost it.
   */
  isAtRest(upTo: Position, nowMs: number): boolean {
    const lane = this.#hold?.lane;
    const isThere = this.progress().position >= upTo;
    if (lane === undefined) {
      const { failing } = this.cursor.place ?? noPlace;
      const mayBeOurs = elapsedMs(this.#claimingSinceMs, nowMs) < 2 * outboundLimits.leaseMs;
      return this.cursor.isKnown && (isThere || (failing !== null && !mayBeOurs));
    }
    return !lane.isSending && lane.nextAtMs() > nowMs && lane.unsavedSinceMs === null &&
      (isThere || !lane.hasRoom);
  }

  readonly ask = (request: LaneRequest): Effect.Effect<void, StoreError> =>
    ask(this.options.store, this.source.name, request);

  /** Has the messages of an entry sent that was left out, if there are any now. */
  readonly again = (entry: LogEntry): Effect.Effect<void, StoreError> =>
    Effect.suspend(() =>
      this.source.messagesOf(entry).length === 0
        ? Effect.void
        : this.ask({ type: "take", position: entry.position })
    );

  /** Holds the lane whenever no other process does, until it is to finish. */
  readonly run = Effect.fnUntraced(function* (
    this: LaneRunner,
  ): Effect.fn.Return<void, StoreError> {
    const { cursor, source } = this;
    while (!this.#isFinishing) {
      const heldSinceMs = yield* this.#claim();
      if (!(yield* forget(this.options, cursor, source.name))) continue;
      yield* hold(
        { ...this.options, ...this.document, source, cursor, heldSinceMs },
        (holding) => {
          this.#hold = holding;
          if (this.#isFinishing) holding?.finish();
        },
      );
    }
  }).bind(this);

  /** Runs until it is to finish, whatever fails. */
  readonly keepRunning = Effect.fnUntraced(function* (this: LaneRunner) {
    for (let failures = 0; !this.#isFinishing; failures++) {
      const exit = yield* Effect.exit(this.run());
      if (Exit.hasInterrupts(exit)) return;
      if (Exit.isSuccess(exit)) break;
      yield* Effect.logWarning(`The lane ${this.source.name} rests for a moment`, exit);
      yield* backOff(logLimits.retryBackoff, failures);
    }
    this.#ended.openUnsafe();
  }).bind(this);

  /** Sends nothing more, and completes when it has given back the lane; what is under way is waited for. */
  readonly finish: Effect.Effect<void> = Effect.suspend(() => {
    this.#isFinishing = true;
    this.#hold?.finish();
    return Effect.asVoid(
      Effect.timeoutOption(this.#ended.await, 2 * outboundLimits.attemptMs),
    );
  });

  /** Completes when this process holds the lane; answers since when. */
  readonly #claim = Effect.fnUntraced(function* (
    this: LaneRunner,
  ): Effect.fn.Return<number, StoreError> {
    const { cursor, options: { holder, tail }, source: { beginsNow } } = this;
    let heardAtMs = Number.NEGATIVE_INFINITY;
    let seen: string | null = "";
    this.#claimingSinceMs = yield* Clock.currentTimeMillis;
    while (true) {
      yield* cursor.read;
      const place = cursor.place ??
        (beginsNow ? { ...noPlace, position: tail.position() } : noPlace);
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
    const { store, tail } = this.options;
    return place.waiting > 0 || tail.position() > place.position ||
      (yield* listRequests(store, this.source.name)).length > 0;
  }).bind(this);
}

/** Runs the lane until the scope closes. */
export const runLane = Effect.fnUntraced(function* (
  runner: LaneRunner,
): Effect.fn.Return<void, never, Scope.Scope> {
  const { options: { store, tail }, source: { name } } = runner;
  yield* tail.listed({
    name,
    progress: () => runner.progress(),
    aside: asideInStore(store, name),
    again: runner.again,
  });
  yield* Effect.forkScoped(runner.keepRunning());
});
