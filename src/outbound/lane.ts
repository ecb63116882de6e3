/**
 * One lane of messages to the outside, as the process that holds it has it in memory. It decides what is sent
 * when, what is written down, and how far the cursor may move: past an entry of the log once each of its
 * messages is settled or stored. Knows no clock, no store and no network: they tell it what happened.
 */
import { outboundLimits } from "./limits.ts";
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import { Breaker, type Failing } from "./breaker.ts";
import { Lines, type Queued, type Source, type Taken } from "./lines.ts";
import type { Attempt, Message, Outcome, Waiting } from "./message.ts";
import {
  type Asked,
  type Dying,
  dyingToSave,
  isLeftOut,
  isSlow,
  type LeftOut,
  lengthOf,
  type Plan,
  type Request,
  rowsToSave,
} from "./plan.ts";

export interface LaneOptions {
  /** Waits between the attempts of one message, milliseconds. */
  readonly retryAfterMs: readonly number[];
  readonly position: Position;
  readonly failing: Failing | null;
  readonly dead: {
    /** Dead letters that the store has. */
    readonly count: number;
    /** The ids of those that are of entries after the position. */
    readonly ahead: readonly string[];
  };
}

const messageOf = ({ id, key, body }: Queued): Message => ({ id, key, body: body ?? "" });

export class Lane {
  readonly #lines = new Lines();
  readonly #breaker: Breaker;
  readonly #taken: Taken[] = [];
  readonly #inFlight = new Set<Queued>();
  readonly #gone = new Set<string>();
  /** Messages that nobody is to try any more, until the store has them as such. */
  readonly #dying: Dying[] = [];
  #attempts: Attempt[] = [];
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
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #nowMs = Number.NEGATIVE_INFINITY;
  #position: Position;

  constructor(private readonly options: LaneOptions) {
    this.#position = options.position;
    this.#deadLetters = options.dead.count;
    this.#deadAhead = new Set(options.dead.ahead);
    this.#breaker = new Breaker(options.failing);
  }

  get failing(): Failing | null {
    return this.#breaker.failing;
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
    const { window, windowLength, waitingRows, deadLetters } = outboundLimits;
    // While nobody is there, one message is enough to see whether somebody is.
    return (this.failing === null || this.#lines.size === 0) &&
      this.#fresh < window && this.#freshLength < windowLength &&
      this.#stored < waitingRows && this.deadLetters < deadLetters;
  }

  /** The last entry up to which everything is settled; null for none after the cursor of the store. */
  progress(): { readonly position: Position; readonly atMs: number } | null {
    let last: Taken | null = null;
    for (const entry of this.#taken) {
      if (entry.left > 0) break;
      last = entry;
    }
    return last;
  }

  /** When the longest waiting message was first sent; null when none waits. */
  oldestFirstAtMs(): number | null {
    let oldestMs: number | null = null;
    for (const [first] of this.#lines.all()) {
      if (first === undefined || first.firstAtMs === null) continue;
      oldestMs = Math.min(oldestMs ?? first.firstAtMs, first.firstAtMs);
    }
    return oldestMs;
  }

  /** Takes over the rows of the store; they come in the order of their ids. */
  restore(rows: readonly Omit<Waiting, "body">[], nowMs: number): void {
    this.#nowMs = nowMs;
    this.#breaker.setBack(nowMs);
    for (const row of rows) {
      this.#stored++;
      this.#lines.add({
        ...row,
        // Another process may have written it, whose clock was ahead.
        nextAtMs: Math.min(row.nextAtMs, nowMs + this.#waitMs(row.attempts, 1)),
        body: null,
        sentAtMs: null,
        stored: true,
        changed: false,
        source: null,
      }, nowMs);
    }
  }

  /** An entry of the log, and what it makes of messages. Entries come in their order. */
  take(position: Position, atMs: number, messages: readonly Message[], nowMs: number): void {
    // After a crash the store may have some of an entry's messages already.
    const fresh = messages.filter((message) =>
      !this.#lines.has(message) && !this.#deadAhead.has(message.id)
    );
    const last = this.#taken.at(-1);
    if (fresh.length === 0 && last !== undefined && last.left === 0 && !isLeftOut(last)) {
      last.position = position;
      last.atMs = atMs;
      return;
    }
    const entry: Taken = { position, atMs, left: fresh.length };
    this.#taken.push(entry);
    for (const message of fresh) this.#lines.add(this.#newlyQueued(message, entry, nowMs), nowMs);
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

  /** Takes a request and the messages that it wants sent again; in their lines they stand by their ids. */
  ask(request: Request, messages: readonly Message[], nowMs: number): void {
    const fresh = messages.filter((message) => !this.#lines.has(message));
    const asked: Asked = { request, left: fresh.length };
    this.#asked.push(asked);
    for (const message of fresh) this.#lines.add(this.#newlyQueued(message, asked, nowMs), nowMs);
    this.#touch(nowMs);
  }

  /** The next message to send now, or null. It counts as being sent until `settle` or `unsent`. */
  next(nowMs: number): Queued | null {
    if (nowMs < this.#restUntilMs || this.#inFlight.size >= outboundLimits.concurrency) return null;
    const queued = this.failing === null ? this.#lines.takeDue(nowMs) : this.#probe(nowMs);
    if (queued === null) return null;
    queued.sentAtMs = nowMs;
    queued.firstAtMs ??= nowMs;
    this.#inFlight.add(queued);
    return queued;
  }

  /** It could not be sent, for a reason that is not the other side's: its body could not be read, say. */
  unsent(queued: Queued, nowMs: number): void {
    this.#inFlight.delete(queued);
    queued.sentAtMs = null;
    queued.nextAtMs = nowMs + outboundLimits.saveEveryMs;
    this.#lines.postpone(queued, nowMs);
  }

  /** Takes the outcome of an attempt; `random` is from 0 to 1. */
  settle(queued: Queued, outcome: Outcome, nowMs: number, random: number): void {
    const { id, key, sentAtMs } = queued;
    const atMs = sentAtMs ?? nowMs;
    this.#attempts.push({
      id,
      key,
      atMs,
      tookMs: nowMs - atMs,
      outcome: outcome._tag,
      ...(outcome._tag === "Delivered" ? {} : { reason: shortened(outcome.reason) }),
    });
    const { attemptsPerPage } = outboundLimits;
    if (this.#attempts.length > 2 * attemptsPerPage) this.#attempts.splice(0, attemptsPerPage);
    this.#inFlight.delete(queued);
    queued.sentAtMs = null;
    if (outcome._tag === "Retry") this.#failed(queued, outcome, nowMs, random);
    else {
      const wasFailing = this.failing !== null;
      this.#breaker.answered();
      if (outcome._tag === "Rejected") this.#die(queued, outcome.reason, nowMs, random);
      else this.#leave(queued, nowMs);
      // They waited for somebody to be there.
      if (wasFailing) this.#lines.allDue();
    }
    this.#touch(nowMs);
  }

  /** When there is something to do although nothing happens; perhaps earlier than that. */
  nextAtMs(): number {
    const { slowMs, concurrency } = outboundLimits;
    let nextMs = Number.POSITIVE_INFINITY;
    if (this.#inFlight.size < concurrency && this.#lines.size > this.#inFlight.size) {
      const { failing } = this;
      nextMs = failing === null
        ? this.#lines.nextDueMs()
        : this.#inFlight.size > 0
        ? nextMs
        : failing.nextProbeAtMs;
      nextMs = Math.max(nextMs, this.#restUntilMs);
    }
    for (const { stored, sentAtMs } of this.#inFlight) {
      if (!stored && sentAtMs !== null && this.#unsavedSinceMs === null) {
        nextMs = Math.min(nextMs, sentAtMs + slowMs);
      }
    }
    return nextMs;
  }

  /** Notices what takes so long that others must not wait for it, and a clock that was set back. */
  noteTime(nowMs: number): void {
    if (nowMs < this.#nowMs) {
      this.#lines.allDue();
      this.#breaker.setBack(nowMs);
      this.#restUntilMs = Math.min(this.#restUntilMs, nowMs);
    }
    this.#nowMs = nowMs;
    for (const queued of this.#inFlight) if (isSlow(queued, nowMs)) this.#touch(nowMs);
  }

  /** The writes of a commit now, as many as fit one. */
  plan(nowMs: number): Plan {
    const { items: dying, isPartial: moreDie } = dyingToSave(this.#dying);
    const { items: rows, isPartial: moreWait } = rowsToSave(this.#lines, dying, nowMs);
    this.#isPartial = moreDie || moreWait;
    const storing = new Map<Source, number>();
    for (const { source } of [...rows, ...dying.map(({ queued }) => queued)]) {
      if (source !== null) storing.set(source, (storing.get(source) ?? 0) + 1);
    }
    const isDone = (source: Source) => source.left <= (storing.get(source) ?? 0);
    const notDone = this.#taken.findIndex((entry) => !isDone(entry));
    const passed = notDone < 0 ? this.#taken : this.#taken.slice(0, notDone);
    const answered = this.#asked.filter(isDone).map(({ request }) => request);
    const last = passed.at(-1);
    const fewer = dying.filter(({ queued }) => queued.stored).length;
    return {
      waiting: this.#stored + rows.filter(({ stored }) => !stored).length - fewer,
      position: last?.position ?? this.#position,
      atMs: last?.atMs ?? null,
      failing: this.failing,
      rows,
      gone: [...this.#gone, ...dying.flatMap(({ queued: { stored, id } }) => stored ? [id] : [])],
      dead: dying.map(({ letter }) => letter),
      attempts: this.#attempts.slice(-outboundLimits.attemptsPerPage),
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
    this.#deadLetters += plan.dead.length - plan.answered.filter(({ buries }) => buries).length;
    this.#attempts = [];
    const answered = new Set(plan.answered);
    this.#asked = this.#asked.filter(({ request }) => !answered.has(request));
    this.#settled = 0;
    if (!this.#isPartial) this.#unsavedSinceMs = null;
  }

  #newlyQueued({ id, key, body }: Message, source: Source, nowMs: number): Queued {
    this.#fresh++;
    this.#freshLength += body.length;
    return {
      id,
      key,
      body,
      attempts: 0,
      firstAtMs: null,
      nextAtMs: nowMs,
      reason: null,
      sentAtMs: null,
      stored: false,
      changed: false,
      source,
    };
  }

  #forgetFresh(queued: Queued): void {
    this.#fresh--;
    this.#freshLength -= lengthOf(queued);
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
    queued: Queued,
    { reason, afterMs }: Extract<Outcome, { _tag: "Retry" }>,
    nowMs: number,
    random: number,
  ): void {
    const { retryAfterMs } = this.options;
    // While nobody is there, it is not the message's fault.
    if (this.failing === null) queued.attempts++;
    this.#breaker.failed(queued.key, nowMs, random);
    if (afterMs !== undefined) {
      const untilMs = nowMs + Math.min(afterMs, outboundLimits.longestRestMs);
      this.#restUntilMs = Math.max(this.#restUntilMs, untilMs);
    }
    if (queued.attempts > retryAfterMs.length) return this.#die(queued, reason, nowMs, random);
    this.#postpone(queued, reason, nowMs, random);
  }

  #postpone(queued: Queued, reason: string, nowMs: number, random: number): void {
    // A message that was never counted as failed waits as after the first time.
    const waitMs = this.#waitMs(Math.max(1, queued.attempts), random);
    queued.nextAtMs = nowMs + Math.ceil(waitMs);
    queued.reason = shortened(reason);
    queued.changed = queued.stored;
    this.#lines.postpone(queued, nowMs);
  }

  /** The wait after so many attempts; none before the first. */
  #waitMs(attempts: number, random: number): number {
    const { retryAfterMs } = this.options;
    const waitMs = retryAfterMs[Math.min(attempts, retryAfterMs.length) - 1] ?? 0;
    return waitMs * (1 + outboundLimits.jitter * random);
  }

  /** Unless there are too many of them: then it waits until somebody has looked. */
  #die(queued: Queued, reason: string, nowMs: number, random: number): void {
    if (this.deadLetters >= outboundLimits.deadLetters) {
      queued.attempts = Math.max(queued.attempts, this.options.retryAfterMs.length);
      return this.#postpone(queued, reason, nowMs, random);
    }
    this.#settled++;
    this.#lines.remove(queued, nowMs);
    const { attempts, firstAtMs } = queued;
    this.#dying.push({
      queued,
      letter: {
        ...messageOf(queued),
        attempts,
        firstAtMs,
        diedAtMs: nowMs,
        reason: shortened(reason),
      },
    });
  }
}

const shortened = (reason: string): string => reason.slice(0, outboundLimits.reasonLength);
