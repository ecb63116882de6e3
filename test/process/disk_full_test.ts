import assert from "node:assert/strict";
import {
  type Answer,
  assertSound,
  type EngineProcess,
  eventually,
  placeOrder,
  startProcess,
  stockOf,
  stockUp,
  withFolder,
} from "./process.ts";

/** Makes orders large, so that a few of them need more than the log of the database has left. */
const note = {
  metadata: Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, "m".repeat(500)])),
};

const diskBytes = 12 * 1024 * 1024;
const orders = 40;
/** How many there must have been refused before room is made. */
const refusals = 5;

/** A small disk at a folder; null where this machine does not let one be made. */
const mountSmallDisk = async (folder: string): Promise<AsyncDisposable | null> => {
  const run = async (command: string, ...args: readonly string[]) =>
    (await new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" }).output())
      .success;
  try {
    if (!await run("mount", "-t", "tmpfs", "-o", `size=${diskBytes}`, "tmpfs", folder)) return null;
  } catch {
    return null; // There is no such program.
  }
  return {
    [Symbol.asyncDispose]: async () => {
      assert.ok(await run("umount", folder), "the small disk could not be taken away");
    },
  };
};

/** Takes all the room that is left; answers with how to give it back. */
const fillDisk = async (folder: string): Promise<() => Promise<void>> => {
  const path = `${folder}/filler`;
  using file = await Deno.open(path, { write: true, createNew: true });
  for (const size of [64 * 1024, 512]) {
    try {
      const block = new Uint8Array(size);
      while (await file.write(block) > 0);
    } catch (error) {
      assert.match(String(error), /No space left/i);
    }
  }
  return () => Deno.remove(path);
};

const assertNoRoom = ({ status, headers, body }: Answer): void => {
  assert.equal(status, 503, JSON.stringify(body));
  assert.equal(headers.get("content-type"), "application/problem+json");
  assert.equal(body["type"], "/problems/store-full");
  assert.ok(Number(headers.get("retry-after")) >= 1);
};

/** Places one order after another, until enough were refused. */
const placeUntilFull = async (engine: EngineProcess, placed: Map<string, Answer>) => {
  const refused: string[] = [];
  for (let n = 0; refused.length < refusals; n++) {
    const externalId = `late-${n}`;
    const answer = await placeOrder(engine, externalId, { mug: 1 }, note);
    if (answer.status === 201) placed.set(externalId, answer);
    else {
      assertNoRoom(answer);
      refused.push(externalId);
    }
  }
  return refused;
};

const assertReads = async (engine: EngineProcess, placed: ReadonlyMap<string, Answer>) => {
  for (const { body } of placed.values()) {
    const found = await engine.ask(`/v1/orders/${body["id"]}`);
    assert.equal(found.status, 200);
    assert.deepEqual(found.body, body);
  }
  for (const path of ["/v1/orders", "/v1/inventory", "/v1/status", "/v1/fulfillment-orders"]) {
    assert.equal((await engine.ask(path)).status, 200, path);
  }
};

const fillAndMakeRoom = async (folder: string, cwd: string): Promise<void> => {
  const path = `${folder}/store.sqlite3`;
  const placed = new Map<string, Answer>();
  {
    await using engine = await startProcess({ cwd, env: { ALLOT_KV: path, LOG_LEVEL: "none" } });
    await stockUp(engine, { ams: { mug: 1_000_000 } });
    await using following = await engine.follow("order.placed");
    for (let n = 0; n < orders; n++) {
      placed.set(`early-${n}`, await placeOrder(engine, `early-${n}`, { mug: 1 }));
    }
    const makeRoom = await fillDisk(folder);
    const refused = await placeUntilFull(engine, placed);
    const unready = await engine.ask("/readyz");
    assertNoRoom(unready);
    assert.equal((await engine.ask("/healthz")).status, 200);
    await assertReads(engine, placed);
    await eventually("the stream", () => following.seen.length === placed.size || null);
    assert.deepEqual((await engine.ask("/v1/status")).body["store"]["takesCommits"], false);

    await makeRoom();
    await eventually(
      "readiness",
      async () => (await engine.ask("/readyz")).status === 200 || null,
    );
    for (const externalId of refused) {
      const answer = await placeOrder(engine, externalId, { mug: 1 }, note);
      assert.equal(answer.status, 201, "what was refused was not half done");
      placed.set(externalId, answer);
    }
    await eventually("the stream", () => following.seen.length === placed.size || null);
    assert.deepEqual(
      [...following.seen],
      [...placed.values()].map(({ body }) => String(body["id"])),
    );
    await assertReads(engine, placed);
    assert.equal((await stockOf(engine))["mug"]?.reserved, placed.size);
    engine.signal("SIGTERM");
    assert.equal(await engine.ended, 0);
  }
  const counted = await assertSound(path, cwd);
  assert.match(counted, new RegExp(`^orders: ${placed.size}$`, "m"));
};

Deno.test("a full disk refuses writes and nothing else, and is well again when there is room", () =>
  withFolder(async (folder) => {
    const disk = `${folder}/disk`;
    await Deno.mkdir(disk);
    const mounted = await mountSmallDisk(disk);
    if (mounted === null) {
      console.log("  left out: this machine lets no small disk be mounted");
      return;
    }
    await using _mounted = mounted;
    await fillAndMakeRoom(disk, folder);
  }));
