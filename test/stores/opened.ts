/** The engine of today on a store of an earlier version, at the time at which that was recorded. */
import { KvStore } from "../../src/store/kv.ts";
import { rebuild } from "../../src/verify/rebuild.ts";
import assert from "node:assert/strict";
import { Effect } from "effect";
import { statusLimits } from "../../src/status/limits.ts";
import { eventually } from "../process/process.ts";
import { clockFrom, type MovedClock } from "../support/clock.ts";
import { withFile } from "../support/files.ts";
import { type Answer, type Json, startServer, type TestServer } from "../support/server.ts";
import { type Asked, type Change, type Recording, unpackStore } from "./recording.ts";

export interface Opened {
  readonly server: TestServer;
  readonly clock: MovedClock;
  /** Asks with a key of the recording. */
  readonly ask: (asked: Asked) => Promise<Answer>;
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, json?: unknown) => Promise<Answer>;
  /** The order of a channel with an external id, as it is now; undefined where there is none. */
  readonly order: (externalId: string, channel?: string) => Promise<Json | undefined>;
}

/** As HTTP clients send it: an import's idempotency key stands for that, too. */
const lengthOf = (text: string | undefined): Readonly<Record<string, string>> =>
  text === undefined ? {} : { "content-length": String(new TextEncoder().encode(text).length) };

const open = (server: TestServer, clock: MovedClock, keys: Recording["keys"]): Opened => {
  const admin = keys["admin"] ?? null;
  const get = (path: string) => server.ask(path, { key: admin });
  return {
    server,
    clock,
    ask: ({ method, path, key, headers, json, text }) =>
      server.ask(path, {
        method,
        key: keys[key] ?? null,
        headers: { ...headers, ...lengthOf(text) },
        ...(json === undefined ? {} : { json }),
        ...(text === undefined ? {} : { body: text }),
      }),
    get,
    post: (path, json) => server.ask(path, { key: admin, method: "POST", json }),
    order: async (externalId, channel = "web") => {
      const query = new URLSearchParams({ channel, externalId });
      const [found] = (await get(`/v1/orders?${query}`)).body.data ?? [];
      return found;
    },
  };
};

/** Answers the last position of the log. */
const assertSound = async ({ post }: Opened): Promise<string> => {
  const { status, body } = await post("/v1/admin/verify");
  assert.equal(status, 200);
  assert.deepEqual(body.violations, []);
  assert.ok(body.ok);
  return String(body.position);
};

/** Consumers have passed everything that was in the log, and no order is half allocated. */
const settled = ({ get }: Opened, position: string) =>
  eventually("that what was left is taken up", async () => {
    const { consumers, orders } = (await get("/v1/status")).body;
    const isBehind = [...consumers ?? []].some((each) =>
      String(each.position) < position || Number(each.entriesBehind) > 0
    );
    return isBehind || Number(orders?.byStatus?.allocating ?? 0) > 0 ? null : true;
  });

const withServer = async (
  path: string,
  clock: MovedClock,
  { keys }: Recording,
  test: (opened: Opened) => Promise<unknown>,
): Promise<void> => {
  // A store keeps the shelves that it was made with, whatever the settings say.
  const settings = { adminKey: keys["admin"], shelves: 2 };
  await using server = await startServer({ path, clock, settings });
  await test(open(server, clock, keys));
};

/** Their lists have another layout than those of today, or lack some: `deno task rebuild` makes them anew. */
const hasEarlierLists: readonly string[] = ["documents-by-name"];

const rebuildStore = (path: string): Promise<number> =>
  Effect.runPromise(Effect.provide(rebuild, KvStore.layer({ path })));

/**
 * Runs a test on a copy of the store, which is sound before it, and when it is opened once more after it. The
 * clock begins at the end of the recording, or at `at`.
 */
export const withStore = (
  recording: Recording,
  test: (opened: Opened) => Promise<void>,
  at: string = recording.until,
): Promise<void> =>
  withFile(async (path) => {
    await unpackStore(recording, path);
    if (hasEarlierLists.includes(recording.name)) await rebuildStore(path);
    const clock = clockFrom(Date.parse(at));
    await withServer(path, clock, recording, async (opened) => {
      await settled(opened, await assertSound(opened));
      // The status keeps for a while what it has found before that.
      clock.moveTo(Date.parse(at) + statusLimits.oldestMs);
      await test(opened);
    });
    await withServer(path, clock, recording, assertSound);
  });

/** Long enough for a machine that does other things; nothing waits for it to pass. */
const streamMs = 60_000;

const changeOf = (message: string): Change | null => {
  const [, id = "", data = ""] = /^id: (.*)\nevent: change\ndata: (.*)$/m.exec(message) ?? [];
  return id === "" ? null : { id, data: JSON.parse(data) };
};

/** So many changes of the status stream after a position. */
export const readChanges = async (
  { server }: Opened,
  { stream, keys }: Recording,
): Promise<readonly Change[]> => {
  const response = await server.fetch(
    new Request(`http://allot.test/v1/status/stream?after=${stream.after}`, {
      headers: { authorization: `Bearer ${keys["admin"]}` },
    }),
  );
  assert.ok(response.ok && response.body !== null);
  const changes: Change[] = [];
  let rest = "";
  const signal = AbortSignal.timeout(streamMs);
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream(), { signal })) {
    const messages = (rest + chunk).split("\n\n");
    rest = messages.pop() ?? "";
    for (const message of messages) {
      const change = changeOf(message);
      if (change !== null) changes.push(change);
    }
    if (changes.length >= stream.changes.length) break;
  }
  return changes;
};
