/** The metrics of lanes. */
import { Effect, Metric } from "effect";
import type { Lane } from "../../src/outbound/lane.ts";
import type { Outcome } from "../../src/outbound/message.ts";

const depth = Metric.gauge("allot_outbox_messages", {
  description: "Messages of a lane that are taken from the log and not settled",
});
const oldest = Metric.gauge("allot_outbox_oldest_seconds", {
  description: "Seconds since the longest waiting message of a lane was first sent",
});
const deadLetters = Metric.gauge("allot_outbox_dead_letters", {
  description: "Messages of a lane that are not sent any more until somebody says so",
});
const failing = Metric.gauge("allot_outbox_failing", {
  description: "1 while nobody answers at the other end of a lane, else 0",
});
const attempts = Metric.counter("allot_outbox_attempts_total", {
  description: "Attempts to deliver a message of a lane, by outcome",
  incremental: true,
});

export const countAttempt = (lane: string, { _tag }: Outcome): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(attempts, { lane, outcome: _tag.toLowerCase() }), 1);

/** Shows a lane as this process holds it; nothing of one that it does not hold. */
export const showLane = Effect.fnUntraced(function* (
  name: string,
  lane: Lane | null,
  nowMs: number,
) {
  const show = (gauge: Metric.Gauge<number>, value: number) =>
    Metric.update(Metric.withAttributes(gauge, { lane: name }), value);
  const oldestAtMs = lane?.oldestFirstAtMs() ?? null;
  yield* show(depth, lane?.depth ?? 0);
  yield* show(oldest, oldestAtMs === null ? 0 : Math.max(0, nowMs - oldestAtMs) / 1_000);
  yield* show(deadLetters, lane?.deadLetters ?? 0);
  yield* show(failing, lane?.failing ? 1 : 0);
});
