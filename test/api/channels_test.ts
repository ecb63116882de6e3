/** Channels over HTTP: what may be said of them, who sees that, and what it does to orders. */
import assert from "node:assert/strict";
import {
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";
import { eventually } from "../process/process.ts";

const save = (server: TestServer, json: object, channel = "web") =>
  server.ask(`/v1/channels/${channel}`, { method: "PUT", json });

const sound = async (server: TestServer) => {
  const { body, text } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, text);
};

/** Where an order's units come from. */
const locationsOf = (order: Json): readonly unknown[] =>
  [...order.fulfillmentOrders].map(({ locationId }) => locationId);

Deno.test("settings of a channel are saved, read and listed, and say what they say", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {}, ber: {} });
  const json = {
    locationIds: ["ber", "ams"],
    buffer: { percent: 10 },
    buffers: [{ sku: "mug", units: 2 }],
  };
  const made = await save(server, json);
  assert.equal(made.status, 201, made.text);
  const { id, exposes, createdAt: _, updatedAt: __, version, ...told } = made.body;
  assert.deepEqual({ id, exposes, version }, { id: "web", exposes: "sum", version: 1 });
  assert.deepEqual(told, json);
  assert.deepEqual((await server.ask("/v1/channels/web")).body, made.body);
  assert.equal((await save(server, json)).status, 200);
  assert.equal((await save(server, { exposes: "locations" })).body.version, 2);
  await save(server, {}, "app");
  const { body: { data } } = await server.ask("/v1/channels");
  assert.deepEqual([...data].map((each) => each.id), ["app", "web"]);
  await sound(server);
});

Deno.test("what is wrong with settings is said with its place", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  const wrong: readonly (readonly [object, string])[] = [
    [{ locationIds: ["ams", "nowhere"] }, "/locationIds/1"],
    [{ excludeLocationIds: ["nowhere"] }, "/excludeLocationIds/0"],
    [{ locationIds: ["ams"], excludeLocationIds: ["ams"] }, "/excludeLocationIds"],
    [{ locationIds: ["ams", "ams"] }, "/locationIds/1"],
    [{ buffer: {} }, "/buffer"],
    [{ buffer: { units: 1, percent: 1 } }, "/buffer/percent"],
    [{ buffer: { percent: 101 } }, "/buffer/percent"],
    [{ buffer: { percent: 0.5 } }, "/buffer/percent"],
    [{ buffer: { units: -1 } }, "/buffer/units"],
    [{ buffers: [{ sku: "mug", units: 1 }, { sku: "mug", percent: 1 }] }, "/buffers/1/sku"],
    [{ buffers: [{ sku: "mug" }] }, "/buffers/0"],
    [{ exposes: "all" }, "/exposes"],
  ];
  for (const [json, pointer] of wrong) {
    const { status, body, text } = await save(server, json);
    assert.equal(status, 422, text);
    assert.equal(body.errors[0].pointer, pointer, text);
  }
  assert.equal((await server.ask("/v1/channels/web")).status, 404);
});

Deno.test("a key of one channel sees the settings of its own, and changes none", async () => {
  await using server = await startServer();
  await save(server, {});
  await save(server, {}, "app");
  const key = await keyFor(server, "channel", { channel: "web" });
  assert.equal((await server.ask("/v1/channels/web", { key })).status, 200);
  assert.equal((await server.ask("/v1/channels/app", { key })).status, 404);
  const { body: { data } } = await server.ask("/v1/channels", { key });
  assert.deepEqual([...data].map(({ id }) => id), ["web"]);
  const refused = await server.ask("/v1/channels/web", { method: "PUT", json: {}, key });
  assert.equal(refused.status, 403);
});

Deno.test("orders of a channel go to its locations, and take nothing of what it keeps back", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 }, ber: { mug: 5 }, cdg: { mug: 4 } });
  await save(server, { excludeLocationIds: ["ams"], buffer: { units: 2 } });
  const place = (externalId: string, mug: number, more: object = {}) =>
    server.ask("/v1/orders", { json: { ...orderFor(externalId, { mug }), ...more } });
  const refused = await place("1", 8);
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.body.shortages[0].available, 7);
  const { body: order } = await place("2", 4);
  assert.deepEqual(locationsOf(order), ["ber"]);
  const { body: part } = await place("3", 9, { onShortage: "backorder" });
  assert.deepEqual(part.lines[0].backordered, 6);
  const other = await place("4", 11, { channel: "app" });
  assert.equal(other.status, 201, "another channel sells to the last unit");
  await sound(server);
});

Deno.test("orders that wait get what their channel may sell once it may", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 3 }, ber: { mug: 4 } });
  await save(server, { locationIds: ["ams"], buffer: { units: 2 } });
  const { body: order } = await server.ask("/v1/orders", {
    json: { ...orderFor("1", { mug: 6 }), onShortage: "backorder" },
  });
  const waits = async (): Promise<number> =>
    Number((await server.ask(`/v1/orders/${order.id}`)).body.lines[0].backordered);
  assert.equal(await waits(), 5);
  await save(server, { buffer: { percent: 10 } });
  await eventually("the order has what it waits for", async () => await waits() === 0 || null);
  await sound(server);
});
