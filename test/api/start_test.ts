/** How much a start has to do. How long it takes, with 200,000 orders, is for `deno task soak` to say. */
import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import { Store } from "../../src/store/store.ts";
import { orderFor, startServer, stockOver } from "../support/server.ts";

/** Counts the entries that the engine gets from its store. */
const countedStore = (read: { entries: number }): Layer.Layer<Store, never, Store> =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) => {
      const count = (entries: number) => Effect.sync(() => void (read.entries += entries));
      return Store.of({
        ...store,
        get: (key) => Effect.tap(store.get(key), () => count(1)),
        getMany: (keys) => Effect.tap(store.getMany(keys), ({ length }) => count(length)),
        list: (range) => Effect.tap(store.list(range), ({ length }) => count(length)),
      });
    }),
  );

const place = async (path: string, from: number, to: number): Promise<void> => {
  await using server = await startServer({ path });
  if (from === 0) await stockOver(server, { ams: { mug: 1_000_000 } });
  const answers = await Promise.all(
    Array.from(
      { length: to - from },
      (_, n) => server.ask("/v1/orders", { json: orderFor(`${from + n}`, { mug: 1 }) }),
    ),
  );
  assert.ok(answers.every(({ status }) => status === 201));
};

/** Entries read from the start until it is ready. */
const readByStart = async (path: string): Promise<number> => {
  const read = { entries: 0 };
  await using server = await startServer({ path, faults: countedStore(read) });
  assert.equal((await server.ask("/readyz", { key: null })).status, 200);
  return read.entries;
};

Deno.test("what a start reads does not grow with the orders in the store", async () => {
  const folder = await Deno.makeTempDir({ prefix: "allot-start-" });
  try {
    const path = `${folder}/store.sqlite3`;
    await place(path, 0, 50);
    const withFew = await readByStart(path);
    await place(path, 50, 1_050);
    const withMany = await readByStart(path);
    // A few more or less, as other fibers have just begun; a read for each order would be a thousand.
    assert.ok(withMany < withFew + 300, `${withFew} entries, and ${withMany} with more orders`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
