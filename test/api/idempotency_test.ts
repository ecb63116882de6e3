/** Idempotency keys over HTTP: one effect and one answer for each, however often and whenever it comes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const place = (server: TestServer, key: string, json: unknown, apiKey?: string) =>
  server.ask("/v1/orders", {
    json,
    headers: { "idempotency-key": key },
    ...(apiKey === undefined ? {} : { key: apiKey }),
  });

const reserved = async (server: TestServer): Promise<unknown> =>
  (await server.ask("/v1/inventory?sku=mug")).body.data[0].reserved;

Deno.test("should replay the first answer, status and body alike, for the same key and request", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const first = await place(server, "k", orderFor("1", { mug: 2 }));
  assert.equal(first.status, 201);
  assert.equal(first.headers.get("idempotent-replayed"), null);
  await server.ask(`/v1/orders/${first.body.id}/cancel`, { json: { reason: "wish" } });
  const again = await place(server, "k", orderFor("1", { mug: 2 }));
  assert.equal(again.status, 201);
  assert.equal(again.text, first.text);
  assert.equal(again.headers.get("etag"), first.headers.get("etag"));
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  assert.equal(again.headers.get("idempotent-replayed"), "true");
});

Deno.test("should take a quoted key and the same key bare for one", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  await place(server, '"k"', orderFor("1", { mug: 2 }));
  const again = await place(server, "k", orderFor("1", { mug: 2 }));
  assert.equal(again.headers.get("idempotent-replayed"), "true");
});

Deno.test("should return 422 for the same key with another body or on another route", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const first = await place(server, "k", orderFor("1", { mug: 2 }));
  const other = await place(server, "k", orderFor("2", { mug: 2 }));
  assert.equal(other.status, 422);
  assert.equal(other.body.type, "/problems/idempotency-mismatch");
  const elsewhere = await server.ask(`/v1/orders/${first.body.id}/cancel`, {
    json: { reason: "wish" },
    headers: { "idempotency-key": "k" },
  });
  assert.equal(elsewhere.status, 422);
  assert.equal(await reserved(server), 2);
});

Deno.test("should replay what was decided against a request, whatever has changed since", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 1 } });
  const short = orderFor("1", { mug: 2 });
  const held = await place(server, "held", orderFor("2", { mug: 1 }));
  const release = `/v1/orders/${held.body.id}/release`;
  const asks: readonly (readonly [string, unknown, string])[] = [
    ["/v1/orders", short, "insufficient-stock"],
    ["/v1/orders", orderFor("2", { mug: 3 }), "order-exists"],
    [release, undefined, "illegal-transition"],
    ["/v1/inventory/adjustments", {
      locationId: "ams",
      reason: "damaged",
      changes: [{ sku: "mug", delta: -1 }],
    }, "below-zero-available"],
    ["/v1/inventory/counts", {
      locationId: "ams",
      counts: [{ sku: "mug", onHand: 3, expected: 2 }],
    }, "count-mismatch"],
  ];
  const askAll = async () => {
    const answers = [];
    for (const [path, json, name] of asks) {
      answers.push(
        await server.ask(path, { method: "POST", json, headers: { "idempotency-key": name } }),
      );
    }
    return answers;
  };
  const first = await askAll();
  for (const [index, [, , name]] of asks.entries()) {
    assert.equal(first[index]?.body.type, `/problems/${name}`);
    assert.equal(first[index]?.headers.get("idempotent-replayed"), null);
  }
  await stockOver(server, { ams: { mug: 9 } });
  await server.ask(`/v1/orders/${held.body.id}/hold`, { json: { reason: "fraud check" } });
  for (const [index, answer] of (await askAll()).entries()) {
    assert.equal(answer.status, first[index]?.status);
    assert.equal(answer.text, first[index]?.text);
    assert.equal(answer.headers.get("idempotent-replayed"), "true");
  }
  assert.equal(await reserved(server), 1);
  assert.equal((await place(server, "another", short)).status, 201);
});

Deno.test("should not keep what was wrong with a request: the same key may succeed later", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 1 } });
  assert.equal((await place(server, "k", { nonsense: true })).status, 422);
  const unknown = { ...orderFor("1", { mug: 1 }), lines: [{ sku: "mug", quantity: 0 }] };
  assert.equal((await place(server, "k", unknown)).status, 422);
  const placed = await place(server, "k", orderFor("1", { mug: 1 }));
  assert.equal(placed.status, 201);
  const hold = (version: number) =>
    server.ask(`/v1/orders/${placed.body.id}/hold`, {
      json: { reason: "fraud check" },
      headers: { "idempotency-key": "hold", "if-match": `"${version}"` },
    });
  assert.equal((await hold(9)).status, 412);
  assert.equal((await hold(1)).status, 200);
  const adjust = () =>
    server.ask("/v1/inventory/adjustments", {
      json: { locationId: "ber", reason: "received", changes: [{ sku: "mug", delta: 1 }] },
      headers: { "idempotency-key": "early" },
    });
  assert.equal((await adjust()).status, 404);
  await stockOver(server, { ber: {} });
  assert.equal((await adjust()).status, 200);
});

Deno.test("should keep the keys of different callers apart", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const channelKey = await keyFor(server, "channel", { channel: "web" });
  await place(server, "k", orderFor("1", { mug: 1 }));
  const other = await place(server, "k", orderFor("2", { mug: 1 }), channelKey);
  assert.equal(other.status, 201);
  assert.equal(other.headers.get("idempotent-replayed"), null);
});

Deno.test("should have one effect for a key that comes many times at once", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 99 } });
  const adjust = () =>
    server.ask("/v1/inventory/adjustments", {
      json: { locationId: "ams", reason: "received", changes: [{ sku: "mug", delta: 1 }] },
      headers: { "idempotency-key": "delivery-7" },
    });
  const answers = await Promise.all(Array.from({ length: 20 }, adjust));
  for (const { status, body, headers } of answers) {
    if (status === 409) {
      assert.equal(body.type, "/problems/idempotency-in-flight");
      assert.ok(headers.has("retry-after"));
    } else assert.equal(status, 200);
  }
  assert.ok(answers.some(({ status }) => status === 200));
  assert.equal((await server.ask("/v1/inventory?sku=mug")).body.data[0].onHand, 100);
});

Deno.test("any sequence of keyed adjustments has the effect of its distinct keys", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 1 } });
  let expected = 1;
  const known = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.nat({ max: 5 }), delta: fc.integer({ min: 1, max: 3 }) }), {
        maxLength: 8,
      }),
      async (steps) => {
        for (const { key, delta } of steps) {
          // The delta belongs to the key: with another one the key would be refused.
          const name = `${key}-${delta}`;
          const answer = await server.ask("/v1/inventory/adjustments", {
            json: { locationId: "ams", reason: "received", changes: [{ sku: "mug", delta }] },
            headers: { "idempotency-key": name },
          });
          assert.equal(answer.status, 200);
          assert.equal(answer.headers.get("idempotent-replayed"), known.has(name) ? "true" : null);
          if (!known.has(name)) expected += delta;
          known.add(name);
        }
        const stock = await server.ask("/v1/inventory?sku=mug");
        assert.equal(stock.body.data[0].onHand, expected);
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("should replay every kind of POST", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const order = (await server.ask("/v1/orders", { json: orderFor("1", { mug: 3 }) })).body;
  const ful = `/v1/fulfillment-orders/${order.fulfillmentOrders[0].id}`;
  const twice = async (path: string, json: unknown = {}) => {
    const headers = { "idempotency-key": `key of ${path}`.replaceAll(" ", "-") };
    const first = await server.ask(path, { json, headers });
    assert.ok(first.status < 300, `${path} ${first.text}`);
    const again = await server.ask(path, { json, headers });
    assert.equal(again.text, first.text, path);
    assert.equal(again.status, first.status);
    assert.equal(again.headers.get("idempotent-replayed"), "true", path);
    return first.body;
  };
  await twice("/v1/inventory/counts", { locationId: "ams", counts: [{ sku: "pen", onHand: 3 }] });
  await twice(`/v1/orders/${order.id}/hold`, { reason: "check" });
  await twice(`/v1/orders/${order.id}/release`);
  await twice(`/v1/orders/${order.id}/cancel`, {
    reason: "wish",
    lines: [{ lineId: "1", quantity: 1 }],
  });
  await twice(`${ful}/accept`);
  await twice(`${ful}/pick`);
  await twice(`${ful}/pack`);
  const shipped = await twice(`${ful}/ship`, { carrier: "DHL" });
  await twice(`/v1/shipments/${shipped.shipments[0].id}/tracking`, {
    status: "delivered",
    occurredAt: "2026-01-02T03:04:05Z",
  });
  await twice("/v1/admin/verify");
});

Deno.test("should not show a made key twice, and not keep it", async () => {
  await using server = await startServer();
  const make = () =>
    server.ask("/v1/admin/keys", {
      json: { name: "shop", role: "channel" },
      headers: { "idempotency-key": "k" },
    });
  const first = await make();
  assert.equal(typeof first.body.key, "string");
  const again = await make();
  assert.equal(again.status, 201);
  assert.equal(again.body.id, first.body.id);
  assert.equal(again.body.key, null);
  assert.equal([...(await server.ask("/v1/admin/keys")).body.data].length, 2);
});
