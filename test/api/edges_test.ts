/** Requests at the edges of what is allowed. Most of these were found by generated requests. */
import assert from "node:assert/strict";
import { type Answer, orderFor, startServer, stockOver } from "../support/server.ts";

Deno.test("should return 422 for any member of a body where none is asked for", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const order = (await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) })).body;
  const id = order.fulfillmentOrders[0].id;
  const paths = [
    `/v1/fulfillment-orders/${id}/accept`,
    `/v1/fulfillment-orders/${id}/ready-for-pickup`,
    `/v1/fulfillment-orders/${id}/collect`,
    `/v1/orders/${order.id}/release`,
    "/v1/admin/verify",
  ];
  for (const path of paths) {
    for (const json of [{ nonsense: 1 }, [], "text", 5]) {
      const answer = await server.ask(path, { json });
      assert.equal(answer.status, 422, `${path} ${JSON.stringify(json)}: ${answer.text}`);
    }
  }
  const unknown = await server.ask(paths[0] ?? "", { json: { nonsense: 1 } });
  assert.equal(unknown.body.errors[0].pointer, "/nonsense");
  assert.equal((await server.ask(paths[0] ?? "", { json: {} })).status, 200);
});

Deno.test("should count characters as JSON Schema does, and not UTF-16 code units", async () => {
  await using server = await startServer();
  const json = (name: string) => ({ name, type: "store", address: { country: "NL" } });
  const save = (id: string, name: string) =>
    server.ask(`/v1/locations/${encodeURIComponent(id)}`, { method: "PUT", json: json(name) });
  const longest = await save("😀".repeat(100), "😀".repeat(200));
  assert.equal(longest.status, 201, longest.text);
  assert.equal((await save("ams", "😀".repeat(201))).status, 422);
  assert.equal((await save("😀".repeat(101), "Amsterdam")).status, 422);
  const read = await server.ask(`/v1/locations/${encodeURIComponent("😀".repeat(100))}`);
  assert.equal(read.body.name, "😀".repeat(200));
});

Deno.test("should take the longest ids that there are, of the characters that take the most room", async () => {
  await using server = await startServer();
  for (const [n, character] of ["𝔘", "\u0000"].entries()) {
    const longest = character.repeat(100);
    const saved = await server.ask(`/v1/locations/${encodeURIComponent(longest)}`, {
      method: "PUT",
      json: { name: "Far away", type: "warehouse", address: { country: "NL" } },
    });
    assert.equal(saved.status, 201, saved.text);
    const adjusted = await server.ask("/v1/inventory/adjustments", {
      json: { locationId: longest, reason: "received", changes: [{ sku: longest, delta: 5 }] },
    });
    assert.equal(adjusted.status, 200, adjusted.text);
    const placed = await server.ask("/v1/orders", {
      json: orderFor(longest, { [longest]: 9 }, {
        channel: longest,
        onShortage: "backorder",
        customer: { id: longest, name: longest },
      }),
      headers: { "idempotency-key": `${n}${"x".repeat(254)}` },
    });
    assert.equal(placed.status, 201, placed.text);
    const query = new URLSearchParams({ channel: longest, externalId: longest });
    const found = await server.ask(`/v1/orders?${query}`);
    assert.deepEqual([...found.body.data].map(({ id }) => id), [placed.body.id]);
    for (const filter of ["customerId", "channel", "locationId"]) {
      const by = await server.ask(`/v1/orders?${new URLSearchParams({ [filter]: longest })}`);
      assert.deepEqual([...by.body.data].map(({ id }) => id), [placed.body.id], filter);
    }
  }
  const proof = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(proof.body.ok, true, proof.text);
});

Deno.test("should refuse ids in a path whose bytes are no text", async () => {
  await using server = await startServer();
  const json = { name: "Amsterdam", type: "store", address: { country: "NL" } };
  for (const bytes of ["%ff", "a%c3", "%ed%a0%80"]) {
    const saved = await server.ask(`/v1/locations/${bytes}`, { method: "PUT", json });
    assert.equal(saved.status, 422, saved.text);
    assert.equal(saved.body.errors[0].parameter, "locationId");
    assert.equal((await server.ask(`/v1/orders/${bytes}`)).status, 404);
  }
  assert.equal((await server.ask("/v1/locations/%25ff", { method: "PUT", json })).status, 201);
  assert.equal((await server.ask("/v1/locations/%25ff")).body.id, "%ff");
});

Deno.test("should return 404 for a path that begins with two slashes, as for any that is none", async () => {
  await using server = await startServer();
  for (const path of ["//v1/orders", "//", "//healthz"]) {
    assert.equal((await server.ask(path)).status, 404, path);
  }
});

Deno.test("should refuse a cursor of one location's stock for another's", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 1, pen: 1 }, ber: { mug: 1, pen: 1 } });
  const { body } = await server.ask("/v1/inventory?limit=1&locationId=ber");
  const cursor = String(body.nextCursor);
  for (const locationId of ["ams", "cdg"]) {
    const answer = await server.ask(`/v1/inventory?locationId=${locationId}&cursor=${cursor}`);
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.body.errors[0].parameter, "cursor");
  }
  const rest = await server.ask(`/v1/inventory?locationId=ber&cursor=${cursor}`);
  assert.deepEqual([...rest.body.data].map(({ sku }) => sku), ["pen"]);
});

Deno.test("should page through lists by id whatever the ids are made of", async () => {
  await using server = await startServer();
  // In UTF-16 the last comes before the one before it, in UTF-8 after it.
  const ids = ["\u0000", "a", "a\u0000b", "é", "e\u0301", "שלום", "\uffff", "ﷺ", "😀"];
  for (const id of ids) await stockOver(server, { [encodeURIComponent(id)]: {} });
  for (const locationId of ids) {
    const changes = ids.map((sku) => ({ sku, delta: 1 }));
    const json = { locationId, reason: "received", changes };
    assert.equal((await server.ask("/v1/inventory/adjustments", { json })).status, 200);
  }
  const mapping = {
    fields: Object.fromEntries(
      ["externalId", "sku", "quantity", "unitPrice", "currency"].map((name) => [name, {
        column: name,
      }]),
    ),
  };
  for (const id of ids) {
    const path = `/v1/imports/mappings/${encodeURIComponent(id)}`;
    assert.equal((await server.ask(path, { method: "PUT", json: mapping })).status, 201);
  }
  const walk = async (path: string, nameOf: (row: Answer["body"]) => unknown) => {
    const seen: unknown[] = [];
    let cursor = "";
    do {
      const { body, text } = await server.ask(`${path}limit=2${cursor}`);
      assert.ok(body.data, text);
      seen.push(...[...body.data].map(nameOf));
      cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
    } while (cursor !== "");
    return seen;
  };
  const sorted = (names: readonly unknown[]) => [...names].map(String).sort();
  assert.deepEqual(sorted(await walk("/v1/locations?", ({ id }) => id)), sorted(ids));
  assert.deepEqual(sorted(await walk("/v1/imports/mappings?", ({ name }) => name)), sorted(ids));
  const rows = await walk("/v1/inventory?", ({ locationId, sku }) => `${locationId} ${sku}`);
  assert.deepEqual(
    sorted(rows),
    sorted(ids.flatMap((id) => ids.map((sku) => `${id} ${sku}`))),
  );
  const ofSku = await walk(`/v1/inventory?sku=a&`, ({ locationId }) => locationId);
  assert.deepEqual(sorted(ofSku), sorted(ids));
});

Deno.test("should revoke a key whatever If-Match says: keys have no versions", async () => {
  await using server = await startServer();
  const made = await server.ask("/v1/admin/keys", { json: { name: "shop", role: "viewer" } });
  const revoked = await server.ask(`/v1/admin/keys/${made.body.id}`, {
    method: "DELETE",
    headers: { "if-match": "1" },
  });
  assert.equal(revoked.status, 204);
});

Deno.test("what a channel itself makes public of a customer is no leak", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const order = orderFor("1", { mug: 1 }, {
    customer: { name: "Utrecht", email: "ada@example.com", phone: "0612345678" },
    metadata: { note: "write to ada@example.com, do not call 0612345678" },
    shippingAddress: { country: "NL", region: "Utrecht", company: "USD", postalCode: "3511" },
    billingAddress: { country: "NL", name: "3511" },
  });
  assert.equal((await server.ask("/v1/orders", { json: order })).status, 201);
  const proof = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(proof.body.ok, true, proof.text);
});
