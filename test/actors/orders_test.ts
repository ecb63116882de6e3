import assert from "node:assert/strict";
import { Effect, Result } from "effect";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { below } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { bySystem, request, stockUp, withEngine } from "../support/engine.ts";

const receive = Effect.fnUntraced(function* (locationId: string, sku: string, delta: number) {
  const inventory = yield* Inventory;
  return yield* inventory.adjust(
    { locationId, reason: "received", changes: [{ sku, delta }] },
    bySystem,
  );
});

/** A small deterministic generator: the same orders in every run. */
const numbers = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed;
};

Deno.test("orders of several lines over locations sell exactly what there is", () =>
  withEngine(Effect.gen(function* () {
    const skus = Array.from({ length: 20 }, (_, n) => `sku-${n}`);
    const shelf = Object.fromEntries(skus.map((sku) => [sku, 10]));
    yield* stockUp({ ams: shelf, ber: shelf, cdg: shelf });
    const orders = yield* Orders;
    const next = numbers(7);
    const requests = Array.from({ length: 400 }, (_, n) => {
      const lines = Array.from(
        { length: 1 + next() % 5 },
        () => [skus[next() % 20] ?? "", 1 + next() % 3] as const,
      );
      return request(`o-${n}`, lines, { onShortage: "partial" });
    });
    const answers = yield* Effect.forEach(
      requests,
      (each) => Effect.result(orders.place(each, bySystem)),
      { concurrency: "unbounded" },
    );
    const wanted = new Map<string, number>();
    for (const { lines } of requests) {
      for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
    }
    const rows = yield* (yield* Inventory).levels({ limit: 200 });
    for (const sku of skus) {
      const reserved = rows.filter((row) => row.sku === sku)
        .reduce((sum, row) => sum + row.reserved, 0);
      assert.equal(reserved, Math.min(30, wanted.get(sku) ?? 0), sku);
    }
    const allocated = answers.filter(Result.isSuccess)
      .flatMap(({ success }) => success.document.state.fulfillmentOrders)
      .flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
    assert.equal(allocated, rows.reduce((sum, row) => sum + row.reserved, 0));
  })));

Deno.test("a repeated request gets the order that is there, another one with its number is refused", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 10 } });
    const orders = yield* Orders;
    const first = yield* orders.place(request("o-1", { mug: 1 }), bySystem);
    const again = yield* orders.place(request("o-1", { mug: 1 }), bySystem);
    assert.deepEqual([first.created, again.created], [true, false]);
    assert.deepEqual(again.document, first.document);
    const other = yield* Effect.flip(orders.place(request("o-1", { mug: 2 }), bySystem));
    assert.equal(other._tag, "OrderExists");
  })));

Deno.test("a refused order leaves nothing behind", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 1 } });
    const store = yield* Store;
    const keysBefore = yield* store.list({ start: [""], end: [Infinity], limit: 1_000 });
    const orders = yield* Orders;
    const refusal = yield* Effect.flip(orders.place(request("o-1", { mug: 2 }), bySystem));
    assert.deepEqual(refusal._tag === "Refused" && refusal.rejection, {
      _tag: "InsufficientStock",
      shortages: [{ sku: "mug", requested: 2, available: 1 }],
    });
    const keysAfter = yield* store.list({ start: [""], end: [Infinity], limit: 1_000 });
    const orderKeys = (entries: typeof keysAfter) =>
      entries.filter(({ key }) => key[0] === "order" || key[0] === "reference");
    assert.deepEqual(orderKeys(keysAfter), orderKeys(keysBefore));
    const placed = yield* orders.place(request("o-1", { mug: 1 }), bySystem);
    assert.equal(placed.created, true);
  })));

Deno.test("stock that arrives goes to backorders first come first served, in the arrival's own commit", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    const orders = yield* Orders;
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      const placed = yield* orders.place(
        request(`o-${n}`, { mug: 2 }, { onShortage: "backorder" }),
        bySystem,
      );
      assert.equal(placed.document.state.status, "backordered");
      ids.push(placed.document.state.id);
    }
    const levels = yield* receive("ams", "mug", 5);
    assert.deepEqual(
      levels.map(({ onHand, reserved, available }) => [onHand, reserved, available]),
      [
        [5, 5, 0],
      ],
    );
    const statuses: string[] = [];
    const histories = new Set<string>();
    for (const id of ids) {
      const document = yield* orders.get(id);
      statuses.push(document.state.status);
      const entries = yield* orders.history(id, { after: 1, limit: 10 });
      for (const { commitId } of entries) histories.add(commitId);
    }
    assert.deepEqual(statuses, ["allocated", "allocated", "partially_allocated", "backordered"]);
    assert.equal(histories.size, 1);
    const store = yield* Store;
    const waiting = yield* store.list({ ...below(["backordered", "mug"]), limit: 10 });
    assert.deepEqual(waiting.map(({ key }) => key[3]), ids.slice(2));
  })));

Deno.test("stock that a cancellation frees goes to the order that waits for it", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 1 } });
    const orders = yield* Orders;
    const first = yield* orders.place(request("o-1", { mug: 1 }), bySystem);
    const waiting = yield* orders.place(
      request("o-2", { mug: 1 }, { onShortage: "backorder" }),
      bySystem,
    );
    yield* orders.command(first.document.state.id, { type: "cancel", reason: "test" }, bySystem);
    const filled = yield* Effect.repeat(orders.get(waiting.document.state.id), {
      until: ({ state: order }) => order.status === "allocated",
    });
    assert.equal(filled.state.fulfillmentOrders.length, 1);
  })));

Deno.test("an order of 2,000 lines is allocated in several commits, each line once", () =>
  withEngine(Effect.gen(function* () {
    const skus = Array.from({ length: 2_000 }, (_, n) => `sku-${n}`);
    yield* stockUp({ ams: {}, ber: {} });
    const inventory = yield* Inventory;
    for (let at = 0; at < skus.length; at += 500) {
      const changes = skus.slice(at, at + 500).map((sku) => ({ sku, delta: 3 }));
      yield* inventory.adjust({ locationId: "ams", reason: "received", changes }, bySystem);
    }
    const orders = yield* Orders;
    const lines = skus.map((sku) => [sku, 2] as const);
    const placed = yield* orders.place(request("large", lines), bySystem);
    assert.equal(placed.document.state.status, "allocating");
    const { state: order } = yield* Effect.repeat(orders.get(placed.document.state.id), {
      until: (document) => !document.state.allocating,
    });
    assert.equal(order.status, "allocated");
    assert.ok(order.version > 2);
    const store = yield* Store;
    const rows = yield* store.list({ ...below(["stock", "ams"]), limit: 5_000 });
    assert.equal(rows.length, 2_000);
    const levels = yield* inventory.levels({ locationIds: ["ams"], limit: 200 });
    assert.ok(levels.every(({ reserved, available }) => reserved === 2 && available === 1));
    const timers = yield* store.list({ start: ["timer", 0], end: ["timer", Infinity], limit: 10 });
    assert.deepEqual(timers, []);
  })));

Deno.test("counts made at the same time do not add up", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 10 } });
    const inventory = yield* Inventory;
    const count = inventory.count(
      { locationId: "ams", counts: [{ sku: "mug", onHand: 25 }] },
      bySystem,
    );
    yield* Effect.all([count, count, receive("ams", "mug", 0), count], {
      concurrency: "unbounded",
    });
    const [level] = yield* inventory.levels({ limit: 1 });
    assert.equal(level?.onHand, 25);
  })));
