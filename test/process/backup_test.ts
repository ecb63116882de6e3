/** Copies of a store that is in use, and stores that are put back from them. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import {
  assertSound,
  type EngineProcess,
  eventually,
  type Output,
  placeOrder,
  runToEnd,
  startProcess,
  stockUp,
  withFolder,
} from "./process.ts";

const run = (script: string, cwd: string, ...args: readonly string[]): Promise<Output> =>
  runToEnd(`src/store/${script}.ts`, { cwd, env: { ALLOT_KV: "store.sqlite3" }, args });

const start = (cwd: string, path: string): Promise<EngineProcess> =>
  startProcess({ cwd, env: { ALLOT_KV: path } });

const kill = async (engine: EngineProcess): Promise<void> => {
  engine.signal("SIGKILL");
  await engine.ended;
};

const assertPlaced = async (
  engine: EngineProcess,
  externalIds: Iterable<string>,
): Promise<void> => {
  for (const externalId of externalIds) {
    const { body } = await engine.ask(`/v1/orders?channel=web&externalId=${externalId}`);
    assert.equal(body["data"].length, 1, externalId);
  }
};

Deno.test("a copy of a store under load has all that was acknowledged before, and an engine goes on from it", () =>
  withFolder(async (cwd) => {
    const before = new Set<string>();
    {
      await using engine = await start(cwd, "store.sqlite3");
      await stockUp(engine, { ams: { mug: 100_000 } });
      let isOver = false;
      const placed = new Set<string>();
      const crowd = Array.from({ length: 8 }, async (_, client) => {
        for (let n = 0; !isOver; n++) {
          const externalId = `${client}-${n}`;
          if ((await placeOrder(engine, externalId, { mug: 1 })).status === 201) {
            placed.add(externalId);
          }
        }
      });
      await eventually("some orders", () => placed.size > 100 || null);
      for (const externalId of placed) before.add(externalId);
      const { code, out, error } = await run("backup", cwd, "copy.sqlite3");
      assert.equal(code, 0, error);
      assert.match(out, /store\.sqlite3 is copied to copy\.sqlite3: \d+ bytes, up to log position/);
      isOver = true;
      await Promise.all(crowd);
      assert.ok(placed.size > before.size, "orders came in while it was copied");
      await kill(engine);
    }
    await assertSound("store.sqlite3", cwd);
    assert.equal(statSync(`${cwd}/copy.sqlite3`).mode & 0o777, 0o600);
    assert.ok(!readdirSync(cwd).some((name) => name.includes("draft")));
    await assertSound("copy.sqlite3", cwd);
    await using engine = await start(cwd, "copy.sqlite3");
    await assertPlaced(engine, before);
    assert.equal((await placeOrder(engine, "afterwards", { mug: 1 })).status, 201);
  }));

Deno.test("a copy takes nobody's place, and says why", () =>
  withFolder(async (cwd) => {
    const missing = await run("backup", cwd, "copy.sqlite3");
    assert.equal(missing.code, 1);
    assert.match(missing.error, /There is no store at store\.sqlite3/);
    await using engine = await start(cwd, "store.sqlite3");
    await Deno.writeTextFile(`${cwd}/copy.sqlite3`, "mine");
    const taken = await run("backup", cwd, "copy.sqlite3");
    assert.equal(taken.code, 1);
    assert.match(taken.error, /There is something at copy\.sqlite3 already/);
    assert.equal(await Deno.readTextFile(`${cwd}/copy.sqlite3`), "mine");
    const other = await run("restore", cwd, "copy.sqlite3", "--replace");
    assert.equal(other.code, 1, "what is no store is put nowhere");
    assert.equal((await engine.ask("/readyz")).status, 200);
  }));

Deno.test("a copy is put back when nobody has the store open, and what was there is kept", () =>
  withFolder(async (cwd) => {
    {
      await using engine = await start(cwd, "store.sqlite3");
      await stockUp(engine, { ams: { mug: 100 } });
      assert.equal((await placeOrder(engine, "early", { mug: 1 })).status, 201);
      assert.equal((await run("backup", cwd, "copy.sqlite3")).code, 0);
      assert.equal((await placeOrder(engine, "late", { mug: 1 })).status, 201);

      const inUse = await run("restore", cwd, "copy.sqlite3", "--replace");
      assert.equal(inUse.code, 1);
      assert.match(inUse.error, /store\.sqlite3 is open in an engine or another program/);
      await assertPlaced(engine, ["early", "late"]);
      await kill(engine);
    }
    const unsaid = await run("restore", cwd, "copy.sqlite3");
    assert.equal(unsaid.code, 1);
    assert.match(unsaid.error, /Say --replace/);

    const { code, out, error } = await run("restore", cwd, "copy.sqlite3", "--replace");
    assert.equal(code, 0, error);
    assert.match(out, /store\.sqlite3 is now store\.sqlite3\.replaced\./);
    assert.match(out, /store\.sqlite3 is now the copy copy\.sqlite3: \d+ bytes/);
    assert.match(out, /valid again/);
    assert.equal(statSync(`${cwd}/store.sqlite3`).mode & 0o777, 0o600);
    {
      await using engine = await start(cwd, "store.sqlite3");
      await assertPlaced(engine, ["early"]);
      const { body } = await engine.ask("/v1/orders");
      assert.equal(body["data"].length, 1);
      assert.equal((await placeOrder(engine, "late", { mug: 1 })).status, 201);
      await kill(engine);
    }
    assert.match(await assertSound("store.sqlite3.replaced", cwd), /^orders: 2$/m);
    assert.match(await assertSound("store.sqlite3", cwd), /^orders: 2$/m);
  }));

Deno.test("a log of commits without its file is not taken for that of the copy", () =>
  withFolder(async (cwd) => {
    {
      await using engine = await start(cwd, "store.sqlite3");
      await stockUp(engine, { ams: { mug: 100 } });
      assert.equal((await run("backup", cwd, "copy.sqlite3")).code, 0);
      assert.equal((await placeOrder(engine, "lost", { mug: 1 })).status, 201);
      await Deno.remove(`${cwd}/store.sqlite3`);
      await kill(engine);
    }
    assert.equal((await run("restore", cwd, "copy.sqlite3")).code, 1);
    const { code, out } = await run("restore", cwd, "copy.sqlite3", "--replace");
    assert.equal(code, 0);
    assert.match(out, /store\.sqlite3-wal is now store\.sqlite3\.replaced-wal/);
    assert.match(await assertSound("store.sqlite3", cwd), /^orders: 0$/m);
  }));
