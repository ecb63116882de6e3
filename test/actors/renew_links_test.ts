/** Stores in which orders wait under the keys of an earlier version are found whole once they are opened. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { aggregateLimits } from "../../actors/aggregate/limits.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { verify } from "../../src/verify/verify.ts";
import { bySystem, request, startEngine, stockUp } from "../support/engine.ts";
import { withFile } from "../support/files.ts";

/** More than are renewed at once. */
const count = aggregateLimits.linksRenewedAtOnce + 7;

/** Runs an effect in an engine of its own on the file. */
const inEngine = async <A>(
  path: string,
  effect: (engine: ReturnType<typeof startEngine>) => Promise<A>,
): Promise<A> => {
  const engine = startEngine({ path });
  try {
    return await effect(engine);
  } finally {
    await engine.dispose();
  }
};

const place = (name: string, lines: Readonly<Record<string, number>>) =>
  Effect.flatMap(Orders, (orders) =>
    Effect.map(
      orders.place(request(name, lines, { onShortage: "backorder" }), bySystem),
      ({ document }) => document.state.id,
    ));

const keysOf = (kv: Deno.Kv, family: string) => Array.fromAsync(kv.list({ prefix: [family] }));

/** As the version before wrote them: one key for each SKU, without a rank, and none for promises. */
const writeEarlierKeys = async (path: string): Promise<number> => {
  const kv = await Deno.openKv(path);
  try {
    const waiting = await keysOf(kv, "backordered");
    for (const { key, value } of waiting) {
      const [, sku = "", , orderId = ""] = key;
      await kv.set(["backorder", sku, orderId], value);
      await kv.delete(key);
    }
    for (const { key } of await keysOf(kv, "unpromised")) await kv.delete(key);
    return waiting.length;
  } finally {
    kv.close();
  }
};

const familiesOf = async (path: string): Promise<readonly number[]> => {
  const kv = await Deno.openKv(path);
  try {
    const families = ["backorder", "backordered", "unpromised"];
    return await Promise.all(families.map(async (family) => (await keysOf(kv, family)).length));
  } finally {
    kv.close();
  }
};

Deno.test("orders that wait under keys of before wait under those of today, each of them, in their order", () =>
  withFile(async (path) => {
    const ids = await inEngine(path, (engine) =>
      engine.runPromise(Effect.gen(function* () {
        yield* stockUp({ ams: { cup: 1 } });
        const first = yield* place("both", { mug: 1, cup: 3 });
        const others = yield* Effect.forEach(
          Array.from({ length: count }, (_, n) => `o-${n}`),
          (name) => place(name, { mug: 1 }),
          { concurrency: "unbounded" },
        );
        return [first, ...others];
      })));
    assert.equal(await writeEarlierKeys(path), count + 2);
    await inEngine(path, (engine) =>
      engine.runPromise(Effect.gen(function* () {
        const report = yield* verify();
        assert.deepEqual(report.violations, []);
        const inventory = yield* Inventory;
        const changes = [{ sku: "mug", delta: 1 }];
        yield* inventory.adjust({ locationId: "ams", reason: "received", changes }, bySystem);
        const orders = yield* Orders;
        const { state } = yield* orders.get(ids[0] ?? "");
        assert.deepEqual(state.lines.map(({ backordered }) => backordered), [0, 2]);
      })));
    assert.deepEqual(await familiesOf(path), [0, count + 1, count + 1]);
  }));
