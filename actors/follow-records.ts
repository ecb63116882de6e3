import { Effect, type Scope } from "effect";
import type { LogRecord } from "../src/store/log.ts";
import { LogTail } from "./log-tail.ts";

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
