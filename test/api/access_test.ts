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
