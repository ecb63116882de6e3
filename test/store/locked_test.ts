import assert from "node:assert/strict";
import { Clock, Context, Duration, Effect, Result } from "effect";
import { storeLimits } from "../../src/store/limits.ts";
import { KvStore, type NativeKv } from "../../src/store/kv.ts";
import { Store } from "../../src/store/store.ts";

/** SQLite waits that long for a lock before Deno KV says that there is none to be had. */
const nativeWaitMs = 5_000;

/** A clock that waits for nobody: what takes time moves it. */
const makeClock = () => {
  let nowMs = 0;
  const nanos = () => BigInt(nowMs) * 1_000_000n;
  const pass = (ms: number) => void (nowMs += ms);
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => nowMs,
    currentTimeMillis: Effect.sync(() => nowMs),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) => Effect.sync(() => pass(Duration.toMillis(duration))),
  };
  return { clock, pass, now: () => nowMs };
};

/** A file that another process has locked. */
const lockedKv = (kv: Deno.Kv, onWait: () => void): NativeKv => ({
  get: kv.get.bind(kv),
  getMany: kv.getMany.bind(kv),
  list: (selector, options) => kv.list(selector, options),
  commitVersionstamp: () => kv.commitVersionstamp(),
  watch: (keys, options) => kv.watch(keys, options),
  atomic: () => {
    const atomic = kv.atomic();
    atomic.commit = () => {
      onWait();
      return Promise.reject(new TypeError("database is locked"));
    };
    return atomic;
  },
});

Deno.test("a file that stays locked is given up after a time, however long each try waits for it", async () => {
  for (const eachTryMs of [0, nativeWaitMs]) {
    using kv = await Deno.openKv(":memory:");
    const { clock, pass, now } = makeClock();
    let tries = 0;
    const locked = lockedKv(kv, () => {
      tries++;
      pass(eachTryMs);
    });
    const answer = await Effect.runPromise(
      Effect.result(
        Effect.flatMap(Store, (store) => store.commit({ checks: [], mutations: [] })),
      ).pipe(
        Effect.provide(KvStore.over(locked, { path: "locked.sqlite3" })),
        Effect.provideContext(Context.make(Clock.Clock, clock)),
      ),
    );
    assert.ok(Result.isFailure(answer));
    assert.equal(answer.failure.reason, "locked");
    assert.ok(tries > 2, "it tries again");
    // A try that has begun is not broken off: the first, one before the time is looked at, and the last.
    assert.ok(now() <= storeLimits.lockedMs + 3 * eachTryMs + storeLimits.lockedBackoffCapMs * 2);
  }
});
