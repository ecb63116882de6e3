/**
 * Observers of the log, which keep facts of it in the memory of every process. An observer is no reactor. It
 * runs in every process, so it changes nothing but that memory: it gets records and returns nothing, neither
 * a write nor a call.
 */
import { Effect, type Scope } from "effect";
import type { LogRecord } from "../../src/subject/record.ts";
import { LogTail } from "./log-tail.ts";
import { asideInMemory } from "./set-aside.ts";

/**
 * Hands on every record that is committed from now on, by this or another process, until the scope closes.
 * When a record cannot be handled, `forgetAll` makes the memory right.
 */
export const observe = (
  name: string,
  onRecord: (record: LogRecord) => void,
  forgetAll: () => void,
): Effect.Effect<void, never, LogTail | Scope.Scope> =>
  Effect.flatMap(
    LogTail,
    (tail) => {
      const aside = asideInMemory();
      return tail.follow(
        name,
        tail.position(),
        (entries) =>
          Effect.sync(() => {
            for (const { records } of entries) records.forEach(onRecord);
          }),
        {
          aside: {
            ...aside,
            add: (...given) => Effect.andThen(Effect.sync(forgetAll), aside.add(...given)),
          },
        },
      );
    },
  );
