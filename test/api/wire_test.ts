/** What no well-behaved client sends, byte by byte over a socket to the server that `main.ts` runs. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { listen } from "../../api/http/listener.ts";
import { newestPosition } from "../../src/verify/read.ts";
import { adminKey, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";
import { connect, type Part, statusesOf } from "../attack/wire.ts";

interface Wires {
  /** Sends the bytes, and answers with what comes back: one whole answer, or all until the server closes. */
  readonly say: (...parts: readonly Part[]) => Promise<string>;
  /** The same, and nothing more will follow, though more was promised. */
  readonly sayAndLeave: Wires["say"];
}

const withWire = async (
  test: (wires: Wires, server: TestServer) => Promise<void>,
): Promise<void> => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const listener = listen({ hostname: "127.0.0.1", port: 0 }, server.application.fetch);
  const speak = (leaves: boolean): Wires["say"] => async (...parts) => {
    using wire = await connect(listener.addr);
    await wire.send(...parts);
    if (leaves) await wire.leave();
    return await wire.hear();
  };
  try {
    await test({ say: speak(false), sayAndLeave: speak(true) }, server);
  } finally {
    await listener.shutdown();
  }
};

const order = JSON.stringify(orderFor("1", { mug: 1 }));

const head = (line: string, ...headers: readonly string[]): string =>
  [
    line,
    "host: allot.test",
    `authorization: Bearer ${adminKey}`,
    "content-type: application/json",
    ...headers,
    "connection: close",
    "",
    "",
  ].join("\r\n");

const place = (...headers: readonly string[]) => head("POST /v1/orders HTTP/1.1", ...headers);

/** What ends before it is whole: the server may answer, or just close. */
const broken: Readonly<Record<string, readonly string[]>> = {
  "a body that ends before its length": [place("content-length: 1000"), order],
  "a chunked body that ends in the middle": [
    place("transfer-encoding: chunked"),
    `${order.length.toString(16)}\r\n${order}\r\n`,
  ],
  "a chunk whose size is no number": [
    place("transfer-encoding: chunked"),
    `zz\r\n${order}\r\n0\r\n\r\n`,
  ],
  "a head that ends in the middle": ["POST /v1/orders HTTP/1.1\r\nhost: al"],
  "nothing": [],
};

/** Each with the statuses that may come. */
const wrong: Readonly<
  Record<string, readonly [parts: readonly (string | Uint8Array)[], statuses: readonly number[]]>
> = {
  "a length that is no number": [[place("content-length: many"), order], [400]],
  "a negative length": [[place("content-length: -1"), order], [400]],
  "two lengths": [[place("content-length: 1", "content-length: 2"), order], [400]],
  "a length and chunks": [
    [place("content-length: 3", "transfer-encoding: chunked"), "0\r\n\r\n"],
    [400],
  ],
  "a length beyond the limit": [[place("content-length: 99999999999"), "{}"], [413]],
  "a header without a colon": [[place("nonsense"), order], [400]],
  "a header of bytes that are no text": [
    [
      "POST /v1/orders HTTP/1.1\r\nhost: allot.test\r\nidempotency-key: ",
      new Uint8Array([0xff, 0xfe]),
      `\r\nauthorization: Bearer ${adminKey}\r\ncontent-type: application/json\r\n` +
      `content-length: ${order.length}\r\nconnection: close\r\n\r\n${order}`,
    ],
    [400],
  ],
  "two keys for repeats": [
    [place("idempotency-key: a", "idempotency-key: b", `content-length: ${order.length}`), order],
    [400],
  ],
  "two media types": [
    [place("content-type: text/plain", `content-length: ${order.length}`), order],
    [415],
  ],
  "a path with a space": [[head("GET /v1/orders /x HTTP/1.1")], [400]],
  "a path of raw bytes": [
    ["GET /v1/orders/", new Uint8Array([0xff, 0x00]), " HTTP/1.1\r\nhost: x\r\n\r\n"],
    [400],
  ],
  "a path of 100,000 characters": [[head(`GET /v1/${"x".repeat(100_000)} HTTP/1.1`)], [
    400,
    404,
    414,
  ]],
  "a header of 1,000,000 characters": [[head("GET /v1/orders HTTP/1.1", `x: ${"x".repeat(1e6)}`)], [
    400,
    431,
  ]],
  "5,000 headers": [
    [head("GET /v1/orders HTTP/1.1", ...Array.from({ length: 5_000 }, (_, n) => `x-${n}: x`))],
    [400, 431],
  ],
  "a method that there is not": [[head("FETCH /v1/orders HTTP/1.1")], [405]],
  "TRACE": [[head("TRACE /v1/orders HTTP/1.1")], [405]],
  "CONNECT": [[head("CONNECT allot.test:443 HTTP/1.1")], [400, 404, 405]],
  "OPTIONS of everything": [[head("OPTIONS * HTTP/1.1")], [204]],
  "another protocol": [["SSH-2.0-OpenSSH_9.9\r\n\r\n"], [400]],
  "TLS": [[new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])], [400]],
  "a later version of HTTP": [[head("GET /v1/orders HTTP/3.7")], [400, 505]],
  "no host": [["GET /healthz HTTP/1.1\r\n\r\n"], [400]],
  "no host in an old version of HTTP": [["GET /healthz HTTP/1.0\r\n\r\n"], [400]],
  "an empty host": [["GET /healthz HTTP/1.1\r\nhost: \r\n\r\n"], [400]],
  "a host with a path": [["GET /z HTTP/1.1\r\nhost: x/healthz?\r\n\r\n"], [400]],
  "a host with a fragment": [["GET /z HTTP/1.1\r\nhost: x/healthz#\r\n\r\n"], [400]],
  "a host with a backslash": [["GET /z HTTP/1.1\r\nhost: x\\healthz?\r\n\r\n"], [400]],
  "a host with a space": [["GET /healthz HTTP/1.1\r\nhost: a b\r\n\r\n"], [400]],
  "a host with a user": [["GET /healthz HTTP/1.1\r\nhost: a@b\r\n\r\n"], [400]],
  "a host that is no text": [
    ["GET /healthz HTTP/1.1\r\nhost: a", new Uint8Array([0xff]), "\r\n\r\n"],
    [400],
  ],
  "two hosts": [["GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"], [400]],
};

Deno.test("nothing that comes over a socket makes a server's error, or leaves anything behind", () =>
  withWire(async ({ say, sayAndLeave }, server) => {
    const position = () =>
      Effect.runPromise(Effect.provide(newestPosition, server.application.context));
    const before = await position();
    for (const [name, [parts, statuses]] of Object.entries(wrong)) {
      const heard = await say(...parts);
      const got = statusesOf(heard);
      const isRight = got.length === 1 && got.every((status) => statuses.includes(status));
      assert.ok(isRight, `${name}: ${got} ${heard.slice(0, 500)}`);
      assert.ok(!/\.tsx?:\d+|Error:/.test(heard), `${name}: ${heard}`);
    }
    for (const [name, parts] of Object.entries(broken)) {
      const heard = await sayAndLeave(...parts);
      assert.ok(statusesOf(heard).every((status) => status === 400), `${name}: ${heard}`);
    }
    assert.equal(await position(), before);
    // And the next one is served as ever.
    const served = await say(place(`content-length: ${order.length}`), order);
    assert.deepEqual(statusesOf(served), [201], served);
    const proof = await server.ask("/v1/admin/verify", { method: "POST" });
    assert.equal(proof.body.ok, true, proof.text);
  }));

/** As the client of Java 11 and later begins on plain HTTP, unless it is told to speak HTTP/1.1. */
const offersHttp2 = [
  "Connection: Upgrade, HTTP2-Settings",
  `Content-Length: ${order.length}`,
  "Host: allot.test",
  "HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA",
  "Upgrade: h2c",
  "User-Agent: Java-http-client/17.0.15",
  "Content-Type: application/json",
  `Authorization: Bearer ${adminKey}`,
];

Deno.test("an offer of HTTP/2 with a body is refused by the runtime, and nothing is done", () =>
  withWire(async ({ say }, server) => {
    const request = (headers: readonly string[]) =>
      ["POST /v1/orders HTTP/1.1", ...headers, "", order].join("\r\n");
    const refused = await say(request(offersHttp2));
    assert.deepEqual(statusesOf(refused), [400], refused);
    assert.match(refused, /^connection: close$/im);
    assert.equal((await server.ask("/v1/orders")).body.data[0], undefined);
    // The same without the offer, as through a proxy or with `version(HTTP_1_1)`.
    const plain = offersHttp2.filter((header) => !/^(?:Connection|Upgrade|HTTP2)/.test(header));
    const placed = await say(request(plain));
    assert.deepEqual(statusesOf(placed), [201], placed);
    // Without a body the offer is passed over.
    const reading = offersHttp2.filter((header) => !/^Content/.test(header));
    const read = await say(["GET /v1/orders HTTP/1.1", ...reading, "", ""].join("\r\n"));
    assert.deepEqual(statusesOf(read), [200], read);
  }));

Deno.test("should take an order in chunks, and one byte at a time", () =>
  withWire(async ({ say }) => {
    const half = order.slice(0, 40);
    const rest = order.slice(40);
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const chunked = await say(
      place("transfer-encoding: chunked"),
      chunk(half),
      `${chunk(rest)}0\r\n\r\n`,
    );
    assert.deepEqual(statusesOf(chunked), [201], chunked);
    const slow = await say(place(`content-length: ${order.length}`), ...order);
    assert.deepEqual(statusesOf(slow), [200], slow);
  }));
