/** Carts over two processes, one of which is killed in the middle, and over a restart. */
import assert from "node:assert/strict";
import {
  type Answer,
  assertSound,
  type EngineProcess,
  eventually,
  startProcess,
  stockUp,
  withFolder,
} from "./process.ts";
import { orderFor } from "../support/server.ts";

const units = 120;
const shoppers = 200;
const killedAfter = 60;

/** Asks one process after the other until one of them answers: what is asked for is done once. */
const askAny = (
  engines: readonly EngineProcess[],
  first: number,
  path: string,
  json: object,
): Promise<Answer> => {
  let n = first;
  return eventually(`an answer of ${path}`, async () => {
    const engine = engines[n++ % engines.length];
    const answer = await engine?.ask(path, { json }).catch(() => null);
    return answer === undefined || answer === null || answer.status === 503 ? null : answer;
  });
};

const cart = (externalId: string, expiresInSeconds: number) => ({
  ...{ channel: "web", externalId, expiresInSeconds },
  lines: [{ sku: "mug", quantity: 1 }],
});

Deno.test("carts that were granted become orders, whoever is killed on the way", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    const env = { ALLOT_KV: path };
    await using first = await startProcess({ cwd, env });
    await using second = await startProcess({ cwd, env });
    await stockUp(first, { ams: { mug: units } });
    const engines = [first, second];
    let begun = 0;
    const orders: Answer[] = [];
    const shop = async (n: number) => {
      if (++begun === killedAfter) first.signal("SIGKILL");
      const kept = await askAny(engines, n, "/v1/reservations", cart(`cart-${n}`, 3_600));
      if (kept.status === 409) return;
      assert.ok(kept.status === 200 || kept.status === 201, kept.text);
      const order = orderFor(`order-${n}`, { mug: 1 }, { reservationId: kept.body["id"] });
      const placed = await askAny(engines, n + 1, "/v1/orders", order);
      assert.ok(placed.status === 200 || placed.status === 201, placed.text);
      assert.deepEqual(placed.body["reservation"], { id: kept.body["id"], used: true });
      orders.push(placed);
    };
    const waiting = Array.from({ length: shoppers }, (_, n) => n).values();
    const lane = async () => {
      for (const n of waiting) await shop(n);
    };
    await Promise.all(Array.from({ length: 16 }, lane));
    assert.equal(new Set(orders.map(({ body }) => body["id"])).size, units);
    const { body } = await second.ask("/v1/inventory?sku=mug");
    const [row] = body["data"];
    assert.deepEqual([row?.["reserved"], row?.["claimed"], row?.["available"]], [units, 0, 0]);
    await assertSound(path, cwd);
  }));

Deno.test("a cart's time comes though the process that kept it is gone", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    const env = { ALLOT_KV: path };
    await using killed = await startProcess({ cwd, env });
    await stockUp(killed, { ams: { mug: 3 } });
    const kept = await killed.ask("/v1/reservations", { json: cart("short", 1) });
    assert.equal(kept.status, 201, kept.text);
    const long = await killed.ask("/v1/reservations", { json: cart("long", 3_600) });
    killed.signal("SIGKILL");
    await killed.ended;
    await using next = await startProcess({ cwd, env });
    await eventually("the end of the cart", async () => {
      const { body } = await next.ask(`/v1/reservations/${kept.body["id"]}`);
      return String(body["status"]) === "expired" || null;
    });
    const { body } = await next.ask(`/v1/reservations/${long.body["id"]}`);
    assert.equal(body["status"], "active");
    const { body: stock } = await next.ask("/v1/inventory?sku=mug");
    assert.equal(stock["data"][0]?.["available"], 2);
    await assertSound(path, cwd);
  }));
