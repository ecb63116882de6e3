/** The facts that a store keeps for its life: its name among them, which earlier versions did not give it. */
import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import { keys } from "../../src/store/keys.ts";
import { KvStore } from "../../src/store/kv.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";

const inStore = <A, E>(test: Effect.Effect<A, E, Store>): Promise<A> =>
  Effect.runPromise(Effect.provide(test, KvStore.layer({ path: ":memory:" })));

/** As a process that starts now finds them. */
const opened = (shelves: number) =>
  Effect.scoped(
    Effect.flatMap(
      Layer.build(Layer.fresh(StoreMeta.layer({ shelves }))),
      (services) => Effect.provide(Effect.map(StoreMeta, (meta) => meta), services),
    ),
  );

Deno.test("a store has one name and one number of shelves, whoever opens it and how", () =>
  inStore(Effect.gen(function* () {
    const all = yield* Effect.all([opened(3), opened(5), opened(3)], { concurrency: "unbounded" });
    const [first] = all;
    assert.match(first.id, /^sto_[0-9a-hjkmnp-tv-z]{20}$/);
    for (const each of [...all, yield* opened(9)]) assert.deepEqual(each, first);
  })));

Deno.test("two stores have two names", async () => {
  const idOf = () => inStore(Effect.map(opened(1), ({ id }) => id));
  assert.notEqual(await idOf(), await idOf());
});

Deno.test("a store of an earlier version gets a name, and keeps what it has", () =>
  inStore(Effect.gen(function* () {
    const store = yield* Store;
    const document = { shelves: 7, createdAt: "2026-01-01T00:00:00.000Z" };
    yield* store.commit({
      checks: [],
      mutations: [{ type: "set", key: keys.meta(), value: encodeJson(document) }],
    });
    const [first, second] = yield* Effect.all([opened(1), opened(2)], { concurrency: 2 });
    assert.equal(first.shelves, 7);
    assert.deepEqual(second, first);
    const { value } = yield* store.get(keys.meta());
    assert.deepEqual(JSON.parse(new TextDecoder().decode(value ?? new Uint8Array())), {
      ...document,
      id: first.id,
    });
  })));
