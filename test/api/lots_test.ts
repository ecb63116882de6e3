/** Lots and serials over HTTP: received, picked by expiry, traced, and set aside before they expire. */
import assert from "node:assert/strict";
import { clockFrom } from "../support/clock.ts";
import { askPage, signInTo } from "../support/dashboard.ts";
import { orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const nowMs = Date.parse("2026-03-01T12:00:00.000Z");
const dayMs = 86_400_000;
const inDays = (days: number): string => new Date(nowMs + days * dayMs).toISOString();

const track = async (server: TestServer, sku: string, more: Record<string, unknown>) => {
  const saved = await server.ask(`/v1/items/${sku}`, {
    method: "PUT",
    json: { name: sku, ...more },
  });
  assert.ok(saved.status < 300, saved.text);
};

const adjust = (server: TestServer, ...changes: readonly Record<string, unknown>[]) =>
  server.ask("/v1/inventory/adjustments", {
    json: { locationId: "ams", reason: "received", changes },
  });

const received = async (server: TestServer, ...changes: readonly Record<string, unknown>[]) => {
  const answer = await adjust(server, ...changes);
  assert.equal(answer.status, 200, answer.text);
};

/** The fulfillment order of a new order, accepted. */
const accepted = async (
  server: TestServer,
  externalId: string,
  units: Readonly<Record<string, number>>,
): Promise<string> => {
  const placed = await server.ask("/v1/orders", { json: orderFor(externalId, units) });
  assert.equal(placed.status, 201, placed.text);
  const id = String(placed.body.fulfillmentOrders[0]?.id);
  const answer = await server.ask(`/v1/fulfillment-orders/${id}/accept`, { method: "POST" });
  assert.equal(answer.status, 200, answer.text);
  return id;
};

const act = (server: TestServer, id: string, action: string, json: unknown = {}) =>
  server.ask(`/v1/fulfillment-orders/${id}/${action}`, { json });

const lotsOf = async (server: TestServer, sku: string) => {
  const listed = await server.ask(`/v1/lots?sku=${sku}&locationId=ams`);
  assert.equal(listed.status, 200, listed.text);
  return [...listed.body.data].map(({ lotId, onHand, picked, setAside }) => [
    String(lotId),
    Number(onHand),
    Number(picked),
    Number(setAside),
  ]);
};

const proven = async (server: TestServer) => {
  const report = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(report.status, 200, report.text);
  assert.deepEqual(report.body.violations, [], report.text);
};

const milk = async (server: TestServer, more: Record<string, unknown> = {}) => {
  await stockOver(server, { ams: {} });
  await track(server, "milk", { tracking: "lot", ...more });
  // Received in another order than that of their dates.
  await received(server, { sku: "milk", delta: 5, lotId: "LATE", expiresAt: inDays(40) });
  await received(server, { sku: "milk", delta: 4, lotId: "NEVER" });
  await received(server, { sku: "milk", delta: 3, lotId: "SOON", expiresAt: inDays(10) });
  await received(server, { sku: "milk", delta: 2 });
};

Deno.test("a pick takes what expires first, and what has no date last", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await milk(server);
  assert.deepEqual(await lotsOf(server, "milk"), [
    ["SOON", 3, 0, 0],
    ["LATE", 5, 0, 0],
    ["NEVER", 4, 0, 0],
    ["", 2, 0, 0],
  ]);
  const id = await accepted(server, "1", { milk: 13 });
  const seen = await server.ask(`/v1/fulfillment-orders/${id}`);
  const names = (lots: typeof seen.body) =>
    [...lots].map(({ lotId, quantity }) => `${lotId} ${quantity}`);
  const expected = ["SOON 3", "LATE 5", "NEVER 4", " 1"];
  assert.deepEqual(names(seen.body.suggestedLots[0]?.lots ?? assert.fail()), expected);
  const picked = await act(server, id, "pick");
  assert.equal(picked.status, 200, picked.text);
  assert.deepEqual(names(picked.body.lines[0]?.lots ?? assert.fail()), expected);
  const shipped = await act(server, id, "ship", { carrier: "DHL" });
  assert.equal(shipped.status, 200, shipped.text);
  assert.deepEqual(await lotsOf(server, "milk"), [["", 1, 0, 0]]);
  await proven(server);
});

Deno.test("a pick names other lots, and an expired one is refused", async () => {
  const clock = clockFrom(nowMs);
  await using server = await startServer({ clock });
  await milk(server);
  const id = await accepted(server, "1", { milk: 6 });
  const pick = (lots: unknown, quantity = 4) =>
    act(server, id, "pick", { lines: [{ lineId: "1", quantity, lots }] });
  const some = await pick([{ lotId: "LATE", quantity: 3 }, { lotId: "NEVER", quantity: 1 }]);
  assert.equal(some.status, 200, some.text);
  const few = await pick([{ lotId: "LATE", quantity: 1 }], 2);
  assert.equal(few.status, 422, few.text);
  const short = await pick([{ lotId: "NONE", quantity: 2 }], 2);
  assert.equal(short.body.type, "/problems/lot-short");
  clock.moveTo(nowMs + 11 * dayMs);
  const over = await pick([{ lotId: "SOON", quantity: 2 }], 2);
  assert.equal(over.status, 409, over.text);
  assert.equal(over.body.type, "/problems/lot-expired");
  assert.deepEqual(await lotsOf(server, "milk"), [
    ["SOON", 3, 0, 0],
    ["LATE", 5, 3, 0],
    ["NEVER", 4, 1, 0],
    ["", 2, 0, 0],
  ]);
  // What is left is picked of good lots alone.
  assert.equal((await act(server, id, "pick")).status, 200);
  assert.deepEqual((await lotsOf(server, "milk"))[1], ["LATE", 5, 5, 0]);
  await proven(server);
});

Deno.test("a pick that is given up gives the lots back", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await milk(server);
  const before = await lotsOf(server, "milk");
  const first = await accepted(server, "1", { milk: 4 });
  assert.equal((await act(server, first, "pick")).status, 200);
  assert.deepEqual((await lotsOf(server, "milk"))[0], ["SOON", 3, 3, 0]);
  const rejected = await act(server, first, "reject", { reason: "broken" });
  assert.equal(rejected.status, 200, rejected.text);
  assert.deepEqual(await lotsOf(server, "milk"), before);
  const second = await accepted(server, "2", { milk: 5 });
  assert.equal((await act(server, second, "pick")).status, 200);
  const { body: order } = await server.ask(`/v1/fulfillment-orders/${second}`);
  const cancel = (quantity: number) =>
    server.ask(`/v1/orders/${order.orderId}/cancel`, {
      json: { reason: "less", lines: [{ lineId: "1", quantity }] },
    });
  const some = await cancel(3);
  assert.equal(some.status, 200, some.text);
  assert.deepEqual(await lotsOf(server, "milk"), [["SOON", 3, 2, 0], ...before.slice(1)]);
  assert.equal((await cancel(2)).status, 200);
  assert.deepEqual(await lotsOf(server, "milk"), before);
  await proven(server);
});

Deno.test("an item is tracked from any day on: what is there is of no known lot", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await stockOver(server, { ams: { tea: 10 } });
  const early = await accepted(server, "1", { tea: 3 });
  assert.equal((await act(server, early, "pick")).status, 200);
  await track(server, "tea", { tracking: "lot" });
  await received(server, { sku: "tea", delta: 5, lotId: "A", expiresAt: inDays(9) });
  assert.deepEqual(await lotsOf(server, "tea"), [["A", 5, 0, 0], ["", 10, 0, 0]]);
  // Picked before anybody asked for lots: they leave all the same.
  assert.equal((await act(server, early, "ship", { carrier: "DHL" })).status, 200);
  assert.deepEqual(await lotsOf(server, "tea"), [["A", 5, 0, 0], ["", 7, 0, 0]]);
  const late = await accepted(server, "2", { tea: 12 });
  assert.equal((await act(server, late, "pick")).status, 200);
  assert.equal((await act(server, late, "ship", { carrier: "DHL" })).status, 200);
  assert.deepEqual(await lotsOf(server, "tea"), []);
  await proven(server);
});

Deno.test("changes without a lot are of units of no known lot, and take none of a known one", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await milk(server);
  const lost = await adjust(server, { sku: "milk", delta: -3 });
  assert.equal(lost.status, 409, lost.text);
  assert.equal(lost.body.type, "/problems/lot-short");
  await received(server, { sku: "milk", delta: -2 });
  await received(server, { sku: "milk", delta: -1, lotId: "SOON" });
  // Units that are found to be of a lot change the lot and not the stock.
  await received(server, { sku: "milk", delta: 3 });
  await received(
    server,
    { sku: "milk", delta: -3 },
    { sku: "milk", delta: 3, lotId: "LATE" },
  );
  const other = await adjust(server, {
    sku: "milk",
    delta: 1,
    lotId: "LATE",
    expiresAt: inDays(1),
  });
  assert.equal(other.status, 422, other.text);
  assert.deepEqual(await lotsOf(server, "milk"), [
    ["SOON", 2, 0, 0],
    ["LATE", 8, 0, 0],
    ["NEVER", 4, 0, 0],
  ]);
  const counted = await server.ask("/v1/inventory/counts", {
    json: {
      locationId: "ams",
      counts: [{ sku: "milk", onHand: 9, lots: [{ lotId: "LATE", onHand: 7 }] }],
    },
  });
  assert.equal(counted.status, 200, counted.text);
  assert.deepEqual(await lotsOf(server, "milk"), [["LATE", 7, 0, 0], ["", 2, 0, 0]]);
  const untracked = await adjust(server, { sku: "tea", delta: 1, lotId: "A" });
  assert.equal(untracked.status, 422, untracked.text);
  await proven(server);
});

Deno.test("a serial is in one place at a time, and is found where it is", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await stockOver(server, { ams: {}, ber: {} });
  await track(server, "phone", { tracking: "serial" });
  const serials = ["S1", "S2"];
  await received(server, { sku: "phone", delta: 2, serials });
  await received(server, { sku: "phone", delta: 2 });
  const twice = await adjust(server, { sku: "phone", delta: 1, serials: ["S1"] });
  assert.equal(twice.status, 409, twice.text);
  assert.equal(twice.body.type, "/problems/serial-exists");
  const elsewhere = await server.ask("/v1/inventory/adjustments", {
    json: {
      ...{ locationId: "ber", reason: "received" },
      changes: [{ sku: "phone", delta: 1, serials: ["S2"] }],
    },
  });
  assert.equal(elsewhere.body.type, "/problems/serial-exists", elsewhere.text);
  const id = await accepted(server, "1", { phone: 2 });
  const pick = (of: string, ...serials: readonly string[]) =>
    act(server, of, "pick", { lines: [{ lineId: "1", quantity: serials.length, serials }] });
  // One that is known, and one that is first read when it leaves.
  const picked = await pick(id, "S1", "S9");
  assert.equal(picked.status, 200, picked.text);
  const unit = (serial: string) => server.ask(`/v1/serials/phone/${serial}`);
  assert.equal((await unit("S9")).body.state, "picked");
  assert.equal((await act(server, id, "ship", { carrier: "DHL" })).status, 200);
  const gone = (await unit("S1")).body;
  assert.equal(gone.state, "shipped");
  assert.equal(gone.shipmentIds?.length, 1);
  assert.equal((await unit("S2")).body.state, "in_stock");
  assert.equal((await unit("S3")).status, 404);
  const next = await accepted(server, "2", { phone: 1 });
  const again = await pick(next, "S1");
  assert.equal(again.status, 409, again.text);
  assert.equal(again.body.type, "/problems/serial-exists");
  const back = await adjust(server, { sku: "phone", delta: 1, serials: ["S1"] });
  assert.equal(back.body.type, "/problems/serial-exists", back.text);
  await proven(server);
});

Deno.test("the trace of a lot says where it came from and who got units of it", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await milk(server);
  const first = await accepted(server, "1", { milk: 2 });
  assert.equal((await act(server, first, "pick")).status, 200);
  assert.equal((await act(server, first, "ship", { carrier: "DHL" })).status, 200);
  const second = await accepted(server, "2", { milk: 1 });
  assert.equal((await act(server, second, "pick")).status, 200);
  const trace = await server.ask("/v1/lots/milk/SOON/trace");
  assert.equal(trace.status, 200, trace.text);
  const told = [...trace.body.data].map(({ orderId, reason, onHand, picked, shipmentIds }) => [
    orderId === undefined ? reason : "order",
    onHand,
    picked,
    shipmentIds?.length ?? 0,
  ]);
  assert.deepEqual(told, [["order", -2, 0, 1], ["order", 0, 1, 0], ["received", 3, 0, 0]]);
  assert.equal((await server.ask("/v1/lots/milk/OTHER/trace")).status, 404);
});

Deno.test("of two who receive a serial at once one gets it", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await stockOver(server, { ams: {}, ber: {} });
  await track(server, "phone", { tracking: "serial" });
  for (let n = 0; n < 10; n++) {
    const answers = await Promise.all(
      ["ams", "ber"].map((locationId) =>
        server.ask("/v1/inventory/adjustments", {
          json: {
            ...{ locationId, reason: "received" },
            changes: [{ sku: "phone", delta: 1, serials: [`S${n}`] }],
          },
        })
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  }
  await proven(server);
});

Deno.test("of two who take the last units of no known lot one gets them", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await stockOver(server, { ams: {} });
  await track(server, "milk", { tracking: "lot" });
  await received(server, { sku: "milk", delta: 40, lotId: "A" });
  for (let n = 0; n < 10; n++) {
    await received(server, { sku: "milk", delta: 1 });
    const answers = await Promise.all([
      adjust(server, { sku: "milk", delta: -1 }),
      adjust(server, { sku: "milk", delta: -1 }),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  }
  assert.deepEqual(await lotsOf(server, "milk"), [["A", 40, 0, 0]]);
  await proven(server);
});

Deno.test("lots stand on the pages of their stock and of what is picked, and may be typed there", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  const { cookie, csrf } = await signInTo(server);
  const page = async (path: string) => await (await askPage(server, path, { cookie })).text();
  const post = async (path: string, form: Readonly<Record<string, string>>) => {
    const answer = await askPage(server, path, { cookie, form: { csrf, ...form } });
    assert.equal(answer.status, 303, await answer.text());
  };
  await stockOver(server, { ams: { milk: 1 } });
  const item = { name: "Milk", weightGrams: "", backorder: "", digital: "false" };
  await post("/items", { ...item, sku: "oats", tracking: "lot", minRemainingDays: "3" });
  const { body: oats } = await server.ask("/v1/items/oats");
  assert.deepEqual([oats.tracking, oats.minRemainingDays], ["lot", 3]);
  await track(server, "milk", { tracking: "lot" });
  const adjusted = { delta: "5", unavailable: "0", reason: "received", reference: "" };
  const lot = { lotId: "SOON", expiresOn: "2026-03-20" };
  await post("/inventory/ams/milk/adjust", { ...adjusted, ...lot });
  assert.match(await page("/inventory/ams/milk"), /data-lot="SOON">5</);
  const id = await accepted(server, "1", { milk: 3 });
  assert.match(await page(`/fulfillment-orders/${id}`), /name="lots:1"[^>]*value="SOON 3"/);
  assert.match(await page(`/fulfillment-orders/${id}/pick-list`), /SOON 3/);
  await post(`/fulfillment-orders/${id}/pick`, { "line:1": "3", "lots:1": "SOON 2, ? 1" });
  assert.deepEqual(await lotsOf(server, "milk"), [["SOON", 5, 2, 0], ["", 1, 1, 0]]);
});

Deno.test("a unit that came back is of no known lot until somebody reads its serial again", async () => {
  await using server = await startServer({ clock: clockFrom(nowMs) });
  await stockOver(server, { ams: {} });
  await track(server, "phone", { tracking: "serial" });
  await received(server, { sku: "phone", delta: 2, serials: ["S1", "S2"] });
  const id = await accepted(server, "1", { phone: 1 });
  const lines = [{ lineId: "1", quantity: 1, serials: ["S1"] }];
  assert.equal((await act(server, id, "pick", { lines })).status, 200);
  assert.equal((await act(server, id, "ship", { carrier: "DHL" })).status, 200);
  const { body: { orderId } } = await server.ask(`/v1/fulfillment-orders/${id}`);
  const back = await server.ask(`/v1/orders/${orderId}/returns`, {
    json: {
      lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
      received: {
        locationId: "ams",
        inspected: [{ lineId: "1", quantity: 1, disposition: "restock" }],
      },
    },
  });
  assert.ok(back.status < 300, back.text);
  assert.deepEqual(await lotsOf(server, "phone"), [["S2", 1, 0, 0], ["", 1, 0, 0]]);
  const named = await adjust(
    server,
    { sku: "phone", delta: -1 },
    { sku: "phone", delta: 1, serials: ["S1"] },
  );
  assert.equal(named.status, 200, named.text);
  assert.equal((await server.ask("/v1/serials/phone/S1")).body.state, "in_stock");
  await proven(server);
});
