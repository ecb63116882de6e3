/** Catalog and stock over HTTP. */
import assert from "node:assert/strict";
import { orderFor, startServer, stockOver } from "../support/server.ts";

Deno.test("should save, change and show a location and an item", async () => {
  await using server = await startServer();
  const location = {
    name: "Amsterdam",
    type: "store",
    address: { country: "NL", city: "Amsterdam" },
    latitude: 52.37,
    longitude: 4.9,
  };
  const made = await server.ask("/v1/locations/ams", { method: "PUT", json: location });
  assert.equal(made.status, 201);
  assert.equal(made.body.active, true);
  const same = await server.ask("/v1/locations/ams", { method: "PUT", json: location });
  assert.equal(same.status, 200);
  assert.equal(same.headers.get("etag"), '"1"');
  const closed = await server.ask("/v1/locations/ams", {
    method: "PUT",
    json: { ...location, active: false },
  });
  assert.equal(closed.headers.get("etag"), '"2"');
  assert.deepEqual((await server.ask("/v1/locations/ams")).body, closed.body);

  const item = await server.ask("/v1/items/mug%2Fblue", {
    method: "PUT",
    json: { name: "Mug", weightGrams: 300, backorder: "never" },
  });
  assert.equal(item.status, 201);
  assert.equal(item.body.sku, "mug/blue");
  assert.equal(item.body.digital, false);
  assert.deepEqual((await server.ask("/v1/items/mug%2Fblue")).body, item.body);
});

Deno.test("should return 422 for a path parameter that cannot be a name", async () => {
  await using server = await startServer();
  const answer = await server.ask(`/v1/items/${"x".repeat(101)}`, {
    method: "PUT",
    json: { name: "Long" },
  });
  assert.equal(answer.status, 422);
  assert.equal(answer.body.errors[0].parameter, "sku");
});

Deno.test("should list locations and stock in pages, each row once", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { a: 1, b: 2, c: 3 }, ber: { a: 4 }, cdg: {} });
  const walk = async (path: string) => {
    const rows: unknown[] = [];
    let next: string | null = path;
    while (next !== null) {
      const page = await server.ask(next);
      assert.equal(page.status, 200, page.text);
      rows.push(...page.body.data);
      next = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
    }
    return rows;
  };
  for (const path of ["/v1/locations", "/v1/inventory", "/v1/inventory?sku=a"]) {
    const whole = [...(await server.ask(path)).body.data];
    for (const limit of [1, 2, 3]) {
      const separator = path.includes("?") ? "&" : "?";
      assert.deepEqual(await walk(`${path}${separator}limit=${limit}`), whole, path);
    }
  }
  assert.equal([...(await server.ask("/v1/inventory?sku=a")).body.data].length, 2);
  assert.equal([...(await server.ask("/v1/inventory?locationId=ams")).body.data].length, 3);
});

Deno.test("should count, damage and keep stock back", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  const row = async () => (await server.ask("/v1/inventory?sku=mug&locationId=ams")).body.data[0];
  const counted = await server.ask("/v1/inventory/counts", {
    json: { locationId: "ams", counts: [{ sku: "mug", onHand: 8, expected: 10 }] },
  });
  assert.equal(counted.status, 200);
  assert.deepEqual(counted.body.data[0], await row());
  await server.ask("/v1/inventory/adjustments", {
    json: {
      locationId: "ams",
      reason: "damaged",
      changes: [{ sku: "mug", delta: 0, unavailable: 2 }],
    },
  });
  const kept = await server.ask("/v1/inventory/safety-stock", {
    method: "PUT",
    json: { locationId: "ams", levels: [{ sku: "mug", safetyStock: 1 }] },
  });
  assert.equal(kept.status, 200);
  assert.deepEqual(await row(), {
    locationId: "ams",
    sku: "mug",
    onHand: 8,
    reserved: 0,
    unavailable: 2,
    safetyStock: 1,
    claimed: 0,
    buckets: {},
    available: 5,
  });
  assert.equal((await server.ask("/v1/orders", { json: orderFor("1", { mug: 6 }) })).status, 409);
  assert.equal((await server.ask("/v1/orders", { json: orderFor("1", { mug: 5 }) })).status, 201);
});

Deno.test("should return 422 for two counts or safety levels of one SKU, and change nothing", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const before = (await server.ask("/v1/inventory")).body;
  const counted = await server.ask("/v1/inventory/counts", {
    json: {
      locationId: "ams",
      counts: [{ sku: "mug", onHand: 4 }, { sku: "pen", onHand: 1 }, { sku: "mug", onHand: 5 }],
    },
  });
  assert.equal(counted.status, 422, counted.text);
  assert.equal(counted.body.errors[0].pointer, "/counts/2/sku");
  const kept = await server.ask("/v1/inventory/safety-stock", {
    method: "PUT",
    json: {
      locationId: "ams",
      levels: [{ sku: "mug", safetyStock: 1 }, { sku: "mug", safetyStock: 2 }],
    },
  });
  assert.equal(kept.status, 422, kept.text);
  assert.equal(kept.body.errors[0].pointer, "/levels/1/sku");
  assert.deepEqual((await server.ask("/v1/inventory")).body, before);
});

Deno.test("stock that arrives goes to backorders in the order in which they came", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  const ids: unknown[] = [];
  for (const externalId of ["1", "2", "3"]) {
    const order = await server.ask("/v1/orders", {
      json: orderFor(externalId, { mug: 2 }, { onShortage: "backorder" }),
    });
    assert.equal(order.body.status, "backordered");
    ids.push(order.body.id);
  }
  await stockOver(server, { ams: { mug: 4 } });
  const statuses: unknown[] = [];
  for (const id of ids) statuses.push((await server.ask(`/v1/orders/${id}`)).body.status);
  assert.deepEqual(statuses, ["allocated", "allocated", "backordered"]);
});

Deno.test("should say how many units are promised, and how many of them are in a count's way", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 6, pen: 6 } });
  await server.ask("/v1/orders", { json: orderFor("1", { mug: 5, pen: 1 }) });
  const count = (...counts: readonly { readonly sku: string; readonly onHand: number }[]) =>
    server.ask("/v1/inventory/counts", { json: { locationId: "ams", counts } });
  const way = "5 are promised to orders; 2 must be rejected or cancelled first";
  const low = await count({ sku: "mug", onHand: 3 });
  assert.equal(low.status, 409);
  assert.equal(low.body.type, "/problems/below-zero-available");
  assert.ok(String(low.body.detail).includes(way), low.text);
  const { requested, available, promised, setAside, excess, detail } = low.body.errors[0] ?? {};
  assert.deepEqual(
    { requested, available, promised, setAside, excess, detail },
    { requested: 3, available: 1, promised: 5, setAside: 0, excess: 2, detail: way },
  );
  const adjust = (sku: string, delta: number, unavailable?: number) =>
    server.ask("/v1/inventory/adjustments", {
      json: { locationId: "ams", reason: "lost", changes: [{ sku, delta, unavailable }] },
    });
  assert.ok((await adjust("mug", -3)).text.includes(way));
  await adjust("pen", 0, 2);
  assert.match(
    (await adjust("pen", -5)).text,
    /1 is promised to orders and 2 set aside; 2 must be rejected, cancelled or made available first/,
  );
  assert.match((await adjust("tray", -1)).text, /1 of tray asked for, and 0 are on hand/);
  const both = await count({ sku: "mug", onHand: 0 }, { sku: "pen", onHand: 0 });
  assert.deepEqual([...both.body.errors].map(({ pointer }) => String(pointer)), [
    "/counts/0/onHand",
    "/counts/1/onHand",
  ]);
});
