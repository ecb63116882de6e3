/** Lets processes that write at the same partitions take turns at going first. */
import { Clock, Effect, Random } from "effect";
import { ledgerLimits } from "./limits.ts";
import type { Partition } from "./fences.ts";

/** Whether this process has lately lost a race at one of the partitions. */
export const isContended = (touched: readonly Partition[]): Effect.Effect<boolean> =>
  Effect.map(
    Clock.currentTimeMillis,
    (nowMs) =>
      touched.some(({ contendedAtMs }) => nowMs - contendedAtMs < ledgerLimits.contendedMs),
  );

/**
 * How long a process rests after a commit that raced with others: about the time of one commit, so that no
 * process goes on for ever while the others only lose. Units that come meanwhile go together.
 */
export const restMs = Effect.fnUntraced(function* (startedMs: number) {
  const tookMs = (yield* Clock.currentTimeMillis) - startedMs;
  return Math.min(ledgerLimits.restCapMs, tookMs) * (0.4 + 0.6 * (yield* Random.next));
});
