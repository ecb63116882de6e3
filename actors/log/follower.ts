/**
 * Hands log entries to a consumer, whatever goes wrong. While the store is not well the consumer waits, as
 * long as it takes. When an entry fails although the store is well, the entry or the code is at fault: the
 * entry is tried some times, alone, and then set aside, so that the consumer goes on.
 */
import { Cause, Clock, Data, Effect, Exit, Result, Semaphore } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { logLimits } from "../../src/store/limits.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { backOff } from "../../src/store/back-off.ts";
import { probe } from "../../src/store/probe.ts";
import { Store, StoreError } from "../../src/store/store.ts";
import { type Aside, whatFailed } from "./set-aside.ts";
import { Overloaded } from "../ledger/unit.ts";

export type HandleFailure = StoreError | Overloaded;

export interface Consumer {
  readonly name: string;
  /** Handles entries in their order. When it fails, it may have handled some of them already. */
  readonly handle: (entries: readonly LogEntry[]) => Effect.Effect<void, HandleFailure>;
  readonly aside: Aside;
  /** Handles an entry that was set aside, though later ones have been handled. */
  readonly again: (entry: LogEntry) => Effect.Effect<void, HandleFailure>;
}

/** The entry's value cannot be read; its content is not known. */
class UnreadableEntry extends Data.TaggedError("UnreadableEntry") {}

/** How many entries that had been set aside are handled now, and how many are left. */
export interface Retried {
  readonly handled: number;
  readonly left: number;
}

interface GaveUp {
  readonly cause: Cause.Cause<HandleFailure>;
  readonly tries: number;
}

const pause = Effect.fnUntraced(function* (name: string, cause: Cause.Cause<unknown>, n: number) {
  yield* Effect.logWarning(`${name} cannot handle the log for a moment`, cause);
  yield* backOff(logLimits.retryBackoff, n);
});

/** Repeats the effect until it works. */
export const untilItWorks = <A>(
  name: string,
  effect: Effect.Effect<A, StoreError>,
  n = 0,
): Effect.Effect<A> =>
  Effect.catch(
    effect,
    (error) => Effect.andThen(pause(name, Cause.fail(error), n), untilItWorks(name, effect, n + 1)),
  );

export const makeHandling = (consumer: Consumer, store: Store["Service"]) => {
  const { name, aside } = consumer;
  /** Entries that were set aside are handled between others, not beside them. */
  const turn = Semaphore.makeUnsafe(1);

  const guarded = (entries: readonly LogEntry[]): Effect.Effect<void, HandleFailure> =>
    entries.some(({ unreadable }) => unreadable)
      ? Effect.die(new UnreadableEntry())
      : Effect.suspend(() => consumer.handle(entries));

  /** Whether it says nothing of the entries. */
  const isPassing = (cause: Cause.Cause<HandleFailure>): Effect.Effect<boolean> => {
    if (Cause.hasInterruptsOnly(cause)) return Effect.succeed(true);
    const failure = Cause.findError(cause);
    if (Result.isFailure(failure)) return Effect.succeed(false);
    const error = failure.success;
    if (error._tag === "Overloaded" || error.reason !== undefined) return Effect.succeed(true);
    return Effect.match(probe(store), { onSuccess: () => false, onFailure: () => true });
  };

  /** Null when they are handled. */
  const attempt = Effect.fnUntraced(function* (entries: readonly LogEntry[], allowed: number) {
    let tries = 0;
    for (let n = 0;; n++) {
      const exit = yield* Effect.exit(turn.withPermit(guarded(entries)));
      if (Exit.isSuccess(exit)) return null;
      const { cause } = exit;
      if (!(yield* isPassing(cause))) tries++;
      const isHopeless = Cause.squash(cause) instanceof UnreadableEntry;
      if (tries >= allowed || isHopeless) return { cause, tries } satisfies GaveUp;
      yield* pause(name, cause, n);
    }
  });

  const setAside = Effect.fnUntraced(function* (entry: LogEntry, { cause, tries }: GaveUp) {
    const { position } = entry;
    yield* Effect.logError(`${name} sets the log entry at ${position} aside`, cause);
    const at = instantOf(yield* Clock.currentTimeMillis);
    const record = { consumer: name, position, error: whatFailed(cause), tries, at };
    yield* untilItWorks(name, turn.withPermit(aside.add(record, entry)));
  });

  /**
   * Handles all entries, or sets aside those that cannot be handled; tells of each entry that it has passed.
   */
  const handle = Effect.fnUntraced(function* (
    entries: readonly LogEntry[],
    passed: (entry: LogEntry) => void,
  ) {
    const failed = yield* attempt(entries, 1);
    if (failed !== null) {
      for (const entry of entries) {
        const gaveUp = yield* attempt([entry], logLimits.poisonTries);
        if (gaveUp !== null) yield* setAside(entry, gaveUp);
        passed(entry);
      }
    }
    const last = entries.at(-1);
    if (last !== undefined) passed(last);
  });

  /** Tries each entry that was set aside once more. */
  const retry = (
    entryAt: (position: string) => Effect.Effect<LogEntry | null, StoreError>,
  ): Effect.Effect<Retried, StoreError> =>
    Effect.gen(function* () {
      const retried = { handled: 0, left: 0 };
      for (const { position } of yield* aside.list) {
        const entry = yield* entryAt(position);
        const exit = entry === null
          ? Exit.void
          : entry.unreadable
          ? Exit.die(new UnreadableEntry())
          : yield* Effect.exit(turn.withPermit(Effect.suspend(() => consumer.again(entry))));
        if (Exit.isSuccess(exit)) {
          yield* aside.remove(position);
          retried.handled++;
        } else {
          yield* Effect.logError(`${name} still cannot handle ${position}`, exit.cause);
          retried.left++;
        }
      }
      return retried;
    });

  return { handle, retry };
};
