/** The writes of one commit of a lane: its place, and rows for messages that do not go well, as many as fit. */
import { elapsedMs } from "../kernel/instant.ts";
import { outboundLimits } from "./limits.ts";
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import { shortened } from "./attempt.ts";
import type { Failing, Silence } from "./breaker.ts";
import type { Lines, Queued, Source, Taken } from "./lines.ts";
import type { Attempt, DeadLetter } from "./message.ts";
import type { LaneRequest } from "./request.ts";
import type { SweepPart, SweepState } from "./sweep.ts";

/** The lane counts on a plan only after `saved`. */
export interface Plan {
  readonly position: Position;
  /** When the entry at the position was committed; null when it has not moved. */
  readonly atMs: number | null;
  readonly failing: Failing | null;
  readonly silence: Silence | null;
  /** When something was last delivered; null for never. */
  readonly deliveredAtMs: number | null;
  readonly sweep: SweepState | null;
  /** Rows that the store has then, of messages that wait and of those that died. */
  readonly waiting: number;
  readonly died: number;
  readonly rows: readonly Queued[];
  /** Ids of rows that go. */
  readonly gone: readonly string[];
  readonly dead: readonly DeadLetter[];
  readonly attempts: readonly Attempt[];
  /** Entries that no messages can be made of. */
  readonly leftOut: readonly SetAside[];
  /** Requests that are done with it. */
  readonly answered: readonly Request[];
}

/** A request that the lane works on. */
export interface Request {
  readonly name: string;
  /** Dead letters that go when it is done. */
  readonly buries: readonly string[];
  /** What is asked for then, where this is only a part of it. */
  readonly next?: LaneRequest;
  /** That of an entry of which still no messages can be made. */
  readonly note?: SetAside;
  /** Set where it is a part of a sweep. */
  readonly sweep?: SweepPart;
}

export interface Asked extends Source {
  readonly request: Request;
}

export interface Dying {
  readonly queued: Queued;
  readonly letter: DeadLetter;
}

/** A message that nobody is to try any more, as it is kept. */
export const dyingOf = (queued: Queued, reason: string, nowMs: number): Dying => {
  const { id, key, body, correlation, attempts, firstAtMs, draft } = queued;
  return {
    queued,
    letter: {
      id,
      key,
      body: body ?? "",
      ...(correlation === undefined ? {} : { correlation }),
      attempts,
      firstAtMs,
      diedAtMs: nowMs,
      reason: shortened(reason),
      ...(draft ? { draft } : {}),
    },
  };
};

export interface LeftOut extends Taken {
  readonly note: SetAside;
}

export const isLeftOut = (entry: Taken): entry is LeftOut => "note" in entry;

/** A part of what there is to save. */
export interface Share<A> {
  readonly items: readonly A[];
  /** Whether there is more. */
  readonly isPartial: boolean;
}

export const lengthOf = ({ body }: Queued): number => body?.length ?? 0;

/** Whether others have waited long enough for its answer. */
export const isSlow = ({ stored, sentAtMs }: Queued, nowMs: number): boolean =>
  !stored && sentAtMs !== null && elapsedMs(sentAtMs, nowMs) >= outboundLimits.slowMs;

/** When one of those being sent is slow; infinite when none will be. */
export const slowAtMs = (inFlight: Iterable<Queued>): number => {
  let atMs = Number.POSITIVE_INFINITY;
  for (const { stored, sentAtMs } of inFlight) {
    if (!stored && sentAtMs !== null) atMs = Math.min(atMs, sentAtMs + outboundLimits.slowMs);
  }
  return atMs;
};

/** Whether others of its key wait for more than their turn. */
const isHeld = (first: Queued, nowMs: number): boolean =>
  first.stored || first.reason !== null || isSlow(first, nowMs);

export const dyingToSave = (dying: readonly Dying[]): Share<Dying> => {
  const { rowsPerSave, lengthPerSave } = outboundLimits;
  let length = 0;
  const over = dying.findIndex(({ queued }, n) =>
    n >= rowsPerSave || (length += lengthOf(queued)) > lengthPerSave
  );
  return over < 0
    ? { items: [...dying], isPartial: false }
    : { items: dying.slice(0, over), isPartial: true };
};

/** The last entry up to which all are done; null for none. */
export const lastDone = (taken: readonly Taken[]): Taken | null => {
  let last: Taken | null = null;
  for (const entry of taken) {
    if (entry.left > 0) break;
    last = entry;
  }
  return last;
};

/** Whether a source is done once these messages are stored. */
export const doneWith = (
  rows: readonly Queued[],
  dying: readonly Dying[],
): (source: Source) => boolean => {
  const storing = new Map<Source, number>();
  for (const { source } of [...rows, ...dying.map(({ queued }) => queued)]) {
    if (source !== null) storing.set(source, (storing.get(source) ?? 0) + 1);
  }
  return (source) => source.left <= (storing.get(source) ?? 0);
};

/** In lines whose first message failed or takes long, all; elsewhere none: what goes well is not written. */
export const rowsToSave = (
  lines: Lines,
  beside: readonly Dying[],
  nowMs: number,
): Share<Queued> => {
  const { rowsPerSave, lengthPerSave } = outboundLimits;
  const items: Queued[] = [];
  let length = beside.reduce((sum, { queued }) => sum + lengthOf(queued), 0);
  for (const line of lines.all()) {
    const [first] = line;
    if (first === undefined || !isHeld(first, nowMs)) continue;
    for (const queued of line) {
      if (queued.stored && !queued.changed) continue;
      length += lengthOf(queued);
      if (items.length >= rowsPerSave || length > lengthPerSave) return { items, isPartial: true };
      items.push(queued);
    }
  }
  return { items, isPartial: false };
};
