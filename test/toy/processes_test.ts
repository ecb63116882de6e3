/** An order and its voucher under kills: two processes on one file, of which one is killed again and again. */
import assert from "node:assert/strict";
import {
  type EngineProcess,
  eventually,
  startProcess,
  stockOf,
  stockUp,
  withFolder,
} from "../process/process.ts";
import { truthOf, verifyOf } from "../sim/truth.ts";
import { orderFor } from "../support/server.ts";
import { withVouchers } from "./subjects.ts";
import type { Voucher } from "./voucher.ts";

const units = 60;
const orders = 90;
const clients = 12;
const kills = 3;
const script = "test/toy/main.ts";

/** Asks for an order with a voucher until somebody says what became of it. */
const placeAt = async (
  engines: () => readonly EngineProcess[],
  voucherId: string,
  n: number,
): Promise<number> => {
  const json = { units: 1, order: orderFor(`order-${n}`, { mug: 1 }, { onShortage: "reject" }) };
  return await eventually(`order ${n}`, async () => {
    const running = engines();
    const engine = running[n % running.length];
    if (engine === undefined) return null;
    try {
      const answer = await engine.ask(`/v1/vouchers/${voucherId}/orders`, { json });
      return answer.status === 503 ? null : answer.status;
    } catch {
      // The process ended while it worked on it.
      return null;
    }
  });
};

Deno.test("no unit of a voucher is redeemed without its order, whatever is killed", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    await using started = new AsyncDisposableStack();
    const start = async () =>
      started.use(await startProcess({ cwd, script, env: { ALLOT_KV: path } }));
    const steady = await start();
    let victim = await start();
    await stockUp(steady, { ams: { mug: 2 * orders } });
    const series = { method: "PUT", json: { name: "Gifts" } };
    assert.equal((await steady.ask("/v1/voucher-series/gifts", series)).status, 201);
    const issued = await steady.ask("/v1/vouchers", {
      json: { series: "gifts", code: "A", units },
    });
    assert.equal(issued.status, 201, issued.text);
    const voucherId = String(issued.body["id"]);

    const statuses: number[] = [];
    const numbers = Array.from({ length: orders }, (_, n) => n).values();
    const client = async () => {
      for (const n of numbers) {
        statuses.push(await placeAt(() => [steady, victim], voucherId, n));
      }
    };
    const placing = Promise.all(Array.from({ length: clients }, client));
    for (let kill = 1; kill <= kills; kill++) {
      await eventually("more orders", () => statuses.length >= kill * orders / (kills + 2) || null);
      victim.signal("SIGKILL");
      await victim.ended;
      victim = await start();
    }
    await placing;
    const taken = statuses.filter((status) => status < 300).length;
    assert.equal(taken, units, `${statuses}`);
    assert.equal((await stockOf(steady))["mug"]?.reserved, units);
    for (const engine of [victim, steady]) {
      engine.signal("SIGKILL");
      await engine.ended;
    }

    const kv = await Deno.openKv(path);
    try {
      const { violations } = await verifyOf(kv, withVouchers);
      assert.deepEqual(violations, []);
      const { others, documents } = await truthOf(kv, withVouchers);
      assert.equal(documents.length, units);
      const [voucher] = others.map(({ state }) => state as Voucher);
      assert.equal(voucher?.redeemed, units);
    } finally {
      kv.close();
    }
  }));
