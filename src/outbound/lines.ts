/** Messages that are to be sent, in a line for each key: only the first of a line may go. */
import type { Correlation } from "../kernel/correlation.ts";
import type { Position } from "../store/log.ts";
import type { Message, Waiting } from "./message.ts";

/** The origin of messages, an entry of the log or a request: it is done when all of them are. */
export interface Source {
  /** Its messages that are neither settled nor stored. */
  left: number;
}

/** An entry of the log that was taken from it: the cursor may not pass it before its messages. */
export interface Taken extends Source {
  position: Position;
  atMs: number;
}

/** A message on its way. */
export interface Queued {
  readonly id: string;
  readonly key: string;
  /** Null while only the store has it. */
  body: string | null;
  /** Whether the rest of the body is added at the first attempt. */
  draft: boolean;
  /** The length of the body as it was taken, which the window counts. */
  readonly length: number;
  /** The request that it came of. */
  readonly correlation?: Correlation | undefined;
  isUrgent: boolean;
  readonly isSwept: boolean;
  attempts: number;
  firstAtMs: number | null;
  nextAtMs: number;
  reason: string | null;
  /** Since when it is being sent. */
  sentAtMs: number | null;
  /** When this process last tried it. */
  triedAtMs: number | null;
  /** Whether the store has a row of it. */
  stored: boolean;
  /** Whether that row is of an earlier state. */
  changed: boolean;
  /** Until the store has it. */
  source: Source | null;
}

/** A message that is new to the lane. */
export const newlyQueued = (
  { id, key, body, correlation, afterMs = 0, isUrgent = false, isSwept = false }: Message,
  source: Source,
  nowMs: number,
  draft: boolean,
): Queued => ({
  id,
  key,
  body,
  draft,
  length: body.length,
  ...(correlation === undefined ? {} : { correlation }),
  isUrgent,
  isSwept,
  attempts: 0,
  firstAtMs: null,
  nextAtMs: nowMs + afterMs,
  reason: null,
  sentAtMs: null,
  triedAtMs: null,
  stored: false,
  changed: false,
  source,
});

/** An attempt to send it begins. */
export const began = (queued: Queued, nowMs: number): void => {
  queued.sentAtMs = nowMs;
  queued.triedAtMs = nowMs;
  queued.firstAtMs ??= nowMs;
};

/** A message of which the store has a row. */
export const queuedAgain = (row: Omit<Waiting, "body">, nextAtMs: number): Queued => ({
  ...row,
  isUrgent: false,
  isSwept: false,
  nextAtMs,
  body: null,
  draft: row.draft ?? false,
  length: 0,
  sentAtMs: null,
  triedAtMs: null,
  stored: true,
  changed: false,
  source: null,
});

/**
 * The index at which a message of the id stands in its line, or would. The first may be out of order while it
 * is being sent: others may have come that were before it in the log.
 */
const indexOfId = (line: readonly Queued[], id: string): number => {
  const [first] = line;
  if (first?.id === id) return 0;
  let low = first?.sentAtMs === null ? 0 : 1;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((line[middle]?.id ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The index at which a message that is due then stands among others that are sorted by it. */
const indexOfDue = (delayed: readonly Queued[], nextAtMs: number): number => {
  let low = 0;
  let high = delayed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((delayed[middle]?.nextAtMs ?? 0) <= nextAtMs) low = middle + 1;
    else high = middle;
  }
  return low;
};

const any = (): boolean => true;

export class Lines {
  readonly #lines = new Map<string, Queued[]>();
  /** First of their lines, and due. */
  readonly #ready: Queued[] = [];
  /** First of their lines, and due later: sorted by when. */
  readonly #delayed: Queued[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many keys have a message in them. */
  get keys(): number {
    return this.#lines.size;
  }

  all(): Iterable<readonly Queued[]> {
    return this.#lines.values();
  }

  /** When the first message of a line was first sent that was so the longest ago; null for none. */
  oldestFirstAtMs(): number | null {
    let oldestMs: number | null = null;
    for (const [first] of this.#lines.values()) {
      if (first === undefined || first.firstAtMs === null) continue;
      oldestMs = Math.min(oldestMs ?? first.firstAtMs, first.firstAtMs);
    }
    return oldestMs;
  }

  has({ key, id }: { readonly key: string; readonly id: string }): boolean {
    const line = this.#lines.get(key);
    return line !== undefined && line[indexOfId(line, id)]?.id === id;
  }

  /**
   * Whether one of its key waits that will tell what this one would, since what is told is read when it is
   * sent. That one goes no later than this one would; one that has failed keeps its time.
   */
  covers(message: Message, nowMs: number): boolean {
    const { key, afterMs = 0, isUrgent = false } = message;
    const line = this.#lines.get(key);
    const waiting = line?.find(({ sentAtMs }) => sentAtMs === null);
    if (waiting === undefined) return this.has(message);
    const nextAtMs = Math.min(waiting.nextAtMs, nowMs + afterMs);
    const isEarlier = nextAtMs < waiting.nextAtMs || (isUrgent && !waiting.isUrgent);
    if (waiting.attempts > 0 || !isEarlier) return true;
    const isFirst = line?.[0] === waiting;
    if (isFirst) this.#unschedule(waiting);
    waiting.nextAtMs = nextAtMs;
    waiting.isUrgent ||= isUrgent;
    if (isFirst) this.#schedule(waiting, nowMs);
    return true;
  }

  /** By its id in its line, but behind one that is being sent. */
  add(message: Queued, nowMs: number): void {
    this.#size++;
    const line = this.#lines.get(message.key);
    const first = line?.[0];
    if (line === undefined || first === undefined) {
      this.#lines.set(message.key, [message]);
      return this.#schedule(message, nowMs);
    }
    const index = indexOfId(line, message.id);
    line.splice(index, 0, message);
    if (index > 0) return;
    this.#unschedule(first);
    this.#schedule(message, nowMs);
  }

  /** The first of a line goes; the next takes its place. */
  remove({ key }: Queued, nowMs: number): void {
    const line = this.#lines.get(key);
    if (line === undefined) return;
    line.shift();
    this.#size--;
    const [next] = line;
    if (next === undefined) this.#lines.delete(key);
    else this.#schedule(next, nowMs);
  }

  /** The first of a line is not sent any more, and stays: in its order, and due at its time. */
  postpone(message: Queued, nowMs: number): void {
    const line = this.#lines.get(message.key);
    const next = line?.[1];
    if (line === undefined || next === undefined || next.id > message.id) {
      return this.#schedule(message, nowMs);
    }
    line.shift();
    line.splice(indexOfId(line, message.id), 0, message);
    this.#schedule(next, nowMs);
  }

  /** Everything is due: what is first in its line now, the others once they are. */
  allDue(nowMs: number): void {
    this.#ready.push(...this.#delayed.splice(0));
    for (const line of this.#lines.values()) {
      for (let n = 1; n < line.length; n++) {
        const behind = line[n];
        if (behind !== undefined) behind.nextAtMs = Math.min(behind.nextAtMs, nowMs);
      }
    }
  }

  /** Everything that is first in its line and was not tried yet is due. */
  untriedDue(nowMs: number): void {
    const untried = this.#delayed.filter(({ attempts }) => attempts === 0);
    if (untried.length === 0) return;
    const tried = this.#delayed.filter(({ attempts }) => attempts > 0);
    this.#delayed.splice(0, this.#delayed.length, ...tried);
    for (const message of untried) message.nextAtMs = nowMs;
    this.#ready.push(...untried);
  }

  /** When the next message is due; infinite when none is. */
  nextDueMs(): number {
    return this.#ready.length > 0
      ? Number.NEGATIVE_INFINITY
      : this.#delayed[0]?.nextAtMs ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Takes the next message that is due, unless it is not wanted; the caller says later what became of it.
   */
  takeDue(nowMs: number, isWanted: (message: Queued) => boolean = any): Queued | null {
    const due = indexOfDue(this.#delayed, nowMs);
    if (due > 0) this.#ready.push(...this.#delayed.splice(0, due));
    const [next] = this.#ready;
    if (next === undefined || !isWanted(next)) return null;
    this.#ready.shift();
    return next;
  }

  /**
   * Takes the first of a line, due or not, that was not tried for the longest time: one that always fails must
   * not hide that others would be taken.
   */
  takeAny(): Queued | null {
    let oldest: Queued | null = null;
    for (const each of [...this.#delayed, ...this.#ready]) {
      if (oldest === null || (each.triedAtMs ?? 0) < (oldest.triedAtMs ?? 0)) oldest = each;
    }
    if (oldest !== null) this.#unschedule(oldest);
    return oldest;
  }

  /** A message that waits for its next attempt waits no longer, once it is the first of its line. */
  hurry({ key, id }: { readonly key: string; readonly id: string }, nowMs: number): void {
    const line = this.#lines.get(key);
    const found = line?.[indexOfId(line, id)];
    if (found?.id !== id || found.sentAtMs !== null) return;
    const isFirst = line?.[0] === found;
    if (isFirst) this.#unschedule(found);
    found.nextAtMs = nowMs;
    if (isFirst) this.#schedule(found, nowMs);
  }

  #schedule(message: Queued, nowMs: number): void {
    if (message.nextAtMs <= nowMs) {
      if (message.isUrgent) this.#ready.unshift(message);
      else this.#ready.push(message);
    } else this.#delayed.splice(indexOfDue(this.#delayed, message.nextAtMs), 0, message);
  }

  #unschedule(message: Queued): void {
    for (const list of [this.#ready, this.#delayed]) {
      const index = list.indexOf(message);
      if (index >= 0) list.splice(index, 1);
    }
  }
}
