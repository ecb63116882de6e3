/** How a lane does, as people are told of it. */
import type { Instant } from "../kernel/instant.ts";
import { instantOf } from "../kernel/instant.ts";
import type { Lane } from "./lane.ts";
import type { Paused } from "./lane-options.ts";
import { outboundLimits } from "./limits.ts";
import type { LanePlace } from "./place.ts";
import type { SweepState } from "./sweep.ts";

export const laneStatuses = ["active", "failing", "paused", "disabled"] as const;
export type LaneStatus = (typeof laneStatuses)[number];

export interface LaneState {
  readonly name: string;
  /** Whether this process holds the lane. */
  readonly isHeld: boolean;
  readonly status: LaneStatus;
  /** Why it is not active, for people; null while it is. */
  readonly reason: string | null;
  readonly position: string;
  /** Messages that are not settled; of a lane that another process holds, those that wait in the store. */
  readonly messages: number;
  /** Messages that failed for good, and that nobody has looked after. */
  readonly deadLetters: number;
  /** Since when nobody answers at the other end, epoch milliseconds; null while somebody does. */
  readonly failingSinceMs: number | null;
  /** When something was last delivered, epoch milliseconds; null for never. */
  readonly deliveredAtMs: number | null;
  /** The sweep over all keys that is under way, or the last one; null where there was none. */
  readonly sweep: SweepState | null;
  /** Since when there was no success, and how many attempts failed since; null after a success. */
  readonly silentSince: { readonly at: Instant; readonly attempts: number } | null;
}

const pausedFor: Readonly<Record<Paused, string>> = {
  waiting: `${outboundLimits.waitingRows} messages wait: nothing more is taken from the log ` +
    "until some of them are delivered. None is lost.",
  failed: `${outboundLimits.deadLetters} messages failed for good: nothing more is taken from ` +
    "the log until somebody sends them again or dismisses them. None is lost.",
};

/** The bound that a lane has reached, by what the store says of it. */
const pausedAt = ({ waiting, died = 0 }: LanePlace): Paused | null =>
  waiting >= outboundLimits.waitingRows
    ? "waiting"
    : died >= outboundLimits.deadLetters
    ? "failed"
    : null;

/** `lane` is null where another process holds it. */
export const stateOf = (name: string, place: LanePlace, lane: Lane | null): LaneState => {
  const failing = lane === null ? place.failing : lane.failing;
  const silence = lane === null ? place.silence ?? null : lane.silence;
  const paused = lane === null ? pausedAt(place) : lane.paused;
  const status = failing !== null ? "failing" : paused !== null ? "paused" : "active";
  return {
    name,
    isHeld: lane !== null,
    status,
    reason: failing !== null
      ? "Nobody answers at the other end: the log keeps what is to be sent until somebody does."
      : paused !== null
      ? pausedFor[paused]
      : null,
    position: place.position,
    messages: lane?.depth ?? place.waiting,
    deadLetters: lane?.deadLetters ?? place.died ?? 0,
    failingSinceMs: failing?.sinceMs ?? null,
    deliveredAtMs: (lane === null ? place.deliveredAtMs : lane.told.deliveredAtMs) ?? null,
    sweep: (lane === null ? place.sweep : lane.told.sweep) ?? null,
    silentSince: silence === null
      ? null
      : { at: instantOf(silence.sinceMs), attempts: silence.attempts },
  };
};
