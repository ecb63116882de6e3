import assert from "node:assert/strict";
import { instantOf } from "../../src/kernel/instant.ts";
import { clockFrom } from "../support/clock.ts";
import { keyFor, orderFor, startServer, stockOver } from "../support/server.ts";

const names = (body: { readonly data: Iterable<{ readonly sku: unknown }> }) =>
  [...body.data].map(({ sku }) => sku);

Deno.test("available are units of all locations that orders are sent to, less what orders have", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { tea: 3, mug: 1 }, ber: { tea: 4 } });
  await server.ask("/v1/orders", { json: orderFor("1", { tea: 2 }) });
  const { body } = await server.ask("/v1/availability?sku=tea,mug,none");
  assert.deepEqual(names(body as never), ["tea", "mug", "none"]);
  assert.deepEqual([...body.data].map((each) => each.available), [5, 1, 0]);
  assert.deepEqual(body.data[0].byDate, [{ from: body.asOf, available: 5 }]);
  assert.equal(body.channel, null);
  const one = await server.ask("/v1/availability?sku=tea&locationId=ams,ber&channel=web");
  assert.equal(one.body.data[0].available, 5);
  const none = await server.ask("/v1/availability?sku=tea&locationId=moon");
  assert.equal(none.body.data[0].available, 0);
});

Deno.test("a SKU that has a comma is one; without SKUs there is nothing to say", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { "tea,green": 3, tea: 1 } });
  const { body } = await server.ask(`/v1/availability?sku=${encodeURIComponent("tea,green")}`);
  assert.deepEqual(names(body as never), ["tea,green", "tea", "green"]);
  assert.equal((await server.ask("/v1/availability")).status, 422);
});

Deno.test("a key sees what its channel and its location may promise", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { tea: 3 }, ber: { tea: 4 } });
  const saved = await server.ask("/v1/items/tea", {
    method: "PUT",
    json: { name: "Tea", backorder: "allowed" },
  });
  assert.equal(saved.status, 200, saved.text);
  const key = await keyFor(server, "warehouse", { locationId: "ber" });
  const own = await server.ask("/v1/availability?sku=tea", { key });
  assert.deepEqual(own.body.locationIds, ["ber"]);
  assert.equal(own.body.data[0].available, 4);
  assert.equal(own.body.data[0].backorderable, true);
  assert.equal((await server.ask("/v1/availability?sku=tea&locationId=ams", { key })).status, 403);
  const shop = await keyFor(server, "channel", { channel: "web" });
  assert.equal((await server.ask("/v1/availability?sku=tea", { key: shop })).body.channel, "web");
  const other = { channel: "pos", lines: [{ sku: "tea", quantity: 1 }] };
  assert.equal((await server.ask("/v1/promises", { key: shop, json: other })).status, 403);
});

Deno.test("only those who run it may ask as of another time", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { tea: 3 } });
  const asOf = "2031-05-05T12:00:00+02:00";
  const json = { channel: "web", asOf, lines: [{ sku: "tea", quantity: 1 }] };
  const path = `/v1/availability?sku=tea&asOf=${encodeURIComponent(asOf)}`;
  for (const role of ["channel", "warehouse", "support", "finance", "viewer"]) {
    const key = await keyFor(server, role);
    assert.equal((await server.ask(path, { key })).status, 403, role);
    assert.equal((await server.ask("/v1/promises", { key, json })).status, 403, role);
  }
  const key = await keyFor(server, "operations");
  assert.equal((await server.ask(path, { key })).body.asOf, "2031-05-05T10:00:00.000Z");
  const { body } = await server.ask("/v1/promises", { key, json });
  assert.equal(body.completeAt, "2031-05-05T23:59:59.999Z");
  assert.equal(body.shipments[0].shipBy.date, "2031-05-05");
});

Deno.test("a promise tells of each line when and from where, or why not; nothing is taken", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { tea: 3 }, ber: { mug: 2 } });
  const json = {
    channel: "web",
    destination: { country: "nl" },
    mode: "fewest",
    lines: [
      { sku: "tea", quantity: 2, method: "ship" },
      { sku: "mug", quantity: 1 },
      { sku: "tea", quantity: 1, method: "pickup", locationId: "ams" },
    ],
  };
  const { status, body } = await server.ask("/v1/promises", { json });
  assert.equal(status, 200);
  assert.deepEqual(
    [...body.shipments].map((
      { locationId, method, lines },
    ) => [locationId, method, [...lines].map(({ line }) => line)]),
    [["ams", "ship", [0]], ["ams", "pickup", [2]], ["ber", "ship", [1]]],
  );
  assert.deepEqual(body.shipments[0].supply, [{ supplyId: "stock", sku: "tea", quantity: 2 }]);
  assert.equal(body.complete, true);
  assert.equal(body.method, "exact");
  const more = { ...json, lines: [{ sku: "tea", quantity: 4 }] };
  const short = await server.ask("/v1/promises", { json: more });
  assert.equal(short.body.complete, false);
  assert.equal(short.body.completeAt, null);
  assert.deepEqual(short.body.reasons, [{
    ...{ code: "short", sku: "tea", requested: 4, promised: 3 },
    detail: "3 of 4 units of tea can be promised",
  }]);
});

Deno.test("a question that cannot be answered is refused", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { tea: 3 } });
  const line = { sku: "tea", quantity: 1 };
  const ask = async (json: unknown) => (await server.ask("/v1/promises", { json })).status;
  assert.equal(await ask({ channel: "web", lines: [] }), 422);
  assert.equal(await ask({ channel: "web", lines: [{ ...line, quantity: 0 }] }), 422);
  assert.equal(await ask({ channel: "web", lines: [{ ...line, method: "pickup" }] }), 422);
  assert.equal(
    await ask({ channel: "web", lines: [line], reserve: { expiresInSeconds: 60 } }),
    422,
  );
  assert.equal(await ask({ channel: "web", lines: Array(101).fill(line) }), 422);
  assert.equal(await ask({ channel: "web", lines: Array(100).fill(line), mode: "together" }), 200);
});

Deno.test("the same question under the same key has the same answer", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { tea: 3 } });
  const json = { channel: "web", lines: [{ sku: "tea", quantity: 2 }] };
  const headers = { "idempotency-key": "once" };
  const first = await server.ask("/v1/promises", { json, headers });
  await server.ask("/v1/orders", { json: orderFor("1", { tea: 3 }) });
  const again = await server.ask("/v1/promises", { json, headers });
  assert.equal(again.headers.get("idempotent-replayed"), "true");
  assert.deepEqual(again.body, first.body);
  assert.equal((await server.ask("/v1/promises", { json })).body.complete, false);
});

const nowMs = Date.UTC(2026, 2, 1, 10);
const after = (days: number): string => instantOf(nowMs + days * 24 * 3_600_000);
const day = (days: number): string => after(days).slice(0, 10);

Deno.test("purchase orders and transfers are promised from when they come, and no unit twice", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await stockOver(server, { ams: { tea: 3 }, ber: { tea: 2 } });
  const ordered = await server.ask("/v1/purchase-orders", {
    json: {
      ...{ externalId: "PO-1", supplierId: "grower", locationId: "ams" },
      expectedAt: after(10),
      lines: [{ sku: "tea", quantity: 10 }, { sku: "tea", quantity: 5, expectedAt: after(20) }],
    },
  });
  assert.equal(ordered.status, 201, ordered.text);
  const moved = await server.ask("/v1/transfers", {
    json: {
      ...{ externalId: "TR-1", from: "ber", to: "ams", expectedAt: after(2) },
      lines: [{ sku: "tea", quantity: 2 }],
    },
  });
  assert.equal(moved.status, 201, moved.text);
  const steps = async () => {
    const { body } = await server.ask("/v1/availability?sku=tea");
    return [...body.data[0].byDate].map((
      { from, available },
    ) => [String(from).slice(0, 10), available]);
  };
  // What is asked for at one location is claimed there, and is not on its way yet.
  assert.deepEqual(await steps(), [[day(0), 3], [day(10), 13], [day(20), 18]]);
  const left = await server.ask(`/v1/transfers/${moved.body.id}/ship`, { json: {} });
  assert.equal(left.status, 200, left.text);
  assert.deepEqual(await steps(), [[day(0), 3], [day(2), 5], [day(10), 15], [day(20), 20]]);

  const lineIds = [...ordered.body.lines].map(({ id }) => id);
  const ask = async (quantity: number, mode: string, more = {}) => {
    const lines = [{ sku: "tea", quantity, ...more }];
    return (await server.ask("/v1/promises", { json: { channel: "web", mode, lines } })).body;
  };
  const earliest = await ask(16, "earliest");
  assert.deepEqual(
    [...earliest.shipments].map(({ shipBy, supply }) => [shipBy.date, supply[0].quantity]),
    [["2026-03-01", 3], ["2026-03-03", 2], ["2026-03-11", 10], ["2026-03-21", 1]],
  );
  assert.equal(earliest.shipments[2].supply[0].supplyId, lineIds[0]);
  assert.equal(earliest.completeAt, "2026-03-21T23:59:59.999Z");
  assert.equal((await ask(16, "together")).shipments.length, 1);
  const patient = await ask(4, "earliest", { neededAt: after(12) });
  assert.deepEqual(
    [...patient.shipments].map((
      { supply },
    ) => [supply[0].supplyId === lineIds[0], supply[0].quantity]),
    [[false, 3], [true, 1]],
  );
  assert.equal((await ask(21, "fewest")).complete, false);

  // A receipt changes what is there, and not what there is in all.
  const received = await server.ask(`/v1/purchase-orders/${ordered.body.id}/receipts`, {
    json: { lines: [{ lineId: lineIds[0], quantity: 4 }] },
  });
  assert.equal(received.status, 200, received.text);
  assert.deepEqual(await steps(), [[day(0), 7], [day(2), 9], [day(10), 15], [day(20), 20]]);
  await server.ask("/v1/orders", { json: orderFor("1", { tea: 6 }) });
  assert.deepEqual(await steps(), [[day(0), 1], [day(2), 3], [day(10), 9], [day(20), 14]]);
  const later = await server.ask(`/v1/availability?sku=tea&asOf=${encodeURIComponent(after(13))}`);
  const [tea] = [...later.body.data];
  assert.deepEqual([...tea.overdue].map(({ quantity, dueAt }) => [quantity, dueAt]), [
    [2, after(2)],
    [6, after(10)],
  ]);
  assert.equal(tea.available, 1);
});
