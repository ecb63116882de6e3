/** Messages that are to be sent, in a line for each key: only the first of a line may go. */
import type { Position } from "../store/log.ts";

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
  attempts: number;
  firstAtMs: number | null;
  nextAtMs: number;
  reason: string | null;
  /** Since when it is being sent. */
  sentAtMs: number | null;
  /** Whether the store has a row of it. */
  stored: boolean;
  /** Whether that row is of an earlier state. */
  changed: boolean;
  /** Until the store has it. */
  source: Source | null;
}

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

  all(): Iterable<readonly Queued[]> {
    return this.#lines.values();
  }

  has({ key, id }: { readonly key: string; readonly id: string }): boolean {
    const line = this.#lines.get(key);
    return line !== undefined && line[indexOfId(line, id)]?.id === id;
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

  /** Everything that is first in its line is due. */
  allDue(): void {
    this.#ready.push(...this.#delayed.splice(0));
  }

  /** When the next message is due; infinite when none is. */
  nextDueMs(): number {
    return this.#ready.length > 0
      ? Number.NEGATIVE_INFINITY
      : this.#delayed[0]?.nextAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next message that is due; the caller says later what became of it. */
  takeDue(nowMs: number): Queued | null {
    const due = indexOfDue(this.#delayed, nowMs);
    if (due > 0) this.#ready.push(...this.#delayed.splice(0, due));
    return this.#ready.shift() ?? null;
  }

  /** Takes the first of a line, due or not, that has waited longest for its next attempt. */
  takeAny(): Queued | null {
    return this.#delayed.shift() ?? this.#ready.shift() ?? null;
  }

  #schedule(message: Queued, nowMs: number): void {
    if (message.nextAtMs <= nowMs) this.#ready.push(message);
    else this.#delayed.splice(indexOfDue(this.#delayed, message.nextAtMs), 0, message);
  }

  #unschedule(message: Queued): void {
    for (const list of [this.#ready, this.#delayed]) {
      const index = list.indexOf(message);
      if (index >= 0) list.splice(index, 1);
    }
  }
}
