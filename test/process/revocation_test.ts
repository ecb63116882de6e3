/** Keys over processes on one store: what is open ends in all of them, and which admin key lets in. */
import assert from "node:assert/strict";
import { fillingRows } from "../support/filling.ts";
import { type EngineProcess, eventually, startProcess, stockUp, withFolder } from "./process.ts";

const heading = "externalId,sku,quantity,unitPrice,currency,customerName,country\n";
const row = (externalId: number | string): string => `${externalId},mug,1,1.00,EUR,Ada,NL\n`;
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => row(from + n)).join("");

/** Opens a stream, and tells when it has ended. */
const follow = async (
  { address }: EngineProcess,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly ended: Promise<number> }> => {
  const { status, body } = await fetch(address + path, { headers });
  assert.equal(status, 200, path);
  const reader = body?.getReader();
  await reader?.read();
  const read = async (): Promise<number> => {
    while (reader !== undefined && !(await reader.read()).done);
    return performance.now();
  };
  return { ended: read() };
};

const signIn = async ({ address }: EngineProcess, key: string): Promise<string> => {
  const body = new URLSearchParams({ key });
  const answer = await fetch(`${address}/sign-in`, { method: "POST", redirect: "manual", body });
  await answer.body?.cancel();
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
};

const ordersOf = async (engine: EngineProcess, channel: string): Promise<number> =>
  [...(await engine.ask(`/v1/orders?channel=${channel}&limit=200`)).body["data"]].length;

Deno.test("a revoked key's streams and uploads end in another process", () =>
  withFolder(async (cwd) => {
    await using near = await startProcess({ cwd });
    await using far = await startProcess({ cwd });
    await stockUp(near, { ams: { mug: 1_000 } });
    const made = await near.ask("/v1/admin/keys", { json: { name: "shop", role: "channel" } });
    const key = String(made.body["key"]);
    const headers = { authorization: `Bearer ${key}` };
    const cookie = await signIn(near, key);
    let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
    const send = (text: string) => feed?.enqueue(new TextEncoder().encode(text));
    const uploading = fetch(`${far.address}/v1/imports/orders?channel=shop`, {
      method: "POST",
      headers: { ...headers, "content-type": "text/csv" },
      body: new ReadableStream<Uint8Array>({
        start: (controller) => void (feed = controller),
        // Nobody reads on.
        cancel: () => void (feed = undefined),
      }),
    });
    send(heading + rows(0, 5) + fillingRows(row));
    await eventually("orders", async () => await ordersOf(near, "shop") === 5 || null);
    const streams = [
      await follow(far, "/v1/status/stream", headers),
      await follow(near, "/v1/status/stream", headers),
      await follow(far, "/live", { cookie }),
    ].map(({ ended }) => ended);
    const revokedMs = performance.now();
    const revoked = await near.ask(`/v1/admin/keys/${made.body["id"]}`, { method: "DELETE" });
    assert.equal(revoked.status, 204);
    const answer = await uploading;
    assert.equal(answer.status, 401);
    const { detail } = await answer.json();
    const endedMs = Math.max(performance.now(), ...await Promise.all(streams));
    console.log(`  all of it ended after ${(endedMs - revokedMs).toFixed(0)} ms`);
    send(rows(6, 20));
    const job = await near.ask(/\/v1\/imports\/\w+/.exec(detail)?.[0] ?? "");
    assert.equal(String(job.body["status"]), "interrupted");
    assert.match(String(job.body["detail"]), /The key was revoked\./);
    assert.equal(await ordersOf(near, "shop"), 5);
  }));

Deno.test("the admin key of the settings replaces the one before, and a revoked one lets nobody in", () =>
  withFolder(async (cwd) => {
    const [first, second] = ["the-first-key-of-the-settings", "the-second-key-of-the-settings"];
    const start = (key: string) => startProcess({ cwd, env: { ALLOT_ADMIN_KEY: key } });
    const lets = async ({ address }: EngineProcess, key: string): Promise<boolean> => {
      const answer = await fetch(`${address}/v1/admin/keys`, {
        headers: { authorization: `Bearer ${key}` },
      });
      await answer.body?.cancel();
      return answer.status === 200;
    };
    await using old = await start(first);
    assert.ok(await lets(old, first));
    await using current = await start(second);
    assert.ok(await lets(current, second) && !await lets(current, first));
    await eventually("the end of the first", async () => !await lets(old, first) || null);
    await using late = await start(first);
    assert.match(late.printed().out, /ALLOT_ADMIN_KEY lets nobody in: it was revoked, or replaced/);
    assert.match(late.printed().error, /ALLOT_ADMIN_KEY lets nobody in/);
    assert.ok(await lets(late, second) && !await lets(late, first));
    assert.equal((await late.ask("/readyz")).status, 200);
  }));

Deno.test("wrong keys are told in the log, with where they come from and without themselves", () =>
  withFolder(async (cwd) => {
    const env = { ALLOT_KV: ":memory:", LOG_LEVEL: "warn" };
    await using engine = await startProcess({ cwd, env });
    const guess = "a-guess-that-is-nobodys";
    assert.equal(await signIn(engine, guess), "");
    const line = await eventually("a line", () => {
      const { error } = engine.printed();
      return error.split("\n").find((each) => each.includes("nobody's were tried")) ?? null;
    });
    assert.match(line, /127\.0\.0\.1/);
    assert.ok(!engine.printed().error.includes(guess));
  }));
