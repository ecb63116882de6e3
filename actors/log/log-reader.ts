/** Reads entries of the log. Those that this process wrote it need not parse. */
import { type Clock, Effect, Result } from "effect";
import { epochMsOf, instantOf } from "../../src/kernel/instant.ts";
import { keepNewest } from "../../src/kernel/keep-newest.ts";
import { below } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { logLimits } from "../../src/store/limits.ts";
import {
  beginning,
  type LogEntry,
  type Position,
  type StoredLogEntry,
} from "../../src/store/log.ts";
import { logEntryIn } from "../../src/store/log-entry.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { commitIdIn } from "../../src/store/values.ts";
import type { RecordKinds } from "../../src/subject/record.ts";

export const logRange = below(["log"]);

/** The first key after a position's. */
const keyAfter = (position: Position) =>
  position === beginning ? logRange.start : keys.log(`${position}\u0000`);

const isLogEntry = ({ at, records }: StoredLogEntry): boolean =>
  typeof at === "string" && !Number.isNaN(epochMsOf(at)) && Array.isArray(records);

export class LogReader {
  /**
   * Entries that this process wrote, or tried to write, by commit id: the store says whether and where they
   * are.
   */
  readonly #own = new Map<string, StoredLogEntry>();

  constructor(
    readonly store: Store["Service"],
    readonly kinds: RecordKinds,
    readonly clock: Clock.Clock,
  ) {}

  writing(entry: StoredLogEntry): void {
    this.#own.set(entry.commitId, entry);
    keepNewest(this.#own, logLimits.waitingEntries);
  }

  /** The tail has passed it. */
  forget({ commitId }: LogEntry): void {
    this.#own.delete(commitId);
  }

  /** Entries after a position, at most `limit`. */
  readonly read = Effect.fnUntraced(function* (
    this: LogReader,
    after: Position,
    limit: number,
  ): Effect.fn.Return<readonly LogEntry[], StoreError> {
    const listed = yield* this.store.list({ start: keyAfter(after), end: logRange.end, limit });
    const entries: LogEntry[] = [];
    for (const entry of listed) {
      const known = this.#ownEntry(entry.value);
      if (known !== undefined) {
        entries.push({ position: String(entry.key[1]), ...known });
        continue;
      }
      // Parsing many entries in one go would hold up the requests that are being answered.
      if (entries.length > 0) yield* Effect.yieldNow;
      entries.push(yield* this.#decode(String(entry.key[1]), entry));
    }
    return entries;
  }).bind(this);

  /** The entry at a position; null when there is none. */
  readonly entryAt = Effect.fnUntraced(function* (
    this: LogReader,
    at: Position,
  ): Effect.fn.Return<LogEntry | null, StoreError> {
    const entry = yield* this.store.get(keys.log(at));
    return entry.versionstamp === null ? null : yield* this.#decode(at, entry);
  }).bind(this);

  #ownEntry(value: Uint8Array | null): StoredLogEntry | undefined {
    if (this.#own.size === 0) return undefined;
    // An entry that cannot be read counts as nobody's.
    const commitId = Result.getOrElse(Result.try(() => commitIdIn(value)), () => null);
    return commitId === null ? undefined : this.#own.get(commitId);
  }

  /** An unreadable entry must not keep readers from the entries behind it. */
  #unreadable(position: Position): LogEntry {
    return {
      position,
      commitId: "",
      at: instantOf(this.clock.currentTimeMillisUnsafe()),
      records: [],
      unreadable: true,
    };
  }

  #decode(position: Position, entry: Entry): Effect.Effect<LogEntry, StoreError> {
    return logEntryIn(this.kinds, entry).pipe(
      Effect.provideService(Store, this.store),
      Effect.map((stored): LogEntry =>
        stored !== null && isLogEntry(stored.value)
          ? { position, ...stored.value }
          : this.#unreadable(position)
      ),
      // Without a cause it is the value that is wrong, not the store.
      Effect.catch((error) =>
        error.cause === null ? Effect.succeed(this.#unreadable(position)) : Effect.fail(error)
      ),
      Effect.catchDefect(() => Effect.succeed(this.#unreadable(position))),
    );
  }
}
