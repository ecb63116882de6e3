/** The files of the store, taken away, replaced and looked into while an engine has them open. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  assertSound,
  type EngineProcess,
  eventually,
  placeOrder,
  startProcess,
  stockUp,
  withFolder,
} from "./process.ts";

const startOn = async (path: string, cwd: string): Promise<EngineProcess> =>
  await startProcess({ cwd, env: { ALLOT_KV: path } });

/** With stock, and an order that was placed. */
const startStocked = async (path: string, cwd: string): Promise<EngineProcess> => {
  const engine = await startOn(path, cwd);
  await stockUp(engine, { ams: { mug: 1_000 } });
  assert.equal((await placeOrder(engine, "before", { mug: 1 })).status, 201);
  return engine;
};

const metricOf = async (engine: EngineProcess, name: string): Promise<number> => {
  const { text } = await engine.ask("/metrics");
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1]);
};

/** Nothing is acknowledged, and everybody who looks can see why. */
const assertGone = async (engine: EngineProcess, externalId: string): Promise<void> => {
  const refused = await placeOrder(engine, externalId, { mug: 1 });
  assert.equal(refused.status, 503, refused.text);
  assert.match(String(refused.body["detail"]), /taken away or replaced/);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal((await engine.ask("/v1/orders")).status, 503, "what is gone is not shown as kept");
  const unready = await engine.ask("/readyz");
  assert.equal(unready.status, 503);
  assert.match(String(unready.body["detail"]), /taken away or replaced/);
  assert.equal((await engine.ask("/healthz")).status, 200);
  await eventually(
    "the metric",
    async () => await metricOf(engine, "allot_store_takes_commits") === 0 || null,
  );
  await eventually(
    "the log",
    () => /The store takes no commits.*while it was open/.test(engine.printed().error) || null,
  );
};

const ended = async (engine: EngineProcess): Promise<void> => {
  engine.signal("SIGKILL");
  await engine.ended;
};

interface Loss {
  readonly name: string;
  readonly lose: (path: string) => Promise<void>;
}

const losses: readonly Loss[] = [
  { name: "deleted", lose: (path) => Deno.remove(path) },
  {
    name: "replaced by a copy",
    lose: async (path) => {
      await Deno.copyFile(path, `${path}.copy`);
      await Deno.rename(`${path}.copy`, path);
    },
  },
  { name: "bereft of its log of commits", lose: (path) => Deno.remove(`${path}-wal`) },
];

for (const { name, lose } of losses) {
  Deno.test(`of a store that was ${name} nothing is acknowledged any more`, () =>
    withFolder(async (cwd) => {
      const path = `${cwd}/store.sqlite3`;
      await using engine = await startStocked(path, cwd);
      await lose(path);
      await assertGone(engine, "after");
      await ended(engine);
    }));
}

Deno.test("under load, no order is acknowledged after the file was replaced", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    await using engine = await startStocked(path, cwd);
    let isReplaced = false;
    const late: string[] = [];
    const crowd = Array.from({ length: 16 }, async (_, client) => {
      for (let n = 0; n < 60; n++) {
        const externalId = `${client}-${n}`;
        const begun = isReplaced;
        const { status } = await placeOrder(engine, externalId, { mug: 1 });
        if (status === 201 && begun) late.push(externalId);
      }
    });
    await eventually(
      "some orders",
      async () => await metricOf(engine, "allot_ledger_units_per_commit_count") > 20 || null,
    );
    await Deno.writeFile(`${path}.other`, new Uint8Array());
    await Deno.rename(`${path}.other`, path);
    isReplaced = true;
    await Promise.all(crowd);
    assert.deepEqual(late, []);
    await assertGone(engine, "after");
    await ended(engine);
  }));

Deno.test("with nobody asking, the loss is noticed; with the same file back, the engine goes on", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    {
      await using engine = await startStocked(path, cwd);
      await Deno.rename(path, `${path}.away`);
      await eventually(
        "a line in the log",
        () => /The store takes no commits/.test(engine.printed().error) || null,
      );
      await assertGone(engine, "meanwhile");
      await Deno.rename(`${path}.away`, path);
      await eventually(
        "readiness",
        async () => (await engine.ask("/readyz")).status === 200 || null,
      );
      assert.equal((await placeOrder(engine, "meanwhile", { mug: 1 })).status, 201);
      assert.equal(await metricOf(engine, "allot_store_takes_commits"), 1);
      await ended(engine);
    }
    assert.match(await assertSound(path, cwd), /^orders: 2$/m);
  }));

Deno.test("whoever looks into a store that is open takes nothing away from under the engine", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    {
      await using engine = await startStocked(path, cwd);
      // As the last to leave, SQLite tidies up the log of commits: it must see that others are in.
      const database = new DatabaseSync(path);
      assert.ok(database.prepare("select count(*) as n from kv").get());
      database.close();
      assert.equal((await placeOrder(engine, "after", { mug: 1 })).status, 201);
      await ended(engine);
    }
    assert.match(await assertSound(path, cwd), /^orders: 2$/m);
  }));
