/**
 * One lane of messages to the outside, as the process that holds it has it in memory. It decides what is sent
 * when, what is written down, and how far the cursor may move: past an entry of the log once each of its
 * messages is settled or stored. Knows no clock, no store and no network: they tell it what happened.
 */
import { outboundLimits } from "./limits.ts";
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import type { LaneEnding } from "../subject/reactor.ts";
import { NewAttempts, shortened } from "./attempt.ts";
import { Breaker, type Failing, type Silence } from "./breaker.ts";
import { type LaneOptions, nobodyThere, type Paused } from "./lane-options.ts";
import {
  began,
  Lines,
  newlyQueued,
  type Queued,
  queuedAgain,
  type Source,
  type Taken,
} from "./lines.ts";
import type { Again, Message, Outcome, Waiting } from "./message.ts";
import { Pace, waitMs } from "./pace.ts";
import {
  type Asked,
  doneWith,
  type Dying,
  dyingOf,
  dyingToSave,
  isLeftOut,
  isSlow,
  lastDone,
  type LeftOut,
  type Plan,
  type Request,
  rowsToSave,
  slowAtMs,
} from "./plan.ts";
import { Told } from "./sweep.ts";

export class Lane {
  readonly #lines = new Lines();
  readonly #breaker: Breaker;
  readonly #pace = new Pace();
  readonly #taken: Taken[] = [];
  readonly #inFlight = new Set<Queued>();
  /** Requests under way; each has one message or, where only the newest matters, some. */
  #requests = 0;
  readonly #gone = new Set<string>();
  /** Messages that nobody is to try any more, until the store has them as such. */
  readonly #dying: Dying[] = [];
  readonly #attempts = new NewAttempts();
  #asked: Asked[] = [];
  /** Messages that the store does not have, and the length of their bodies. */
  #fresh = 0;
  #freshLength = 0;
  #stored = 0;
  #deadLetters: number;
  readonly #deadAhead: ReadonlySet<string>;
  #settled = 0;
  #unsavedSinceMs: number | null = null;
  /** Whether the last plan left out something for want of room. */
  #isPartial = false;
  #ending: LaneEnding | null = null;
  #nowMs = Number.NEGATIVE_INFINITY;
  #position: Position;
  readonly told: Told;

  constructor(private readonly options: LaneOptions) {
    this.#position = options.position;
    this.told = new Told(options.deliveredAtMs ?? null, options.sweep ?? null);
    this.#deadLetters = options.dead.count;
    this.#deadAhead = new Set(options.dead.ahead);
    this.#breaker = new Breaker(options.failing, options.silence);
  }

  get failing(): Failing | null {
    return this.#breaker.failing;
  }

  get silence(): Silence | null {
    return this.#breaker.silence;
  }

  /** Why it sends nothing any more; null while it goes on. */
  get ending(): LaneEnding | null {
    return this.#ending;
  }

  /** Ends the lane: it sends and takes nothing any more. The first reason counts. */
  end(ending: LaneEnding): void {
    this.#ending ??= ending;
  }

  /** Why it takes nothing more from the log although somebody is there; null while it does. */
  get paused(): Paused | null {
    if (this.#stored >= outboundLimits.waitingRows) return "waiting";
    return this.deadLetters >= outboundLimits.deadLetters ? "failed" : null;
  }

  /** Messages that are not settled. */
  get depth(): number {
    return this.#lines.size;
  }

  get waitingRows(): number {
    return this.#stored;
  }

  get deadLetters(): number {
    return this.#deadLetters + this.#dying.length;
  }

  get isSending(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Whether there is anything to do, or something in the way of it. */
  get isBusy(): boolean {
    return this.#lines.size > 0 || this.#taken.length > 0 || this.#unsavedSinceMs !== null ||
      !this.hasRoom;
  }

  /** Since when there is something to save that somebody may wait for. */
  get unsavedSinceMs(): number | null {
    return this.#unsavedSinceMs;
  }

  /** Messages settled since the last save: a crash now would send them again. */
  get settledSinceSave(): number {
    return this.#settled;
  }

  /** Whether more may be taken from the log. */
  get hasRoom(): boolean {
    const { windowLength, silentKeysToOpen, markedKeys } = outboundLimits;
    const window = this.#isLatest ? markedKeys : outboundLimits.window;
    // While nobody is there, few messages are enough to see whether somebody is; one may be at fault itself.
    return this.#ending === null &&
      (this.failing === null || this.#lines.keys < silentKeysToOpen) &&
      this.#fresh < window && this.#freshLength < windowLength && this.paused === null;
  }

  /** The last entry up to which everything is settled; null for none after the cursor of the store. */
  progress(): { readonly position: Position; readonly atMs: number } | null {
    return lastDone(this.#taken);
  }

  /** When the longest waiting message was first sent; null when none waits. */
  oldestFirstAtMs(): number | null {
    return this.#lines.oldestFirstAtMs();
  }

  /** Takes over the rows of the store; they come in the order of their ids. */
  restore(rows: readonly Omit<Waiting, "body">[], nowMs: number): void {
    this.#nowMs = nowMs;
    this.#breaker.setBack(nowMs);
    for (const row of rows) {
      this.#stored++;
      // Another process may have written it, whose clock was ahead.
      const nextAtMs = Math.min(row.nextAtMs, nowMs + this.#waitMs(row.attempts, 1));
      this.#lines.add(queuedAgain(row, nextAtMs), nowMs);
    }
  }

  /** An entry of the log, and what it makes of messages. Entries come in their order. */
  take(position: Position, atMs: number, messages: readonly Message[], nowMs: number): void {
    // After a crash the store may have some of an entry's messages already, or have had them a moment ago.
    const fresh = messages.filter((message) =>
      !this.#has(message, nowMs) && !this.#isSettled(message.id)
    );
    const last = this.#taken.at(-1);
    if (fresh.length === 0 && last !== undefined && last.left === 0 && !isLeftOut(last)) {
      last.position = position;
      last.atMs = atMs;
      return;
    }
    const entry: Taken = { position, atMs, left: fresh.length };
    this.#taken.push(entry);
    for (const message of fresh) this.#add(message, entry, nowMs, this.options.drafts);
    // What waits for others of its kind must not have them wait.
    if (this.#isLatest && !this.hasRoom) this.#lines.untriedDue(nowMs);
  }

  /** An entry that no messages can be made of: it is noted in the commit that passes it. */
  leaveOut(position: Position, atMs: number, note: SetAside, nowMs: number): void {
    const entry: LeftOut = { position, atMs, left: 0, note };
    this.#taken.push(entry);
    this.#touch(nowMs);
  }

  /** Whether the lane works on a request already. */
  isAsked(name: string): boolean {
    return this.#asked.some(({ request }) => request.name === name);
  }

  /** Whether the lane works on a part of a sweep. */
  get isSweeping(): boolean {
    return this.#asked.some(({ request: { sweep } }) => sweep !== undefined);
  }

  /** Takes a request and the messages that it wants sent again; in their lines they stand by their ids. */
  ask(request: Request, messages: readonly Again[], nowMs: number): void {
    if (request.sweep !== undefined) this.told.began(request.sweep, messages.length, nowMs);
    const fresh = messages.filter((message) => !this.#has(message, nowMs));
    for (const message of messages) this.#lines.hurry(message, nowMs);
    const asked: Asked = { request, left: fresh.length };
    this.#asked.push(asked);
    for (const message of fresh) this.#add(message, asked, nowMs, message.draft ?? false);
    this.#touch(nowMs);
  }

  /** The other side is another than before: it is asked at once. */
  lookAgain(nowMs: number): void {
    this.#breaker.lookAgain(nowMs);
    this.#lines.allDue(nowMs);
  }

  /** Somebody wants to know whether it answers again. */
  probeNow(nowMs: number): void {
    this.#breaker.probeNow(nowMs);
  }

  /** The body as it is sent from now on. */
  complete(queued: Queued, body: string): void {
    queued.body = body;
    queued.draft = false;
  }

  /**
   * The next message to send now, or null: it begins a request, which others may join. They count as being
   * sent until `settle` or `unsent`.
   */
  next(nowMs: number): Queued | null {
    if (this.#ending !== null || nowMs < this.#pace.restUntilMs) return null;
    if (this.#requests >= this.#pace.concurrency(nowMs)) return null;
    const queued = this.failing === null ? this.#lines.takeDue(nowMs) : this.#probe(nowMs);
    if (queued === null) return null;
    this.#requests++;
    return this.#goes(queued, nowMs);
  }

  /**
   * The messages that go with the first of a request: as many as it takes, and half as many for each time that
   * one of them failed, so that one which is never taken is soon alone.
   */
  joining(first: Queued, nowMs: number): readonly Queued[] {
    const batch = this.failing === null ? this.options.latest?.batch ?? 1 : 1;
    const joining: Queued[] = [];
    let most = batch >> first.attempts;
    while (joining.length + 1 < most) {
      const next = this.#lines.takeDue(
        nowMs,
        ({ isSwept, attempts }) =>
          isSwept === first.isSwept && joining.length + 1 < batch >> attempts,
      );
      if (next === null) break;
      most = Math.min(most, batch >> next.attempts);
      joining.push(this.#goes(next, nowMs));
    }
    return joining;
  }

  /** They could not be sent, for a reason that is not the other side's: a body could not be read, say. */
  unsent(batch: readonly Queued[], nowMs: number): void {
    this.#came(batch);
    for (const queued of batch) {
      queued.nextAtMs = nowMs + outboundLimits.saveEveryMs;
      this.#lines.postpone(queued, nowMs);
    }
  }

  /** Takes the outcome of an attempt; `random` is from 0 to 1. */
  settle(batch: readonly Queued[], outcome: Outcome, nowMs: number, random: number): void {
    if (!this.#isLatest) this.#attempts.add(batch, outcome, nowMs);
    this.#came(batch);
    if (outcome._tag === "Retry") this.#failed(batch, outcome, nowMs, random);
    else if (outcome._tag === "Gone") this.#gave(batch, outcome.reason, nowMs, random);
    else {
      for (const queued of batch) {
        if (outcome._tag === "Rejected") this.#die(queued, outcome.reason, nowMs, random);
        else this.#leave(queued, nowMs);
      }
      if (outcome._tag === "Delivered") this.told.delivered(outcome, nowMs);
      this.#answered(nowMs);
    }
    this.#touch(nowMs);
  }

  /** When there is something to do although nothing happens; perhaps earlier than that. */
  nextAtMs(): number {
    const concurrency = this.#ending === null ? this.#pace.concurrency(this.#nowMs) : 0;
    let nextMs = Number.POSITIVE_INFINITY;
    if (this.#requests < concurrency && this.#lines.size > this.#inFlight.size) {
      const { failing } = this;
      nextMs = failing === null
        ? this.#lines.nextDueMs()
        : this.#inFlight.size > 0
        ? nextMs
        : failing.nextProbeAtMs;
      nextMs = Math.max(nextMs, this.#pace.restUntilMs);
    }
    return this.#unsavedSinceMs === null ? Math.min(nextMs, slowAtMs(this.#inFlight)) : nextMs;
  }

  /** Notices what takes so long that others must not wait for it, and a clock that was set back. */
  noteTime(nowMs: number): void {
    if (nowMs < this.#nowMs) {
      this.#lines.allDue(nowMs);
      this.#breaker.setBack(nowMs);
      this.#pace.setBack(nowMs);
    }
    this.#nowMs = nowMs;
    for (const queued of this.#inFlight) if (isSlow(queued, nowMs)) this.#touch(nowMs);
  }

  /** The writes of a commit now, as many as fit one. */
  plan(nowMs: number): Plan {
    const { items: dying, isPartial: moreDie } = dyingToSave(this.#dying);
    const { items: rows, isPartial: moreWait } = rowsToSave(this.#lines, dying, nowMs);
    this.#isPartial = moreDie || moreWait;
    const isDone = doneWith(rows, dying);
    const notDone = this.#taken.findIndex((entry) => !isDone(entry));
    const passed = notDone < 0 ? this.#taken : this.#taken.slice(0, notDone);
    const answered = this.#asked.filter(isDone).map(({ request }) => request);
    const last = passed.at(-1);
    const fewer = dying.filter(({ queued }) => queued.stored).length;
    return {
      waiting: this.#stored + rows.filter(({ stored }) => !stored).length - fewer,
      died: this.#deadLetters + dying.length -
        answered.reduce((sum, { buries }) => sum + buries.length, 0),
      position: last?.position ?? this.#position,
      atMs: last?.atMs ?? null,
      failing: this.failing,
      silence: this.silence,
      deliveredAtMs: this.told.deliveredAtMs,
      sweep: this.told.after(answered.map(({ sweep }) => sweep), nowMs),
      rows,
      gone: [...this.#gone, ...dying.flatMap(({ queued: { stored, id } }) => stored ? [id] : [])],
      dead: dying.map(({ letter }) => letter),
      attempts: this.#attempts.last(),
      leftOut: [
        ...passed.filter(isLeftOut).map(({ note }) => note),
        ...answered.flatMap(({ note }) => note ?? []),
      ],
      answered,
    };
  }

  /** The store has taken a plan; since it was made, nothing but `take` and `leaveOut` has happened. */
  saved(plan: Plan): void {
    this.#position = plan.position;
    this.#taken.splice(
      0,
      this.#taken.findLastIndex(({ position }) => position <= plan.position) + 1,
    );
    for (const queued of plan.rows) {
      if (!queued.stored) {
        this.#stored++;
        this.#forgetFresh(queued);
      }
      queued.stored = true;
      queued.changed = false;
      if (queued.sentAtMs === null) queued.body = null;
    }
    this.#gone.clear();
    for (const { queued } of this.#dying.splice(0, plan.dead.length)) this.#forget(queued);
    this.#deadLetters = plan.died;
    this.told.saved(plan.sweep);
    this.#attempts.clear();
    const answered = new Set(plan.answered);
    this.#asked = this.#asked.filter(({ request }) => !answered.has(request));
    this.#settled = 0;
    if (!this.#isPartial) this.#unsavedSinceMs = null;
  }

  get #isLatest(): boolean {
    return (this.options.latest ?? null) !== null;
  }

  /** Whether what a message tells is told by one that is there. */
  #has(message: Message, nowMs: number): boolean {
    return this.#isLatest ? this.#lines.covers(message, nowMs) : this.#lines.has(message);
  }

  /** Whether a message is settled of which the store had a row. */
  #isSettled(id: string): boolean {
    return this.#deadAhead.has(id) || this.#gone.has(id) ||
      this.#dying.some(({ letter }) => letter.id === id);
  }

  #add(message: Message, source: Source, nowMs: number, draft: boolean): void {
    this.#fresh++;
    this.#freshLength += message.body.length;
    this.#lines.add(newlyQueued(message, source, nowMs, draft), nowMs);
  }

  #goes(queued: Queued, nowMs: number): Queued {
    began(queued, nowMs);
    this.#inFlight.add(queued);
    return queued;
  }

  /** A request is over. */
  #came(batch: readonly Queued[]): void {
    this.#requests--;
    for (const queued of batch) {
      this.#inFlight.delete(queued);
      queued.sentAtMs = null;
    }
  }

  #forgetFresh(queued: Queued): void {
    this.#fresh--;
    this.#freshLength -= queued.length;
    if (queued.source !== null) queued.source.left--;
    queued.source = null;
  }

  #touch(nowMs: number): void {
    this.#unsavedSinceMs ??= nowMs;
  }

  #probe(nowMs: number): Queued | null {
    const { failing } = this;
    if (failing === null || this.#inFlight.size > 0 || nowMs < failing.nextProbeAtMs) return null;
    return this.#lines.takeAny();
  }

  #answered(nowMs: number): void {
    const wasFailing = this.failing !== null;
    this.#breaker.answered();
    // They waited for somebody to be there.
    if (wasFailing) this.#lines.allDue(nowMs);
  }

  #leave(queued: Queued, nowMs: number): void {
    this.#settled++;
    this.#lines.remove(queued, nowMs);
    if (queued.stored) this.#gone.add(queued.id);
    this.#forget(queued);
  }

  #forget(queued: Queued): void {
    if (queued.stored) this.#stored--;
    else this.#forgetFresh(queued);
  }

  #failed(
    batch: readonly Queued[],
    { reason, afterMs, isBusy = false, isThere = false }: Extract<Outcome, { _tag: "Retry" }>,
    nowMs: number,
    random: number,
  ): void {
    // While nobody is there, it is not the message's fault.
    if (this.failing === null || isThere) { for (const queued of batch) queued.attempts++; }
    if (isThere) this.#answered(nowMs);
    else this.#breaker.failed(batch[0]?.key ?? "", nowMs, random);
    if (afterMs !== undefined) this.#pace.rest(afterMs, nowMs);
    if (isBusy) this.#pace.slowDown(nowMs);
    if (this.options.ends && this.#breaker.isOver(nowMs)) this.end(nobodyThere);
    for (const queued of batch) {
      const isSpent = queued.attempts > this.options.retryAfterMs.length;
      if (isSpent && !this.#isLatest) this.#die(queued, reason, nowMs, random);
      else this.#postpone(queued, reason, nowMs, random);
    }
  }

  /** The message is kept: perhaps somebody has the lane go on. */
  #gave(batch: readonly Queued[], reason: string, nowMs: number, random: number): void {
    if (!this.options.ends) return this.#failed(batch, { _tag: "Retry", reason }, nowMs, random);
    this.end({ code: "gone", reason: "The other side says that it is gone for good." });
    for (const queued of batch) this.#postpone(queued, reason, nowMs, random);
  }

  #postpone(queued: Queued, reason: string, nowMs: number, random: number): void {
    // A message that was never counted as failed waits as after the first time.
    queued.nextAtMs = nowMs + Math.ceil(this.#waitMs(Math.max(1, queued.attempts), random));
    queued.reason = shortened(reason);
    queued.changed = queued.stored;
    this.#lines.postpone(queued, nowMs);
  }

  /** The wait after so many attempts; none before the first. */
  #waitMs(attempts: number, random: number): number {
    return waitMs(this.options.retryAfterMs, attempts, random);
  }

  /** Unless there are too many of them: then it waits until somebody has looked. */
  #die(queued: Queued, reason: string, nowMs: number, random: number): void {
    if (this.deadLetters >= outboundLimits.deadLetters) {
      queued.attempts = Math.max(queued.attempts, this.options.retryAfterMs.length);
      return this.#postpone(queued, reason, nowMs, random);
    }
    this.#settled++;
    this.#lines.remove(queued, nowMs);
    this.#dying.push(dyingOf(queued, reason, nowMs));
  }
}
