/** The engine on a KV server that answers late, never, or not as it should. */
import assert from "node:assert/strict";
import { accessToken, type Conduct, type KvServer, startKvServer } from "../support/kv-server.ts";
import {
  type Answer,
  type EngineProcess,
  eventually,
  placeOrder,
  runToEnd,
  startProcess,
  stockUp,
  withFolder,
} from "./process.ts";

/** No answer takes longer than this, whatever the server does. */
const answerMs = 15_000;

const locationIds = ["ams", "ber", "cdg", "dub", "edi", "fra"] as const;

interface Played {
  readonly kv: KvServer;
  readonly engine: EngineProcess;
}

/** In a process of its own: calls that are never answered end with it. */
const play = (test: (played: Played) => Promise<void>): Promise<void> =>
  withFolder(async (cwd) => {
    await using kv = startKvServer();
    await using engine = await startProcess({
      cwd,
      script: "test/process/kv-engine.ts",
      env: { ALLOT_KV: kv.address, DENO_KV_ACCESS_TOKEN: accessToken },
    });
    await stockUp(
      engine,
      Object.fromEntries(locationIds.map((id, n) => [id, { [`sku-${n}`]: 10, mug: 100 }])),
    );
    await test({ kv, engine });
  });

/** Of the commits that come now, the first ones meet this; all others are well. */
const first = (kv: KvServer, count: number, conduct: Conduct): void => {
  let left = count;
  kv.conduct = (method) => method === "atomic_write" && left-- > 0 ? conduct : "well";
};

const place = async (
  { engine }: Played,
  externalId: string,
  units: Readonly<Record<string, number>> = { mug: 1 },
): Promise<Answer> => {
  const begunMs = performance.now();
  const answer = await placeOrder(engine, externalId, units);
  const tookMs = performance.now() - begunMs;
  assert.ok(tookMs < answerMs, `${externalId} was answered after ${Math.round(tookMs)} ms`);
  return answer;
};

const reserved = async ({ engine }: Played, sku = "mug"): Promise<number> => {
  const { body } = await engine.ask(`/v1/inventory?sku=${sku}`);
  return [...body["data"]].reduce((sum, row) => sum + Number(row["reserved"]), 0);
};

const isReady = async ({ engine }: Played): Promise<true | null> =>
  (await engine.ask("/readyz")).status === 200 || null;

const takesCommits = async ({ engine }: Played): Promise<number> => {
  const { text } = await engine.ask("/metrics");
  return Number(/^allot_store_takes_commits(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1]);
};

/** Nobody need do anything: once the server is well, so is the engine. */
const assertRecovers = async (played: Played): Promise<void> => {
  await eventually("readiness", () => isReady(played));
  assert.equal(await takesCommits(played), 1);
  const answer = await place(played, "recovered");
  assert.equal(answer.status, 201, answer.text);
};

const assertSound = async ({ engine }: Played): Promise<void> => {
  const { body } = await engine.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body["ok"], true, JSON.stringify(body));
};

for (const conduct of ["lost", "done and lost"] as const) {
  Deno.test(`a commit that is ${conduct} is sent again, and takes effect once`, () =>
    play(async (played) => {
      first(played.kv, 1, conduct);
      assert.equal((await place(played, "one")).status, 201);
      assert.equal((await place(played, "two")).status, 201);
      assert.equal((await place(played, "one")).status, 200, "a repeat");
      assert.equal(await reserved(played), 2);
      await assertSound(played);
    }));
}

Deno.test("a commit that arrives long after it was given up is found when the order is placed again", () =>
  play(async (played) => {
    let silent = true;
    played.kv.conduct = (method) => method === "atomic_write" && silent ? "done later" : "well";
    const refused = await place(played, "late");
    assert.equal(refused.status, 503, refused.text);
    silent = false;
    await eventually("readiness", () => isReady(played));
    assert.equal(await reserved(played), 0);
    // Others do not wait for it, and what they commit does not make it happen twice, or not at all.
    played.kv.catchUp();
    assert.equal((await place(played, "other")).status, 201);
    assert.equal((await place(played, "late")).status, 200, "it was placed by the late commit");
    assert.equal(await reserved(played), 2);
    await assertSound(played);
  }));

Deno.test("a commit that arrives after others were made there changes nothing any more", () =>
  play(async (played) => {
    let silent = true;
    played.kv.conduct = (method) => method === "atomic_write" && silent ? "done later" : "well";
    assert.equal((await place(played, "late")).status, 503);
    silent = false;
    await eventually("readiness", () => isReady(played));
    assert.equal((await place(played, "other")).status, 201);
    played.kv.catchUp();
    assert.equal((await place(played, "late")).status, 201);
    assert.equal(await reserved(played), 2);
    await assertSound(played);
  }));

Deno.test("while the server is stopped every answer is 503 in seconds; then all goes on by itself", () =>
  play(async (played) => {
    const { kv, engine } = played;
    await kv.stop();
    const proof = runToEnd("src/verify/main.ts", {
      cwd: ".",
      env: { ALLOT_KV: kv.address, DENO_KV_ACCESS_TOKEN: accessToken },
    });
    const refused = await place(played, "meanwhile");
    assert.equal(refused.status, 503, refused.text);
    assert.ok(Number(refused.headers.get("retry-after")) >= 1);
    assert.equal((await engine.ask("/v1/orders")).status, 503);
    assert.equal((await engine.ask("/readyz")).status, 503);
    assert.equal((await engine.ask("/healthz")).status, 200);
    await eventually("the metric", async () => await takesCommits(played) === 0 || null);
    assert.match(engine.printed().error, /The store takes no commits.*did not answer within/);
    const { code, error } = await proof;
    assert.equal(code, 2, "whoever asks for a proof is told, too");
    assert.match(error, /The store cannot be read: /);
    kv.start();
    await assertRecovers(played);
  }));

Deno.test("a server that is full takes no changes, is not ready, and is still read", () =>
  play(async (played) => {
    const { kv, engine } = played;
    kv.conduct = (method) => method === "atomic_write" ? "error" : "well";
    assert.equal((await place(played, "meanwhile")).status, 503);
    assert.equal((await engine.ask("/v1/orders")).status, 200);
    assert.equal((await engine.ask("/readyz")).status, 503);
    await eventually("the metric", async () => await takesCommits(played) === 0 || null);
    kv.conduct = () => "well";
    await assertRecovers(played);
  }));

Deno.test("where calls are lost on a dead connection, the database is opened anew", () =>
  play(async (played) => {
    const { kv } = played;
    const opened = kv.calls.metadata;
    kv.conduct = () => "lost";
    const asked = Array.from({ length: 20 }, (_, n) => place(played, `meanwhile-${n}`));
    for (const { status } of await Promise.all(asked)) assert.equal(status, 503);
    const sent = kv.calls.snapshot_read + kv.calls.atomic_write;
    assert.equal((await place(played, "one more")).status, 503);
    assert.ok(
      kv.calls.snapshot_read + kv.calls.atomic_write - sent < 20,
      "what is never answered is not asked without end",
    );
    // What was lost is never answered.
    kv.conduct = () => "well";
    await assertRecovers(played);
    assert.ok(kv.calls.metadata > opened);
  }));

Deno.test("a read whose answer breaks off is repeated at once", () =>
  play(async (played) => {
    for (let n = 0; n < 20; n++) {
      let isBroken = false;
      played.kv.conduct = (method) => {
        if (method !== "snapshot_read" || isBroken) return "well";
        isBroken = true;
        return "broken";
      };
      assert.equal((await place(played, `order-${n}`)).status, 201);
      assert.ok(isBroken);
    }
    assert.equal(await reserved(played), 20);
  }));

Deno.test("a server that takes fewer checks than believed is found out, and gets smaller commits", () =>
  play(async (played) => {
    played.kv.checks = 4;
    const units = Object.fromEntries(locationIds.map((_, n) => [`sku-${n}`, 1]));
    const placed = await place(played, "wide", units);
    assert.equal(placed.status, 201, placed.text);
    const { engine } = played;
    await eventually("the allocation", async () => {
      const { body } = await engine.ask(`/v1/orders/${placed.body["id"]}`);
      return String(body["status"]) === "allocated" || null;
    });
    for (const [n] of locationIds.entries()) assert.equal(await reserved(played, `sku-${n}`), 1);
    assert.equal(await isReady(played), true);
    await assertSound(played);
  }));
