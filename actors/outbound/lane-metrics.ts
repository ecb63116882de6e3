/** The metrics of lanes. */
import { Effect, Metric } from "effect";
import type { Outcome } from "../../src/outbound/message.ts";
import type { Hold } from "./lane-hold.ts";

const lag = Metric.gauge("allot_lane_lag_seconds", {
  description: "Seconds of the log that a lane is behind",
});
const depth = Metric.gauge("allot_lane_messages", {
  description: "Messages of a lane that are taken from the log and not settled",
});
const parked = Metric.gauge("allot_lane_parked", {
  description: "Messages of a lane that wait in the store for another attempt, or behind one",
});
const oldest = Metric.gauge("allot_lane_oldest_seconds", {
  description: "Seconds since the longest waiting message of a lane was first sent",
});
const failed = Metric.gauge("allot_lane_failed", {
  description: "Messages of a lane that are not sent any more until somebody says so",
});
const failing = Metric.gauge("allot_lane_failing", {
  description: "1 while nobody answers at the other end of a lane, else 0",
});
const attempts = Metric.counter("allot_lane_attempts_total", {
  description: "Attempts to deliver a message of a lane, by outcome",
  incremental: true,
});

/** Counts attempts of one lane; made once, so that counting is a look-up. */
export const attemptCounter = (lane: string): (outcome: Outcome) => Effect.Effect<void> => {
  const byOutcome = new Map<Outcome["_tag"], Metric.Counter<number>>();
  return ({ _tag }) => {
    let counter = byOutcome.get(_tag);
    if (counter === undefined) {
      counter = Metric.withAttributes(attempts, { lane, outcome: _tag.toLowerCase() });
      byOutcome.set(_tag, counter);
    }
    return Metric.update(counter, 1);
  };
};

/** The time between the commit of the newest entry and that of the last one that is settled. */
const secondsBehind = ({ lane, options: { tail, cursor } }: LaneHeld, nowMs: number): number => {
  const { position, atMs = null } = lane.progress() ?? cursor.place ?? { position: "" };
  return position >= tail.position() ? 0 : Math.max(0, nowMs - (atMs ?? nowMs)) / 1_000;
};

type LaneHeld = Pick<Hold, "lane" | "options">;

/** Shows a lane as this process holds it; zeros of one that it does not hold. */
export const showLane = Effect.fnUntraced(function* (
  name: string,
  held: LaneHeld | null,
  nowMs: number,
) {
  const show = (gauge: Metric.Gauge<number>, value: number) =>
    Metric.update(Metric.withAttributes(gauge, { lane: name }), value);
  const lane = held?.lane;
  const oldestAtMs = lane?.oldestFirstAtMs() ?? null;
  yield* show(lag, held === null ? 0 : secondsBehind(held, nowMs));
  yield* show(depth, lane?.depth ?? 0);
  yield* show(parked, lane?.waitingRows ?? 0);
  yield* show(oldest, oldestAtMs === null ? 0 : Math.max(0, nowMs - oldestAtMs) / 1_000);
  yield* show(failed, lane?.deadLetters ?? 0);
  yield* show(failing, lane?.failing ? 1 : 0);
});
