import assert from "node:assert/strict";
import { Effect, Exit, Fiber, Layer } from "effect";
import { storeLimits } from "../../src/store/limits.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { KvStore } from "../../src/store/kv.ts";
import { type Key } from "../../src/kernel/key.ts";
import { Store, StoreError } from "../../src/store/store.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The real store, telling how many keys each `getMany` was asked for. */
const counted = (calls: number[]) =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        getMany: (keys) => {
          calls.push(keys.length);
          return store.getMany(keys);
        },
      })),
  ).pipe(Layer.provide(KvStore.layer({ path: ":memory:" })));

const withReader = <A, E>(
  calls: number[],
  test: Effect.Effect<A, E, BatchReader | Store>,
): Promise<A> =>
  Effect.runPromise(
    Effect.provide(test, BatchReader.layer.pipe(Layer.provideMerge(counted(calls)))),
  );

Deno.test("each of many concurrent reads gets its own entry, in few calls", () => {
  const calls: number[] = [];
  return withReader(
    calls,
    Effect.gen(function* () {
      const store = yield* Store;
      const reader = yield* BatchReader;
      const keys = Array.from({ length: 95 }, (_, n): Key => ["thing", n]);
      yield* store.commit({
        checks: [],
        mutations: keys.filter((_, n) => n % 2 === 0).map((key) => ({
          type: "set",
          key,
          value: bytes(String(key[1])),
        })),
      });
      const entries = yield* Effect.forEach(keys, reader.get, { concurrency: "unbounded" });
      entries.forEach((entry, n) => {
        assert.deepEqual(entry.key, ["thing", n]);
        assert.deepEqual(entry.value, n % 2 === 0 ? bytes(String(n)) : null);
      });
      assert.equal(calls.reduce((sum, count) => sum + count, 0), 95);
      assert.ok(calls.length < 10, `${calls.length} calls`);
      assert.ok(calls.every((count) => count <= storeLimits.joinedReads));
    }),
  );
});

Deno.test("a read sees what was committed before it was asked for", () =>
  withReader(
    [],
    Effect.gen(function* () {
      const store = yield* Store;
      const reader = yield* BatchReader;
      for (let n = 0; n < 20; n++) {
        yield* store.commit({
          checks: [],
          mutations: [{ type: "set", key: ["counter"], value: bytes(String(n)) }],
        });
        const entry = yield* reader.get(["counter"]);
        assert.deepEqual(entry.value, bytes(String(n)));
      }
    }),
  ));

Deno.test("the store's failure reaches everyone who waited for the call, and the next read works", () => {
  let broken = true;
  const failing = Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        getMany: (keys) =>
          broken
            ? Effect.fail(new StoreError({ operation: "get", detail: "broken", cause: null }))
            : store.getMany(keys),
      })),
  ).pipe(Layer.provide(KvStore.layer({ path: ":memory:" })));
  return Effect.runPromise(
    Effect.gen(function* () {
      const reader = yield* BatchReader;
      const exits = yield* Effect.forEach(
        Array.from({ length: 30 }, (_, n): Key => ["thing", n]),
        (key) => Effect.exit(reader.get(key)),
        { concurrency: "unbounded" },
      );
      assert.ok(exits.every(Exit.isFailure));
      broken = false;
      assert.equal((yield* reader.get(["thing", 1])).value, null);
    }).pipe(Effect.provide(BatchReader.layer.pipe(Layer.provide(failing)))),
  );
});

Deno.test("reads that wait when the reader closes fail instead of hanging", () => {
  const silent = Layer.effect(
    Store,
    Effect.map(Store, (store) => Store.of({ ...store, getMany: () => Effect.never })),
  ).pipe(Layer.provide(KvStore.layer({ path: ":memory:" })));
  return Effect.runPromise(
    Effect.gen(function* () {
      const pending = yield* Effect.gen(function* () {
        const reader = yield* BatchReader;
        const fiber = yield* Effect.forkDetach(Effect.exit(reader.get(["thing"])), {
          startImmediately: true,
        });
        yield* Effect.yieldNow;
        return fiber;
      }).pipe(Effect.provide(BatchReader.layer.pipe(Layer.provide(silent))));
      assert.ok(Exit.isFailure(yield* Fiber.join(pending)));
    }),
  );
});
