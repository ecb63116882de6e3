/** Units that are set aside, and why: over HTTP. */
import assert from "node:assert/strict";
import { type Json, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const rowOf = async (server: TestServer, sku: string): Promise<Json> =>
  (await server.ask(`/v1/inventory?sku=${sku}&locationId=ams`)).body.data[0];

const move = (server: TestServer, ...moves: readonly object[]) =>
  server.ask("/v1/inventory/moves", { json: { locationId: "ams", moves } });

const sound = async (server: TestServer) => {
  const { body } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, JSON.stringify(body.violations));
};

Deno.test("units move between what is available and buckets: all of them or none", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10, pen: 1 } });
  const made = await move(
    server,
    { sku: "mug", quantity: 4, from: "available", to: "quality_control" },
    { sku: "mug", quantity: 1, from: "quality_control", to: "damaged" },
  );
  assert.equal(made.status, 200, made.text);
  assert.deepEqual(made.body.data, [await rowOf(server, "mug")]);
  const { onHand, unavailable, buckets, available } = await rowOf(server, "mug");
  assert.deepEqual(
    { onHand, unavailable, buckets, available },
    { onHand: 10, unavailable: 4, buckets: { quality_control: 3, damaged: 1 }, available: 6 },
  );
  const before = await server.ask("/v1/inventory");
  const refused = await move(
    server,
    { sku: "mug", quantity: 2, from: "available", to: "expired" },
    { sku: "pen", quantity: 2, from: "available", to: "damaged" },
    { sku: "mug", quantity: 2, from: "damaged", to: "available" },
  );
  assert.equal(refused.status, 409);
  assert.equal(refused.body.type, "/problems/below-zero-available");
  const errors: readonly Json[] = [...refused.body.errors];
  assert.deepEqual(
    errors.map(({ pointer, sku, requested, available, bucket }) => [
      ...[pointer, sku, requested, available, bucket],
    ]),
    [
      ["/moves/2/quantity", "mug", 2, 1, "damaged"],
      ["/moves/1/quantity", "pen", 2, 1, undefined],
    ],
  );
  assert.deepEqual((await server.ask("/v1/inventory")).body, before.body);
  const order = await server.ask("/v1/orders", { json: orderFor("1", { mug: 7 }) });
  assert.equal(order.status, 409, "what is in a bucket is not for sale");
  await sound(server);
});

Deno.test("a move says from where to where, and only buckets are named as such", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 3 } });
  const nowhere = await move(server, { sku: "mug", quantity: 1, from: "damaged", to: "damaged" });
  assert.equal(nowhere.status, 422);
  assert.equal(nowhere.body.errors[0].pointer, "/moves/0/to");
  const adjust = (change: object) =>
    server.ask("/v1/inventory/adjustments", {
      json: { locationId: "ams", reason: "x", changes: [{ sku: "mug", delta: 0, ...change }] },
    });
  for (const change of [{ bucket: "damaged" }, { bucket: "available", unavailable: 1 }]) {
    const answer = await adjust(change);
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.body.errors[0].pointer, "/changes/0/bucket");
  }
  assert.equal((await adjust({ bucket: "returns shelf", unavailable: 1 })).status, 200);
  assert.deepEqual((await rowOf(server, "mug")).buckets, { "returns shelf": 1 });
});

Deno.test("units that are made available go to the orders that wait for them, in the same commit", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 2 } });
  await move(server, { sku: "mug", quantity: 2, from: "available", to: "quality_control" });
  const waiting = await server.ask("/v1/orders", {
    json: { ...orderFor("1", { mug: 1 }), onShortage: "backorder" },
  });
  assert.equal(waiting.body.status, "backordered", waiting.text);
  const freed = await move(
    server,
    { sku: "mug", quantity: 2, from: "quality_control", to: "available" },
  );
  const [{ reserved, unavailable, available }] = freed.body.data;
  assert.deepEqual([reserved, unavailable, available], [1, 0, 1]);
  assert.equal((await server.ask(`/v1/orders/${waiting.body.id}`)).body.status, "allocated");
  await sound(server);
});

Deno.test("goods that came back are freed out of what is in no bucket, never out of one", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 1 } });
  const { body: order } = await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  const work = `/v1/fulfillment-orders/${order.fulfillmentOrders[0]?.id}`;
  for (const step of ["accept", "pick"]) await server.ask(`${work}/${step}`, { method: "POST" });
  await server.ask(`${work}/ship`, { json: { carrier: "DHL" } });
  const { body: { id } } = await server.ask(`/v1/orders/${order.id}/returns`, {
    json: {
      lines: [{ lineId: "1", quantity: 1, reason: "other" }],
      received: { locationId: "ams" },
    },
  });
  await move(server, { sku: "mug", quantity: 1, from: "unspecified", to: "damaged" });
  const inspect = () =>
    server.ask(`/v1/returns/${id}/inspect`, {
      json: { lines: [{ lineId: "1", quantity: 1, disposition: "restock" }] },
    });
  const refused = await inspect();
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.body.type, "/problems/not-set-aside");
  await move(server, { sku: "mug", quantity: 1, from: "damaged", to: "unspecified" });
  assert.equal((await inspect()).body.status, "closed");
  assert.equal((await rowOf(server, "mug")).available, 1);
  await sound(server);
});
