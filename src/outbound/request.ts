/** What somebody may ask of the process that holds a lane. A request is stored, and stays until it is done. */
import type { Position } from "../store/log.ts";

export type LaneRequest =
  /** Sends a message again: a dead letter, one that waits, or one that was delivered. */
  | { readonly type: "redeliver"; readonly id: string }
  /** Forgets a dead letter. */
  | { readonly type: "dismiss"; readonly id: string }
  /** Takes the messages of an entry that was left out. */
  | { readonly type: "take"; readonly position: Position }
  /** Looks at once whether somebody answers again. */
  | { readonly type: "probe" }
  | RedeliverRange
  | Sweep;

/** Tells of all keys anew, marked or not, some of them at a time. */
export interface Sweep {
  readonly type: "sweep";
  /** Where the log ended when it was asked for: it and its messages are named by it. */
  readonly position: Position;
  /** Up to this key it is done. */
  readonly after: string;
}

/** Sends again what was sent, or what died, of the log between two positions; some of it at a time. */
export interface RedeliverRange {
  readonly type: "range";
  readonly name: string;
  /** Up to here it is done: the position of an entry, or the id of a dead letter. */
  readonly after: string;
  /** The last entry that belongs to it. */
  readonly upTo: Position;
  /** Patterns of the types of events; null for all. */
  readonly types: readonly string[] | null;
  /** Whether only dead letters are sent again. */
  readonly onlyDead: boolean;
}

/** The name of a request: a lane has one of each name at a time. */
export const requestName = (request: LaneRequest): string => {
  switch (request.type) {
    case "take":
      return request.position;
    case "probe":
      return "probe";
    // By their names they take turns, the oldest first.
    case "sweep":
      return `sweep_${request.position}`;
    case "range":
      return request.name;
    default:
      return request.id;
  }
};
