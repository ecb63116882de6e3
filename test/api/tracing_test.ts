/** Request ids and traces: taken over where they are good, answered, and exported where somebody listens. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import fc from "fast-check";
import { LogTail } from "../../actors/log/log-tail.ts";
import { givenRequestId, makeRequestIds } from "../../api/http/request-id.ts";
import { readTraceparent, traceparent } from "../../src/kernel/traceparent.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { beginning } from "../../src/store/log.ts";
import { eventually, withFolder } from "../process/process.ts";
import { orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";
import type { TelemetrySettings } from "../../api/telemetry.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";
const given = `00-${trace}-${parent}-01`;

Deno.test("a request keeps the id that it came with, in its answer and in a problem", async () => {
  await using server = await startServer();
  for (
    const id of [
      "a",
      "5f1c0b7e-8d1e-4a53-9c1b-0b8f4b8f6f6d",
      "Root=1-67891233-abcdef",
      "x".repeat(128),
    ]
  ) {
    const answer = await server.ask("/v1/orders", { headers: { "x-request-id": id } });
    assert.equal(answer.headers.get("x-request-id"), id);
    for (const path of ["/v1/orders/none", "/v1/nothing"]) {
      const problem = await server.ask(path, { headers: { "x-request-id": id } });
      assert.equal(problem.headers.get("x-request-id"), id);
      assert.equal(problem.body.instance, `/requests/${id}`);
    }
  }
});

Deno.test("an id that could not stand in a log, a header or a path is replaced by one of ours", async () => {
  await using server = await startServer();
  for (
    const id of [
      "",
      " ",
      "two words",
      "a/b",
      "ada@example.com",
      '"x"',
      "{}",
      "x".repeat(129),
      "a,b",
      "..",
    ]
  ) {
    const answer = await server.ask("/v1/orders", { headers: { "x-request-id": id } });
    const made = answer.headers.get("x-request-id") ?? "";
    assert.notEqual(made, id);
    assert.match(made, /^[a-z0-9]+-[a-z0-9]+$/);
  }
  const next = makeRequestIds("p");
  const own = (headers: Headers) => givenRequestId(headers) ?? next();
  const printable = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 200,
  });
  fc.assert(fc.property(printable, (text) => {
    const headers = new Headers({ "x-request-id": text });
    const id = own(headers);
    assert.ok(id.length >= 1 && id.length <= requestLimits.requestIdLength);
    assert.equal(new URL(`http://x/requests/${id}`).pathname, `/requests/${id}`);
    assert.equal(givenRequestId(headers) === null, id.startsWith("p-") && id !== text.trim());
  }));
});

Deno.test("a place in a trace is read as W3C says, and anything else is none", () => {
  const read = readTraceparent;
  assert.deepEqual(read(given), { traceId: trace, parentId: parent, sampled: true });
  assert.equal(read(`00-${trace}-${parent}-00`)?.sampled, false);
  assert.equal(read(`00-${trace}-${parent}-ff`)?.sampled, true);
  // Later versions may say more; this one may not.
  assert.equal(read(`cc-${trace}-${parent}-01-what-comes`)?.traceId, trace);
  const bad = [
    "",
    `${given}-more`,
    `ff-${trace}-${parent}-01`,
    `00-${"0".repeat(32)}-${parent}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${parent}-01`,
    `00-${trace}-${parent}`,
    `00-${trace.slice(1)}-${parent}-01`,
    `${given},${given}`,
  ];
  for (const value of bad) assert.equal(read(value), undefined, value);
  const hex = (length: number) =>
    fc.string({
      unit: fc.constantFrom(..."0123456789abcdef"),
      minLength: length,
      maxLength: length,
    });
  fc.assert(fc.property(hex(32), hex(16), fc.boolean(), (traceId, parentId, sampled) => {
    fc.pre(!/^0+$/.test(traceId) && !/^0+$/.test(parentId));
    const place = { traceId, parentId, sampled };
    assert.deepEqual(read(traceparent(place)), place);
  }));
});

Deno.test("an answer tells its own place in the trace of its request, and none where there is none", async () => {
  await using server = await startServer();
  const answer = await server.ask("/v1/orders", { headers: { traceparent: given } });
  const own = readTraceparent(answer.headers.get("traceparent") ?? "");
  assert.equal(own?.traceId, trace);
  assert.notEqual(own?.parentId, parent);
  assert.equal(own?.sampled, true);
  for (const headers of [{}, { traceparent: "00-nonsense" }]) {
    const plain = await server.ask("/v1/orders", { headers });
    assert.equal(plain.headers.get("traceparent"), null);
  }
});

type Collected = Readonly<Record<string, unknown>>;

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Collected }[];
  readonly status: { readonly code: number };
}

/** A collector that keeps what it is sent. */
const collector = () => {
  const bodies: { readonly path: string; readonly headers: Headers; readonly json: unknown }[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => undefined },
    async (request) => {
      const json: unknown = await request.json();
      bodies.push({ path: new URL(request.url).pathname, headers: request.headers, json });
      return Response.json({});
    },
  );
  const spans = (): readonly Span[] =>
    bodies.filter(({ path }) => path === "/v1/traces").flatMap(({ json }) =>
      (json as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    );
  return {
    bodies,
    spans,
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
};

const telemetry = (endpoint: string, traceShare = 1): TelemetrySettings => ({
  endpoint: `${endpoint}/`,
  headers: { "x-tenant": "shop one" },
  serviceName: "allot-test",
  traceShare,
});

const attributesOf = ({ attributes }: Span): Collected =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value["stringValue"] ?? Number(value["intValue"])]),
  );

Deno.test("where a collector is set it gets requests as spans in their traces, commits, and the metrics", async () => {
  await using listening = collector();
  {
    await using server = await startServer({
      settings: { telemetry: telemetry(listening.endpoint) },
    });
    await stockOver(server, { ams: { mug: 5 } });
    const placed = await server.ask("/v1/orders", {
      json: orderFor("1", { mug: 1 }),
      headers: { traceparent: given, "x-request-id": "mine" },
    });
    assert.equal(placed.status, 201, placed.text);
    const plain = await server.ask("/v1/orders/none");
    assert.ok(readTraceparent(plain.headers.get("traceparent") ?? ""));
    const answered = placed.headers.get("traceparent") ?? "";
    // What is on its way is sent when the engine closes.
    await server[Symbol.asyncDispose]();
    const spans = await eventually(
      "spans",
      () => listening.spans().length > 0 ? listening.spans() : null,
    );
    const [placing] = spans.filter(({ traceId }) => traceId === trace);
    assert.ok(placing);
    assert.equal(placing.name, "POST /v1/orders");
    assert.equal(placing.parentSpanId, parent);
    assert.equal(placing.kind, 2);
    assert.equal(`00-${trace}-${placing.spanId}-01`, answered);
    assert.deepEqual(attributesOf(placing), {
      "http.request.method": "POST",
      "http.route": "/v1/orders",
      "http.response.status_code": 201,
      "allot.request_id": "mine",
    });
    const [missing] = spans.filter(({ name }) => name === "GET /v1/orders/{orderId}");
    assert.ok(missing);
    assert.equal(attributesOf(missing)["http.response.status_code"], 404);
    assert.notEqual(missing.status.code, 2, "a client's error is none of the server's");
    assert.ok(spans.some(({ name }) => name === "commit"));
  }
  const paths = new Set(listening.bodies.map(({ path }) => path));
  assert.deepEqual([...paths].sort(), ["/v1/metrics", "/v1/traces"]);
  for (const { headers, json } of listening.bodies) {
    assert.equal(headers.get("x-tenant"), "shop one");
    assert.match(JSON.stringify(json), /"allot-test"/);
  }
  const metrics = listening.bodies.filter(({ path }) => path === "/v1/metrics");
  assert.match(JSON.stringify(metrics.at(-1)?.json), /allot_http_requests_total/);
});

Deno.test("of traces that begin here a share is kept; others decide for themselves", async () => {
  await using listening = collector();
  {
    await using server = await startServer({
      settings: { telemetry: telemetry(listening.endpoint, 0) },
    });
    const own = await server.ask("/v1/orders");
    assert.match(own.headers.get("traceparent") ?? "", /-00$/);
    const sampled = await server.ask("/v1/orders", { headers: { traceparent: given } });
    assert.match(sampled.headers.get("traceparent") ?? "", /-01$/);
    await server.ask("/v1/orders", { headers: { traceparent: given.replace(/01$/, "00") } });
  }
  assert.deepEqual(listening.spans().map(({ traceId }) => traceId), [trace]);
});

Deno.test("a collector that is not there holds nothing up", async () => {
  const gone = collector();
  await gone[Symbol.asyncDispose]();
  await using server = await startServer({ settings: { telemetry: telemetry(gone.endpoint) } });
  assert.equal((await server.ask("/v1/orders")).status, 200);
});

/** What the log says of requests, from the memory of the engine that wrote it. */
const correlationsIn = (server: TestServer): Promise<readonly unknown[]> =>
  Effect.runPromise(
    Effect.map(
      Effect.flatMap(LogTail, (tail) => tail.read(beginning, 100)),
      (entries) =>
        entries.flatMap(({ records, correlations }) =>
          records.flatMap(({ kind }, index) => kind === "order" ? [correlations?.[index]] : [])
        ),
    ).pipe(Effect.provide(server.application.context)),
  );

Deno.test("the log says which request a change came of, where its sender named it, and of others nothing", () =>
  withFolder(async (folder) => {
    const path = `${folder}/store.sqlite3`;
    const expected: unknown[] = [];
    const check = (seen: readonly unknown[]) => {
      assert.deepEqual(
        seen.map((each) => {
          const { requestId, traceparent } = (each ?? {}) as Readonly<Record<string, string>>;
          return each === undefined ? null : [requestId, traceparent?.slice(0, 36)];
        }),
        expected,
      );
    };
    {
      await using server = await startServer({ path });
      await stockOver(server, { ams: { mug: 5 } });
      const change = async (
        headers: Readonly<Record<string, string>>,
        said: unknown,
        order?: string,
      ): Promise<string> => {
        const answer = order === undefined
          ? await server.ask("/v1/orders", {
            json: orderFor(`${expected.length}`, { mug: 1 }),
            headers,
          })
          : await server.ask(`/v1/orders/${order}/hold`, { json: { reason: "a look" }, headers });
        assert.ok(answer.status < 300, answer.text);
        expected.push(said);
        return String(answer.body.id);
      };
      await change({}, null);
      const id = await change({ "x-request-id": "one" }, ["one", undefined]);
      await change({ "x-request-id": "two", traceparent: given }, ["two", `00-${trace}-`], id);
      await change({ traceparent: given, "idempotency-key": "k" }, [undefined, `00-${trace}-`]);
      // Nobody keeps that trace.
      await change({ traceparent: given.replace(/01$/, "00") }, null);
      await change({ "x-request-id": "ada@example.com" }, null);
      check(await correlationsIn(server));
    }
    await using again = await startServer({ path });
    check(await correlationsIn(again));
  }));
