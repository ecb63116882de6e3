/**
 * One holding of a lane by this process: takes entries from the log, sends their messages, and saves what
 * became of them, until another process has taken the lane over. One fiber changes the lane; those that send
 * and the one that reads the log tell it what happened.
 */
import { Clock, Effect, Exit, FiberSet, Latch, Option, Random, Result, type Scope } from "effect";
import { elapsedMs, epochMsOf, instantOf } from "../../src/kernel/instant.ts";
import { logLimits } from "../../src/store/limits.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { messagesOf } from "../../src/outbound/entry-messages.ts";
import { Lane } from "../../src/outbound/lane.ts";
import type { Plan } from "../../src/outbound/plan.ts";
import type { Queued } from "../../src/outbound/lines.ts";
import type { Message, Outcome } from "../../src/outbound/message.ts";
import { backOff } from "../../src/store/back-off.ts";
import type { SetAside } from "../../src/store/documents.ts";
import { beginning, type LogEntry } from "../../src/store/log.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import type { Outbox } from "../../src/subject/reactor.ts";
import type { Cursor } from "../log/cursor.ts";
import { untilItWorks } from "../log/follower.ts";
import type { LogTail } from "../log/log-tail.ts";
import { whatFailed } from "../log/set-aside.ts";
import { type Deliver, deliverFrom } from "./held-lane.ts";
import { countAttempt, showLane } from "./lane-metrics.ts";
import {
  deadLettersOf,
  type LanePlace,
  type LaneRequest,
  listRequests,
  listWaiting,
  mutationsOf,
  readDeadLetter,
  readWaiting,
  requestName,
} from "./lane-rows.ts";

export interface HoldOptions {
  readonly store: Store["Service"];
  readonly tail: LogTail["Service"];
  readonly outbox: Outbox;
  readonly deliver: Deliver;
  readonly cursor: Cursor<LanePlace>;
  /** The name of this process. */
  readonly holder: string;
  /** When the commit by which it holds the lane was begun. */
  readonly heldSinceMs: number;
}

interface Finished {
  readonly queued: Queued;
  /** Null when it was not sent. */
  readonly outcome: Outcome | null;
}

export const noPlace: LanePlace = {
  position: beginning,
  atMs: null,
  holder: null,
  moves: 0,
  waiting: 0,
  failing: null,
  page: 0,
};

export class Hold {
  readonly #wake = Latch.makeUnsafe(false);
  readonly #room = Latch.makeUnsafe(false);
  readonly #finished: Finished[] = [];
  #renewedAtMs: number;
  #requestsAtMs = Number.NEGATIVE_INFINITY;

  constructor(readonly options: HoldOptions, readonly lane: Lane) {
    this.#renewedAtMs = options.heldSinceMs;
  }

  get #name(): string {
    return this.options.outbox.name;
  }

  /** A follower's handler: waits while the lane has no room. */
  readonly take = Effect.fnUntraced(function* (this: Hold, entries: readonly LogEntry[]) {
    for (const entry of entries) {
      while (!this.lane.hasRoom) {
        this.#room.closeUnsafe();
        this.#wake.openUnsafe();
        yield* this.#room.await;
      }
      const nowMs = yield* Clock.currentTimeMillis;
      const made = yield* this.messagesIn(entry);
      const atMs = epochMsOf(entry.at);
      if (Result.isSuccess(made)) this.lane.take(entry.position, atMs, made.success, nowMs);
      else this.lane.leaveOut(entry.position, atMs, made.failure, nowMs);
      this.#wake.openUnsafe();
    }
  }).bind(this);

  /** An entry that cannot be read: the cursor passes it in the commit that notes it. */
  readonly leaveOut = (note: SetAside, { position, at }: LogEntry): Effect.Effect<void> =>
    Effect.map(Clock.currentTimeMillis, (nowMs) => {
      this.lane.leaveOut(position, epochMsOf(at), note, nowMs);
      this.#wake.openUnsafe();
    });

  /** The messages of an entry, or what is noted of it. */
  readonly messagesIn = Effect.fnUntraced(function* (
    this: Hold,
    entry: LogEntry,
  ): Effect.fn.Return<Result.Result<readonly Message[], SetAside>> {
    const exit = yield* Effect.exit(Effect.sync(() => messagesOf(this.options.outbox, entry)));
    if (Exit.isSuccess(exit)) return Result.succeed(exit.value);
    yield* Effect.logError(`${this.#name} sets ${entry.position} aside`, exit.cause);
    const at = instantOf(yield* Clock.currentTimeMillis);
    const { position } = entry;
    const error = whatFailed(exit.cause);
    return Result.fail({ consumer: this.#name, position, error, tries: 1, at });
  }).bind(this);

  /** Works until the lane is lost. */
  readonly run = Effect.fnUntraced(function* (
    this: Hold,
  ): Effect.fn.Return<void, never, Scope.Scope> {
    // The last to end: by then nobody sends any more.
    yield* Effect.addFinalizer(() => this.#giveBack());
    const fork = yield* FiberSet.makeRuntime<never, void>();
    while (true) {
      this.#wake.closeUnsafe();
      yield* this.#settleFinished();
      yield* this.#answerRequests();
      let nowMs = yield* Clock.currentTimeMillis;
      this.lane.noteTime(nowMs);
      if (this.#saveInMs(nowMs) <= 0) {
        if (!(yield* this.#save())) return;
        nowMs = yield* Clock.currentTimeMillis;
      }
      if (this.#isSure(nowMs)) {
        for (let next = this.lane.next(nowMs); next !== null; next = this.lane.next(nowMs)) {
          fork(this.#send(next));
        }
      }
      if (this.lane.hasRoom) this.#room.openUnsafe();
      const waitMs = Math.ceil(this.#waitMs(nowMs));
      yield* waitMs > 0 ? Effect.timeoutOption(this.#wake.await, waitMs) : Effect.yieldNow;
    }
  }).bind(this);

  /** Whether no other process can take the lane over for a while. */
  #isSure(nowMs: number): boolean {
    const { leaseMs, renewMs } = outboundLimits;
    return elapsedMs(this.#renewedAtMs, nowMs) < leaseMs - renewMs;
  }

  /** Until when there is something to save, or to say that this process is there. */
  #saveInMs(nowMs: number): number {
    const { saveEveryMs, settledPerSave, renewMs } = outboundLimits;
    const { unsavedSinceMs, settledSinceSave, isBusy } = this.lane;
    if (settledSinceSave >= settledPerSave) return 0;
    const renewInMs = renewMs - elapsedMs(this.#renewedAtMs, nowMs);
    const saveInMs = unsavedSinceMs === null
      ? Number.POSITIVE_INFINITY
      : saveEveryMs - elapsedMs(unsavedSinceMs, nowMs);
    return isBusy ? Math.min(saveInMs, renewInMs) : saveInMs;
  }

  #waitMs(nowMs: number): number {
    const { requestsEveryMs } = outboundLimits;
    const requestsInMs = requestsEveryMs - elapsedMs(this.#requestsAtMs, nowMs);
    const sendInMs = this.#isSure(nowMs) ? this.lane.nextAtMs() - nowMs : requestsEveryMs;
    return Math.min(this.#saveInMs(nowMs), requestsInMs, sendInMs);
  }

  readonly #settleFinished = Effect.fnUntraced(function* (this: Hold) {
    for (const { queued, outcome } of this.#finished.splice(0)) {
      const nowMs = yield* Clock.currentTimeMillis;
      if (outcome === null) this.lane.unsent(queued, nowMs);
      else {
        this.lane.settle(queued, outcome, nowMs, yield* Random.next);
        yield* countAttempt(this.#name, outcome);
      }
    }
  }).bind(this);

  readonly #send = Effect.fnUntraced(function* (this: Hold, queued: Queued) {
    const outcome = yield* this.#outcomeOf(queued);
    this.#finished.push({ queued, outcome });
    this.#wake.openUnsafe();
  }).bind(this);

  readonly #outcomeOf = Effect.fnUntraced(function* (
    this: Hold,
    queued: Queued,
  ): Effect.fn.Return<Outcome | null> {
    const { store, deliver } = this.options;
    const { id, key } = queued;
    if (queued.body === null) {
      const row = yield* Effect.result(readWaiting(store, this.#name, id));
      if (Result.isFailure(row)) return null;
      if (row.success === null) return { _tag: "Rejected", reason: "The store has lost it." };
      queued.body = row.success.body;
    }
    const { attemptMs } = outboundLimits;
    const attempt = deliverFrom(this.#name, deliver, { id, key, body: queued.body });
    const exit = yield* Effect.exit(Effect.timeoutOption(attempt, attemptMs));
    if (Exit.isFailure(exit)) return { _tag: "Retry", reason: whatFailed(exit.cause) };
    return Option.getOrElse(exit.value, (): Outcome => ({
      _tag: "Retry",
      reason: `No answer within ${attemptMs} ms.`,
    }));
  }).bind(this);

  readonly #answerRequests = Effect.fnUntraced(function* (this: Hold) {
    const nowMs = yield* Clock.currentTimeMillis;
    if (elapsedMs(this.#requestsAtMs, nowMs) < outboundLimits.requestsEveryMs) return;
    this.#requestsAtMs = nowMs;
    yield* showLane(this.#name, this.lane, nowMs);
    const answering = Effect.flatMap(
      listRequests(this.options.store, this.#name),
      (requests) => Effect.forEach(requests, this.#answer, { discard: true }),
    );
    yield* Effect.catch(
      answering,
      (error) => Effect.logWarning(`Requests of ${this.#name} wait`, error),
    );
  }).bind(this);

  readonly #answer = Effect.fnUntraced(function* (
    this: Hold,
    asked: LaneRequest,
  ): Effect.fn.Return<void, StoreError> {
    const { store, tail } = this.options;
    const name = requestName(asked);
    const isFull = this.lane.waitingRows >= outboundLimits.waitingRows;
    if (this.lane.isAsked(name) || (isFull && asked.type !== "dismiss")) return;
    const nowMs = yield* Clock.currentTimeMillis;
    if (asked.type !== "take") {
      const letter = yield* readDeadLetter(store, this.#name, asked.id);
      const again = letter !== null && asked.type === "redeliver" ? [letter] : [];
      return this.lane.ask({ name, buries: letter !== null }, again, nowMs);
    }
    const entry = yield* tail.entry(asked.position);
    const made = entry === null ? Result.succeed([]) : yield* this.messagesIn(entry);
    if (Result.isFailure(made)) {
      return this.lane.ask({ name, buries: false, note: made.failure }, [], nowMs);
    }
    this.lane.ask({ name, buries: false }, made.success, nowMs);
  }).bind(this);

  /** Saves until it is certain what became of it; false when another process holds the lane. */
  readonly #save = Effect.fnUntraced(function* (this: Hold) {
    const { cursor, holder } = this.options;
    const before = cursor.place ?? noPlace;
    const plan = this.lane.plan(yield* Clock.currentTimeMillis);
    const place = placeAfter(before, plan, holder);
    const mutations = mutationsOf(this.#name, plan, before.page);
    for (let failures = 0;; failures++) {
      const beganAtMs = yield* Clock.currentTimeMillis;
      const moved = yield* Effect.result(cursor.move(place, mutations));
      const isMoved = Result.isSuccess(moved) && moved.success;
      const known = isMoved || Result.isSuccess(yield* Effect.result(cursor.read));
      const { holder: found, moves } = cursor.place ?? noPlace;
      if (known && found === place.holder && moves === place.moves) {
        this.lane.saved(plan);
        this.#renewedAtMs = beganAtMs;
        return true;
      }
      if (known && (found !== before.holder || moves !== before.moves)) return false;
      yield* Effect.logWarning(`The lane ${this.#name} cannot be saved for a moment`);
      yield* backOff(logLimits.retryBackoff, failures);
    }
  }).bind(this);

  /** Says what is settled, and that another process may go on at once. */
  readonly #giveBack = Effect.fnUntraced(function* (this: Hold) {
    yield* showLane(this.#name, null, 0);
    const { cursor, holder } = this.options;
    if (cursor.place?.holder !== holder) return;
    yield* this.#settleFinished();
    const plan = this.lane.plan(yield* Clock.currentTimeMillis);
    const place = placeAfter(cursor.place, plan, null);
    // Where this fails, the next holder waits until the lease is over.
    yield* Effect.ignore(cursor.move(place, mutationsOf(this.#name, plan, cursor.place.page)));
  }).bind(this);
}

const placeAfter = (before: LanePlace, plan: Plan, holder: string | null): LanePlace => ({
  position: plan.position,
  atMs: plan.atMs ?? before.atMs,
  holder,
  moves: before.moves + 1,
  waiting: plan.waiting,
  failing: plan.failing,
  page: plan.attempts.length === 0 ? before.page : (before.page + 1) % outboundLimits.attemptPages,
});

/** Holds a lane of which the cursor says that this process holds it; completes when it is lost. */
export const hold = (
  options: HoldOptions,
  onHold: (hold: Hold | null) => void,
): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function* () {
    const { store, tail, outbox, cursor } = options;
    const { name, retryAfterMs = outboundLimits.retryAfterMs } = outbox;
    const { position, failing } = cursor.place ?? noPlace;
    const rows = yield* untilItWorks(name, listWaiting(store, name));
    const dead = yield* untilItWorks(name, deadLettersOf(store, name, position));
    const lane = new Lane({ retryAfterMs, position, failing, dead });
    lane.restore(rows, yield* Clock.currentTimeMillis);
    const holding = new Hold(options, lane);
    yield* Effect.acquireRelease(
      Effect.sync(() => onHold(holding)),
      () => Effect.sync(() => onHold(null)),
    );
    yield* tail.follow(name, position, holding.take, {
      isListed: true,
      aside: {
        add: holding.leaveOut,
        remove: () => Effect.void,
        list: Effect.succeed([]),
      },
    });
    yield* holding.run();
  }));
