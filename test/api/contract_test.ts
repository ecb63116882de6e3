/** What clients count on: what is left out may be written in the ways of their languages, and what goes is announced. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { json } from "../../api/http/answer.ts";
import { openApiDocument, problemTypesOf } from "../../api/http/openapi.ts";
import { emptyBody, route } from "../../api/http/registry.ts";
import { routes, routesOf } from "../../api/routes.ts";
import { type ApiSubject, apiSubjects } from "../../api/subjects.ts";
import type { RouteServices } from "../../api/routes.ts";
import { orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const placed = async (server: TestServer, externalId: string) => {
  const { status, body, text } = await server.ask("/v1/orders", {
    json: orderFor(externalId, { mug: 3 }),
  });
  assert.equal(status, 201, text);
  return body;
};

const act = async (server: TestServer, path: string, json: unknown) => {
  const { status, body, text } = await server.ask(path, { json });
  assert.equal(status, 200, text);
  return body;
};

Deno.test("a list of nothing is a list that was left out", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 20 } });
  const order = await placed(server, "1");
  const path = `/v1/fulfillment-orders/${order.fulfillmentOrders[0]?.id}`;
  await act(server, `${path}/accept`, {});
  assert.equal((await act(server, `${path}/pick`, { lines: [] })).lines[0]?.picked, 3);
  assert.deepEqual((await act(server, `${path}/pack`, { packages: [] })).packages, []);
  const shipped = await act(server, `${path}/ship`, { carrier: "DHL", lines: [] });
  assert.equal(shipped.lines[0]?.shipped, 3);
  const other = await placed(server, "2");
  const cancelled = await act(server, `/v1/orders/${other.id}/cancel`, { reason: "x", lines: [] });
  assert.equal(cancelled.status, "cancelled");
});

Deno.test("an order with lists of nothing is the order without them", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 20 } });
  const order = await placed(server, "1");
  const again = await server.ask("/v1/orders", {
    json: orderFor("1", { mug: 3 }, { discounts: [], fees: [] }),
  });
  assert.deepEqual([again.status, again.body.id], [200, order.id], again.text);
});

Deno.test("a mapping's lists of nothing are left out of it", async () => {
  await using server = await startServer();
  const column = (name: string) => ({ column: name, fallbacks: [] });
  const { status, body, text } = await server.ask("/v1/imports/mappings/plain", {
    method: "PUT",
    json: {
      fields: {
        externalId: column("order"),
        sku: column("sku"),
        quantity: column("quantity"),
        unitPrice: column("price"),
        currency: { constant: "EUR" },
      },
      skipRows: [],
      skipOrders: [],
      orderRows: [],
    },
  });
  assert.equal(status, 201, text);
  assert.deepEqual(body.fields.sku, { column: "sku" });
  for (const list of ["skipRows", "skipOrders", "orderRows"]) {
    assert.equal(Object.hasOwn(body, list), false, list);
  }
});

Deno.test("lists that are needed still need an entry, and no list has too many", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 20 } });
  const order = await placed(server, "1");
  const path = `/v1/fulfillment-orders/${order.fulfillmentOrders[0]?.id}/pick`;
  const line = { lineId: order.lines[0]?.id, quantity: 1 };
  const many = await server.ask(path, {
    json: { lines: Array.from({ length: 2_001 }, () => line) },
  });
  assert.deepEqual([many.status, many.body.errors[0]?.pointer], [422, "/lines"]);
  const none = await server.ask("/v1/orders", { json: { ...orderFor("2", {}), lines: [] } });
  assert.deepEqual([none.status, none.body.errors[0]?.pointer], [422, "/lines"]);
});

Deno.test("null is no body where none is needed, and a wrong one where one is", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 20 } });
  const order = await placed(server, "1");
  const path = `/v1/fulfillment-orders/${order.fulfillmentOrders[0]?.id}`;
  assert.equal((await act(server, `${path}/accept`, null)).status, "accepted");
  assert.equal((await act(server, `${path}/pick`, null)).status, "picked");
  assert.equal((await act(server, "/v1/admin/verify", null)).ok, true);
  const ship = await server.ask(`${path}/ship`, { json: null });
  assert.equal(ship.status, 422, ship.text);
});

Deno.test("every type of problem has a page at its URI", async () => {
  await using server = await startServer();
  for (const { name, status, title } of problemTypesOf(routes)) {
    const page = await server.ask(`/problems/${name}`, { key: null });
    assert.equal(page.status, 200, name);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    for (const words of [name, title, `status ${status}`, "What it is", "What to do"]) {
      assert.ok(page.text.replaceAll("&#39;", "'").includes(words), `${name}: ${words}`);
    }
    assert.ok(!/<script|https?:\/\/|undefined|\[object/.test(page.text), name);
  }
  const { text } = await server.ask("/problems/insufficient-stock", { key: null });
  assert.ok(text.includes('href="/docs#placeOrder"') && !text.includes("#listKeys"));
  assert.equal((await server.ask("/problems/no-such-thing", { key: null })).status, 404);
});

Deno.test("a problem's type leads to its page, from wherever it comes", async () => {
  await using server = await startServer();
  const refused = await server.ask("/v1/orders", { json: {} });
  const page = await server.ask(String(refused.body.type), { key: null });
  assert.equal(page.status, 200);
});

const old = route({
  method: "POST",
  path: "/v1/old-things",
  operationId: "makeOldThing",
  summary: "Make an old thing",
  tags: [{ name: "Old", description: "What goes" }],
  permission: "catalog:read",
  deprecated: {
    since: "2026-11-01T00:00:00Z",
    sunset: "2027-06-01T00:00:00Z",
    instead: "Make a new thing.",
  },
  body: emptyBody(),
  responses: { 204: { description: "It is made" } },
  handler: () => Effect.succeed({ status: 204, headers: {}, body: "" }),
});

const aging = route({
  method: "GET",
  path: "/v1/old-things",
  operationId: "listOldThings",
  summary: "Old things",
  tags: [],
  permission: "catalog:read",
  deprecated: { since: "2026-11-01T12:00:00+01:00", instead: "List new things." },
  responses: { 200: { description: "They" } },
  handler: () => Effect.succeed(json(200, {}, { link: '</v1/old-things?cursor=x>; rel="next"' })),
});

const withOld: readonly ApiSubject<RouteServices>[] = [
  ...apiSubjects,
  { name: "old", routes: [old, aging] },
];

Deno.test("what goes says so in each of its answers, and nothing else does", async () => {
  await using server = await startServer({ parts: { api: withOld } });
  const made = await server.ask("/v1/old-things", { method: "POST" });
  const refused = await server.ask("/v1/old-things", { json: { a: 1 } });
  const stranger = await server.ask("/v1/old-things", { method: "POST", key: null });
  assert.deepEqual([made.status, refused.status, stranger.status], [204, 422, 401]);
  for (const { headers } of [made, refused, stranger]) {
    // RFC 9745 section 2.1, RFC 8594 section 3.
    assert.equal(headers.get("deprecation"), "@1793491200");
    assert.equal(headers.get("sunset"), "Tue, 01 Jun 2027 00:00:00 GMT");
    assert.equal(
      headers.get("link"),
      '</docs#makeOldThing>; rel="deprecation"; type="text/html"',
    );
  }
  const list = await server.ask("/v1/old-things");
  assert.equal(list.headers.get("deprecation"), "@1793530800");
  assert.equal(list.headers.get("sunset"), null);
  assert.match(list.headers.get("link") ?? "", /rel="next", <\/docs#listOldThings>; rel="deprec/);
  const { headers } = await server.ask("/v1/orders");
  for (const name of ["deprecation", "sunset"]) assert.equal(headers.has(name), false, name);
});

Deno.test("the document tells what goes, and what may change", () => {
  const { paths, info } = openApiDocument(routesOf(withOld), "0.0.0");
  const described = paths["/v1/old-things"]?.["post"];
  assert.equal(described?.deprecated, true);
  assert.match(
    described?.description ?? "",
    /^Deprecated since 2026-11-01\. It will be gone on 2027-06-01\. Make a new thing\./,
  );
  assert.ok(Object.hasOwn(described?.responses["204"]?.["headers"] as object, "Sunset"));
  const kept = Object.values(paths).flatMap((byMethod) => Object.values(byMethod))
    .filter(({ deprecated }) => deprecated);
  assert.equal(kept.length, 2);
  assert.match(String(info["description"]), /`\/v1`.*422.*`Deprecation`.*`Sunset`/s);
});
