import assert from "node:assert/strict";
import {
  type Answer,
  assertSound,
  type EngineProcess,
  eventually,
  placePatiently,
  startProcess,
  stockOf,
  stockUp,
  withFolder,
} from "./process.ts";

const units = 300;
const clientsEach = 25;
/** Together more than there is, alone less: so both sell something, whoever is faster. */
const ordersEach = 200;

/** The orders of one process, by clients that place one after another. */
const sell = async (engine: EngineProcess, name: string): Promise<readonly Answer[]> => {
  const accepted: Answer[] = [];
  const numbers = Array.from({ length: ordersEach }, (_, n) => n).values();
  const client = async () => {
    for (const n of numbers) {
      const answer = await placePatiently(engine, `${name}-${n}`, { mug: 1 });
      if (answer.status === 201) accepted.push(answer);
      else {
        assert.equal(answer.status, 409, JSON.stringify(answer.body));
        assert.equal(answer.body["type"], "/problems/insufficient-stock");
      }
    }
  };
  await Promise.all(Array.from({ length: clientsEach }, client));
  return accepted;
};

const idsOf = (answers: readonly Answer[]): readonly string[] =>
  answers.map(({ body }) => String(body["id"]));

Deno.test("two processes on one file sell the same stock once, and each shows what the other does", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    const env = { ALLOT_KV: path };
    await using first = await startProcess({ cwd, env });
    await using second = await startProcess({ cwd, env });
    await using firstFollows = await first.follow("order.placed");
    await using secondFollows = await second.follow("order.placed");
    await stockUp(first, { ams: { mug: units } });

    const [atFirst, atSecond] = await Promise.all([
      sell(first, "first"),
      sell(second, "second"),
    ]);
    const ids = new Set([...idsOf(atFirst), ...idsOf(atSecond)]);
    assert.equal(ids.size, units);

    for (const { seen } of [firstFollows, secondFollows]) {
      await eventually("all orders on the stream", () => seen.length >= units || null);
      assert.deepEqual(new Set(seen), ids);
      assert.equal(seen.length, units, "none twice");
    }
    for (const engine of [first, second]) {
      assert.deepEqual(await stockOf(engine), { mug: { onHand: units, reserved: units } });
      for (const id of ids) assert.equal((await engine.ask(`/v1/orders/${id}`)).status, 200);
    }
    assert.match(await assertSound(path, cwd), new RegExp(`^orders: ${units}$`, "m"));
  }));

Deno.test("one process goes on with what another began, and two never do it twice", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    const env = { ALLOT_KV: path };
    await using first = await startProcess({ cwd, env });
    await using second = await startProcess({ cwd, env });
    await stockUp(first, { ams: { mug: 10 } });
    const placed = await placePatiently(first, "order-1", { mug: 2 });
    const id = placed.body["fulfillmentOrders"][0]?.["id"];
    assert.equal(
      (await second.ask(`/v1/fulfillment-orders/${id}/accept`, { json: {} })).status,
      200,
    );
    assert.equal((await first.ask(`/v1/fulfillment-orders/${id}/pick`, { json: {} })).status, 200);
    const ships = await Promise.all(
      [first, second].map((engine) =>
        engine.ask(`/v1/fulfillment-orders/${id}/ship`, { json: { carrier: "DHL" } })
      ),
    );
    assert.deepEqual(ships.map(({ status }) => status).sort(), [200, 409]);
    for (const engine of [first, second]) {
      assert.deepEqual(await stockOf(engine), { mug: { onHand: 8, reserved: 0 } });
      const order = await engine.ask(`/v1/orders/${placed.body["id"]}`);
      assert.equal(order.body["status"], "shipped");
    }
    await assertSound(path, cwd);
  }));
