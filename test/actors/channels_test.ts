/** What channels cost orders: their settings are read once, and without any there is nothing to look at. */
import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import { References } from "../../actors/reference/references.ts";
import { channels } from "../../src/channel/references.ts";
import { Store } from "../../src/store/store.ts";
import { bySystem, request, stockUp, withEngine } from "../support/engine.ts";

/** A store that counts how often the settings of channels are read. */
const counting = (count: () => void): Layer.Layer<Store, never, Store> =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        list: (range) =>
          Effect.suspend(() => {
            if (range.start[0] === channels.family) count();
            return store.list(range);
          }),
      })),
  );

Deno.test("the settings of channels are read once, however many orders come, and once more when they change", () => {
  let reads = 0;
  return withEngine(
    Effect.gen(function* () {
      yield* stockUp({ ams: { mug: 100 }, ber: { mug: 100 } });
      const orders = yield* Orders;
      const references = yield* References;
      const place = (name: string) =>
        Effect.forEach(
          Array.from({ length: 20 }, (_, n) => request(`${name}-${n}`, [["mug", 1]])),
          (each) => orders.place(each, bySystem),
          { concurrency: "unbounded" },
        );
      assert.equal(reads, 0);
      yield* place("first");
      assert.equal(reads, 1, "all of them wait for one read");
      yield* place("second");
      assert.equal(reads, 1);
      const settings = { id: "web", exposes: "sum", locationIds: ["ber"] } as const;
      yield* references.save(channels, settings, bySystem);
      const before = reads;
      const placed = yield* place("third");
      assert.ok(reads <= before + 1);
      for (const { document: { state } } of placed) {
        assert.deepEqual(state.fulfillmentOrders.map(({ locationId }) => locationId), ["ber"]);
      }
    }),
    { faults: counting(() => reads++) },
  );
});
