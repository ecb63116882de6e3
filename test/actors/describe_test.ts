import assert from "node:assert/strict";
import { Effect } from "effect";
import { Catalog } from "../../actors/catalog/catalog.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { bySystem, stockUp, withEngine } from "../support/engine.ts";

Deno.test("an item that is saved while its first stock arrives stays as it was saved", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    const catalog = yield* Catalog;
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
          catalog.saveItem({ sku, name: "As it was saved", digital: false }, bySystem),
        ], { concurrency: "unbounded" }),
      { concurrency: "unbounded", discard: true },
    );
    for (const sku of skus) {
      assert.equal((yield* catalog.item(sku)).name, "As it was saved");
    }
  })));

Deno.test("the first stock of SKUs makes an item of each, and later stock none", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 1, cup: 1 } });
    yield* stockUp({ ams: { mug: 1, cup: 1 } });
    const catalog = yield* Catalog;
    for (const sku of ["mug", "cup"]) {
      const { name, version } = yield* catalog.item(sku);
      assert.deepEqual([name, version], [sku, 1]);
    }
  })));
