/** Returns over HTTP: who may ask for what, what becomes of the goods, and what others are told of it. */
import assert from "node:assert/strict";
import { Context } from "effect";
import { LogTail } from "../../actors/log/log-tail.ts";
import { clockFrom } from "../support/clock.ts";
import {
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";
import { eventually } from "../process/process.ts";

const startMs = Date.parse("2026-03-02T12:00:00.000Z");
const day = 86_400_000;

const post = async (
  server: TestServer,
  path: string,
  json: unknown = {},
  key?: string,
): Promise<Json> => {
  const answer = await server.ask(path, { json, ...(key === undefined ? {} : { key }) });
  assert.ok(answer.status === 200 || answer.status === 201, `${path}: ${answer.text}`);
  return answer.body;
};

const stand = async () => {
  const clock = clockFrom(startMs);
  const server = await startServer({ clock });
  await stockOver(server, { ams: { mug: 3, pot: 9 }, ber: { lamp: 9 } });
  await server.ask("/v1/items/mug", {
    method: "PUT",
    json: { name: "Mug", backorder: "allowed" },
  });
  return { server, clock };
};

/** Ships a new order of the units, which has arrived. Its address. */
const arrived = async (
  server: TestServer,
  externalId: string,
  units: Readonly<Record<string, number>>,
): Promise<string> => {
  const order = await post(server, "/v1/orders", orderFor(externalId, units));
  for (const { id } of [...order.fulfillmentOrders]) {
    const work = `/v1/fulfillment-orders/${id}`;
    for (const step of ["accept", "pick"]) await post(server, `${work}/${step}`);
    const { shipments } = await post(server, `${work}/ship`, { carrier: "DHL" });
    await post(server, `/v1/shipments/${shipments[0].id}/tracking`, {
      ...{ status: "delivered", occurredAt: "2026-03-02T12:00:00Z" },
    });
  }
  return `/v1/orders/${order.id}`;
};

const asking = (quantity: number, more: Readonly<Record<string, unknown>> = {}) => ({
  lines: [{ lineId: "1", quantity, reason: "unwanted" }],
  ...more,
});

const stockOf = async (server: TestServer, sku: string) => {
  const { body } = await server.ask(`/v1/inventory?sku=${sku}`);
  const { onHand, unavailable, available } = body.data[0] as Json;
  return { onHand, unavailable, available };
};

/** Who waits has got what there was for him in what was committed so far. */
const replenished = (server: TestServer) => {
  const tail = Context.get(server.application.context, LogTail);
  const position = tail.committedPosition();
  return eventually(
    "the replenisher",
    () => (tail.followers().get("replenish") ?? "") >= position || null,
  );
};

const sound = async (server: TestServer) => {
  const { body, text } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, text);
};

Deno.test("a return is asked for by its channel, received by its location, and its goods go to who waits", async () => {
  const { server } = await stand();
  await using _ = server;
  const order = await arrived(server, "1", { mug: 3 });
  const waiting = await post(
    server,
    "/v1/orders",
    orderFor("2", { mug: 1 }, { onShortage: "backorder" }),
  );
  assert.equal(waiting.status, "backordered");
  const shop = await keyFor(server, "channel", { channel: "web" });
  const store = await keyFor(server, "warehouse", { locationId: "ams" });
  const elsewhere = await keyFor(server, "warehouse", { locationId: "ber" });
  const made = await server.ask(`${order}/returns`, { json: asking(2), key: shop });
  assert.equal(made.status, 201, made.text);
  const path = `/v1/returns/${made.body.id}`;
  assert.equal(made.headers.get("location"), path);
  assert.deepEqual([...made.body.supportedActions], ["authorize", "decline", "cancel"]);
  assert.equal((await server.ask(`${path}/authorize`, { json: {}, key: shop })).status, 403);
  assert.equal((await server.ask(`${path}/receive`, { json: {}, key: store })).status, 409);
  await post(server, `${path}/authorize`);
  assert.equal((await server.ask(path, { key: elsewhere })).status, 404);
  const seen = await server.ask("/v1/returns?status=authorized", { key: store });
  assert.deepEqual([...seen.body.data].map(({ id }) => id), [made.body.id]);
  assert.ok(!/amount|Ada/.test(seen.text), "without amounts, and nobody's name");

  await post(server, `${path}/receive`, {}, store);
  assert.deepEqual(await stockOf(server, "mug"), { onHand: 2, unavailable: 2, available: 0 });
  assert.equal((await server.ask(`/v1/orders/${waiting.id}`)).body.status, "backordered");
  const inspected = await post(server, `${path}/inspect`, {
    lines: [
      { lineId: "1", quantity: 1, disposition: "restock" },
      { lineId: "1", quantity: 1, disposition: "vendor", accepted: false },
    ],
  }, store);
  assert.equal(inspected.status, "closed");
  assert.equal(inspected.lines[0].accepted, 1);
  await replenished(server);
  assert.equal((await server.ask(`/v1/orders/${waiting.id}`)).body.status, "allocated");
  assert.deepEqual(await stockOf(server, "mug"), { onHand: 1, unavailable: 0, available: 0 });
  const { body: after } = await server.ask(order);
  assert.deepEqual([after.lines[0].shipped, after.lines[0].returned], [3, 2]);
  assert.equal(after.status, "delivered");
  const { body: history } = await server.ask(`${order}/events?limit=200`);
  assert.deepEqual(
    [...history.data].map(({ type }) => String(type)).filter((type) => type.startsWith("return.")),
    [
      ...["return.requested", "return.authorized", "return.received", "return.inspected"],
      "return.closed",
    ],
  );
  const { body: status } = await server.ask("/v1/status");
  assert.equal(status.returns.open, 0);
  assert.equal(status.returns.byStatus.closed, 1);
  await sound(server);
});

Deno.test("goods that come back go to who waits, also where its location had rejected it", async () => {
  const { server } = await stand();
  await using _ = server;
  const order = await arrived(server, "1", { mug: 2 });
  const waiting = await post(server, "/v1/orders", orderFor("2", { mug: 1 }));
  const work = `/v1/fulfillment-orders/${waiting.fulfillmentOrders[0].id}`;
  await post(server, `${work}/reject`, { reason: "Not on the shelf" });
  const statusOf = async () => String((await server.ask(`/v1/orders/${waiting.id}`)).body.status);
  assert.equal(await statusOf(), "backordered");
  const received = {
    locationId: "ams",
    inspected: [{ lineId: "1", quantity: 1, disposition: "restock" }],
  };
  await post(server, `${order}/returns`, asking(1, { received }));
  await replenished(server);
  assert.equal(await statusOf(), "allocated");
  await sound(server);
});

Deno.test("goods over the counter are returned in one call, by those who may take them in", async () => {
  const { server } = await stand();
  await using _ = server;
  const order = await arrived(server, "1", { mug: 2 });
  const json = asking(1, {
    received: {
      locationId: "ams",
      inspected: [{ lineId: "1", quantity: 1, disposition: "restock" }],
    },
  });
  const shop = await keyFor(server, "channel", { channel: "web" });
  assert.equal((await server.ask(`${order}/returns`, { json, key: shop })).status, 403);
  const store = await keyFor(server, "warehouse", { locationId: "ams" });
  const far = { ...json, received: { locationId: "ber" } };
  assert.equal((await server.ask(`${order}/returns`, { json: far, key: store })).status, 403);
  const headers = { "idempotency-key": "counter-1" };
  const ask = () => server.ask(`${order}/returns`, { json, key: store, headers });
  const [first, again] = [await ask(), await ask()];
  assert.equal(first.status, 201, first.text);
  assert.equal(first.body.status, "closed");
  assert.equal(again.body.id, first.body.id, "once, however often it is asked");
  assert.deepEqual(await stockOf(server, "mug"), { onHand: 2, unavailable: 0, available: 2 });
  await sound(server);
});

Deno.test("what cannot be returned is refused with what can, and nothing is done", async () => {
  const { server, clock } = await stand();
  await using _ = server;
  const order = await arrived(server, "1", { mug: 2, pot: 1 });
  const policy = { windowDays: 30, finalSale: ["pot"] };
  assert.equal(
    (await server.ask("/v1/return-policies/default", { method: "PUT", json: policy })).status,
    201,
  );
  const refused = async (json: unknown, key?: string) => {
    const answer = await server.ask(`${order}/returns`, {
      json,
      ...(key === undefined ? {} : { key }),
    });
    assert.equal(answer.status, 409, answer.text);
    assert.equal(answer.body.type, "/problems/not-returnable");
    return [...answer.body.lines];
  };
  assert.deepEqual(await refused(asking(3)), [
    { lineId: "1", reason: "more-than-left", eligible: 2 },
  ]);
  const pot = { lines: [{ lineId: "2", quantity: 1, reason: "unwanted" }] };
  assert.deepEqual(await refused(pot), [{ lineId: "2", reason: "final-sale", eligible: 0 }]);
  clock.moveTo(startMs + 31 * day);
  assert.deepEqual(await refused(asking(1)), [
    { lineId: "1", reason: "window-over", eligible: 0 },
  ]);
  const overrideReason = "It was lost on its way for weeks";
  const over = asking(1, { overrideReason });
  const shop = await keyFor(server, "channel", { channel: "web" });
  assert.equal((await server.ask(`${order}/returns`, { json: over, key: shop })).status, 403);
  const support = await keyFor(server, "support");
  const made = await post(server, `${order}/returns`, over, support);
  assert.equal(made.overrideReason, overrideReason);
  assert.equal([...(await server.ask("/v1/returns")).body.data].length, 1);
});

Deno.test("what a text says of the customer is refused, and a claim brings nothing back", async () => {
  const { server } = await stand();
  await using _ = server;
  const order = await arrived(server, "1", { mug: 1 });
  const named = await server.ask(`${order}/returns`, { json: asking(1, { note: "Ada Example" }) });
  assert.equal(named.status, 422);
  assert.equal(named.body.errors[0].pointer, "/note");
  const claim = await post(server, `${order}/returns`, asking(1, { goodsBack: false }));
  const { status, lines } = await post(server, `/v1/returns/${claim.id}/authorize`);
  assert.deepEqual([status, lines[0].accepted, lines[0].received], ["closed", 1, 0]);
  assert.deepEqual(await stockOf(server, "mug"), { onHand: 2, unavailable: 0, available: 2 });
  const again = await server.ask(`${order}/returns`, { json: asking(1) });
  assert.equal(again.status, 409, "what was claimed is not returned as well");
  await sound(server);
});

Deno.test("units that somebody took out of what is set aside are not freed a second time", async () => {
  const { server } = await stand();
  await using _ = server;
  const order = await arrived(server, "1", { mug: 1 });
  const { id } = await post(
    server,
    `${order}/returns`,
    asking(1, { received: { locationId: "ams" } }),
  );
  const change = (unavailable: number) =>
    post(server, "/v1/inventory/adjustments", {
      ...{ locationId: "ams", reason: "correction" },
      changes: [{ sku: "mug", delta: 0, unavailable }],
    });
  await change(-1);
  const inspect = () =>
    server.ask(`/v1/returns/${id}/inspect`, {
      json: { lines: [{ lineId: "1", quantity: 1, disposition: "restock" }] },
    });
  const refused = await inspect();
  assert.equal(refused.status, 409);
  assert.deepEqual(
    [refused.body.type, refused.body.requested, refused.body.setAside],
    ["/problems/not-set-aside", 1, 0],
  );
  await change(1);
  assert.equal((await inspect()).body.status, "closed");
  await sound(server);
});
