/** Exchanges over HTTP: the preview is what is done, who may ask, and when the new goods are work. */
import assert from "node:assert/strict";
import { eventually } from "../process/process.ts";
import { clockFrom } from "../support/clock.ts";
import { askPage, signInTo } from "../support/dashboard.ts";
import {
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

const post = async (server: TestServer, path: string, json: unknown = {}): Promise<Json> => {
  const answer = await server.ask(path, { json });
  assert.ok(answer.status === 200 || answer.status === 201, `${path}: ${answer.text}`);
  return answer.body;
};

const price = (amount: string) => ({ amount, currency: "USD" });

/** An order of two mugs, paid and shipped. */
const shipped = async (server: TestServer): Promise<string> => {
  await stockOver(server, { ams: { mug: 5, pot: 1 } });
  const order = await post(server, "/v1/orders", {
    ...orderFor("1", { mug: 2 }),
    payments: [{ provider: "manual", amount: price("20.00"), status: "captured" }],
  });
  const work = `/v1/fulfillment-orders/${order.fulfillmentOrders[0].id}`;
  for (const step of ["accept", "pick"]) await post(server, `${work}/${step}`);
  await post(server, `${work}/ship`, { carrier: "DHL" });
  return `/v1/orders/${order.id}`;
};

const swap = (amount: string, more: object = {}) => ({
  lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
  exchange: { lines: [{ sku: "pot", quantity: 1, unitPrice: price(amount) }], ...more },
});

const sound = async (server: TestServer) => {
  const { body, text } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, text);
};

/** Without what tells one commit from another. */
const contentOf = (order: Json) => {
  const { updatedAt: _, ...rest } = JSON.parse(
    JSON.stringify(order, (key, value) => key.endsWith("At") || key === "at" ? undefined : value),
  );
  return rest;
};

Deno.test("a preview does nothing, and the exchange does what the preview said", async () => {
  const server = await startServer();
  await using _ = server;
  const path = await shipped(server);
  const before = (await server.ask(path)).body;
  const would = await server.ask(`${path}/returns/preview`, { json: swap("9.00") });
  assert.equal(would.status, 200, would.text);
  assert.deepEqual((await server.ask(path)).body, before);
  const made = await server.ask(`${path}/returns`, { json: swap("9.00") });
  assert.equal(made.status, 201, made.text);
  const { body: after } = await server.ask(path);
  assert.deepEqual(contentOf(after), contentOf(would.body));
  assert.equal(after.balance.due.amount, "9.00");
  assert.deepEqual(JSON.parse(JSON.stringify(made.body.exchange)), {
    shipWhen: "received",
    lines: [{ lineId: "2", sku: "pot", quantity: 1, shipped: 0, cancelled: 0 }],
  });
  assert.equal(after.edits[0].returnId, made.body.id);
  await sound(server);
});

Deno.test("the new goods are offered to the warehouse when the return has come", async () => {
  const server = await startServer();
  await using _ = server;
  const path = await shipped(server);
  const { id } = await post(server, `${path}/returns`, swap("2.50"));
  const { fulfillmentOrders: [, kept] } = (await server.ask(path)).body;
  const { body: offered } = await server.ask("/v1/fulfillment-orders?status=open&locationId=ams");
  assert.equal(offered.data.length, 0);
  const work = `/v1/fulfillment-orders/${kept.id}`;
  const { body: waiting } = await server.ask(work);
  assert.deepEqual([waiting.status, [...waiting.supportedActions]], ["waiting", []]);
  const early = await server.ask(`${work}/accept`, { json: {} });
  assert.equal(early.status, 409, early.text);
  const { body: row } = await server.ask("/v1/inventory?sku=pot");
  assert.equal(row.data[0].available, 0, "nobody else is promised them");
  for (const step of ["authorize", "receive"]) await post(server, `/v1/returns/${id}/${step}`);
  for (const step of ["accept", "pick"]) await post(server, `${work}/${step}`);
  await post(server, `${work}/ship`, { carrier: "DHL" });
  const { body: { data } } = await server.ask(`${path}/events`);
  const told = [...data].map(({ type }) => String(type));
  for (const type of ["order.exchanged", "fulfillment_order.released"]) {
    assert.ok(told.includes(type), type);
  }
  await sound(server);
});

Deno.test("who may not edit an order by its place exchanges nothing, and what cannot be had is refused", async () => {
  const server = await startServer();
  await using _ = server;
  const path = await shipped(server);
  const store = await keyFor(server, "operations", { locationId: "ams" });
  const packer = await keyFor(server, "warehouse");
  const shop = await keyFor(server, "channel", { channel: "web" });
  for (const key of [store, packer]) {
    const refused = await server.ask(`${path}/returns`, { json: swap("1.00"), key });
    assert.equal(refused.status, 403, refused.text);
  }
  const two = { exchange: { lines: [{ sku: "pot", quantity: 2, unitPrice: price("1.00") }] } };
  const short = await server.ask(`${path}/returns`, { json: { ...swap("1.00"), ...two } });
  assert.equal(short.status, 409, short.text);
  assert.equal(short.body.type, "/problems/insufficient-stock");
  const wrong = await server.ask(`${path}/returns`, {
    json: { ...swap("1.00"), exchange: { lines: [{ sku: "pot", quantity: 1 }] } },
  });
  assert.equal(wrong.status, 422, wrong.text);
  assert.equal(wrong.body.errors[0].pointer, "/exchange/lines/0/unitPrice");
  assert.equal((await server.ask(path)).body.returns, undefined);
  const ahead = await server.ask(`${path}/returns`, {
    json: swap("1.00", { shipWhen: "now" }),
    key: shop,
  });
  assert.equal(ahead.status, 201, ahead.text);
  assert.equal(ahead.body.exchange.shipWhen, "now");
});

Deno.test("an exchange is asked for on its order's page, and told on the return's", async () => {
  const server = await startServer();
  await using _ = server;
  const path = await shipped(server);
  const { cookie, csrf } = await signInTo(server);
  const page = path.replace("/v1", "");
  const shown = await (await askPage(server, page, { cookie })).text();
  assert.match(shown, /id="return-exchange"/);
  const form = {
    ...{ csrf, currency: "USD", "line:1": "1", reason: "unwanted", goods: "back" },
    ...{ exchange: "another", exchangeSku: "pot", exchangeQuantity: "1", shipWhen: "now" },
    ...{ exchangePrice: "9.00" },
  };
  const asked = await askPage(server, `${page}/returns`, { cookie, form });
  assert.equal(asked.status, 303, await asked.text());
  const { body: { returns: [made] } } = await server.ask(path);
  assert.deepEqual([made.exchange.shipWhen, made.exchange.lines[0].sku], ["now", "pot"]);
  const told = await (await askPage(server, `/returns/${made.id}`, { cookie })).text();
  assert.match(told, /In exchange[\s\S]*1 × pot \(line 2\)/);
  assert.match(await (await askPage(server, page, { cookie })).text(), /in exchange for 1 × pot/);
  const none = { ...form, exchange: "", exchangeSku: "", exchangePrice: "" };
  assert.equal((await askPage(server, `${page}/returns`, { cookie, form: none })).status, 303);
  const { body: { returns: [, plain] } } = await server.ask(path);
  assert.equal(plain.exchange, undefined);
});

const startMs = Date.parse("2026-03-02T12:00:00.000Z");
const day = 86_400_000;

Deno.test("returns that nothing comes of end by themselves, each at its time, with their exchange", async () => {
  const clock = clockFrom(startMs);
  const server = await startServer({ clock });
  await using _ = server;
  const saved = await server.ask("/v1/return-policies/default", {
    method: "PUT",
    json: { expiresAfterDays: 7, authorize: "automatic" },
  });
  assert.ok(saved.status < 300, saved.text);
  const path = await shipped(server);
  const first = await post(server, `${path}/returns`, swap("9.00"));
  clock.moveTo(startMs + 3 * day);
  const second = await post(server, `${path}/returns`, {
    lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
  });
  assert.ok(String(first.expiresAt).startsWith("2026-03-09T12:00"), String(first.expiresAt));
  const statusOf = async (id: unknown) => (await server.ask(`/v1/returns/${id}`)).body.status;
  clock.moveTo(startMs + 8 * day);
  await eventually(
    "the first return to end",
    async () => String(await statusOf(first.id)) === "cancelled" || null,
  );
  assert.equal(await statusOf(second.id), "authorized");
  const { body: order } = await server.ask(path);
  assert.deepEqual([order.lines[1].cancelled, order.balance.due.amount], [1, "0.00"]);
  const { body: row } = await server.ask("/v1/inventory?sku=pot");
  assert.equal(row.data[0].available, 1);
  clock.moveTo(startMs + 11 * day);
  await eventually(
    "the second return to end",
    async () => String(await statusOf(second.id)) === "cancelled" || null,
  );
  await sound(server);
});
