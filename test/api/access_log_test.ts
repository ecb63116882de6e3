/** The access log: a line for each request, off by default, and what it must not tell. */
import assert from "node:assert/strict";
import { Context } from "effect";
import { Lines, makeAccessLog, type Sink } from "../../api/http/access-log.ts";
import { loggingLimits } from "../../api/http/limits.ts";
import { adminKey, orderFor, startServer, stockOver } from "../support/server.ts";

/** Keeps what is written. */
const keeping = () => {
  const written: string[] = [];
  const decoder = new TextDecoder();
  const sink: Sink = {
    write: (bytes) => {
      written.push(decoder.decode(bytes));
      return Promise.resolve(bytes.byteLength);
    },
  };
  const lines = (): readonly Record<string, unknown>[] =>
    written.join("").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  return { sink, lines };
};

Deno.test("without a setting nothing is told", async () => {
  const { sink, lines } = keeping();
  {
    await using server = await startServer({ parts: { accessLogSink: sink } });
    await server.ask("/v1/orders");
  }
  assert.deepEqual(lines(), []);
});

Deno.test("each request is told once, with its key and its id, and without what a query says", async () => {
  const { sink, lines } = keeping();
  let keyId = "";
  {
    await using server = await startServer({
      settings: { accessLog: "stdout" },
      parts: { accessLogSink: sink },
    });
    await stockOver(server, { ams: { mug: 5 } });
    const json = orderFor("secret-1", { mug: 1 }, {
      customer: { name: "Ada Example", email: "ada@example.com" },
    });
    const placed = await server.ask("/v1/orders", { json, headers: { "x-request-id": "given-1" } });
    assert.equal(placed.status, 201);
    keyId = String((await server.ask("/v1/admin/keys")).body.data[0]?.id);
    await server.ask("/v1/orders?customerId=ada@example.com&externalId=secret-1");
    await server.ask("/v1/nothing/ada@example.com", { key: null });
    await server.ask("/v1/orders", { key: "wrong" });
    await server.fetch(
      new Request("http://allot.test/v1/orders", {
        method: "HEAD",
        headers: { authorization: `Bearer ${adminKey}` },
      }),
    );
    await (await server.fetch(new Request("http://allot.test/sign-in"))).text();
  }
  const all = lines();
  const [placing] = all.filter(({ requestId }) => requestId === "given-1");
  assert.ok(placing);
  const { at, durationMs, ...rest } = placing;
  assert.match(String(at), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.ok(typeof durationMs === "number" && durationMs >= 0);
  assert.deepEqual(rest, {
    requestId: "given-1",
    method: "POST",
    path: "/v1/orders",
    status: 201,
    key: keyId,
  });
  const seen = all.map(({ method, path, status, key }) => [method, path, status, key]);
  assert.deepEqual(seen.slice(-5), [
    ["GET", "/v1/orders", 200, keyId],
    ["GET", "/v1/nothing/*", 404, undefined],
    ["GET", "/v1/orders", 401, undefined],
    ["HEAD", "/v1/orders", 200, keyId],
    ["GET", "/sign-in", 200, undefined],
  ]);
  const text = JSON.stringify(all);
  for (const personal of ["Ada", "ada@", "ada%40", "secret-1", adminKey, "customerId"]) {
    assert.ok(!text.includes(personal), personal);
  }
});

Deno.test("a client behind a proxy near by is told as the proxy names it, and no other is believed", async () => {
  const { sink, lines } = keeping();
  const log = makeAccessLog(sink, Context.empty());
  const fetch = log.telling(() => new Response("answer"));
  const ask = async (address: string | undefined, forwarded?: string) => {
    const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
    const peer = address === undefined ? undefined : { address };
    await fetch(new Request("http://allot.test/", { headers }), peer);
  };
  await ask("127.0.0.1", "1.2.3.4, 203.0.113.9");
  await ask("10.0.0.7", "2001:db8::1");
  await ask("198.51.100.7", "203.0.113.9");
  await ask("127.0.0.1", "<script>");
  await ask(undefined, "203.0.113.9");
  await log.written();
  assert.deepEqual(lines().map(({ client, forwardedFor }) => [client, forwardedFor]), [
    ["127.0.0.1", "203.0.113.9"],
    ["10.0.0.7", "2001:db8::1"],
    ["198.51.100.7", undefined],
    ["127.0.0.1", undefined],
    [undefined, undefined],
  ]);
});

Deno.test("lines that nobody takes are dropped and counted, and never fill the memory", async () => {
  let drops = 0;
  let taken = 0;
  const { promise: reading, resolve: read } = Promise.withResolvers<void>();
  const lines = new Lines(
    {
      write: async (bytes) => {
        await reading;
        taken += bytes.byteLength;
        return bytes.byteLength;
      },
    },
    () => drops++,
  );
  const line = "x".repeat(1_000);
  const many = 3 * loggingLimits.waitingCharacters / line.length;
  for (let n = 0; n < many; n++) lines.add(line);
  assert.ok(drops > many / 2, `${drops}`);
  read();
  await lines.written();
  assert.equal(taken, Math.round(many - drops) * (line.length + 1));
});

Deno.test("a sink that takes a part at a time gets all, in order; one that breaks ends nothing", async () => {
  const bytes: number[] = [];
  const partly = new Lines({
    write: (sent) => {
      bytes.push(...sent.subarray(0, 7));
      return Promise.resolve(Math.min(7, sent.byteLength));
    },
  }, () => assert.fail("nothing is dropped"));
  const texts = Array.from({ length: 20 }, (_, n) => `line ${n} ü`);
  for (const text of texts) partly.add(text);
  await partly.written();
  assert.equal(new TextDecoder().decode(new Uint8Array(bytes)), `${texts.join("\n")}\n`);
  let drops = 0;
  const broken = new Lines({ write: () => Promise.reject(new Error("gone")) }, () => drops++);
  broken.add("one");
  await broken.written();
  broken.add("two");
  await broken.written();
  assert.equal(drops, 2);
});
