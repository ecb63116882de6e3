/** What scopes hide, and keys themselves. Every role on every route is in `access_matrix_test.ts`. */
import assert from "node:assert/strict";
import { type Answer, keyFor, orderFor, startServer, stockOver } from "../support/server.ts";

Deno.test("a channel's key sees the orders of its channel alone, and places only for it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const key = await keyFor(server, "channel", { channel: "web" });
  const own = (await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }), key })).body;
  const other = (await server.ask("/v1/orders", {
    json: orderFor("1", { mug: 1 }, { channel: "app" }),
  })).body;
  const ids = ({ body }: Answer) => [...body.data].map(({ id }) => id);

  const refused = await server.ask("/v1/orders", {
    json: orderFor("2", { mug: 1 }, { channel: "app" }),
    key,
  });
  assert.equal(refused.status, 403);
  assert.equal((await server.ask(`/v1/orders/${own.id}`, { key })).status, 200);
  for (
    const path of [
      `/v1/orders/${other.id}`,
      `/v1/orders/${other.id}/events`,
      `/v1/fulfillment-orders/${other.fulfillmentOrders[0].id}`,
    ]
  ) assert.equal((await server.ask(path, { key })).status, 404, path);
  const cancel = await server.ask(`/v1/orders/${other.id}/cancel`, { json: { reason: "x" }, key });
  assert.equal(cancel.status, 404);
  assert.deepEqual(ids(await server.ask("/v1/orders", { key })), [own.id]);
  assert.equal((await server.ask("/v1/orders?channel=app", { key })).status, 403);
  assert.deepEqual(ids(await server.ask("/v1/fulfillment-orders", { key })), [
    own.fulfillmentOrders[0].id,
  ]);
  assert.equal((await server.ask(`/v1/orders/${other.id}`)).body.status, "allocated");
  const cancelled = await server.ask(`/v1/orders/${own.id}/cancel`, {
    json: { reason: "wish" },
    key,
  });
  assert.equal(cancelled.body.status, "cancelled");
});

Deno.test("a location's key sees and does what is of its location alone", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 }, ber: { pen: 9 } });
  const key = await keyFor(server, "warehouse", { locationId: "ams" });
  const own = (await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) })).body;
  const other = (await server.ask("/v1/orders", { json: orderFor("2", { pen: 1 }) })).body;
  const [mine, theirs] = [own.fulfillmentOrders[0].id, other.fulfillmentOrders[0].id];

  assert.equal((await server.ask(`/v1/orders/${own.id}`, { key })).status, 200);
  assert.equal((await server.ask(`/v1/orders/${other.id}`, { key })).status, 404);
  assert.equal((await server.ask(`/v1/fulfillment-orders/${theirs}`, { key })).status, 404);
  const accept = (id: unknown) =>
    server.ask(`/v1/fulfillment-orders/${id}/accept`, { method: "POST", key });
  assert.equal((await accept(theirs)).status, 404);
  assert.equal((await accept(mine)).body.status, "accepted");
  const list = await server.ask("/v1/fulfillment-orders", { key });
  assert.deepEqual([...list.body.data].map(({ id }) => id), [mine]);
  assert.equal((await server.ask("/v1/fulfillment-orders?locationId=ber", { key })).status, 403);
  const orders = await server.ask("/v1/orders", { key });
  assert.deepEqual([...orders.body.data].map(({ id }) => id), [own.id]);

  const stock = await server.ask("/v1/inventory", { key });
  assert.deepEqual([...stock.body.data].map(({ locationId }) => locationId), ["ams"]);
  assert.equal((await server.ask("/v1/inventory?locationId=ber", { key })).status, 403);
  const adjust = (locationId: string) =>
    server.ask("/v1/inventory/adjustments", {
      json: { locationId, reason: "received", changes: [{ sku: "mug", delta: 1 }] },
      key,
    });
  assert.equal((await adjust("ber")).status, 403);
  assert.equal((await adjust("ams")).status, 200);
  const place = await server.ask("/v1/orders", { json: orderFor("3", { mug: 1 }), key });
  assert.equal(place.status, 403);
});

Deno.test("a part of an order that no location has is no location's to see", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  await server.ask("/v1/items/song", { method: "PUT", json: { name: "Song", digital: true } });
  const order = orderFor("1", { mug: 1, song: 1 });
  const lines = order.lines.map((line) =>
    line.sku === "song" ? { ...line, fulfillment: { method: "digital" } } : line
  );
  const { body } = await server.ask("/v1/orders", { json: { ...order, lines } });
  const parts = [...body.fulfillmentOrders];
  const digital = parts.find(({ locationId }) => locationId === null as never);
  const physical = parts.find(({ locationId }) => String(locationId) === "ams");
  assert.ok(digital !== undefined && physical !== undefined, JSON.stringify(parts));
  for (const scope of [{ locationId: "ams" }, { locationId: "ber" }]) {
    const key = await keyFor(server, "warehouse", scope);
    const isOwn = scope.locationId === "ams";
    const status = async (path: string, method = "GET") =>
      (await server.ask(path, { key, method })).status;
    assert.equal(await status(`/v1/fulfillment-orders/${digital.id}`), 404);
    for (const action of ["accept", "pick", "pack", "collect"]) {
      assert.equal(await status(`/v1/fulfillment-orders/${digital.id}/${action}`, "POST"), 404);
    }
    assert.equal(await status(`/v1/fulfillment-orders/${physical.id}`), isOwn ? 200 : 404);
    const list = await server.ask("/v1/fulfillment-orders", { key });
    assert.deepEqual([...list.body.data].map(({ id }) => id), isOwn ? [physical.id] : []);
  }
  const web = await keyFor(server, "channel", { channel: "web" });
  const seen = await server.ask(`/v1/fulfillment-orders/${digital.id}`, { key: web });
  assert.equal(seen.status, 200);
});

Deno.test("the history of stock shows a channel what its orders did, and a location what is there", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 }, ber: { mug: 9 } });
  const place = async (channel: string, externalId: string) => {
    const order = orderFor(externalId, { mug: 1 }, { channel });
    const lines = order.lines.map((line) => ({
      ...line,
      fulfillment: { method: "ship", locationId: "ams" },
    }));
    const { body, status } = await server.ask("/v1/orders", { json: { ...order, lines } });
    assert.equal(status, 201);
    return String(body.id);
  };
  const [web, app] = [await place("web", "1"), await place("app", "1")];
  const history = async (scope: Readonly<Record<string, string>>, locationId = "ams") => {
    const key = await keyFor(server, "viewer", scope);
    const answer = await server.ask(`/v1/inventory/${locationId}/mug/history`, { key });
    if (answer.status !== 200) return answer.status;
    return [...answer.body.data].map(({ owner, reason }) => String(owner?.id ?? reason));
  };
  const everything = [app, web, "received"];
  assert.deepEqual(await history({}), everything);
  assert.deepEqual(await history({ locationId: "ams" }), everything);
  assert.deepEqual(await history({ channel: "web" }), [web]);
  assert.deepEqual(await history({ channel: "app", locationId: "ams" }), [app]);
  assert.deepEqual(await history({ channel: "shop" }), []);
  assert.equal(await history({ locationId: "ber" }), 404);
  assert.deepEqual(await history({ channel: "web" }, "ber"), []);
  assert.equal(await history({}, "cdg"), 404);
});

Deno.test("a key with a scope knows the names of keys of its scope, and of no others", async () => {
  await using server = await startServer();
  const make = async (scope: Readonly<Record<string, string>>) => {
    const json = { name: `of ${JSON.stringify(scope)}`, role: "viewer", scope };
    return (await server.ask("/v1/admin/keys", { json })).body;
  };
  const [whole, web, here] = [
    await make({}),
    await make({ channel: "web" }),
    await make({ channel: "web", locationId: "ams" }),
  ];
  const names = async (key: unknown) =>
    await Promise.all([whole, web, here].map(async ({ id }) => {
      const { body, status } = await server.ask(`/v1/keys/${id}/name`, { key: String(key) });
      return status === 200 ? body.name : null;
    }));
  assert.deepEqual(await names(whole.key), [whole.name, web.name, here.name]);
  assert.deepEqual(await names(web.key), [null, web.name, here.name]);
  assert.deepEqual(await names(here.key), [null, null, here.name]);
});

Deno.test("the last admin key cannot be revoked, and says why", async () => {
  await using server = await startServer();
  const { body } = await server.ask("/v1/admin/keys");
  const id = String(body.data[0]?.id);
  const revoke = () => server.ask(`/v1/admin/keys/${id}`, { method: "DELETE" });
  const refused = await revoke();
  assert.equal(refused.status, 409);
  assert.equal(refused.body.type, "/problems/last-admin-key");
  assert.match(String(refused.body.detail), new RegExp(id));
  const key = await keyFor(server, "admin");
  assert.equal((await revoke()).status, 204);
  assert.equal((await server.ask("/v1/orders")).status, 401);
  assert.equal((await server.ask("/v1/orders", { key })).status, 200);
});

Deno.test("should make, list and revoke keys; a revoked one is nobody's at once", async () => {
  await using server = await startServer();
  const made = await server.ask("/v1/admin/keys", {
    json: { name: "shop", role: "channel", scope: { channel: "web" } },
  });
  assert.equal(made.status, 201);
  assert.deepEqual(made.body.scope, { channel: "web" });
  const key = String(made.body.key);
  assert.equal((await server.ask("/v1/orders", { key })).status, 200);
  const list = await server.ask("/v1/admin/keys");
  assert.ok(!list.text.includes(key) && !list.text.includes("hash"));
  assert.deepEqual([...list.body.data].map(({ name }) => name).includes("shop" as never), true);
  const revoked = await server.ask(`/v1/admin/keys/${made.body.id}`, { method: "DELETE" });
  assert.equal(revoked.status, 204);
  assert.equal((await server.ask("/v1/orders", { key })).status, 401);
  const again = await server.ask(`/v1/admin/keys/${made.body.id}`, { method: "DELETE" });
  assert.equal(again.status, 404);
});

Deno.test("should page through keys, newest first", async () => {
  await using server = await startServer();
  for (let n = 0; n < 5; n++) await keyFor(server, "viewer");
  const all = [...(await server.ask("/v1/admin/keys")).body.data].map(({ id }) => id);
  assert.equal(all.length, 6);
  const seen: unknown[] = [];
  let cursor = "";
  do {
    const page = await server.ask(`/v1/admin/keys?limit=4${cursor}`);
    seen.push(...[...page.body.data].map(({ id }) => id));
    cursor = page.body.nextCursor === null ? "" : `&cursor=${page.body.nextCursor}`;
  } while (cursor !== "");
  assert.deepEqual(seen, all);
});

Deno.test("should change a key's name, role and scope; what it may is what it is now", async () => {
  await using server = await startServer();
  const { body: made } = await server.ask("/v1/admin/keys", {
    json: { name: "shop", role: "viewer" },
  });
  const path = `/v1/admin/keys/${made.id}`;
  const key = String(made.key);
  const change = (json: unknown, more = {}) => server.ask(path, { method: "PUT", json, ...more });
  const json = { name: "The shop", role: "channel", scope: { channel: "web" } };
  const changed = await change(json);
  assert.equal(changed.status, 200, changed.text);
  const { key: _, ...shown } = made;
  assert.deepEqual(changed.body, { ...shown, ...json, updatedAt: changed.body.updatedAt });
  assert.deepEqual((await server.ask(path)).body, changed.body);
  assert.ok(!changed.text.includes("hash") && !changed.text.includes(key));
  assert.equal((await server.ask("/v1/orders?channel=app", { key })).status, 403);
  assert.equal((await server.ask("/v1/orders?channel=web", { key })).status, 200);
  const same = await change(json);
  assert.equal(same.body.updatedAt, changed.body.updatedAt, "nothing was changed");
  assert.equal((await change({ name: "x", role: "emperor" })).status, 422);
  assert.equal((await change(json, { key })).status, 403);
  const nobody = await server.ask("/v1/admin/keys/key_nobody", { method: "PUT", json });
  assert.equal(nobody.status, 404);
  assert.equal((await server.ask("/v1/admin/keys/key_nobody")).status, 404);
  const other = await keyFor(server, "admin");
  assert.equal((await change({ ...json, name: "Again" }, { key: other })).status, 200);
  const verified = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(verified.body.ok, true, verified.text);
});

Deno.test("the last key that makes others stays one, and that of the settings is theirs", async () => {
  await using server = await startServer();
  const [given] = [...(await server.ask("/v1/admin/keys")).body.data];
  const change = (id: unknown, json: unknown, key?: string) =>
    server.ask(`/v1/admin/keys/${id}`, {
      method: "PUT",
      json,
      ...(key === undefined ? {} : { key }),
    });
  const settings = await change(given?.id, { name: "Mine", role: "admin" });
  assert.equal(settings.status, 409);
  assert.match(String(settings.body.detail), /settings/);
  const { body: own } = await server.ask("/v1/admin/keys", {
    json: { name: "own", role: "admin" },
  });
  const key = String(own.key);
  assert.equal((await change(own.id, { name: "Mine", role: "admin" }, key)).status, 200);
  const revoked = await server.ask(`/v1/admin/keys/${given?.id}`, { method: "DELETE", key });
  assert.equal(revoked.status, 204);
  for (
    const json of [
      { name: "Mine", role: "viewer" },
      { name: "Mine", role: "admin", scope: { channel: "web" } },
    ]
  ) {
    const last = await change(own.id, json, key);
    assert.equal(last.status, 409, JSON.stringify(json));
    assert.equal(last.body.type, "/problems/last-admin-key");
  }
  assert.equal((await change(own.id, { name: "Theirs", role: "admin" }, key)).status, 200);
});
