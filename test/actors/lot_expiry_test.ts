/** Lots that come too close to their expiry: what nobody was promised is set aside, and nothing goes unsound. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { References } from "../../actors/reference/references.ts";
import { Lots } from "../../actors/lot/lots.ts";
import { LotLists } from "../../actors/lot/lists.ts";
import { Orders } from "../../actors/order/orders.ts";
import { LotExpiry } from "../../actors/stock/expiry.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { items } from "../../src/catalog/references.ts";
import { verify } from "../../src/verify/verify.ts";
import { clockFrom } from "../support/clock.ts";
import { bySystem, request, stockUp, withEngine } from "../support/engine.ts";

const nowMs = Date.parse("2026-03-01T12:00:00.000Z");
const dayMs = 86_400_000;
const inDays = (days: number): string => new Date(nowMs + days * dayMs).toISOString();

Deno.test("units of a lot that is due are set aside, but for those that are promised", async () => {
  const clock = clockFrom(nowMs);
  await withEngine(
    Effect.gen(function* () {
      const references = yield* References;
      const inventory = yield* Inventory;
      const orders = yield* Orders;
      const lots = yield* Lots;
      const lists = yield* LotLists;
      const expiry = yield* LotExpiry;
      yield* stockUp({ ams: {} });
      const item = { sku: "milk", name: "Milk", digital: false } as const;
      yield* references.save(
        items,
        { ...item, tracking: "lot", minRemainingDays: 5 },
        bySystem,
      );
      const lot = (lotId: string, delta: number, days: number) => ({
        ...{ sku: "milk", delta, lotId, expiresAt: inDays(days) },
      });
      yield* inventory.adjust({
        ...{ locationId: "ams", reason: "received" },
        changes: [lot("A", 6, 10), lot("B", 4, 30)],
      }, bySystem);
      const placed = yield* orders.place(request("1", { milk: 7 }), bySystem);
      assert.equal(yield* expiry.sweep, 0);
      clock.moveTo(nowMs + 5 * dayMs - 60_000);
      assert.equal(yield* expiry.sweep, 0);
      clock.moveTo(nowMs + 5 * dayMs);
      // Seven are promised, and B has four of them: so three of A are free.
      assert.equal(yield* expiry.sweep, 3);
      assert.equal(yield* expiry.sweep, 0);
      const found = yield* lots.at("ams", "milk");
      assert.equal(found.stock.unavailable, 3);
      const [row] = yield* inventory.levels({ skus: ["milk"], limit: 1 });
      assert.deepEqual(row?.buckets, { expired: 3 });
      assert.deepEqual(found.lots.map(({ lotId, setAside }) => [lotId, setAside]), [
        ["A", 3],
        ["B", 0],
      ]);
      const attention = yield* lists.page({ sku: "milk", attention: true, limit: 10 });
      assert.deepEqual(attention.lots.map(({ lotId, state }) => [lotId, state]), [
        ["A", "short-dated"],
      ]);
      // What is promised no more follows.
      const { id } = placed.document.state;
      yield* orders.command(id, { type: "cancel", reason: "no more" }, bySystem);
      assert.equal(yield* expiry.sweep, 3);
      assert.deepEqual((yield* lists.page({ attention: true, limit: 10 })).lots, []);
      const report = yield* verify();
      assert.deepEqual(report.violations, []);
    }),
    { clock },
  );
});
