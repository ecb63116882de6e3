/** Reads everything of the store in bounded pages. What cannot be read is a finding, not a failure. */
import { Effect } from "effect";
import { verifyLimits } from "./limits.ts";
import { below } from "../kernel/key.ts";
import { keys } from "../store/keys.ts";
import { beginning, type LogEntry, type Position, type StoredLogEntry } from "../store/log.ts";
import { entryPartKey, unpackEntry, wholeEntry } from "../store/log-entry.ts";
import type { RecordKinds } from "../subject/record.ts";
import { forEachPage as forEachPageOf } from "../store/pages.ts";
import { type Entry, Store, type StoreError } from "../store/store.ts";
import { type Key } from "../kernel/key.ts";
import { type StoredValue, valueOf } from "../store/values.ts";
import { Findings } from "./report.ts";

/** Every entry below a prefix, page by page. */
export const forEachPage = <E, R>(
  prefix: Key,
  limit: number,
  onPage: (entries: readonly Entry[]) => Effect.Effect<void, E, R>,
): Effect.Effect<void, StoreError | E, Store | R> =>
  Effect.flatMap(Store, (store) => forEachPageOf(store, { ...below(prefix), limit }, onPage));

/**
 * A value of the shape that its key promises. Null when it is gone by now; when it cannot be read, null and
 * a finding.
 */
export const readable = <A>(
  entry: Entry,
  findings: Findings,
  unpack?: (stored: string) => A,
  partKey?: (n: number, stamp: string) => Key,
): Effect.Effect<StoredValue<A> | null, StoreError, Store> => {
  const unreadable = (detail: string) =>
    Effect.sync(() => {
      findings.add("readable", [entry.key], detail);
      return null;
    });
  if (entry.value === null) return unreadable("The value is not bytes.");
  return valueOf<A>(entry, unpack, partKey).pipe(
    Effect.flatMap((stored) =>
      stored !== null && (typeof stored.value !== "object" || stored.value === null)
        ? unreadable("The value is no JSON object.")
        : Effect.succeed(stored)
    ),
    // Without a cause it is the value that is wrong, not the store.
    Effect.catch((error) => error.cause === null ? unreadable(error.detail) : Effect.fail(error)),
    Effect.catchDefect(() => unreadable("The value is no JSON.")),
  );
};

/** A value read again: a value that cannot be read was reported when it was first read. */
export const readAgain = <A>(
  key: Key,
  unpack?: (stored: string) => A,
): Effect.Effect<StoredValue<A> | null, StoreError, Store> =>
  Effect.flatMap(
    Store,
    (store) =>
      Effect.flatMap(store.get(key), (entry) => readable<A>(entry, new Findings(), unpack)),
  );

export const newestPosition: Effect.Effect<Position, StoreError, Store> = Effect.flatMap(
  Store,
  (store) =>
    Effect.map(
      store.list({ ...below(["log"]), limit: 1, reverse: true }),
      ([newest]) => newest === undefined ? beginning : String(newest.key[1]),
    ),
);

const decodeLogEntry = (
  entry: Entry,
  findings: Findings,
  unpack: (stored: string) => StoredLogEntry,
): Effect.Effect<LogEntry | null, StoreError, Store> =>
  Effect.map(
    readable(entry, findings, unpack, entryPartKey),
    (stored) => {
      if (stored === null) return null;
      if (Array.isArray(stored.value.records)) {
        return { position: String(entry.key[1]), ...stored.value };
      }
      findings.add("readable", [entry.key], "The log entry has no records.");
      return null;
    },
  );

const decodeEach = (
  entries: readonly Entry[],
  findings: Findings,
  onEntry: (entry: LogEntry) => void,
  unpack: (stored: string) => StoredLogEntry,
): Effect.Effect<void, StoreError, Store> =>
  Effect.forEach(entries, (entry) =>
    // Decoding is work: other fibers that wait for this thread come in between.
    Effect.andThen(
      Effect.yieldNow,
      Effect.map(decodeLogEntry(entry, findings, unpack), (decoded) => {
        if (decoded !== null) onEntry(decoded);
      }),
    ), { discard: true });

/** The whole log up to a position, that included; events of orders are read when somebody asks for them. */
export const forEachLogEntry = Effect.fnUntraced(function* (
  kinds: RecordKinds,
  to: Position,
  findings: Findings,
  onEntry: (entry: LogEntry) => void,
): Effect.fn.Return<void, StoreError, Store> {
  const store = yield* Store;
  const range = {
    start: keys.log(beginning),
    end: keys.log(`${to}\u0000`),
    limit: verifyLimits.logEntriesPerRead,
  };
  yield* forEachPageOf(
    store,
    range,
    (entries) => decodeEach(entries, findings, onEntry, (text) => unpackEntry(kinds, text)),
  );
});

/** The log entries at these positions, in the order of the log. Where there is none it is left out. */
export const forEachLogEntryAt = Effect.fnUntraced(function* (
  kinds: RecordKinds,
  positions: ReadonlySet<Position>,
  findings: Findings,
  onEntry: (entry: LogEntry) => void,
): Effect.fn.Return<void, StoreError, Store> {
  const store = yield* Store;
  const sorted = [...positions].sort();
  for (let start = 0; start < sorted.length; start += verifyLimits.logEntriesPerRead) {
    const page = sorted.slice(start, start + verifyLimits.logEntriesPerRead);
    const entries = yield* store.getMany(page.map(keys.log));
    yield* decodeEach(
      entries.filter(({ versionstamp }) => versionstamp !== null),
      findings,
      onEntry,
      (text) => wholeEntry(kinds, unpackEntry(kinds, text)),
    );
  }
});

/** The log entry at a position; null where there is none. */
export const logEntryAt = Effect.fnUntraced(function* (
  kinds: RecordKinds,
  position: Position,
  findings: Findings,
) {
  let found: LogEntry | null = null;
  yield* forEachLogEntryAt(kinds, new Set([position]), findings, (entry) => {
    found = entry;
  });
  return found as LogEntry | null;
});
