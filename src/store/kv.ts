/** The store on Deno KV: a SQLite file, memory, the database of Deno Deploy, or a KV server's address. */
import { Duration, Effect, FiberSet, Layer, Schedule, type Scope } from "effect";
import { openKv } from "@deno/kv";
import { Calls } from "./calls.ts";
import { Handle, type OpenKv } from "./handle.ts";
import { storeLimits } from "./limits.ts";
import type { NativeKv } from "./native.ts";
import {
  type Commit,
  type CommitResult,
  type Entry,
  keysPerSnapshot,
  type Range,
  Store,
  StoreError,
  type StoreLimits,
} from "./store.ts";
import { type Key } from "../kernel/key.ts";
import { isRemoteStore, isStoreFile } from "./path.ts";
import { closeToOthers, sizesOf, StoreFiles } from "./store-file.ts";
import { checksTaken, isLocked, storeError } from "./troubles.ts";

export type { NativeKv } from "./native.ts";

/** The place of the data. On Deno Deploy there is no path: the database is attached to the app. */
export interface KvOptions {
  readonly path?: string | undefined;
  /** Overrides the store's bounds of one commit, for stores that allow less. */
  readonly limits?: Partial<StoreLimits>;
  /** Overrides how long a call may take, in milliseconds. */
  readonly callMs?: number;
}

/** Deno KV's documented limits, with room for the encoding of keys and values. */
const nativeLimits: StoreLimits = {
  checks: 100,
  mutations: 1_000,
  commitBytes: 780_000,
  keyBytesPerCommit: 78_000,
  valueBytes: 65_000,
  keyBytes: 2_000,
};

/** The self-hosted server (denokv) refuses more than ten checks. */
const serverLimits: StoreLimits = { ...nativeLimits, checks: 10 };

type NativeKey = (string | number)[];

const nativeKey = (key: Key): NativeKey => [...key];

const whileLocked = {
  while: isLocked,
  times: storeLimits.lockedTries,
  schedule: Schedule.exponential(Duration.millis(storeLimits.lockedBackoffMs), 1.5).pipe(
    Schedule.upTo({ duration: Duration.millis(storeLimits.lockedMs) }),
    Schedule.jittered,
    Schedule.modifyDelay(({ duration }) =>
      Effect.succeed(Duration.min(duration, Duration.millis(storeLimits.lockedBackoffCapMs)))
    ),
  ),
};

const entryOf = (
  entry: { key: readonly unknown[]; value: unknown; versionstamp: string | null },
): Entry => ({
  key: entry.key as Key,
  value: entry.value instanceof Uint8Array ? entry.value : null,
  versionstamp: entry.versionstamp,
});

const commitTo = async (
  kv: NativeKv,
  commit: Commit,
): Promise<Deno.KvCommitResult | Deno.KvCommitError> => {
  let atomic = kv.atomic();
  for (const check of commit.checks) {
    atomic = atomic.check({ key: nativeKey(check.key), versionstamp: check.versionstamp });
  }
  for (const mutation of commit.mutations) {
    atomic = mutation.type === "delete"
      ? atomic.delete(nativeKey(mutation.key))
      : mutation.expireInMs === undefined
      ? atomic.set(nativeKey(mutation.key), mutation.value)
      : atomic.set(nativeKey(mutation.key), mutation.value, {
        // The database takes its writer's clock for the time to drop it, and its reader's for the time then.
        expireIn: mutation.expireInMs + storeLimits.clocksApartMs,
      });
  }
  if (commit.log !== undefined) atomic = atomic.set(["log", kv.commitVersionstamp()], commit.log);
  return await atomic.commit();
};

const watchKey = async (kv: NativeKv, key: Key, signal: AbortSignal): Promise<void> => {
  const reader = kv.watch([nativeKey(key)]).getReader();
  signal.addEventListener("abort", () => void reader.cancel(), { once: true });
  try {
    // The first answer is the present value; the second is a change.
    await reader.read();
    await reader.read();
  } finally {
    await reader.cancel();
  }
};

/** The databases that the store works on: one, or for a file two handles of one. */
interface Databases {
  readonly commits: () => NativeKv;
  readonly reads: () => NativeKv;
  readonly calls: Calls;
  /** Null where the data is in no file. */
  readonly files: StoreFiles | null;
}

/** Another process holds the file: it is asked for again, for a while. */
const retriedWhileLocked = <A>(once: Effect.Effect<A, StoreError>) =>
  Effect.catch(
    once,
    (error) => isLocked(error) ? Effect.retry(once, whileLocked) : Effect.fail(error),
  );

/** An answer that broke on its way may be whole the next time: a read changes nothing. */
const readAgain = <A>(once: Effect.Effect<A, StoreError>) =>
  Effect.catch(
    once,
    (error) =>
      isLocked(error)
        ? Effect.retry(once, whileLocked)
        : error.reason === undefined
        ? once
        : Effect.fail(error),
  );

const gone = (operation: StoreError["operation"], detail: string): StoreError =>
  new StoreError({
    operation,
    detail: `${detail} Nothing is taken until it is back, or the engine is started again.`,
    reason: "gone",
    cause: new Error(detail),
  });

class DenoKvStore {
  readonly limits: { -readonly [Name in keyof StoreLimits]: StoreLimits[Name] };
  readonly #isRemote: boolean;

  constructor(
    private readonly databases: Databases,
    private readonly options: KvOptions,
  ) {
    this.#isRemote = isRemoteStore(options.path);
    this.limits = { ...(this.#isRemote ? serverLimits : nativeLimits), ...options.limits };
  }

  get service(): Store["Service"] {
    const { path } = this.options;
    const { files } = this.databases;
    const canWatch = this.#isRemote || path === undefined;
    return Store.of({
      limits: this.limits,
      description: path ?? "the attached Deno KV database",
      shared: path !== ":memory:",
      canWatch,
      get: (key) =>
        Effect.map(this.#read("get", () => this.databases.reads().get(nativeKey(key))), entryOf),
      getMany: (keys) => this.#getMany(keys),
      list: (range) => this.#list(range),
      commit: (commit) => this.#commit(commit),
      watch: (key) =>
        canWatch
          ? Effect.tryPromise({
            try: (signal) => watchKey(this.databases.commits(), key, signal),
            catch: (cause) => storeError("get", cause),
          })
          : Effect.never,
      look: files === null ? null : this.#look(files),
      ...(files === null || path === undefined ? {} : { sizes: () => sizesOf(path) }),
    });
  }

  #look(files: StoreFiles): Effect.Effect<void, StoreError> {
    return Effect.suspend(() => {
      const wrong = files.look();
      return wrong === null ? Effect.void : Effect.fail(gone("open", wrong));
    });
  }

  /** Fails when the files are gone: data that is not kept must not be answered. */
  #read<A>(operation: "get" | "list", call: () => Promise<A>): Effect.Effect<A, StoreError> {
    const { calls, files } = this.databases;
    const read = readAgain(calls.run(operation, call));
    if (files === null) return read;
    return Effect.suspend(() => {
      const wrong = files.isLost ? files.look() : null;
      return wrong === null ? read : Effect.fail(gone(operation, wrong));
    });
  }

  #getMany(keys: readonly Key[]): Effect.Effect<readonly Entry[], StoreError> {
    const chunks: Key[][] = [];
    for (let i = 0; i < keys.length; i += keysPerSnapshot) {
      chunks.push(keys.slice(i, i + keysPerSnapshot));
    }
    return Effect.map(
      Effect.forEach(
        chunks,
        (chunk) => this.#read("get", () => this.databases.reads().getMany(chunk.map(nativeKey))),
        { concurrency: storeLimits.concurrentReads },
      ),
      (results) => results.flat().map(entryOf),
    );
  }

  #list(
    { start, end, limit, reverse = false }: Range,
  ): Effect.Effect<readonly Entry[], StoreError> {
    const batchSize = Math.min(limit, storeLimits.listBatch);
    return Effect.map(
      this.#read("list", () =>
        Array.fromAsync(
          this.databases.reads().list(
            { start: nativeKey(start), end: nativeKey(end) },
            { limit, reverse, batchSize },
          ),
        )),
      (entries) => entries.map(entryOf),
    );
  }

  #commit(commit: Commit): Effect.Effect<CommitResult, StoreError> {
    const { calls, commits, files } = this.databases;
    const once = Effect.map(
      calls.run("commit", () => commitTo(commits(), commit)),
      (result): CommitResult =>
        result.ok ? { ok: true, versionstamp: result.versionstamp } : { ok: false },
    );
    const committed = Effect.tapError(
      retriedWhileLocked(once),
      (error) => this.#learnChecks(error, commit.checks.length),
    );
    return files === null ? committed : this.#unlessGone(files, committed);
  }

  /**
   * Looks after the commit: an acknowledged commit was then in the file at the path. A look costs
   * microseconds, a commit a thousand times as much.
   */
  #unlessGone(
    files: StoreFiles,
    commit: Effect.Effect<CommitResult, StoreError>,
  ): Effect.Effect<CommitResult, StoreError> {
    return Effect.suspend(() => {
      const before = files.isLost ? files.look() : null;
      if (before !== null) return Effect.fail(gone("commit", before));
      return Effect.flatMap(commit, (result) => {
        const wrong = files.look();
        return wrong === null ? Effect.succeed(result) : Effect.fail(gone("commit", wrong));
      });
    });
  }

  /** A store may take fewer checks than one of its kind is known to take; from now on none has more. */
  #learnChecks(error: StoreError, sent: number): Effect.Effect<void> {
    const taken = checksTaken(error, sent);
    if (taken === null || taken >= this.limits.checks) return Effect.void;
    this.limits.checks = taken;
    return Effect.logWarning(
      `The store refused ${sent} checks in one commit: from now on none has more than ${taken}`,
    );
  }
}

/** Under Deno the package hands out the native `Deno.Kv`, which its own types do not say. */
const openNative = (path: string | undefined) => async (): Promise<Deno.Kv> =>
  await openKv(path) as unknown as Deno.Kv;

type Fork = (effect: Effect.Effect<void>) => void;

const makeFork: Effect.Effect<Fork, never, Scope.Scope> = Effect.map(
  FiberSet.makeRuntime<never>(),
  (run): Fork => (effect) => void run(effect),
);

/** Null for memory, and for a file, where SQLite has bounds of its own. */
const callMsOf = ({ path, callMs }: KvOptions): number | null =>
  callMs ?? (path === undefined || isRemoteStore(path) ? storeLimits.callMs : null);

const ignored = (): void => {};

/**
 * Deno KV does one thing after another on each connection to a file, so reads have one of their own: they
 * would wait behind commits that take ten times as long. What is committed is seen on both.
 */
const openFile = Effect.fnUntraced(function* (path: string, options: KvOptions) {
  const fork = yield* makeFork;
  const calls = new Calls({ callMs: callMsOf(options), fork, onFailing: ignored });
  yield* Effect.promise(() => closeToOthers(path));
  const files = new StoreFiles(path);
  const handle = Effect.acquireRelease(
    retriedWhileLocked(calls.run("open", openNative(path))),
    (kv) => Effect.sync(() => kv.close()),
  );
  const [commits, reads] = [yield* handle, yield* handle];
  const databases = { commits: () => commits, reads: () => reads, calls, files };
  return new DenoKvStore(databases, options).service;
});

const openAny = Effect.fnUntraced(function* (open: () => Promise<OpenKv>, options: KvOptions) {
  const fork = yield* makeFork;
  const callMs = callMsOf(options);
  // Opened anew, one in memory would be empty.
  const onFailing = callMs === null ? ignored : () => handle.reopen(calls);
  const calls: Calls = new Calls({ callMs, fork, onFailing });
  const first = yield* calls.run("open", open);
  const handle = new Handle(first, { open, callMs: callMs ?? storeLimits.callMs, fork });
  yield* Effect.addFinalizer(() => Effect.sync(() => handle.close()));
  const database = () => handle.kv;
  const databases = { commits: database, reads: database, calls, files: null };
  return new DenoKvStore(databases, options).service;
});

export const KvStore = {
  /** The store on a database that is open already, and that its owner closes. */
  over: (kv: NativeKv, options: KvOptions): Layer.Layer<Store> =>
    Layer.effect(
      Store,
      Effect.map(makeFork, (fork) => {
        const calls = new Calls({ callMs: callMsOf(options), fork, onFailing: ignored });
        const database = () => kv;
        const databases = { commits: database, reads: database, calls, files: null };
        return new DenoKvStore(databases, options).service;
      }),
    ),
  /** The store on the handle that `open` gives, and on a new one when that keeps failing. */
  opening: (open: () => Promise<OpenKv>, options: KvOptions): Layer.Layer<Store, StoreError> =>
    Layer.effect(Store, openAny(open, options)),
  /** Opens the database and closes it with the scope. */
  layer: (options: KvOptions): Layer.Layer<Store, StoreError> =>
    Layer.effect(
      Store,
      isStoreFile(options.path)
        ? openFile(options.path, options)
        : openAny(openNative(options.path), options),
    ),
} as const;
