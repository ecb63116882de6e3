/** The store on Deno KV: a SQLite file, memory, the database of Deno Deploy, or a KV server's address. */
import { Duration, Effect, Layer, Schedule } from "effect";
import { openKv } from "@deno/kv";
import { storeLimits } from "./limits.ts";
import {
  type Commit,
  type Entry,
  keysPerSnapshot,
  Store,
  StoreError,
  type StoreLimits,
  type StoreTrouble,
} from "./store.ts";
import { type Key } from "../kernel/key.ts";
import { isRemoteStore, isStoreFile } from "./path.ts";

/** What of a database the adapter uses. */
export interface NativeKv
  extends Pick<Deno.Kv, "get" | "getMany" | "atomic" | "commitVersionstamp" | "watch"> {
  readonly list: (
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions,
  ) => AsyncIterable<Deno.KvEntry<unknown>>;
}

/** Where the data is. No path on Deno Deploy: the database that is attached to the app. */
export interface KvOptions {
  readonly path?: string | undefined;
  /** Overrides what the store allows in one commit, for stores that allow less. */
  readonly limits?: Partial<StoreLimits>;
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

/** What SQLite says, and so Deno KV. */
const troubles: readonly (readonly [StoreTrouble, RegExp])[] = [
  ["full", /database or disk is full|no space left|quota exceeded/i],
  ["locked", /database (table )?is locked|busy/i],
];

const storeError = (operation: StoreError["operation"]) => (cause: unknown): StoreError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const trouble = troubles.find(([, words]) => words.test(detail));
  return new StoreError({
    operation,
    detail,
    ...(trouble === undefined ? {} : { reason: trouble[0] }),
    cause,
  });
};

/** Another handle holds the SQLite file. Deno KV applied nothing then, so trying again is safe. */
const isLocked = (error: StoreError): boolean => error.reason === "locked";

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

const attempt = <A>(operation: StoreError["operation"], run: () => Promise<A>) => {
  const once = Effect.tryPromise({ try: run, catch: storeError(operation) });
  return Effect.catch(
    once,
    (error) => isLocked(error) ? Effect.retry(once, whileLocked) : Effect.fail(error),
  );
};

const entryOf = (
  entry: { key: readonly unknown[]; value: unknown; versionstamp: string | null },
): Entry => ({
  key: entry.key as Key,
  value: entry.value instanceof Uint8Array ? entry.value : null,
  versionstamp: entry.versionstamp,
});

const commitTo = (kv: NativeKv, commit: Commit) => () => {
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
  return atomic.commit();
};

/**
 * Deno KV does one thing after another on each connection to a file, so reads have one of their own: they
 * would wait behind commits that take ten times as long. What is committed is seen on both.
 */
const makeStore = (kv: NativeKv, options: KvOptions, reading: NativeKv = kv) => {
  const remote = isRemoteStore(options.path);
  const getMany = (keys: readonly Key[]) => {
    const chunks: Key[][] = [];
    for (let i = 0; i < keys.length; i += keysPerSnapshot) {
      chunks.push(keys.slice(i, i + keysPerSnapshot));
    }
    return Effect.map(
      Effect.forEach(
        chunks,
        (chunk) => attempt("get", () => reading.getMany(chunk.map(nativeKey))),
        { concurrency: storeLimits.concurrentReads },
      ),
      (results) => results.flat().map(entryOf),
    );
  };
  return Store.of({
    limits: { ...(remote ? serverLimits : nativeLimits), ...options.limits },
    description: options.path ?? "the attached Deno KV database",
    shared: options.path !== ":memory:",
    canWatch: remote || options.path === undefined,
    get: (key) => Effect.map(attempt("get", () => reading.get(nativeKey(key))), entryOf),
    getMany,
    list: (range) =>
      Effect.map(
        attempt("list", () =>
          Array.fromAsync(reading.list(
            { start: nativeKey(range.start), end: nativeKey(range.end) },
            {
              limit: range.limit,
              reverse: range.reverse ?? false,
              batchSize: Math.min(range.limit, storeLimits.listBatch),
            },
          ))),
        (entries) => entries.map(entryOf),
      ),
    commit: (commit) =>
      Effect.map(
        attempt("commit", commitTo(kv, commit)),
        (result) => result.ok ? { ok: true, versionstamp: result.versionstamp } : { ok: false },
      ),
    watch: (key) =>
      remote || options.path === undefined
        ? Effect.tryPromise({
          try: async (signal) => {
            const reader = kv.watch([nativeKey(key)]).getReader();
            signal.addEventListener("abort", () => void reader.cancel(), { once: true });
            try {
              // The first answer is the present value; the second is a change.
              await reader.read();
              await reader.read();
            } finally {
              await reader.cancel();
            }
          },
          catch: storeError("get"),
        })
        : Effect.never,
  });
};

/** Under Deno the package hands out the native `Deno.Kv`, which its own types do not say. */
const openNative = (path: string | undefined) => async (): Promise<Deno.Kv> =>
  await openKv(path) as unknown as Deno.Kv;

const ownersOnly = 0o600;

/**
 * Names, addresses and hashes of keys are nobody else's to read. SQLite gives the files beside the store its
 * own mode, so it must be right before they are made. Where it cannot be set, opening says what is wrong.
 */
const closeToOthers = (path: string) => async (): Promise<void> => {
  if (Deno.build.os === "windows") return;
  try {
    const file = await Deno.open(path, { read: true, write: true, create: true, mode: ownersOnly });
    file.close();
    for (const each of [path, `${path}-wal`, `${path}-shm`]) {
      const found = await Deno.stat(each).catch(() => null);
      if (found?.isFile && ((found.mode ?? 0) & 0o077) !== 0) await Deno.chmod(each, ownersOnly);
    }
  } catch {
    // Of another owner, or in a folder that takes no files.
  }
};

const opened = (path: string | undefined) =>
  Effect.acquireRelease(
    Effect.andThen(
      isStoreFile(path) ? Effect.promise(closeToOthers(path)) : Effect.void,
      attempt("open", openNative(path)),
    ),
    (kv) => Effect.sync(() => kv.close()),
  );

export const KvStore = {
  /** The store on a database that is open already, and that its owner closes. */
  over: (kv: NativeKv, options: KvOptions): Layer.Layer<Store> =>
    Layer.sync(Store, () => makeStore(kv, options)),
  /** Opens the database and closes it with the scope. */
  layer: (options: KvOptions): Layer.Layer<Store, StoreError> =>
    Layer.effect(
      Store,
      Effect.gen(function* () {
        const kv = yield* opened(options.path);
        return makeStore(kv, options, isStoreFile(options.path) ? yield* opened(options.path) : kv);
      }),
    ),
} as const;
