/** What an operator sees of log entries that cannot be handled, and can do about them. */
import assert from "node:assert/strict";
import { Context, Effect } from "effect";
import { Status } from "../../actors/status/status.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { keys } from "../../src/store/keys.ts";
import { Store } from "../../src/store/store.ts";
import { eventually } from "../process/process.ts";
import {
  adminKey,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

const place = async (server: TestServer, externalId: string): Promise<string> => {
  const placed = await server.ask("/v1/orders", { json: orderFor(externalId, { mug: 1 }) });
  assert.equal(placed.status, 201, placed.text);
  return String(placed.body.id);
};

/** As another process with a fault in it might leave it: a log entry that nobody can read. */
const commitUnreadable = async (server: TestServer) => {
  const { context } = server.application;
  const store = Context.get(context, Store);
  const commit = (bytes: Uint8Array, position?: string) =>
    Effect.runPromise(store.commit({
      checks: [],
      mutations: position === undefined
        ? []
        : [{ type: "set", key: keys.log(position), value: bytes }],
      ...(position === undefined ? { log: bytes } : {}),
    }));
  const encoder = new TextEncoder();
  const result = await commit(encoder.encode('{"customer":"Ada Exam'));
  assert.ok(result.ok);
  const position = result.versionstamp;
  await eventually(
    "the entry's turn",
    () => Context.get(context, Status).position() >= position || null,
  );
  const sound = { commitId: "mended", at: "2026-01-01T00:00:00.000Z", records: [] };
  return {
    position,
    mend: () => commit(encoder.encode(JSON.stringify(sound)), position),
  };
};

/** The dashboard's first page. */
const overview = async (server: TestServer): Promise<string> => {
  const signedIn = await server.fetch(
    new Request("http://allot.test/sign-in", {
      method: "POST",
      body: new URLSearchParams({ key: adminKey, next: "/" }),
    }),
  );
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await server.fetch(new Request("http://allot.test/", { headers: { cookie } }));
  return await page.text();
};

/** Snapshots look at the store only now and then. */
const shownAside = (server: TestServer, count: number) =>
  eventually(`${count} entries set aside`, async () => {
    const { body } = await server.ask("/v1/status");
    return [...body.setAside ?? []].length === count ? body : null;
  });

Deno.test("an entry that cannot be handled is shown, everything goes on, and it can be tried again", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  await place(server, "before");
  const { position, mend } = await commitUnreadable(server);
  await place(server, "after");

  // The six consumers of the log, each for itself.
  const names = ["indexes", "lot_trace", "references", "replenish", "repromise", "status"];
  const status = await shownAside(server, names.length);
  const shown = [...status.setAside ?? []];
  assert.deepEqual(shown.map(({ consumer }) => String(consumer)).toSorted(), names);
  for (const each of shown) {
    assert.equal(each.position, position);
    assert.match(String(each.error), /^UnreadableEntry\b/);
    assert.doesNotMatch(JSON.stringify(each), /Ada/);
  }
  for (const consumer of status.consumers ?? []) assert.equal(Number(consumer.setAside), 1);
  assert.equal(status.orders?.byStatus?.allocated, 2);
  assert.equal([...(await server.ask("/v1/orders?status=allocated")).body.data ?? []].length, 2);
  assert.match(await overview(server), /Not everything could be handled/);
  await eventually("the metric", async () => {
    const { text } = await server.ask("/metrics");
    return /allot_consumer_set_aside_entries\{consumer="indexes"\} 1/.test(text) || null;
  });

  const retry = (key?: string) =>
    server.ask("/v1/admin/set-aside/retry", {
      method: "POST",
      ...(key === undefined ? {} : { key }),
    });
  assert.deepEqual((await retry()).body, { handled: 0, left: names.length });
  assert.equal((await retry(await keyFor(server, "viewer"))).status, 403);
  await mend();
  assert.deepEqual((await retry()).body, { handled: names.length, left: 0 });
  const after = await shownAside(server, 0);
  for (const consumer of after.consumers ?? []) assert.equal(Number(consumer.setAside), 0);
  assert.deepEqual(
    await Effect.runPromise(Context.get(server.application.context, LogTail).setAside),
    [],
  );
});

Deno.test("a new process tries what an earlier one set aside", async () => {
  const folder = await Deno.makeTempDir({ prefix: "allot-" });
  try {
    const path = `${folder}/store.sqlite3`;
    {
      await using server = await startServer({ path });
      await stockOver(server, { ams: { mug: 10 } });
      const { mend } = await commitUnreadable(server);
      await place(server, "1");
      await shownAside(server, 6);
      await mend();
    }
    await using server = await startServer({ path });
    await shownAside(server, 0);
    assert.equal((await server.ask("/v1/status")).body.orders?.byStatus?.allocated, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
