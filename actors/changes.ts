/** How services that keep what they read learn of changes, and how they make changes of their own. */
import { Duration, Effect, Schedule, type Scope } from "effect";
import { actorLimits } from "../src/limits.ts";
import type { LogRecord } from "../src/store/log.ts";
import { LogTail } from "./log-tail.ts";
import { Conflict } from "./unit.ts";

/** Hands on every record that is committed from now on, by this or another process, until the scope closes. */
export const followRecords = (
  name: string,
  onRecord: (record: LogRecord) => void,
): Effect.Effect<void, never, LogTail | Scope.Scope> =>
  Effect.flatMap(
    LogTail,
    (tail) =>
      tail.follow(name, tail.position(), (entries) =>
        Effect.sync(() => {
          for (const { records } of entries) records.forEach(onRecord);
        })),
  );

const backoff = Schedule.exponential(Duration.millis(actorLimits.decisionBackoffMs)).pipe(
  Schedule.modifyDelay(({ duration }) =>
    Effect.succeed(Duration.min(duration, Duration.millis(actorLimits.decisionBackoffCapMs)))
  ),
  Schedule.jittered,
);

/** Reads, decides and submits again after a conflict, as often as `actorLimits.decisionTries` allows. */
export const whileConflicting = <A, E, R>(
  change: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.retry(change, {
    while: (error) => error instanceof Conflict,
    times: actorLimits.decisionTries - 1,
    schedule: backoff,
  });
