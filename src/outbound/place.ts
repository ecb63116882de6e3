/**
 * The place of a lane: where it stands in the log, who holds it, and what it must remember. A lane of a
 * document gets its first place in the commit that saves the document, so that it misses nothing since, and
 * sends nothing of before.
 */
import type { Position } from "../store/log.ts";
import { beginning } from "../store/log.ts";
import type { DocumentOutbox } from "../subject/reactor.ts";
import type { Saved } from "../subject/reference.ts";
import type { Failing, Silence } from "./breaker.ts";
import type { SweepState } from "./sweep.ts";

/** What a lane that begins forgets of one before it under the same name. */
export type Forgets = "everything" | "what waits";

export interface LanePlace {
  /** Everything up to here is settled, or has a row of its own. */
  readonly position: Position;
  /** Set where the position is that of the commit which wrote this place. */
  readonly isHere?: true;
  /** When the entry at the position was committed, epoch milliseconds. */
  readonly atMs: number | null;
  /** The process that holds the lane; null for none. */
  readonly holder: string | null;
  /** Counts the moves, so that a process knows its own after an unclear answer. */
  readonly moves: number;
  /** Rows of messages that wait, and of those that died. */
  readonly waiting: number;
  readonly died?: number;
  readonly failing: Failing | null;
  readonly silence?: Silence | null;
  /** When something was last delivered; absent for never, and in places of earlier versions. */
  readonly deliveredAtMs?: number;
  readonly sweep?: SweepState;
  /** The version of the document that it was sent for. */
  readonly version?: number;
  readonly forgets?: Forgets;
}

export const noPlace: LanePlace = {
  position: beginning,
  atMs: null,
  holder: null,
  moves: 0,
  waiting: 0,
  failing: null,
};

/** The place as it is meant: a place that says `isHere` does not know its own position. */
export const placeAt = (place: LanePlace, versionstamp: string): LanePlace => {
  if (place.isHere === undefined) return place;
  const { isHere: _, ...rest } = place;
  return { ...rest, position: versionstamp };
};

/** Between the name of an outbox and the id of a document. */
const separator = "/";

/** The name of a document's lane. */
export const laneOf = ({ name }: Pick<DocumentOutbox, "name">, id: string): string =>
  `${name}${separator}${id}`;

/** The name of the outbox that a lane is of. */
export const outboxOfLane = (lane: string): string => lane.split(separator, 1)[0] ?? lane;

/** The id of the document that a lane is of; null for the one lane of an outbox. */
export const documentOfLane = (lane: string): string | null => {
  const start = lane.indexOf(separator);
  return start < 0 ? null : lane.slice(start + 1);
};

/** The names of all lanes of an outbox's documents lie between these. */
export const lanesOf = (
  { name }: Pick<DocumentOutbox, "name">,
): { readonly from: string; readonly to: string } => ({ from: `${name}/`, to: `${name}0` });

/** The place that the commit of a change gives the document's lane; null where it keeps the one it has. */
export const placeOfChange = (
  outbox: DocumentOutbox,
  before: Saved | null,
  after: Saved | null,
): LanePlace | null => {
  if (after === null) return null;
  if (before === null) return { ...noPlace, isHere: true, forgets: "everything" };
  return outbox.startOf(before) === outbox.startOf(after)
    ? null
    : { ...noPlace, isHere: true, forgets: "what waits" };
};
