/** Processes whose clocks are three days apart, on one file: a key has one effect, and who came first is served. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { orderFor } from "../support/server.ts";
import {
  assertSound,
  type EngineProcess,
  eventually,
  startFlags,
  startProcess,
  stockOf,
  stockUp,
  withFolder,
} from "./process.ts";

const daysMs = (days: number): number => days * 24 * 3_600_000;
const wrongClock = fileURLToPath(new URL("./supervisor/wrong-clock.ts", import.meta.url));

const receive = (engine: EngineProcess, sku: string, delta: number, key: string) =>
  engine.ask("/v1/inventory/adjustments", {
    json: { locationId: "ams", reason: "received", changes: [{ sku, delta }] },
    headers: { "idempotency-key": key },
  });

for (const days of [3, -3]) {
  Deno.test(`a process with a clock ${days} days ahead does nothing twice, and serves nobody first by its clock`, () =>
    withFolder(async (cwd) => {
      const path = `${cwd}/store.sqlite3`;
      const env = { ALLOT_KV: path };
      await using right = await startProcess({ cwd, env });
      await using wrong = await startProcess({
        cwd,
        flags: [...startFlags, "--preload", wrongClock],
        env: { ...env, CLOCK_OFFSET_MS: String(daysMs(days)) },
      });
      await stockUp(right, { ams: { mug: 1 } });
      for (
        const [first, second, key] of [[right, wrong, "one"], [wrong, right, "other"]] as const
      ) {
        const done = await receive(first, "mug", 5, key);
        assert.equal(done.status, 200, done.text);
        const repeated = await receive(second, "mug", 5, key);
        assert.equal(repeated.headers.get("idempotent-replayed"), "true", repeated.text);
        assert.deepEqual(repeated.body, done.body);
      }
      assert.equal((await stockOf(right))["mug"]?.onHand, 11);

      const ids: string[] = [];
      for (const [engine, name] of [[wrong, "w1"], [right, "r1"], [wrong, "w2"]] as const) {
        const json = orderFor(name, { cup: 1 }, { onShortage: "backorder" });
        const placed = await engine.ask("/v1/orders", { json });
        assert.equal(placed.status, 201, placed.text);
        assert.equal(placed.body["status"], "backordered");
        ids.push(String(placed.body["id"]));
      }
      const statuses = () =>
        Promise.all(
          ids.map(async (id) => String((await right.ask(`/v1/orders/${id}`)).body["status"])),
        );
      for (const served of [1, 2]) {
        assert.equal((await receive(right, "cup", 1, `cup-${served}`)).status, 200);
        const expected = ids.map((_, n) => n < served ? "allocated" : "backordered");
        await eventually(
          "who came first is served",
          async () => (await statuses()).join() === expected.join() || null,
        );
      }
      await assertSound(path, cwd);
    }));
}
