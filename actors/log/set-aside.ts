/**
 * Log entries that a consumer could not handle, however often it tried, and where they are noted. While there
 * are any, the consumer's results are incomplete. They are tried again when a process starts.
 */
import { Cause, Effect } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { logLimits } from "../../src/store/limits.ts";
import type { SetAside } from "../../src/store/documents.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry, Position } from "../../src/store/log.ts";
import { type Store, StoreError } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";

/** The place where one consumer notes the entries that it sets aside. */
export interface Aside {
  /** Before the consumer goes on behind the entry. */
  readonly add: (setAside: SetAside, entry: LogEntry) => Effect.Effect<void, StoreError>;
  readonly remove: (position: Position) => Effect.Effect<void, StoreError>;
  /** Oldest first, and not without end. */
  readonly list: Effect.Effect<readonly SetAside[], StoreError>;
}

/** An entry that is set aside, as it is stored. */
export interface Note extends SetAside {
  /** How many of the entry's changes are done; absent for none. */
  readonly done?: number;
}

const setAsideOf = ({ consumer, position, error, tries, at }: Note): SetAside => ({
  consumer,
  position,
  error,
  tries,
  at,
});

/** For consumers that live in the memory of one process only. */
export const asideInMemory = (): Aside => {
  const entries = new Map<Position, SetAside>();
  return {
    add: (entry) =>
      Effect.sync(() => {
        if (entries.size < logLimits.setAsideListed) entries.set(entry.position, entry);
      }),
    remove: (position) => Effect.sync(() => void entries.delete(position)),
    list: Effect.sync(() => [...entries.values()]),
  };
};

/** For consumers whose results are in the store, and so shared by all processes. */
export const asideInStore = (store: Store["Service"], consumer: string): Aside => ({
  add: (entry) =>
    Effect.asVoid(store.commit({
      checks: [],
      mutations: [{
        type: "set",
        key: keys.setAside(consumer, entry.position),
        value: encodeJson(entry),
      }],
    })),
  remove: (position) =>
    Effect.asVoid(store.commit({
      checks: [],
      mutations: [{ type: "delete", key: keys.setAside(consumer, position) }],
    })),
  list: Effect.map(
    store.list({ ...below(["set_aside", consumer]), limit: logLimits.setAsideListed }),
    (entries) =>
      entries.flatMap(({ value }) => value === null ? [] : [setAsideOf(decodeJson(value))]),
  ),
});

/** A place in the project's own code, out of a stack trace. */
const ownCode = /\b(?:src|actors|api)\/[\w/.-]+\.tsx?:\d+/;

/**
 * Says what failed and where. It leaves out the message of an error in the code, which may quote personal
 * data. The process's log has the whole error.
 */
export const whatFailed = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause);
  if (error instanceof StoreError) {
    return `${error.operation}: ${error.detail}`.slice(0, textLimits.reason);
  }
  if (!(error instanceof Error)) return "Something was thrown that is no error.";
  const place = ownCode.exec(error.stack ?? "")?.[0];
  return place === undefined ? error.name : `${error.name} in ${place}`;
};
