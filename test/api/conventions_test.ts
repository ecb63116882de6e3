/** What every route does alike: keys, methods, bodies, sizes, parameters, tags, pages and headers. */
import assert from "node:assert/strict";
import { trimmed } from "../../src/kernel/white-space.ts";
import { Effect } from "effect";
import fc from "fast-check";
import { makeApp } from "../../api/http/app.ts";
import { route } from "../../api/http/registry.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { adminKey, type Ask, orderFor, startServer, stockOver } from "../support/server.ts";

Deno.test("should return 401 with a challenge without a key, with a wrong one and with another scheme", async () => {
  await using server = await startServer();
  for (
    const headers of [
      {},
      { authorization: "Bearer nobody" },
      { authorization: "Basic YTpi" },
      { authorization: "Bearer " },
    ]
  ) {
    const answer = await server.ask("/v1/orders", { key: null, headers });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.type, "/problems/unauthorized");
    assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/);
  }
});

Deno.test("should take the scheme of a key in any case", async () => {
  await using server = await startServer();
  const answer = await server.ask("/v1/orders", {
    key: null,
    headers: { authorization: `bearer ${adminKey}` },
  });
  assert.equal(answer.status, 200);
});

Deno.test("should return 404 for a route that is not there", async () => {
  await using server = await startServer();
  for (const path of ["/v1", "/v1/nothing", "/v1/orders/", "/v2/orders", "/v1/orders/a/b/c"]) {
    const answer = await server.ask(path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.body.type, "/problems/not-found");
  }
});

Deno.test("should return 405 with Allow for a method that a route does not have", async () => {
  await using server = await startServer();
  const cases = [
    ["/v1/orders", "DELETE", "POST, GET, HEAD, OPTIONS"],
    ["/v1/orders/ord_1", "POST", "GET, HEAD, OPTIONS"],
    ["/v1/items/a", "PATCH", "PUT, GET, HEAD, OPTIONS"],
  ] as const;
  for (const [path, method, allow] of cases) {
    const answer = await server.ask(path, { method });
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.headers.get("allow"), allow);
    assert.equal(answer.body.type, "/problems/method-not-allowed");
  }
});

Deno.test("should answer HEAD as GET without a body", async () => {
  await using server = await startServer();
  const answer = await server.ask("/v1/orders", { method: "HEAD" });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, "");
});

Deno.test("should return 415 for another media type, for none and for a content encoding", async () => {
  await using server = await startServer();
  const body = JSON.stringify(orderFor("1", { mug: 1 }));
  for (
    const headers of [
      { "content-type": "text/plain" },
      { "content-type": "application/xml" },
      { "content-type": "" },
      { "content-type": "application/json", "content-encoding": "gzip" },
      { "content-type": "application/json; charset=utf-16" },
      { "content-type": 'application/json; version=1; charset="iso-8859-1"' },
      { "content-type": "application/json;charset=" },
    ]
  ) {
    const answer = await server.ask("/v1/orders", { body, headers });
    assert.equal(answer.status, 415, JSON.stringify(headers));
    assert.equal(answer.body.type, "/problems/unsupported-media-type");
    assert.equal(answer.headers.get("accept"), "application/json");
  }
});

Deno.test("should take JSON with a charset, and in any case", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  for (
    const type of [
      "application/json; charset=utf-8",
      'application/json;Charset="UTF-8"',
      "application/json; charset=us-ascii",
      "Application/JSON",
    ]
  ) {
    const answer = await server.ask("/v1/orders", {
      body: JSON.stringify(orderFor(type, { mug: 1 })),
      headers: { "content-type": type },
    });
    assert.equal(answer.status, 201);
  }
});

Deno.test("should take an action without a body, whatever headers come with nothing", async () => {
  await using server = await startServer();
  const nothing = () => new ReadableStream({ start: (controller) => controller.close() });
  const cases: readonly Ask[] = [
    { method: "POST" },
    { method: "POST", body: "" },
    { body: nothing(), method: "POST" },
    { body: nothing(), method: "POST", headers: { "content-type": "application/json" } },
    { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } },
    { json: {} },
  ];
  for (const ask of cases) {
    const answer = await server.ask("/v1/orders/ord_00000000000000000000a/release", ask);
    assert.equal(answer.status, 404, answer.text);
  }
  for (const body of ["reason=x", "{}"]) {
    const answer = await server.ask("/v1/orders/ord_00000000000000000000a/release", {
      body,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    assert.equal(answer.status, 415);
  }
});

Deno.test("should return 400 for what is not JSON in UTF-8", async () => {
  await using server = await startServer();
  const bodies = [
    "",
    "{",
    '{"a":1,}',
    "{'a':1}",
    "[".repeat(100_000),
    new Uint8Array([0x22, 0xff, 0x22]),
    '{"channel":"\\ud800"}',
  ];
  for (const body of bodies) {
    const answer = await server.ask("/v1/orders", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
    assert.equal(answer.status, 400, String(body).slice(0, 20));
    assert.equal(answer.body.type, "/problems/malformed-request");
  }
});

Deno.test("should return 400 with the name of a member that comes twice, and do nothing", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const text = JSON.stringify(orderFor("twice", { mug: 1 }));
  const cases: readonly (readonly [body: string, pointer: string])[] = [
    [text.replace('"currency"', '"externalId":"other","currency"'), "/externalId"],
    [text.replace('"quantity"', '"quantity":1,"quantity"'), "/lines/0/quantity"],
    [text.replace('"quantity"', '"quant\\u0069ty" : 1, "quantity"'), "/lines/0/quantity"],
  ];
  for (const [body, pointer] of cases) {
    const answer = await server.ask("/v1/orders", {
      body,
      headers: { "content-type": "application/json" },
    });
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.body.type, "/problems/malformed-request");
    assert.equal(answer.body.errors[0]?.pointer, pointer);
    assert.match(String(answer.body.errors[0]?.detail), new RegExp(`${pointer.split("/").at(-1)}`));
  }
  assert.equal((await server.ask("/v1/orders")).body.data[0], undefined);
});

const chunks = (bytes: number) => {
  let sent = 0;
  return {
    sent: () => sent,
    stream: new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        const chunk = new Uint8Array(Math.min(65_536, bytes - sent)).fill(0x20);
        sent += chunk.byteLength;
        if (chunk.byteLength === 0) controller.close();
        else controller.enqueue(chunk);
      },
    }),
  };
};

Deno.test("should return 413 by the declared length, before the body is read", async () => {
  await using server = await startServer();
  const { stream, sent } = chunks(10 * requestLimits.bodyBytes);
  const answer = await server.ask("/v1/orders", {
    body: stream,
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": String(requestLimits.bodyBytes + 1),
    },
  });
  assert.equal(answer.status, 413);
  assert.equal(answer.body.type, "/problems/payload-too-large");
  assert.ok(sent() <= 131_072, `read ${sent()} bytes`);
});

Deno.test("should return 413 by counting when no length is declared", async () => {
  await using server = await startServer();
  const { stream, sent } = chunks(100 * requestLimits.bodyBytes);
  const answer = await server.ask("/v1/orders", {
    body: stream,
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  assert.equal(answer.status, 413);
  assert.ok(sent() < 2 * requestLimits.bodyBytes, `read ${sent()} bytes`);
});

Deno.test("should take a body of exactly the limit, with a length and without", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const text = JSON.stringify(orderFor("exact", { mug: 1 }));
  const body = text + " ".repeat(requestLimits.bodyBytes - text.length);
  const whole = await server.ask("/v1/orders", {
    body,
    headers: { "content-type": "application/json", "content-length": String(body.length) },
  });
  assert.equal(whole.status, 201, whole.text);
  const streamed = await server.ask("/v1/orders", {
    body: new Blob([body]).stream(),
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  assert.equal(streamed.status, 200, streamed.text);
});

Deno.test("should name everything that is wrong with a body, each by its pointer", async () => {
  await using server = await startServer();
  const answer = await server.ask("/v1/orders", {
    json: {
      ...orderFor("1", {}),
      currency: "dollars",
      "a/b~c": 1,
      customer: {},
      lines: [{ sku: "", quantity: 0, unitPrice: { amount: 1, currency: "USD" }, color: "red" }],
    },
  });
  assert.equal(answer.status, 422);
  assert.equal(answer.body.type, "/problems/invalid-request");
  const pointers = new Set([...answer.body.errors].map(({ pointer }) => String(pointer)));
  assert.deepEqual([...pointers].sort(), [
    "/a~1b~0c",
    "/currency",
    "/customer/name",
    "/lines/0/color",
    "/lines/0/quantity",
    "/lines/0/sku",
    "/lines/0/unitPrice/amount",
  ]);
});

Deno.test("should name the limit when an order has too many lines, and not each of them", async () => {
  await using server = await startServer();
  const answer = await server.ask("/v1/orders", {
    json: { ...orderFor("1", {}), lines: Array.from({ length: 10_000 }, () => ({ sku: "a" })) },
  });
  assert.equal(answer.status, 422);
  assert.equal([...answer.body.errors].length, 1);
  assert.equal(answer.body.errors[0].pointer, "/lines");
  assert.match(String(answer.body.errors[0].detail), /at most 2000 entries, and has 10000/);
});

Deno.test("should return 422 naming the parameter that is wrong, unknown or repeated", async () => {
  await using server = await startServer();
  const cases = [
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=ten", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["status=lost", "status"],
    ["placedAfter=yesterday", "placedAfter"],
    ["colour=red", "colour"],
    ["__proto__=x", "__proto__"],
    ["cursor=bm90IG91cnM", "cursor"],
    ["cursor=%00", "cursor"],
  ] as const;
  for (const [query, parameter] of cases) {
    const answer = await server.ask(`/v1/orders?${query}`);
    assert.equal(answer.status, 422, query);
    assert.equal(answer.body.errors[0].parameter, parameter, answer.text);
  }
  const onPost = await server.ask("/v1/orders?dryRun=true", { json: orderFor("1", { mug: 1 }) });
  assert.equal(onPost.status, 422);
  assert.equal(onPost.body.errors[0].parameter, "dryRun");
});

Deno.test("should return 400 naming a header that cannot be read", async () => {
  await using server = await startServer();
  const json = { reason: "because" };
  const bad = [
    ["Idempotency-Key", "x".repeat(256)],
    ["Idempotency-Key", '"open'],
    ["Idempotency-Key", "two words"],
    ["If-Match", "1"],
    ["If-Match", '"1", "2"'],
  ] as const;
  for (const [header, value] of bad) {
    const answer = await server.ask("/v1/orders/ord_x/hold", {
      json,
      headers: { [header]: value },
    });
    assert.equal(answer.status, 400, `${header}: ${value}`);
    assert.equal(answer.body.errors[0].header, header);
  }
});

Deno.test("should answer If-None-Match with 304 as long as nothing changed", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  const path = `/v1/orders/${placed.body.id}`;
  const tag = placed.headers.get("etag") ?? "";
  assert.equal(tag, '"1"');
  for (const value of [tag, `W/${tag}`, `"7", ${tag}`, "*"]) {
    const answer = await server.ask(path, { headers: { "if-none-match": value } });
    assert.equal(answer.status, 304, value);
    assert.equal(answer.text, "");
    assert.equal(answer.headers.get("etag"), tag);
  }
  await server.ask(`${path}/hold`, { json: { reason: "fraud check" } });
  const changed = await server.ask(path, { headers: { "if-none-match": tag } });
  assert.equal(changed.status, 200);
  assert.equal(changed.headers.get("etag"), '"2"');
});

Deno.test("should change a thing only when If-Match is its version", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  const path = `/v1/orders/${placed.body.id}`;
  for (const tag of ['"2"', 'W/"1"', '""']) {
    const answer = await server.ask(`${path}/hold`, {
      json: { reason: "fraud check" },
      headers: { "if-match": tag },
    });
    assert.equal(answer.status, 412, tag);
    assert.equal(answer.body.type, "/problems/precondition-failed");
  }
  assert.equal((await server.ask(path)).body.version, 1);
  const held = await server.ask(`${path}/hold`, {
    json: { reason: "fraud check" },
    headers: { "if-match": '"1"' },
  });
  assert.equal(held.status, 200);
  const released = await server.ask(`${path}/release`, {
    method: "POST",
    headers: { "if-match": "*" },
  });
  assert.equal(released.status, 200);
  assert.equal(released.body.version, 3);
});

Deno.test("should forbid to transform what has an entity tag: compressed on its way, the tag would be weak", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  for (const path of [`/v1/orders/${placed.body.id}`, "/v1/locations/ams", "/v1/items/mug"]) {
    const answer = await server.ask(path);
    assert.match(answer.headers.get("etag") ?? "", /^"/);
    assert.match(answer.headers.get("cache-control") ?? "", /\bno-transform\b/, path);
  }
  assert.match(placed.headers.get("cache-control") ?? "", /\bno-transform\b/);
});

Deno.test("should save a location under If-Match and If-None-Match as RFC 9110 says", async () => {
  await using server = await startServer();
  const path = "/v1/locations/ams";
  const json = { name: "Amsterdam", type: "store", address: { country: "NL" } };
  const save = (name: string, headers: Readonly<Record<string, string>>) =>
    server.ask(path, { method: "PUT", json: { ...json, name }, headers });
  assert.equal((await save("a", { "if-match": "*" })).status, 412);
  assert.equal((await save("a", { "if-match": '"1"' })).status, 412);
  assert.equal((await save("a", { "if-none-match": "*" })).status, 201);
  assert.equal((await save("b", { "if-none-match": "*" })).status, 412);
  assert.equal((await save("b", { "if-match": '"1"' })).status, 200);
  assert.equal((await save("c", { "if-match": '"1"' })).status, 412);
  assert.equal((await save("c", { "if-match": "*" })).status, 200);
  assert.equal((await server.ask(path)).body.name, "c");
});

Deno.test("should page through a list without missing or repeating anything, whatever the limit", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 100 } });
  const placed: unknown[] = [];
  for (let n = 0; n < 7; n++) {
    const answer = await server.ask("/v1/orders", { json: orderFor(`${n}`, { mug: 1 }) });
    placed.unshift(answer.body.id);
  }
  for (const limit of [1, 2, 3, 7, 200]) {
    const seen: unknown[] = [];
    let next: string | null = `/v1/orders?channel=web&limit=${limit}`;
    while (next !== null) {
      const page = await server.ask(next);
      assert.equal(page.status, 200, page.text);
      seen.push(...[...page.body.data].map(({ id }) => id));
      const link = /^<([^>]+)>; rel="next"$/.exec(page.headers.get("link") ?? "");
      next = link?.[1] ?? null;
      assert.equal(page.body.nextCursor === null, next === null);
    }
    assert.deepEqual(seen, placed, `limit ${limit}`);
  }
});

Deno.test("should send a request id and small security headers with every answer", async () => {
  await using server = await startServer();
  const ids = new Set<string | null>();
  for (const path of ["/healthz", "/nothing", "/v1/orders", "/docs", "/metrics"]) {
    const answer = await server.ask(path);
    ids.add(answer.headers.get("x-request-id"));
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.ok(answer.headers.has("cache-control"));
  }
  assert.equal(ids.size, 5);
  assert.ok(!ids.has(null));
});

Deno.test("should hide what went wrong inside behind a 500 with the request's id", async () => {
  await using server = await startServer();
  const secret = "the password is swordfish";
  const broken = [
    route({
      method: "GET",
      path: "/dies",
      operationId: "dies",
      summary: "Dies",
      tags: [],
      permission: "public",
      responses: {},
      handler: () => Effect.die(new Error(secret)),
    }),
    route({
      method: "GET",
      path: "/throws",
      operationId: "throws",
      summary: "Throws",
      tags: [],
      permission: "public",
      responses: {},
      handler: () => {
        throw new Error(secret);
      },
    }),
  ];
  const app = makeApp(broken, server.application.context);
  for (const path of ["/dies", "/throws"]) {
    const response = await app.request(path);
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.ok(!text.includes("swordfish") && !text.includes("Error"));
    const body = JSON.parse(text);
    assert.equal(body.type, "/problems/internal-error");
    assert.ok(body.detail.includes(response.headers.get("x-request-id")));
  }
});

Deno.test("should return 503 with Retry-After when too many commands are in flight, and recover", async () => {
  await using server = await startServer();
  const gate = Promise.withResolvers<void>();
  const slow = route({
    method: "POST",
    path: "/slow",
    operationId: "slow",
    summary: "Waits",
    tags: [],
    permission: "public",
    responses: {},
    handler: () =>
      Effect.as(Effect.promise(() => gate.promise), { status: 204, headers: {}, body: "" }),
  });
  const app = makeApp([slow], server.application.context, { inFlightCommands: 2 });
  const ask = () => app.request("/slow", { method: "POST" });
  const waiting = [ask(), ask()];
  const refused = await ask();
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await refused.json()).type, "/problems/overloaded");
  gate.resolve();
  for (const response of await Promise.all(waiting)) assert.equal(response.status, 204);
  assert.equal((await ask()).status, 204);
});

Deno.test("no body whatever makes a 500 or leaves anything behind", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const paths = [
    "/v1/orders",
    "/v1/inventory/adjustments",
    "/v1/inventory/counts",
    "/v1/orders/ord_00000000000000000000a/cancel",
    "/v1/fulfillment-orders/ful_00000000000000000000a_1/ship",
    "/v1/shipments/shp_00000000000000000000a_1/tracking",
    "/v1/admin/keys",
  ];
  const before = (await server.ask("/v1/admin/verify", { method: "POST" })).body.counts;
  const keys = (await server.ask("/v1/admin/keys")).text;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.oneof(
        fc.anything({ withNullPrototype: false }).map((value) => JSON.stringify(value) ?? ""),
        fc.json(),
        fc.string({ unit: "binary" }),
        fc.uint8Array(),
      ),
      async (path, body) => {
        const answer = await server.ask(path, {
          method: "POST",
          body: typeof body === "string" ? body : new Uint8Array(body),
          headers: { "content-type": "application/json" },
        });
        assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`);
      },
    ),
    { numRuns: 300 },
  );
  const after = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(after.body.ok, true);
  assert.deepEqual(after.body.counts, before);
  assert.equal((await server.ask("/v1/admin/keys")).text, keys);
});

Deno.test("any text in an order is refused or comes back without white space around it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 1_000_000 } });
  const anyText = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(anyText, anyText, anyText, async (channel, externalId, name) => {
      const asked = orderFor(externalId, { mug: 1 }, {
        channel,
        customer: { id: name, name },
        metadata: { [name]: externalId },
      });
      const answer = await server.ask("/v1/orders", { json: asked });
      const isText = [channel, externalId, name].every((text) => text.isWellFormed());
      if (!isText) return assert.equal(answer.status, 400, answer.text);
      if (answer.status === 422) return;
      assert.ok(answer.status === 201 || answer.status === 200 || answer.status === 409);
      if (answer.status !== 201) return;
      const { body } = await server.ask(`/v1/orders/${answer.body.id}`);
      assert.deepEqual(body, answer.body);
      assert.equal(body.channel, trimmed(channel));
      assert.equal(body.externalId, trimmed(externalId));
      assert.equal(body.customer.name, trimmed(name));
      const query = new URLSearchParams({ channel, externalId });
      const found = await server.ask(`/v1/orders?${query}`);
      assert.deepEqual([...found.body.data].map(({ id }) => id), [body.id]);
    }),
    { numRuns: 60 },
  );
});
