/** What a lane begins with, and the words for how it pauses and ends. */
import type { Position } from "../store/log.ts";
import type { LaneEnding } from "../subject/reactor.ts";
import type { Failing, Silence } from "./breaker.ts";
import type { SweepState } from "./sweep.ts";

export interface LaneOptions {
  /** Waits between the attempts of one message, milliseconds. */
  readonly retryAfterMs: readonly number[];
  readonly position: Position;
  readonly failing: Failing | null;
  readonly silence: Silence | null;
  /** When something was last delivered; null for never. */
  readonly deliveredAtMs?: number | null;
  readonly sweep?: SweepState | null;
  /** Whether it ends by itself, when nobody was there for days or the other side wants nothing any more. */
  readonly ends: boolean;
  /** Whether the bodies that it takes are drafts, to be completed at the first attempt. */
  readonly drafts: boolean;
  /** Where only the newest of each key matters: how many keys one request tells of. */
  readonly latest?: { readonly batch: number } | null;
  readonly dead: {
    /** Dead letters that the store has. */
    readonly count: number;
    /** The ids of those that are of entries after the position. */
    readonly ahead: readonly string[];
  };
}

/** The bound that keeps a lane from taking more: of messages that wait, or of those that failed for good. */
export type Paused = "waiting" | "failed";

export const nobodyThere: LaneEnding = {
  code: "silent",
  reason: "No attempt succeeded for five days.",
};
