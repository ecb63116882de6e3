/**
 * One holding of a lane by this process: takes entries from the log, sends their messages, and saves what
 * became of them, until another process has taken the lane over. One fiber changes the lane; those that send
 * and the one that reads the log tell it what happened.
 */
import {
  Cause,
  Clock,
  Effect,
  Exit,
  FiberSet,
  Latch,
  Option,
  Random,
  Result,
  type Scope,
} from "effect";
import { elapsedMs, epochMsOf, instantOf } from "../../src/kernel/instant.ts";
import { logLimits } from "../../src/store/limits.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { AttemptPage } from "../../src/outbound/attempt.ts";
import { Lane } from "../../src/outbound/lane.ts";
import type { Plan } from "../../src/outbound/plan.ts";
import type { Queued } from "../../src/outbound/lines.ts";
import type { Message, Outcome } from "../../src/outbound/message.ts";
import { type LanePlace, noPlace } from "../../src/outbound/place.ts";
import type { LaneSource } from "../../src/outbound/source.ts";
import { backOff } from "../../src/store/back-off.ts";
import type { SetAside } from "../../src/store/documents.ts";
import type { LogEntry } from "../../src/store/log.ts";
import type { Store } from "../../src/store/store.ts";
import type { LaneEnding } from "../../src/subject/reactor.ts";
import type { Cursor } from "../log/cursor.ts";
import { untilItWorks } from "../log/follower.ts";
import type { LogTail } from "../log/log-tail.ts";
import { whatFailed } from "../log/set-aside.ts";
import {
  completeFrom,
  deliverFrom,
  deliverLatestFrom,
  type Delivery,
  type LatestDelivery,
} from "./held-lane.ts";
import { answerOf } from "./lane-answers.ts";
import { attemptCounter, showLane } from "./lane-metrics.ts";
import {
  ask,
  deadLettersOf,
  listRequests,
  listWaiting,
  mutationsOf,
  newestPage,
  readWaiting,
} from "./lane-rows.ts";
import type { Sends } from "./sends.ts";

export interface HoldOptions {
  readonly store: Store["Service"];
  readonly tail: LogTail["Service"];
  readonly source: LaneSource;
  readonly delivery: Delivery;
  readonly sends: Sends;
  readonly cursor: Cursor<LanePlace>;
  /** The name of this process. */
  readonly holder: string;
  /** When the commit by which it holds the lane was begun. */
  readonly heldSinceMs: number;
  /** Has the lane's document say that the lane has ended; completes when it does. */
  readonly onEnding: (ending: LaneEnding) => Effect.Effect<void>;
  /** Whether the lane's document is the one that the store has; if not, somebody ends this holding. */
  readonly isCurrent: Effect.Effect<boolean>;
}

interface Finished {
  readonly batch: readonly Queued[];
  /** Null when they were not sent. */
  readonly outcome: Outcome | null;
}

export class Hold {
  readonly #wake = Latch.makeUnsafe(false);
  readonly #room = Latch.makeUnsafe(false);
  readonly #finished: Finished[] = [];
  readonly #sender = { wake: () => this.#wake.openUnsafe() };
  readonly #countAttempt;
  #sending = 0;
  #isFinishing = false;
  /** Other lanes send as much as this process may: it is woken when there is room. */
  #isWaitingForTurn = false;
  #hasToldEnding = false;
  /** Whether the sweep is asked for that a change of the document is followed by; true where none is. */
  #isChangeSwept: boolean;
  #renewedAtMs: number;
  #requestsAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly options: HoldOptions,
    readonly lane: Lane,
    private readonly page: AttemptPage,
  ) {
    this.#renewedAtMs = options.heldSinceMs;
    const { latest, document } = options.source;
    this.#isChangeSwept = latest === null || document?.version === options.cursor.place?.version;
    this.#countAttempt = attemptCounter(options.source.name);
  }

  get #name(): string {
    return this.options.source.name;
  }

  /** A follower's handler: waits while the lane has no room. */
  readonly take = Effect.fnUntraced(function* (this: Hold, entries: readonly LogEntry[]) {
    for (const entry of entries) {
      while (!this.lane.hasRoom) {
        this.#room.closeUnsafe();
        this.#wake.openUnsafe();
        yield* this.#room.await;
      }
      // What comes after a change of the document is not for this version of it to send.
      if (this.options.source.isNews(entry) && !(yield* this.options.isCurrent)) {
        return yield* Effect.never;
      }
      if (this.#endsWith(entry)) return yield* Effect.never;
      const nowMs = yield* Clock.currentTimeMillis;
      const made = yield* this.messagesIn(entry);
      const atMs = epochMsOf(entry.at);
      if (Result.isSuccess(made)) {
        this.lane.take(entry.position, atMs, this.#urgent(made.success), nowMs);
      } else this.lane.leaveOut(entry.position, atMs, made.failure, nowMs);
      // An entry of which nothing is sent can wait until the lane looks up anyway.
      if (Result.isFailure(made) || made.success.length > 0) this.#wake.openUnsafe();
    }
  }).bind(this);

  /** An entry that cannot be read: the cursor passes it in the commit that notes it. */
  readonly leaveOut = (note: SetAside, { position, at }: LogEntry): Effect.Effect<void> =>
    Effect.map(Clock.currentTimeMillis, (nowMs) => {
      this.lane.leaveOut(position, epochMsOf(at), note, nowMs);
      this.#wake.openUnsafe();
    });

  /** The messages of an entry, or what is noted of it. */
  readonly messagesIn = (
    entry: LogEntry,
  ): Effect.Effect<Result.Result<readonly Message[], SetAside>> => {
    const made = Result.try(() => this.options.source.messagesOf(entry));
    return Result.isSuccess(made)
      ? Effect.succeed(Result.succeed(made.success))
      : this.#setAside(entry, made.failure);
  };

  /** Messages as they come, those that are to go first marked as such. */
  #urgent(messages: readonly Message[]): readonly Message[] {
    const { source: { document }, delivery: { latest } } = this.options;
    return latest === null
      ? messages
      : messages.map((each) =>
        latest.isUrgent(each.key, document) ? { ...each, afterMs: 0, isUrgent: true } : each
      );
  }

  /** Sends nothing more, and waits for the answers to what it has sent; then it gives the lane back. */
  finish(): void {
    this.#isFinishing = true;
    this.#wake.openUnsafe();
  }

  /** Works until the lane is lost, or until it has finished. */
  readonly run = Effect.fnUntraced(function* (
    this: Hold,
  ): Effect.fn.Return<void, never, Scope.Scope> {
    // The last to end: by then nobody sends any more.
    yield* Effect.addFinalizer(() => this.#giveBack());
    const fork = yield* FiberSet.makeRuntime<never, void>();
    while (true) {
      this.#wake.closeUnsafe();
      yield* this.#settleFinished();
      if (this.#isFinishing && this.#sending === 0) return;
      yield* this.#answerRequests();
      let nowMs = yield* Clock.currentTimeMillis;
      this.lane.noteTime(nowMs);
      if (this.#saveInMs(nowMs) <= 0) {
        if (!(yield* this.#save())) return;
        nowMs = yield* Clock.currentTimeMillis;
      }
      this.#sendDue(nowMs, fork);
      this.#tellEnding(fork);
      if (this.lane.hasRoom) this.#room.openUnsafe();
      const waitMs = Math.ceil(this.#waitMs(nowMs));
      yield* waitMs > 0 ? Effect.timeoutOption(this.#wake.await, waitMs) : Effect.yieldNow;
    }
  }).bind(this);

  /** Whether a record of the entry ends the lane: then nothing of the entry is taken. */
  #endsWith(entry: LogEntry): boolean {
    const ending = this.options.source.endedBy(entry);
    if (ending === null) return false;
    this.lane.end(ending);
    this.#wake.openUnsafe();
    return true;
  }

  readonly #setAside = Effect.fnUntraced(function* (
    this: Hold,
    { position }: LogEntry,
    failure: unknown,
  ) {
    const cause = Cause.die(failure);
    yield* Effect.logError(`${this.#name} sets ${position} aside`, cause);
    const at = instantOf(yield* Clock.currentTimeMillis);
    const error = whatFailed(cause);
    return Result.fail({ consumer: this.#name, position, error, tries: 1, at });
  }).bind(this);

  #sendDue(nowMs: number, fork: (send: Effect.Effect<void>) => unknown): void {
    const { sends } = this.options;
    this.#isWaitingForTurn = false;
    while (!this.#isFinishing && this.#isSure(nowMs)) {
      if (!sends.mayBegin(this.#sender)) {
        this.#isWaitingForTurn = true;
        return;
      }
      const next = this.lane.next(nowMs);
      if (next === null) break;
      const batch = [next, ...this.lane.joining(next, nowMs)];
      sends.begin();
      this.#sending++;
      fork(Effect.ensuring(this.#send(batch), this.#sent));
    }
    sends.leave(this.#sender);
  }

  readonly #sent = Effect.sync(() => {
    this.#sending--;
    this.options.sends.end();
  });

  #tellEnding(fork: (tell: Effect.Effect<void>) => unknown): void {
    const { ending } = this.lane;
    if (ending === null || this.#hasToldEnding) return;
    this.#hasToldEnding = true;
    fork(this.options.onEnding(ending));
  }

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
    const sendInMs = this.#isFinishing || this.#isWaitingForTurn
      ? Number.POSITIVE_INFINITY
      : this.#isSure(nowMs)
      ? this.lane.nextAtMs() - nowMs
      : requestsEveryMs;
    return Math.min(this.#saveInMs(nowMs), requestsInMs, sendInMs);
  }

  readonly #settleFinished = Effect.fnUntraced(function* (this: Hold) {
    if (this.#finished.length === 0) return;
    const nowMs = yield* Clock.currentTimeMillis;
    for (const { batch, outcome } of this.#finished.splice(0)) {
      if (outcome === null) this.lane.unsent(batch, nowMs);
      else {
        this.lane.settle(batch, outcome, nowMs, yield* Random.next);
        yield* this.#countAttempt(outcome);
      }
    }
  }).bind(this);

  readonly #send = Effect.fnUntraced(function* (this: Hold, batch: readonly Queued[]) {
    const [first] = batch;
    const { latest } = this.options.delivery;
    const outcome = latest !== null
      ? yield* this.#outcomeOfLatest(latest, batch)
      : first === undefined
      ? null
      : yield* this.#outcomeOf(first);
    this.#finished.push({ batch, outcome });
    this.#wake.openUnsafe();
  }).bind(this);

  /** The outcome of a request that tells how things are; null when that cannot be read. */
  #outcomeOfLatest(
    { deliver }: LatestDelivery,
    batch: readonly Queued[],
  ): Effect.Effect<Outcome | null> {
    const { source } = this.options;
    const told = { keys: batch.map(({ key }) => key), isSwept: batch[0]?.isSwept ?? false };
    return inTime(deliverLatestFrom(source, deliver, told), this.options.delivery.attemptMs);
  }

  readonly #outcomeOf = Effect.fnUntraced(function* (
    this: Hold,
    queued: Queued,
  ): Effect.fn.Return<Outcome | null> {
    const { store, delivery, source } = this.options;
    const { id, key, correlation } = queued;
    if (queued.body === null) {
      const row = yield* Effect.result(readWaiting(store, this.#name, id));
      if (Result.isFailure(row)) return null;
      if (row.success === null) return { _tag: "Rejected", reason: "The store has lost it." };
      queued.body = row.success.body;
    }
    const { attemptMs } = delivery;
    if (queued.draft && delivery.complete !== null) {
      const message = { id, key, body: queued.body };
      const completing = completeFrom(source, delivery.complete, message);
      const completed = yield* Effect.exit(Effect.timeoutOption(completing, attemptMs));
      const body = Exit.isSuccess(completed) ? Option.getOrNull(completed.value) : null;
      if (body === null) return null;
      this.lane.complete(queued, body);
    }
    const message: Message = { id, key, body: queued.body, correlation };
    return yield* inTime(deliverFrom(source, delivery, message), attemptMs);
  }).bind(this);

  readonly #answerRequests = Effect.fnUntraced(function* (this: Hold) {
    const nowMs = yield* Clock.currentTimeMillis;
    if (elapsedMs(this.#requestsAtMs, nowMs) < outboundLimits.requestsEveryMs) return;
    this.#requestsAtMs = nowMs;
    yield* showLane(this.#name, this, nowMs);
    const answering = Effect.andThen(
      this.#sweepWhenDue(nowMs),
      Effect.flatMap(
        listRequests(this.options.store, this.#name),
        (requests) => Effect.forEach(requests, (each) => answerOf(this, each), { discard: true }),
      ),
    );
    yield* Effect.catch(
      answering,
      (error) => Effect.logWarning(`Requests of ${this.#name} wait`, error),
    );
  }).bind(this);

  /** Asks for a sweep over all keys where one is due, and where the document has changed. */
  readonly #sweepWhenDue = Effect.fnUntraced(function* (this: Hold, nowMs: number) {
    const { store, cursor, source: { latest } } = this.options;
    if (latest === null) return;
    const isDue = latest.isSweepDue(this.lane.told.sweep?.startedAtMs ?? null, nowMs);
    if (this.#isChangeSwept && !isDue) return;
    yield* ask(store, this.#name, { type: "sweep", position: cursor.position, after: "" });
    this.#isChangeSwept = true;
  }).bind(this);

  #placeAfter(before: LanePlace, plan: Plan, holder: string | null): LanePlace {
    const { document } = this.options.source;
    // Until the sweep for a change is asked for, whoever holds the lane next is to ask for it.
    const version = this.#isChangeSwept ? document?.version : before.version;
    return {
      position: plan.position,
      atMs: plan.atMs ?? before.atMs,
      holder,
      moves: before.moves + 1,
      waiting: plan.waiting,
      died: plan.died,
      failing: plan.failing,
      ...(plan.silence === null ? {} : { silence: plan.silence }),
      ...(plan.deliveredAtMs === null ? {} : { deliveredAtMs: plan.deliveredAtMs }),
      ...(plan.sweep === null ? {} : { sweep: plan.sweep }),
      ...(version === undefined ? {} : { version }),
    };
  }

  /** Saves until it is certain what became of it; false when another process holds the lane. */
  readonly #save = Effect.fnUntraced(function* (this: Hold) {
    const { cursor, holder } = this.options;
    const before = cursor.place ?? noPlace;
    const plan = this.lane.plan(yield* Clock.currentTimeMillis);
    const place = this.#placeAfter(before, plan, holder);
    const page = plan.attempts.length === 0 ? null : this.page.with(plan.attempts);
    const mutations = mutationsOf(this.#name, plan, page);
    for (let failures = 0;; failures++) {
      const beganAtMs = yield* Clock.currentTimeMillis;
      const moved = yield* Effect.result(cursor.move(place, mutations));
      const isMoved = Result.isSuccess(moved) && moved.success;
      const known = isMoved || Result.isSuccess(yield* Effect.result(cursor.read));
      const { holder: found, moves } = cursor.place ?? noPlace;
      if (known && found === place.holder && moves === place.moves) {
        this.lane.saved(plan);
        if (page !== null) this.page.written(page, plan.attempts.length);
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
    this.options.sends.leave(this.#sender);
    yield* showLane(this.#name, null, 0);
    const { cursor, holder } = this.options;
    if (cursor.place?.holder !== holder) return;
    yield* this.#settleFinished();
    const plan = this.lane.plan(yield* Clock.currentTimeMillis);
    const place = this.#placeAfter(cursor.place, plan, null);
    const page = plan.attempts.length === 0 ? null : this.page.with(plan.attempts);
    // Where this fails, the next holder waits until the lease is over.
    yield* Effect.ignore(cursor.move(place, mutationsOf(this.#name, plan, page)));
  }).bind(this);
}

/** The outcome of an attempt, however it ends: in time, or not, or by a defect. */
const inTime = Effect.fnUntraced(function* <A>(attempt: Effect.Effect<A>, attemptMs: number) {
  const exit = yield* Effect.exit(Effect.timeoutOption(attempt, attemptMs));
  const failed = (reason: string): Outcome => ({ _tag: "Retry", reason });
  if (Exit.isFailure(exit)) return failed(whatFailed(exit.cause));
  return Option.getOrElse(exit.value, () => failed(`No answer within ${attemptMs} ms.`));
});

/** The lane as the store has it. */
const laneIn = Effect.fnUntraced(function* ({ store, source, delivery, cursor }: HoldOptions) {
  const { name, retryAfterMs, document, latest } = source;
  const place = cursor.place ?? noPlace;
  const { position, failing, silence = null, deliveredAtMs = null, sweep = null } = place;
  const rows = yield* untilItWorks(name, listWaiting(store, name));
  const dead = yield* untilItWorks(name, deadLettersOf(store, name, position));
  const lane = new Lane({
    ...{ retryAfterMs, position, failing, silence, deliveredAtMs, sweep, dead, latest },
    ends: document !== null,
    drafts: delivery.completes(document),
  });
  const nowMs = yield* Clock.currentTimeMillis;
  lane.restore(rows, nowMs);
  if (document !== null && document.version !== place.version) lane.lookAgain(nowMs);
  return lane;
});

/**
 * Holds a lane of which the cursor says that this process holds it; completes when it is lost, or when it has
 * finished.
 */
export const hold = (
  options: HoldOptions,
  onHold: (hold: Hold | null) => void,
): Effect.Effect<void> =>
  Effect.scoped(Effect.gen(function* () {
    const { store, tail, source: { name }, cursor } = options;
    const { position } = cursor.place ?? noPlace;
    const lane = yield* laneIn(options);
    const page = new AttemptPage(1 + (yield* untilItWorks(name, newestPage(store, name))));
    const holding = new Hold(options, lane, page);
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
