import assert from "node:assert/strict";
import fc from "fast-check";
import { Dechunker, MalformedResponse, readResponse } from "../../bench/load/response.ts";
import { Connection, requestBytes } from "../../bench/load/connection.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes = (text: string) => encoder.encode(text);

const plain = (status: number, body: string): string =>
  `HTTP/1.1 ${status} Whatever\r\nContent-Type: text/plain\r\n` +
  `content-length: ${encoder.encode(body).length}\r\n\r\n${body}`;

const chunked = (chunks: readonly string[]): string =>
  "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n" +
  chunks.filter((chunk) => chunk !== "")
    .map((chunk) => `${encoder.encode(chunk).length.toString(16)}\r\n${chunk}\r\n`).join("") +
  "0\r\n\r\n";

Deno.test("a response with a length is read whole, and not before it is there", () => {
  fc.assert(fc.property(
    fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
    fc.string({ unit: "grapheme" }),
    fc.nat(),
    (status, body, cut) => {
      const whole = bytes(plain(status, body));
      const response = readResponse(whole);
      assert.equal(response?.status, status);
      assert.equal(decoder.decode(response?.body), decoder.decode(encoder.encode(body)));
      assert.equal(response?.end, whole.length);
      assert.equal(readResponse(whole.subarray(0, cut % whole.length)), null);
    },
  ));
});

Deno.test("chunks are handed over as they come, wherever the bytes are cut", () => {
  fc.assert(fc.property(
    fc.array(fc.string({ unit: "grapheme" })),
    fc.array(fc.nat(), { maxLength: 5 }),
    (chunks, cuts) => {
      const text = chunked(chunks);
      const body = bytes(text.slice(text.indexOf("\r\n\r\n") + 4));
      let taken = "";
      const stream = new TextDecoder();
      const reader = new Dechunker((part) => {
        taken += stream.decode(part, { stream: true });
      });
      const ends = [...cuts.map((cut) => cut % body.length), body.length].sort((a, b) => a - b);
      let from = 0;
      for (const end of ends) {
        reader.push(body.subarray(from, end));
        from = end;
      }
      assert.equal(taken, decoder.decode(encoder.encode(chunks.join(""))));
      assert.equal(reader.ended, true);
    },
  ));
});

Deno.test("what is no chunk is not read", () => {
  for (const text of ["x\r\n", "1".repeat(2_000), ";\r\n"]) {
    assert.throws(() => new Dechunker(() => {}).push(bytes(text)), MalformedResponse);
  }
});

Deno.test("chunks are put together, wherever the bytes are cut", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.nat(), (chunks, cut) => {
    const whole = bytes(chunked(chunks));
    const response = readResponse(whole);
    assert.deepEqual(response?.body, encoder.encode(chunks.join("")));
    assert.equal(response?.end, whole.length);
    assert.equal(readResponse(whole.subarray(0, cut % whole.length)), null);
  }));
});

Deno.test("a response without content has no body, and says whether the connection stays", () => {
  const none = readResponse(bytes("HTTP/1.1 204 No Content\r\n\r\n"));
  assert.equal(none?.status, 204);
  assert.equal(none?.body.length, 0);
  assert.equal(none?.keepAlive, true);
  const last = readResponse(
    bytes("HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 0\r\n\r\n"),
  );
  assert.equal(last?.keepAlive, false);
});

Deno.test("what is not HTTP/1.1, or does not say where it ends, is refused", () => {
  for (
    const text of [
      "SSH-2.0-OpenSSH\r\n\r\n",
      "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
    ]
  ) assert.throws(() => readResponse(bytes(text)), MalformedResponse, text);
});

Deno.test("a request says how long its body is in bytes", () => {
  const target = { url: new URL("http://127.0.0.1:8000"), key: "secret" };
  const text = decoder.decode(
    requestBytes(target, { method: "POST", path: "/v1/orders", body: '{"name":"Zoë"}' }),
  );
  assert.ok(text.startsWith("POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"));
  assert.match(text, /\r\nContent-Length: 15\r\n\r\n\{"name":"Zoë"\}$/);
});

Deno.test("a connection asks a real server again and again, and opens anew when it was closed", async () => {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      asked.push(
        `${request.method} ${await request.text()} ${request.headers.get("authorization")}`,
      );
      const headers: HeadersInit = asked.length === 2 ? { connection: "close" } : {};
      return new Response("x".repeat(asked.length * 20_000), { status: 201, headers });
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}`);
  const connection = new Connection({ url, key: "k" });
  try {
    for (let n = 1; n <= 3; n++) {
      const response = await connection.send({ method: "POST", path: "/", body: `order ${n}` });
      assert.equal(response.status, 201);
      assert.equal(response.body.length, n * 20_000);
    }
  } finally {
    connection.close();
    await server.shutdown();
  }
  assert.deepEqual(asked, [1, 2, 3].map((n) => `POST order ${n} Bearer k`));
});
