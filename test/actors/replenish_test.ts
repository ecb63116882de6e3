import assert from "node:assert/strict";
import { Effect, Schedule } from "effect";
import { References } from "../../actors/reference/references.ts";
import { locations } from "../../src/catalog/references.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { backorderLimits } from "../../src/order/limits.ts";
import { below } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { bySystem, location, request, stockUp, withEngine } from "../support/engine.ts";

/** Asks until it is so; bounded, so that it cannot hang. */
const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>, until: (value: A) => boolean) =>
  effect.pipe(
    Effect.repeat({ until, schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("30 seconds"),
  );

Deno.test("a location that opens again serves those who wait for what it has", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 1 }, ber: { mug: 5 } });
    const references = yield* References;
    const orders = yield* Orders;
    yield* references.save(locations, { ...location("ber"), active: false }, bySystem);
    const placed = yield* orders.place(
      request("waits", { mug: 4 }, { onShortage: "backorder" }),
      bySystem,
    );
    assert.equal(placed.document.state.status, "partially_allocated");
    yield* references.save(locations, location("ber"), bySystem);
    const filled = yield* eventually(
      orders.get(placed.document.state.id),
      ({ state: order }) => order.status === "allocated",
    );
    assert.deepEqual(
      filled.state.fulfillmentOrders.map(({ locationId }) => locationId),
      ["ams", "ber"],
    );
  })));

Deno.test("an arrival reaches all who wait, however many they are", () =>
  withEngine(Effect.gen(function* () {
    const count = backorderLimits.ordersPerCommit + backorderLimits.ordersPerFill + 10;
    yield* stockUp({ ams: {} });
    const orders = yield* Orders;
    yield* Effect.forEach(
      Array.from({ length: count }, (_, n) => `waits-${n}`),
      (name) => orders.place(request(name, { mug: 1 }, { onShortage: "backorder" }), bySystem),
      { concurrency: "unbounded", discard: true },
    );
    const inventory = yield* Inventory;
    const changes = [{ sku: "mug", delta: count }];
    yield* inventory.adjust({ locationId: "ams", reason: "received", changes }, bySystem);
    const store = yield* Store;
    yield* eventually(
      store.list({ ...below(["backordered"]), limit: 1 }),
      (waiting) => waiting.length === 0,
    );
    const [row] = yield* inventory.levels({ limit: 1 });
    assert.deepEqual([row?.onHand, row?.reserved], [count, count]);
  })));
