/** How bodies travel: lengths of HEAD, what OPTIONS answers, answers and uploads that are compressed. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { deflateRawSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { BodyRefused, type Bytes } from "../../api/http/bodies.ts";
import { takesGzip } from "../../api/http/compress.ts";
import { decompressed } from "../../api/http/decompress.ts";
import { answerLimits, compressionLimits } from "../../api/http/limits.ts";
import { listen } from "../../api/http/listener.ts";
import { connect } from "../attack/wire.ts";
import { eventually } from "../process/process.ts";
import { adminKey, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const origin = "http://allot.test";

const get = (
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  server.fetch(
    new Request(origin + path, { headers: { authorization: `Bearer ${adminKey}`, ...headers } }),
  );

/** With so many orders that a page of them is worth compressing. */
const withOrders = async (server: TestServer, count: number): Promise<void> => {
  await stockOver(server, { ams: { mug: count } });
  for (let n = 0; n < count; n++) {
    const placed = await server.ask("/v1/orders", { json: orderFor(`${n}`, { mug: 1 }) });
    assert.equal(placed.status, 201, placed.text);
  }
};

const headers = ({ headers }: Response): Readonly<Record<string, string>> => {
  const { "x-request-id": _id, ...rest } = Object.fromEntries(headers);
  return rest;
};

Deno.test("HEAD answers what GET does, with the length of its body or with none", async () => {
  await using server = await startServer();
  await withOrders(server, 3);
  const [order] = (await server.ask("/v1/orders")).body.data;
  const paths = [
    "/v1/orders",
    `/v1/orders/${order?.id}`,
    "/v1/orders/ord_none",
    "/v1/nothing",
    "/healthz",
    "/docs",
    "/openapi.json",
    "/v1/status/stream",
    "/sign-in",
    "/assets/htmx.js",
    "/orders",
  ];
  for (const path of paths) {
    for (const encoding of ["identity", "gzip"]) {
      const sent = { authorization: `Bearer ${adminKey}`, "accept-encoding": encoding };
      const got = await get(server, path, sent);
      const head = await server.fetch(
        new Request(origin + path, { method: "HEAD", headers: sent }),
      );
      assert.equal((await head.arrayBuffer()).byteLength, 0, path);
      assert.equal(head.status, got.status, path);
      const { "content-length": length, ...rest } = headers(head);
      assert.deepEqual(rest, headers(got), path);
      if (length === undefined) await got.body?.cancel();
      else assert.equal(Number(length), (await got.arrayBuffer()).byteLength, path);
    }
  }
  const known = await get(server, `/v1/orders/${order?.id}`, { "if-none-match": "*" });
  assert.deepEqual([known.status, await known.text()], [304, ""]);
});

Deno.test("over a socket, HEAD tells the length of GET", async () => {
  await using server = await startServer();
  await withOrders(server, 2);
  const listener = listen({ hostname: "127.0.0.1", port: 0 }, server.application.fetch);
  const ask = async (method: string, path: string): Promise<string> => {
    using wire = await connect(listener.addr);
    const key = `authorization: Bearer ${adminKey}`;
    await wire.send(`${method} ${path} HTTP/1.1\r\nhost: x\r\n${key}\r\nconnection: close\r\n\r\n`);
    return await wire.hear();
  };
  const lengthOf = (heard: string) => /^content-length: (\d+)$/im.exec(heard)?.[1];
  try {
    for (const path of ["/v1/orders", "/healthz", "/v1/nothing"]) {
      const head = await ask("HEAD", path);
      assert.ok(head.endsWith("\r\n\r\n"), head);
      assert.ok(Number(lengthOf(head)) > 10, head);
      assert.equal(lengthOf(head), lengthOf(await ask("GET", path)), path);
    }
    // A stream, a large answer and a page have none: they are written as they are read.
    for (const path of ["/v1/status/stream", "/openapi.json", "/sign-in"]) {
      assert.equal(lengthOf(await ask("HEAD", path)), undefined, path);
    }
  } finally {
    await listener.shutdown();
  }
});

Deno.test("OPTIONS answers the methods of a path, of the API and of the dashboard", async () => {
  await using server = await startServer();
  const allowed = async (path: string) => {
    const answer = await server.fetch(new Request(origin + path, { method: "OPTIONS" }));
    assert.equal(await answer.text(), "");
    return [answer.status, answer.headers.get("allow")];
  };
  assert.deepEqual(await allowed("/v1/orders"), [204, "POST, GET, HEAD, OPTIONS"]);
  assert.deepEqual(await allowed("/v1/orders/ord_1/cancel"), [204, "POST, OPTIONS"]);
  assert.deepEqual(await allowed("/sign-in"), [204, "GET, HEAD, POST, OPTIONS"]);
  assert.deepEqual(await allowed("/orders/ord_1"), [204, "GET, HEAD, OPTIONS"]);
  const [status, everything] = await allowed("/*");
  assert.equal(status, 204);
  assert.deepEqual(
    String(everything).split(", ").sort(),
    ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"],
  );
  const missing = await server.ask("/v1/nothing", { method: "OPTIONS" });
  assert.deepEqual([missing.status, missing.headers.get("allow")], [404, null]);
});

Deno.test("an answer is compressed for who takes that, when it is worth it", async () => {
  await using server = await startServer();
  await withOrders(server, 8);
  const plain = await (await get(server, "/v1/orders")).text();
  assert.ok(plain.length > compressionLimits.fromCharacters);
  for (const path of ["/v1/orders", "/openapi.json", "/docs", "/metrics", "/assets/htmx.js"]) {
    const asked = await get(server, path, { "accept-encoding": "br, gzip" });
    const other = await get(server, path);
    assert.equal(asked.headers.get("content-encoding"), "gzip", path);
    assert.equal(other.headers.get("content-encoding"), null, path);
    // A cache must keep both apart.
    assert.equal(asked.headers.get("vary"), "Accept-Encoding", path);
    assert.equal(other.headers.get("vary"), "Accept-Encoding", path);
    const bytes = new Uint8Array(await asked.arrayBuffer());
    const text = await other.text();
    if (path !== "/metrics") assert.equal(gunzipSync(bytes).toString(), text, path);
    assert.ok(bytes.byteLength < text.length / 2, path);
  }
  // Too small to be worth it, and a command's answer.
  const small = await get(server, "/healthz", { "accept-encoding": "gzip" });
  assert.equal(small.headers.get("content-encoding"), null);
  const lines = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`sku-${n}`, 1]));
  const placed = await server.ask("/v1/orders", {
    json: orderFor("many lines", lines, { onShortage: "backorder" }),
    headers: { "accept-encoding": "gzip" },
  });
  assert.equal(placed.status, 201, placed.text);
  assert.ok(placed.text.length > compressionLimits.fromCharacters);
  assert.equal(placed.headers.get("content-encoding"), null);
});

Deno.test("a large answer comes out of its pieces as it went in", async () => {
  await using server = await startServer();
  const lines = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`sku-${n}`, 1]));
  const json = orderFor("large", lines, { onShortage: "backorder" });
  const placed = await server.ask("/v1/orders", { json });
  assert.equal(placed.status, 201, placed.text);
  const path = `/v1/orders/${placed.body.id}`;
  const plain = await eventually("the order, whole", async () => {
    const text = await (await get(server, path)).text();
    return JSON.parse(text).status === "allocating" ? null : text;
  });
  assert.ok(plain.length > answerLimits.pieceCharacters);
  const zipped = await get(server, path, { "accept-encoding": "gzip" });
  assert.equal(gunzipSync(new Uint8Array(await zipped.arrayBuffer())).toString(), plain);
});

Deno.test("a compressed thing has a tag of its own, which is as good as the other to match", async () => {
  await using server = await startServer();
  const lines = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`sku-${n}`, 1]));
  const placed = await server.ask("/v1/orders", {
    json: orderFor("1", lines, { onShortage: "backorder" }),
  });
  const path = `/v1/orders/${placed.body.id}`;
  const zipped = await get(server, path, { "accept-encoding": "gzip" });
  const tag = zipped.headers.get("etag") ?? "";
  assert.equal(tag, '"1+gzip"');
  assert.equal(
    JSON.parse(gunzipSync(new Uint8Array(await zipped.arrayBuffer())).toString()).id,
    placed.body.id,
  );
  const plain = await get(server, path);
  assert.equal(plain.headers.get("etag"), '"1"');
  await plain.body?.cancel();
  for (const known of [tag, '"1"', `W/${tag}`]) {
    for (const encoding of ["gzip", "identity"]) {
      const again = await get(server, path, {
        "if-none-match": known,
        "accept-encoding": encoding,
      });
      assert.equal(again.status, 304, known);
      assert.equal(again.headers.get("etag"), encoding === "gzip" ? tag : '"1"');
    }
  }
  const held = await server.ask(`${path}/hold`, {
    json: { reason: "a look" },
    headers: { "if-match": tag },
  });
  assert.equal(held.status, 200, held.text);
  const late = await server.ask(`${path}/hold`, {
    json: { reason: "a look" },
    headers: { "if-match": tag },
  });
  assert.equal(late.status, 412);
});

Deno.test("Accept-Encoding is read as RFC 9110 says", () => {
  const takes = (value: string) => takesGzip(new Headers({ "accept-encoding": value }));
  for (const value of ["gzip", "GZIP", "deflate, gzip;q=1.0", "*", "x-gzip", "br;q=1, *;q=0.1"]) {
    assert.ok(takes(value), value);
  }
  for (const value of ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0"]) {
    assert.ok(!takes(value), value);
  }
  assert.ok(!takesGzip(new Headers()));
  fc.assert(fc.property(fc.string(), (value) => {
    const clean = value.replace(/[^ -~]/g, "");
    assert.equal(typeof takes(clean), "boolean");
  }));
});

const csv = [
  "externalId,customerName,country,currency,sku,quantity,unitPrice",
  "1,Ada Example,NL,EUR,mug,1,12.50",
  "2,Ben Sample,FR,EUR,mug,2,12.50",
].join("\n");

const upload = (
  server: TestServer,
  body: Uint8Array<ArrayBuffer>,
  encoding: string,
  more: Readonly<Record<string, string>> = {},
) =>
  server.ask("/v1/imports/orders?channel=web", {
    method: "POST",
    body,
    headers: { "content-type": "text/csv", "content-encoding": encoding, ...more },
  });

Deno.test("a file is imported as gzip and as deflate, and of several members", async () => {
  const text = new TextEncoder().encode(csv);
  const half = text.byteLength / 2;
  const members = [gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))];
  const cases: readonly (readonly [encoding: string, body: Uint8Array])[] = [
    ["gzip", gzipSync(text)],
    ["GZip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["identity", text],
    ["gzip", Buffer.concat(members)],
  ];
  for (const [encoding, body] of cases) {
    await using server = await startServer();
    await stockOver(server, { ams: { mug: 9 } });
    const started = await upload(server, new Uint8Array(body), encoding);
    assert.equal(started.status, 202, started.text);
    const job = await eventually("the end of the import", async () => {
      const answer = await server.ask(String(started.headers.get("location")));
      return String(answer.body.status) === "running" ? null : answer;
    });
    assert.equal(job.body.summary?.orders?.created, 2, `${encoding}: ${job.text}`);
    assert.equal(job.body.bytesRead, text.byteLength);
  }
});

Deno.test("a body that is not what its encoding says is refused, and so is an encoding that is none of ours", async () => {
  await using server = await startServer();
  const text = new TextEncoder().encode(csv);
  const bad: readonly (readonly [encoding: string, body: Uint8Array, status: number])[] = [
    ["gzip", text, 400],
    ["gzip", gzipSync(text).subarray(0, 40), 400],
    ["gzip", Buffer.concat([gzipSync(text), text]), 400],
    ["deflate", gzipSync(text), 400],
    ["deflate", deflateRawSync(text), 400],
    ["br", text, 415],
    ["gzip, gzip", gzipSync(gzipSync(text)), 415],
  ];
  for (const [encoding, body, status] of bad) {
    const answer = await upload(server, new Uint8Array(body), encoding);
    assert.equal(answer.status, status, `${encoding}: ${answer.text}`);
    // What is wrong from its beginning begins nothing.
    if (body === text) assert.deepEqual((await server.ask("/v1/imports")).body.data, []);
    if (status === 415) {
      assert.equal(answer.headers.get("accept-encoding"), "identity, gzip, deflate");
    }
  }
});

Deno.test("a few bytes that say a great many are refused when they are found out", async () => {
  await using server = await startServer();
  const zeros = new Uint8Array(8 * 1024 * 1024);
  const answer = await upload(server, new Uint8Array(gzipSync(zeros)), "gzip");
  assert.equal(answer.status, 413, answer.text);
  assert.match(String(answer.body.detail), /times as large/);
  assert.equal(answer.headers.get("connection"), "close");
});

const streamOf = (bytes: Uint8Array): ReadableStream<Bytes> =>
  new ReadableStream({
    start: (controller) => {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });

const readAll = async (stream: ReadableStream<Bytes>): Promise<readonly Bytes[]> =>
  await Array.fromAsync(stream);

Deno.test("whatever is compressed comes out whole, in pieces of a bounded size", async () => {
  const content = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(3_000)).map(([bytes, times]) =>
    Buffer.concat(Array.from({ length: times % 200 }, () => bytes))
  );
  await fc.assert(fc.asyncProperty(content, fc.boolean(), async (bytes, asGzip) => {
    const body = streamOf(asGzip ? gzipSync(bytes) : deflateSync(bytes));
    const limits = { ...compressionLimits, pieceBytes: 512 };
    const pieces = await readAll(
      await decompressed(body, asGzip ? "gzip" : "deflate", 1e6, limits),
    );
    assert.deepEqual(Buffer.concat(pieces), Buffer.from(bytes));
    assert.ok(pieces.every(({ byteLength }) => byteLength <= 512));
  }));
});

Deno.test("no more comes out than there may be, however little went in", async () => {
  const most = 10_000;
  for (const bytes of [most - 1, most, most + 1, 100 * most]) {
    let read = 0;
    const reading = (async () => {
      const limits = { ...compressionLimits, pieceBytes: 1_000 };
      const zipped = streamOf(gzipSync(new Uint8Array(bytes)));
      const body = await decompressed(zipped, "gzip", most, limits);
      for await (const piece of body) read += piece.byteLength;
    })();
    if (bytes <= most) await reading;
    else {
      await assert.rejects(
        reading,
        (error) => error instanceof BodyRefused && error.fault === "too large",
      );
    }
    assert.ok(read <= most, `${read}`);
  }
});
