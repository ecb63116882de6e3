import assert from "node:assert/strict";
import { Effect } from "effect";
import { References } from "../../actors/reference/references.ts";
import { items } from "../../src/catalog/references.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { bySystem, stockUp, withEngine } from "../support/engine.ts";

Deno.test("an item that is saved while its first stock arrives stays as it was saved", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    const references = yield* References;
    const inventory = yield* Inventory;
    const skus = Array.from({ length: 40 }, (_, n) => `sku-${n}`);
    yield* Effect.forEach(
      skus,
      (sku) =>
        Effect.all([
          inventory.adjust(
            { locationId: "ams", reason: "received", changes: [{ sku, delta: 1 }] },
            bySystem,
          ),
          references.save(items, { sku, name: "As it was saved", digital: false }, bySystem),
        ], { concurrency: "unbounded" }),
      { concurrency: "unbounded", discard: true },
    );
    for (const sku of skus) {
      assert.equal((yield* references.get(items, sku)).name, "As it was saved");
    }
  })));

Deno.test("the first stock of SKUs makes an item of each, and later stock none", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 1, cup: 1 } });
    yield* stockUp({ ams: { mug: 1, cup: 1 } });
    const references = yield* References;
    for (const sku of ["mug", "cup"]) {
      const { name, version } = yield* references.get(items, sku);
      assert.deepEqual([name, version], [sku, 1]);
    }
  })));
