/** The writes of one commit of a lane: its place, and rows for messages that do not go well, as many as fit. */
import { elapsedMs } from "../kernel/instant.ts";
import { outboundLimits } from "./limits.ts";
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import type { Failing } from "./breaker.ts";
import type { Lines, Queued, Source, Taken } from "./lines.ts";
import type { Attempt, DeadLetter } from "./message.ts";

/** The lane counts on a plan only after `saved`. */
export interface Plan {
  readonly position: Position;
  /** When the entry at the position was committed; null when it has not moved. */
  readonly atMs: number | null;
  readonly failing: Failing | null;
  /** Rows that the store has then. */
  readonly waiting: number;
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

/** Somebody asked for a dead letter to be sent again or forgotten, or for an entry that was left out. */
export interface Request {
  /** The id of the dead letter, or the position of the entry. */
  readonly name: string;
  /** Whether a dead letter goes when it is done. */
  readonly buries: boolean;
  /** That of an entry of which still no messages can be made. */
  readonly note?: SetAside;
}

export interface Asked extends Source {
  readonly request: Request;
}

export interface Dying {
  readonly queued: Queued;
  readonly letter: DeadLetter;
}

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
