/** Waits between the tries of something that failed. */
import { Effect, Random } from "effect";
import { type Backoff, waitMs } from "../kernel/backoff.ts";

/** Waits after a failure that so many others came before. */
export const backOff = (backoff: Backoff, failures: number): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (random) => Effect.sleep(waitMs(backoff, failures, random)));
