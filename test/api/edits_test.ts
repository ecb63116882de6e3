/** Edits over HTTP: the preview is what is done, who may ask, and what others are told of it. */
import assert from "node:assert/strict";
import { askPage, signInTo } from "../support/dashboard.ts";
import {
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

const stand = async () => {
  const server = await startServer();
  await stockOver(server, { ams: { mug: 5, pot: 1 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("1", { mug: 2 }) });
  assert.equal(placed.status, 201, placed.text);
  return { server, path: `/v1/orders/${placed.body.id}` };
};

const price = (amount: string) => ({ amount, currency: "USD" });

const editing = (...changes: readonly object[]) => ({ reason: "she called", changes });

const reserved = async (server: TestServer, sku: string): Promise<unknown> =>
  (await server.ask(`/v1/inventory?sku=${sku}`)).body.data[0].reserved;

/** Without what tells one commit from another. */
const contentOf = (order: Json) => {
  const { updatedAt: _, edits, fulfillmentOrders, ...rest } = JSON.parse(JSON.stringify(order));
  const undated = ({ at: _, createdAt: __, updatedAt: ___, ...each }: Record<string, unknown>) =>
    each;
  return {
    ...rest,
    edits: edits.map(undated),
    fulfillmentOrders: fulfillmentOrders.map(undated),
  };
};

Deno.test("a preview does nothing, and the edit does what the preview said", async () => {
  const { server, path } = await stand();
  await using _ = server;
  const json = editing(
    { type: "set-quantity", lineId: "1", quantity: 4 },
    { type: "set-price", lineId: "1", unitPrice: price("3.00") },
    { type: "add-line", sku: "pot", quantity: 1, unitPrice: price("9.00") },
    { type: "set-shipping", service: "express", amount: price("5.00") },
  );
  const before = (await server.ask(path)).body;
  const would = await server.ask(`${path}/edits/preview`, { json });
  assert.equal(would.status, 200, would.text);
  assert.deepEqual((await server.ask(path)).body, before);
  assert.deepEqual([await reserved(server, "mug"), await reserved(server, "pot")], [2, 0]);
  const done = await server.ask(`${path}/edits`, { json });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual(contentOf(done.body), contentOf(would.body));
  assert.deepEqual([await reserved(server, "mug"), await reserved(server, "pot")], [4, 1]);
  assert.equal(done.body.totals.total.amount, "26.00");
  assert.equal(done.body.lines[1].basedOn, "1");
  const { body: { data } } = await server.ask(`${path}/events`);
  const told = [...data].find(({ type }) => String(type) === "order.edited")?.details as Json;
  assert.equal(told.total.amount, "26.00");
  assert.equal(told.repriced[0].after.unitPrice.amount, "3.00");
  const { body, text } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, text);
});

Deno.test("an edit that cannot be had is refused, as its preview is, and nothing is changed", async () => {
  const { server, path } = await stand();
  await using _ = server;
  const before = (await server.ask(path)).body;
  const json = editing(
    { type: "set-price", lineId: "1", unitPrice: price("3.00") },
    { type: "add-line", sku: "pot", quantity: 2, unitPrice: price("9.00") },
  );
  for (const where of ["/edits/preview", "/edits"]) {
    const { status, body } = await server.ask(path + where, { json });
    assert.equal(status, 409);
    assert.deepEqual([...body.shortages], [{ sku: "pot", requested: 2, available: 1 }]);
    const wrong = await server.ask(path + where, {
      json: editing({ type: "set-quantity", lineId: "7", quantity: 1 }),
    });
    assert.equal(wrong.status, 422);
    assert.equal(wrong.body.errors[0].pointer, "/changes/0/lineId");
  }
  assert.deepEqual((await server.ask(path)).body, before);
});

Deno.test("an edit is done once for its key, and its reason says nothing of the customer", async () => {
  const { server, path } = await stand();
  await using _ = server;
  const json = editing({ type: "set-quantity", lineId: "1", quantity: 3 });
  const headers = { "idempotency-key": "edit-1" };
  const first = await server.ask(`${path}/edits`, { json, headers });
  const again = await server.ask(`${path}/edits`, { json, headers });
  assert.deepEqual(again.body, first.body);
  assert.equal([...(await server.ask(path)).body.edits].length, 1);
  const { customer } = first.body;
  const said = await server.ask(`${path}/edits`, { json: { ...json, reason: customer.name } });
  assert.equal(said.status, 422, said.text);
  assert.equal(said.body.errors[0].pointer, "/reason");
});

Deno.test("who may edit is who talks with customers, and no channel", async () => {
  const { server, path } = await stand();
  await using _ = server;
  const json = editing({ type: "set-quantity", lineId: "1", quantity: 1 });
  const statusFor = async (role: string) =>
    (await server.ask(`${path}/edits`, { json, key: await keyFor(server, role) })).status;
  assert.equal(await statusFor("channel"), 403);
  assert.equal(await statusFor("viewer"), 403);
  assert.equal(await statusFor("support"), 200);
});

Deno.test("an address is changed beside the log, which says only that it was", async () => {
  const { server, path } = await stand();
  await using _ = server;
  const shippingAddress = { name: "Grace Example", line1: "Bank Street 1", country: "BE" };
  const json = editing({ type: "set-address", shippingAddress });
  const would = await server.ask(`${path}/edits/preview`, { json });
  assert.deepEqual(would.body.shippingAddress, shippingAddress, would.text);
  const named = await server.ask(`${path}/edits`, { json: { ...json, reason: "Grace Example" } });
  assert.equal(named.status, 422);
  assert.equal((await server.ask(path)).body.shippingAddress.country, "NL");
  assert.equal((await server.ask(`${path}/edits`, { json })).status, 200);
  const { body } = await server.ask(path);
  assert.deepEqual(body.shippingAddress, shippingAddress);
  assert.equal(body.edits[0].addressChanged, true);
  assert.doesNotMatch((await server.ask(`${path}/events`)).text, /Grace|Bank Street/);
  const verified = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(verified.body.ok, true, verified.text);
});

Deno.test("the order's page has a form that edits a line, or adds another item", async () => {
  const { server, path } = await stand();
  await using _ = server;
  const { cookie, csrf } = await signInTo(server);
  const page = path.replace("/v1", "");
  const shown = await (await askPage(server, page, { cookie })).text();
  assert.match(shown, /id="edit-line"/);
  const given = { csrf, currency: "USD", reason: "she called" };
  const send = async (fields: Readonly<Record<string, string>>) => {
    const form = { ...given, sku: "", quantity: "", unitPrice: "", ...fields };
    return (await askPage(server, `${page}/edit`, { cookie, form })).status;
  };
  assert.equal(await send({ line: "1", quantity: "3", unitPrice: "4.00" }), 303);
  assert.equal(
    await send({ line: "another", sku: "pot", quantity: "1", unitPrice: "9.00" }),
    303,
  );
  assert.equal(await send({ line: "1" }), 422, "there is nothing to change");
  const { body } = await server.ask(path);
  assert.equal(body.totals.total.amount, "21.00");
});
