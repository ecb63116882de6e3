/** The tail of the log: one reader for the whole process, and the consumers that follow it. */
import { Clock, Context, Effect, Latch, Layer, type Scope } from "effect";
import { epochMsOf } from "../../src/kernel/instant.ts";
import { logLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import {
  beginning,
  type LogEntry,
  type Position,
  type StoredLogEntry,
} from "../../src/store/log.ts";
import type { SetAside } from "../../src/store/documents.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { Subjects } from "../../src/subject/subject.ts";
import {
  type Consumer,
  type HandleFailure,
  makeHandling,
  type Retried,
  untilItWorks,
} from "./follower.ts";
import { logRange, LogReader } from "./log-reader.ts";
import { asideInMemory } from "./set-aside.ts";

export interface FollowerLag {
  readonly name: string;
  readonly position: Position;
  /** Entries read by the tail and not yet handled; `logLimits.recentPositions` means that many or more. */
  readonly entriesBehind: number;
  /** Between the commit of the newest entry and that of the last one handled. */
  readonly secondsBehind: number;
}

/** One reader of the log for the whole process: follows commits of this and other processes, in order. */
export class LogTail extends Context.Service<LogTail, {
  /**
   * Called by the ledger after each of its commits, so that the tail need not wait for its next poll. Commits
   * that follow each other at once are read together, which costs a busy process less.
   */
  readonly committed: (position: Position) => void;
  /** Called by the ledger when it has nothing to commit: what it has committed is read now. */
  readonly rested: () => void;
  /** Called with an entry that this process is about to write: the tail need not parse it later. */
  readonly writing: (entry: StoredLogEntry) => void;
  /**
   * The newest position that this process knows to be committed: readers of their own writes wait for it, and
   * the tail reads on at once.
   */
  readonly committedPosition: () => Position;
  /** The newest position that the tail has read. */
  readonly position: () => Position;
  /** Completes when the tail next reads entries. */
  readonly moved: Effect.Effect<void>;
  /** The entries after a position, as far as the tail has read; null where memory does not have all of them. */
  readonly recent: (after: Position) => readonly LogEntry[] | null;
  /** When the newest read entry was committed, epoch milliseconds; null before the first. */
  readonly readAtMs: () => number | null;
  /**
   * Starts a follower that lives until the scope closes, and returns. `handle` gets every entry after
   * `position` in order, each once: first those already in the store, then those that come. It is awaited
   * before the next batch; slow handlers fall behind, they do not hold up others. Entries whose handling
   * fails are handed over again after a pause, then one by one, and in the end set aside: see `follower.ts`.
   * Entries that were set aside before are tried again first.
   */
  readonly follow: (
    name: string,
    after: Position,
    handle: (entries: readonly LogEntry[]) => Effect.Effect<void, HandleFailure>,
    options?: FollowOptions,
  ) => Effect.Effect<void, never, Scope.Scope>;
  /**
   * Lists a consumer among the others for as long as the scope lasts: one that follows only now and then. What
   * it has set aside is tried again first.
   */
  readonly listed: (consumer: Listed) => Effect.Effect<void, never, Scope.Scope>;
  /** The entries that consumers have set aside. */
  readonly setAside: Effect.Effect<readonly SetAside[], StoreError>;
  /** Tries each entry that was set aside once more. */
  readonly retrySetAside: Effect.Effect<Retried, StoreError>;
  /** Positions of the consumers, by name. */
  readonly followers: () => ReadonlyMap<string, Position>;
  readonly lags: () => readonly FollowerLag[];
  /** Entries after a position, at most `limit`. */
  readonly read: (after: Position, limit: number) => Effect.Effect<readonly LogEntry[], StoreError>;
  /** The entry at a position; null when there is none. */
  readonly entry: (position: Position) => Effect.Effect<LogEntry | null, StoreError>;
}>()("allot/LogTail") {
  static readonly layer = Layer.effect(LogTail, Effect.suspend(() => makeLogTail));
}

/** The defaults suit consumers that keep everything in memory only. */
export interface FollowOptions extends Partial<Pick<Consumer, "aside" | "again">> {
  /** True for one that is listed already: by `listed`. */
  readonly isListed?: boolean;
}

/** How far a consumer has come, and when the last entry that it has handled was committed. */
export interface Progress {
  readonly position: Position;
  /** Epoch milliseconds; null where it is not known. */
  readonly atMs: number | null;
}

/** A consumer as it is shown, in this process. */
export interface Listed extends Pick<Consumer, "name" | "aside" | "again"> {
  readonly progress: () => Progress;
}

interface ListedConsumer {
  readonly name: string;
  readonly progress: () => Progress;
  readonly list: Effect.Effect<readonly SetAside[], StoreError>;
  readonly retry: Effect.Effect<Retried, StoreError>;
}

interface Follower {
  readonly name: string;
  /** Up to here everything is handled. */
  position: Position;
  positionAtMs: number | null;
  /**
   * Read by the tail and not yet taken. Contiguous, and bounded: entries that do not fit are read from the
   * store.
   */
  readonly waiting: LogEntry[];
  /** Whether the tail hands entries over; false while the follower reads from the store. */
  live: boolean;
  readonly wake: Latch.Latch;
}

/** The newest positions that the tail has read, to count how far others are behind. */
class RecentPositions {
  readonly #positions: Position[] = [];
  #next = 0;

  add(position: Position): void {
    this.#positions[this.#next % logLimits.recentPositions] = position;
    this.#next++;
  }

  /** How many of them come after the position. */
  countAfter(position: Position): number {
    const size = this.#positions.length;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.#positions[(this.#next - size + middle) % size] ?? beginning;
      if (at <= position) low = middle + 1;
      else high = middle;
    }
    return size - low;
  }
}

/** A process that stops following its log is of no use. */
const tailName = "the tail of the log";

const makeLogTail = Effect.gen(function* () {
  const store = yield* Store;
  const clock = yield* Clock.Clock;
  const reader = new LogReader(store, yield* Subjects, clock);
  const { read, entryAt } = reader;

  const newest = yield* store.list({ ...logRange, limit: 1, reverse: true });
  let position: Position = newest[0] === undefined ? beginning : String(newest[0].key[1]);
  let committedPosition = position;
  /** Commits of this process that have not woken the tail. */
  let commitsPassed = 0;
  let readAtMs: number | null = null;
  const recent = new RecentPositions();
  /** The newest entries that the tail has read, and the position before them. */
  let newestEntries: readonly LogEntry[] = [];
  let beforeNewest = position;
  const followers = new Set<Follower>();
  const consumers = new Set<ListedConsumer>();
  const wake = Latch.makeUnsafe(false);
  const moved = Latch.makeUnsafe(false);

  const deliver = (entries: readonly LogEntry[]): void => {
    for (const entry of entries) {
      reader.forget(entry);
      position = entry.position;
      recent.add(position);
      readAtMs = epochMsOf(entry.at);
    }
    if (committedPosition < position) committedPosition = position;
    const all = [...newestEntries, ...entries];
    newestEntries = all.slice(-logLimits.newestEntries);
    beforeNewest = all[all.length - newestEntries.length - 1]?.position ?? beforeNewest;
    for (const follower of followers) {
      if (!follower.live) continue;
      if (follower.waiting.length + entries.length > logLimits.waitingEntries) {
        follower.live = false;
      } else follower.waiting.push(...entries);
      follower.wake.openUnsafe();
    }
  };

  const readOn = (): void => {
    if (committedPosition > position) wake.openUnsafe();
  };

  const tail = Effect.gen(function* () {
    while (true) {
      // Closed before the read: a commit during the read opens it again.
      wake.closeUnsafe();
      commitsPassed = 0;
      const entries = yield* untilItWorks(tailName, read(position, logLimits.entriesPerRead));
      deliver(entries);
      if (entries.length > 0) yield* moved.release;
      if (entries.length === logLimits.entriesPerRead) yield* Effect.yieldNow;
      else {
        yield* Effect.timeoutOption(
          wake.await,
          store.canWatch ? logLimits.watchedPollMs : logLimits.pollMs,
        );
      }
    }
  });

  const ring = Effect.gen(function* () {
    while (true) {
      yield* untilItWorks(tailName, store.watch(keys.bell()));
      wake.openUnsafe();
    }
  });

  const next = Effect.fnUntraced(function* (follower: Follower) {
    while (true) {
      follower.wake.closeUnsafe();
      if (follower.waiting.length > 0) {
        return follower.waiting.splice(0, logLimits.entriesPerRead);
      }
      if (follower.live) yield* follower.wake.await;
      // In one tick with the look at the position: no entry falls between store and queue. A follower that
      // pauses would never catch up with a busy process if it always read from the store.
      else if (follower.position >= beforeNewest) {
        follower.live = true;
        follower.waiting.push(...newestEntries.filter((each) => each.position > follower.position));
      } else {
        return yield* untilItWorks(
          follower.name,
          read(follower.position, logLimits.entriesPerRead),
        );
      }
    }
  });

  const run = Effect.fnUntraced(function* (
    follower: Follower,
    { handle, retry }: ReturnType<typeof makeHandling>,
  ) {
    const passed = ({ position, at }: LogEntry): void => {
      follower.position = position;
      follower.positionAtMs = epochMsOf(at);
    };
    // Perhaps the code is another than the one that failed.
    yield* untilItWorks(follower.name, retry(entryAt));
    while (true) {
      const entries = yield* next(follower);
      const fresh = entries.filter((entry) => entry.position > follower.position);
      if (fresh.length > 0) yield* handle(fresh, passed);
    }
  });

  const secondsBehind = (progress: Progress, nowMs: number): number => {
    if (progress.position >= position) return 0;
    const fromMs = progress.atMs ?? nowMs;
    return Math.max(0, (readAtMs ?? nowMs) - fromMs) / 1_000;
  };

  const list = (consumer: ListedConsumer) =>
    Effect.acquireRelease(
      Effect.sync(() => consumers.add(consumer)),
      () => Effect.sync(() => consumers.delete(consumer)),
    );

  yield* Effect.forkScoped(tail);
  if (store.canWatch) yield* Effect.forkScoped(ring);

  return LogTail.of({
    writing: (entry) => reader.writing(entry),
    committed: (at) => {
      if (at > committedPosition) committedPosition = at;
      if (at > position && ++commitsPassed >= logLimits.commitsPerRead) wake.openUnsafe();
    },
    rested: readOn,
    committedPosition: () => {
      readOn();
      return committedPosition;
    },
    position: () => position,
    moved: moved.await,
    recent: (after) =>
      after < beforeNewest ? null : newestEntries.filter((each) => each.position > after),
    readAtMs: () => readAtMs,
    follow: (name, after, handle, options = {}) =>
      Effect.gen(function* () {
        const { aside = asideInMemory(), again = (entry) => handle([entry]) } = options;
        const handling = makeHandling({ name, handle, aside, again }, store);
        const follower: Follower = {
          name,
          position: after,
          positionAtMs: null,
          waiting: [],
          live: false,
          wake: Latch.makeUnsafe(false),
        };
        yield* Effect.acquireRelease(
          Effect.sync(() => followers.add(follower)),
          () => Effect.sync(() => followers.delete(follower)),
        );
        if (options.isListed !== true) {
          yield* list({
            name,
            progress: () => ({ position: follower.position, atMs: follower.positionAtMs }),
            list: aside.list,
            retry: handling.retry(entryAt),
          });
        }
        yield* Effect.forkScoped(run(follower, handling));
      }),
    listed: ({ name, progress, aside, again }) => {
      const handling = makeHandling({ name, handle: () => Effect.void, aside, again }, store);
      const retry = handling.retry(entryAt);
      return list({ name, progress, list: aside.list, retry }).pipe(
        Effect.andThen(Effect.forkScoped(untilItWorks(name, retry))),
        Effect.asVoid,
      );
    },
    setAside: Effect.suspend(() =>
      Effect.map(
        Effect.forEach([...consumers], ({ list }) => list),
        (lists) => lists.flat(),
      )
    ),
    retrySetAside: Effect.suspend(() =>
      Effect.map(
        Effect.forEach([...consumers], ({ retry }) => retry),
        (all) => ({
          handled: all.reduce((sum, { handled }) => sum + handled, 0),
          left: all.reduce((sum, { left }) => sum + left, 0),
        }),
      )
    ),
    followers: () =>
      new Map([...consumers].map(({ name, progress }) => [name, progress().position])),
    lags: () => {
      const nowMs = clock.currentTimeMillisUnsafe();
      return [...consumers].map(({ name, progress }) => {
        const reached = progress();
        return {
          name,
          position: reached.position,
          entriesBehind: recent.countAfter(reached.position),
          secondsBehind: secondsBehind(reached, nowMs),
        };
      });
    },
    read,
    entry: entryAt,
  });
});
