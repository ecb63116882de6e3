import assert from "node:assert/strict";
import {
  type Answer,
  assertSound,
  type EngineProcess,
  eventually,
  placeOrder,
  placePatiently,
  startProcess,
  stockUp,
  withFolder,
} from "./process.ts";

const clients = 200;

interface Placing {
  /** Every order that was asked for, answered or not. */
  readonly asked: Set<string>;
  /** What was acknowledged, by external id. */
  readonly acknowledged: Map<string, Answer>;
  readonly done: Promise<unknown>;
}

/** Every second order carries an idempotency key of its own. */
const headersOf = (externalId: string): Readonly<Record<string, string>> =>
  Number(externalId.split("-")[2]) % 2 === 0 ? { "idempotency-key": `key-${externalId}` } : {};

const unitsOf = (externalId: string): Readonly<Record<string, number>> => ({
  [`sku-${externalId.length % 3}`]: 1,
  "sku-3": 2,
});

/** Clients that place one order after another until the connection breaks. */
const placeUntilItBreaks = (engine: EngineProcess): Placing => {
  const asked = new Set<string>();
  const acknowledged = new Map<string, Answer>();
  const client = async (name: number) => {
    for (let n = 0;; n++) {
      const externalId = `client-${name}-${n}`;
      asked.add(externalId);
      let answer: Answer;
      try {
        answer = await placeOrder(
          engine,
          externalId,
          unitsOf(externalId),
          {},
          headersOf(externalId),
        );
      } catch {
        return; // The process is gone: nobody knows what became of this order.
      }
      if (answer.status === 503) return; // It is about to go, and says so.
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      acknowledged.set(externalId, answer);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_, name) => client(name)));
  return { asked, acknowledged, done };
};

const stock = { ams: { "sku-0": 1e6, "sku-1": 1e6, "sku-2": 1e6, "sku-3": 1e6 } };
const enough = 1_000;

/** Repeats every request, from some clients at once. */
const repeatAll = async (
  engine: EngineProcess,
  { asked }: Placing,
): Promise<ReadonlyMap<string, Answer>> => {
  const waiting = asked.values();
  const answers = new Map<string, Answer>();
  const repeat = async () => {
    for (const externalId of waiting) {
      const headers = headersOf(externalId);
      const answer = await placePatiently(engine, externalId, unitsOf(externalId), {}, headers);
      answers.set(externalId, answer);
    }
  };
  await Promise.all(Array.from({ length: 32 }, repeat));
  return answers;
};

/** Nothing acknowledged is gone or changed, and repeating makes nothing twice. */
const assertKept = async (path: string, cwd: string, placing: Placing): Promise<void> => {
  const { asked, acknowledged } = placing;
  assert.ok(acknowledged.size >= enough);
  await using engine = await startProcess({ cwd, env: { ALLOT_KV: path } });
  const kept = [...acknowledged];
  for (let from = 0; from < kept.length; from += 32) {
    await Promise.all(
      kept.slice(from, from + 32).map(async ([, { body, headers }]) => {
        const found = await engine.ask(`/v1/orders/${body["id"]}`);
        assert.equal(found.status, 200);
        assert.deepEqual(found.body, body);
        assert.equal(found.headers.get("etag"), headers.get("etag"));
      }),
    );
  }
  const first = await repeatAll(engine, placing);
  for (const [externalId, { status, headers, body }] of first) {
    const before = acknowledged.get(externalId);
    const isReplayed = headers.get("idempotent-replayed") === "true";
    if (before === undefined) {
      assert.ok(status === 200 || status === 201, `${externalId}: ${status}`);
      continue;
    }
    assert.equal(isReplayed, headersOf(externalId)["idempotency-key"] !== undefined);
    assert.equal(status, isReplayed ? 201 : 200);
    assert.deepEqual(body, before.body);
  }
  const second = await repeatAll(engine, placing);
  for (const [externalId, { status, headers, body }] of second) {
    assert.equal(status, headers.has("idempotent-replayed") ? first.get(externalId)?.status : 200);
    assert.deepEqual(body, first.get(externalId)?.body);
  }
  const ids = new Set([...second.values()].map(({ body }) => String(body["id"])));
  assert.equal(ids.size, asked.size);
  const counted = await assertSound(path, cwd);
  assert.match(counted, new RegExp(`^orders: ${asked.size}$`, "m"));
};

Deno.test("what was acknowledged survives kill -9 under load, and repeating it makes nothing twice", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    let placing: Placing;
    {
      await using engine = await startProcess({ cwd, env: { ALLOT_KV: path } });
      await stockUp(engine, stock);
      placing = placeUntilItBreaks(engine);
      const { acknowledged } = placing;
      await eventually("orders", () => acknowledged.size >= enough || null);
      engine.signal("SIGKILL");
      await placing.done;
      assert.equal(await engine.ended, 137);
    }
    await assertKept(path, cwd, placing);
  }));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} under load ends it with 0 within five seconds, and nothing is lost`, () =>
    withFolder(async (cwd) => {
      const path = `${cwd}/store.sqlite3`;
      let placing: Placing;
      {
        await using engine = await startProcess({ cwd, env: { ALLOT_KV: path } });
        await stockUp(engine, stock);
        // A stream that nobody closes must not keep the process.
        await using _following = await engine.follow("order.placed");
        placing = placeUntilItBreaks(engine);
        const { acknowledged } = placing;
        await eventually("orders", () => acknowledged.size >= enough || null);
        engine.signal(signal);
        // The bound is the promise here, not a measurement: after it, the platform kills.
        const late = setTimeout(() => engine.signal("SIGKILL"), 5_000);
        assert.equal(await engine.ended, 0);
        clearTimeout(late);
        await placing.done;
        assert.equal(engine.printed().error, "");
      }
      await assertKept(path, cwd, placing);
    }));
}
