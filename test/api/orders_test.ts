/** The way of an order over HTTP, from placing to delivery, and the ways out of it. */
import assert from "node:assert/strict";
import {
  type Answer,
  type Json,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

const place = async (
  server: TestServer,
  units: Readonly<Record<string, number>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Json> => {
  const answer = await server.ask("/v1/orders", { json: orderFor("1", units, more) });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
};

const act = async (server: TestServer, path: string, json: unknown = {}): Promise<Json> => {
  const answer = await server.ask(path, { json });
  assert.equal(answer.status, 200, `${path} ${answer.text}`);
  return answer.body;
};

const types = ({ body }: Answer) => [...body.data].map(({ type }) => String(type));

Deno.test("an order goes from placed to delivered, and its history tells each step", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5, pen: 5 } });
  const order = await place(server, { mug: 2, pen: 3 }, {
    customer: { id: "cus_1", name: "Ada Example", email: "ada@example.com" },
    shipping: { service: "express", amount: { amount: "4.99", currency: "USD" } },
    metadata: { basket: "77" },
  });
  assert.equal(order.status, "allocated");
  assert.equal(order.totals.total.amount, "54.99");
  assert.deepEqual(order.customer, {
    id: "cus_1",
    name: "Ada Example",
    email: "ada@example.com",
  });
  assert.deepEqual(order.metadata, { basket: "77" });
  const ful = `/v1/fulfillment-orders/${order.fulfillmentOrders[0].id}`;
  assert.deepEqual(order.fulfillmentOrders[0].supportedActions, ["accept", "reject"]);
  const accepted = await act(server, `${ful}/accept`);
  assert.equal(accepted.recipient.name, "Ada Example");
  assert.equal(accepted.recipient.address.city, "Utrecht");
  assert.equal((await act(server, `${ful}/pick`)).status, "picked");
  assert.equal(
    (await act(server, `${ful}/pack`, { packages: [{ weightGrams: 900 }] })).status,
    "packed",
  );
  const first = await act(server, `${ful}/ship`, {
    carrier: "DHL",
    trackingNumber: "JD1",
    lines: [{ lineId: "1", quantity: 2 }],
  });
  assert.equal(first.status, "partially_shipped");
  assert.equal((await server.ask(`/v1/orders/${order.id}`)).body.status, "partially_shipped");
  const second = await act(server, `${ful}/ship`, { carrier: "DHL" });
  assert.equal(second.status, "shipped");
  assert.equal([...second.shipments].length, 2);
  const track = (n: number, status: string, occurredAt: string) =>
    act(server, `/v1/shipments/${second.shipments[n].id}/tracking`, { status, occurredAt });
  await track(0, "delivered", "2026-03-02T10:00:00+01:00");
  const late = await track(0, "in_transit", "2026-03-01T10:00:00Z");
  assert.equal(late.status, "delivered");
  assert.deepEqual([...late.tracking].map(({ status }) => status), ["in_transit", "delivered"]);
  assert.equal(late.deliveredAt, "2026-03-02T09:00:00.000Z");
  await track(1, "delivered", "2026-03-03T10:00:00Z");
  const delivered = (await server.ask(`/v1/orders/${order.id}`)).body;
  assert.equal(delivered.status, "delivered");
  assert.deepEqual([...delivered.lines].map(({ delivered }) => delivered), [2, 3]);
  const shipment = await server.ask(`/v1/shipments/${second.shipments[0].id}`);
  assert.deepEqual(shipment.body, late);

  const events = await server.ask(`/v1/orders/${order.id}/events?limit=200`);
  const seen = types(events);
  assert.equal(seen[0], "order.placed");
  for (const type of ["order.allocated", "shipment.created", "shipment.tracked"]) {
    assert.ok(seen.includes(type), type);
  }
  assert.ok(!events.text.includes("Ada"), "the log holds no personal data");
  const stock = await server.ask("/v1/inventory");
  assert.deepEqual([...stock.body.data].map(({ onHand, reserved }) => [onHand, reserved]), [
    [3, 0],
    [2, 0],
  ]);
  assert.equal((await server.ask("/v1/admin/verify", { method: "POST" })).body.ok, true);
});

Deno.test("should page through an order's history without missing or repeating an event", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const order = await place(server, { mug: 2 });
  const path = `/v1/orders/${order.id}`;
  for (let n = 0; n < 3; n++) {
    await act(server, `${path}/hold`, { reason: "check" });
    await act(server, `${path}/release`);
  }
  const whole = await server.ask(`${path}/events`);
  assert.equal(whole.body.nextCursor, null);
  for (const limit of [1, 2, 3, 5]) {
    const seen: Json[] = [];
    let next: string | null = `${path}/events?limit=${limit}`;
    while (next !== null) {
      const page = await server.ask(next);
      assert.ok([...page.body.data].length <= limit);
      seen.push(...page.body.data);
      next = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
    }
    assert.deepEqual(seen, [...whole.body.data], `limit ${limit}`);
  }
});

Deno.test("should follow the shortage policy of each order", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 2 } });
  const line = (order: Json) => {
    const { allocated, backordered, short, cancelled, pending } = order.lines[0];
    return { allocated, backordered, short, cancelled, pending };
  };
  const none = { allocated: 0, backordered: 0, short: 0, cancelled: 0, pending: 0 };
  const held = await place(server, { mug: 3 }, { externalId: "h", onShortage: "hold" });
  assert.equal(held.status, "held");
  assert.equal(held.hold.code, "shortage");
  assert.deepEqual(line(held), { ...none, pending: 3 });
  const partial = await place(server, { mug: 3 }, { externalId: "p", onShortage: "partial" });
  assert.equal(partial.status, "partially_allocated");
  assert.deepEqual(line(partial), { ...none, allocated: 2, short: 1, cancelled: 1 });
  const later = await place(server, { mug: 3 }, { externalId: "b", onShortage: "backorder" });
  assert.equal(later.status, "backordered");
  assert.deepEqual(line(later), { ...none, backordered: 3 });
  const refused = await server.ask(`/v1/orders/${held.id}/release`, { method: "POST" });
  assert.equal(refused.status, 409);
  assert.equal(refused.body.type, "/problems/insufficient-stock");
});

Deno.test("a cancelled order gives its stock back at once", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const order = await place(server, { mug: 4 });
  const available = async () => (await server.ask("/v1/inventory")).body.data[0].available;
  assert.equal(await available(), 1);
  const less = await act(server, `/v1/orders/${order.id}/cancel`, {
    reason: "too many",
    lines: [{ lineId: "1", quantity: 1 }],
  });
  assert.equal(less.lines[0].allocated, 3);
  assert.equal(await available(), 2);
  const gone = await act(server, `/v1/orders/${order.id}/cancel`, { reason: "wish" });
  assert.equal(gone.status, "cancelled");
  assert.equal(gone.cancelReason, "wish");
  assert.equal(await available(), 5);
});

Deno.test("a rejected fulfillment order goes to another location", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 }, ber: { mug: 5 } });
  const order = await place(server, { mug: 4 });
  const [first] = [...order.fulfillmentOrders];
  const rejected = await act(server, `/v1/fulfillment-orders/${first?.id}/reject`, {
    reason: "damaged",
  });
  assert.equal(rejected.status, "rejected");
  assert.deepEqual(rejected.supportedActions, []);
  const after = (await server.ask(`/v1/orders/${order.id}`)).body;
  assert.equal(after.status, "allocated");
  const open = [...after.fulfillmentOrders].filter(({ status }) => String(status) === "open");
  assert.equal(open.length, 1);
  assert.notEqual(open[0]?.locationId, first?.locationId);
});

Deno.test("a pickup order waits for its customer, and a digital one for nobody", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { lines: [line] } = orderFor("", { mug: 1 });
  const pickup = await place(server, {}, {
    lines: [{ ...line, fulfillment: { method: "pickup", locationId: "ams" } }],
  });
  const ful = `/v1/fulfillment-orders/${pickup.fulfillmentOrders[0].id}`;
  await act(server, `${ful}/accept`);
  await act(server, `${ful}/pick`);
  assert.equal((await act(server, `${ful}/ready-for-pickup`)).status, "ready_for_pickup");
  assert.equal((await act(server, `${ful}/collect`)).status, "collected");
  assert.equal((await server.ask(`/v1/orders/${pickup.id}`)).body.status, "delivered");
  const digital = await place(server, {}, {
    externalId: "2",
    lines: [{ ...line, sku: "song", fulfillment: { method: "digital" } }],
  });
  assert.equal(digital.status, "delivered");
  assert.equal(digital.fulfillmentOrders[0].locationId, null);
});

Deno.test("should find orders by each filter, and by several at once", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 50 }, ber: { pen: 50 } });
  const customer = { id: "cus_1", name: "Ada Example" };
  const a = await place(server, { mug: 1 }, { externalId: "a", customer });
  const b = await place(server, { pen: 1 }, {
    externalId: "b",
    channel: "app",
    placedAt: "2020-01-01T00:00:00Z",
  });
  const c = await place(server, { mug: 1 }, { externalId: "c", channel: "app", customer });
  await act(server, `/v1/orders/${c.id}/hold`, { reason: "check" });
  const found = async (query: string) => {
    const answer = await server.ask(`/v1/orders?${query}`);
    assert.equal(answer.status, 200, answer.text);
    return [...answer.body.data].map(({ id }) => id);
  };
  assert.deepEqual(await found("channel=app"), [c.id, b.id]);
  assert.deepEqual(await found("status=held"), [c.id]);
  assert.deepEqual(await found("customerId=cus_1"), [c.id, a.id]);
  assert.deepEqual(await found("locationId=ber"), [b.id]);
  assert.deepEqual(await found("externalId=b"), [b.id]);
  assert.deepEqual(await found("channel=app&externalId=b"), [b.id]);
  assert.deepEqual(await found("channel=web&externalId=b"), []);
  assert.deepEqual(await found("customerId=cus_1&channel=app&status=held"), [c.id]);
  assert.deepEqual(await found("customerId=cus_1&status=cancelled"), []);
  assert.deepEqual(await found("placedBefore=2020-06-01T00:00:00%2B02:00"), [b.id]);
  assert.deepEqual(await found("placedAfter=2020-06-01T00:00:00Z"), [c.id, a.id]);
});

Deno.test("should list fulfillment orders by status and location", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 50 }, ber: { pen: 50 } });
  const a = await place(server, { mug: 1 }, { externalId: "a" });
  const b = await place(server, { pen: 1 }, { externalId: "b" });
  const [ours, theirs] = [a.fulfillmentOrders[0].id, b.fulfillmentOrders[0].id];
  await act(server, `/v1/fulfillment-orders/${ours}/accept`);
  const found = async (query: string) =>
    [...(await server.ask(`/v1/fulfillment-orders?${query}`)).body.data].map(({ id }) => id);
  assert.deepEqual(await found(""), [theirs, ours]);
  assert.deepEqual(await found("status=open"), [theirs]);
  assert.deepEqual(await found("status=accepted&locationId=ams"), [ours]);
  assert.deepEqual(await found("status=accepted&locationId=ber"), []);
});

Deno.test("an order has a hold of each code, and a release of one keeps the others", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { id } = await place(server, { mug: 2 });
  const path = `/v1/orders/${id}`;
  const byHand = await act(server, `${path}/hold`, { reason: "wait" });
  assert.equal(byHand.status, "held");
  const paid = await act(server, `${path}/hold`, { reason: "not paid", code: "payment" });
  const fraud = await act(server, `${path}/hold`, { reason: "odd", code: "fraud" });
  const codes = ({ holds }: Json) => [...holds].map(({ code }) => String(code));
  assert.deepEqual(codes(fraud), ["manual", "payment", "fraud"]);
  assert.deepEqual([...paid.holds].map(({ blocks }) => blocks), ["all", "fulfillment"]);
  assert.deepEqual(fraud.hold, fraud.holds[0], "the first stands beside them");
  const again = await act(server, `${path}/hold`, { reason: "odd", code: "fraud" });
  assert.equal(again.version, fraud.version, "the same once more changes nothing");
  const cleared = await act(server, `${path}/release`, { code: "fraud", reason: "they answered" });
  assert.deepEqual([cleared.status, codes(cleared)], ["held", ["manual", "payment"]]);
  const going = await act(server, `${path}/release`, { code: "manual" });
  assert.deepEqual([going.status, codes(going)], ["allocated", ["payment"]]);
  const last = await act(server, `${path}/release`);
  assert.deepEqual([last.holds, last.hold], [[], undefined]);
  const events = await server.ask(`${path}/events`);
  assert.deepEqual(
    [...events.body.data].slice(2).map(({ type, code, reason }) => [type, code, reason]),
    [
      ["order.held", "manual", "wait"],
      ["order.held", "payment", "not paid"],
      ["order.held", "fraud", "odd"],
      ["order.released", "fraud", "they answered"],
      ["order.released", "manual", undefined],
      ["order.released", "payment", undefined],
    ],
  );
  assert.equal((await server.ask("/v1/admin/verify", { method: "POST" })).body.ok, true);
});

Deno.test("a release of what does not stand is refused, and an unknown code is not understood", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const path = `/v1/orders/${(await place(server, { mug: 2 })).id}`;
  await act(server, `${path}/hold`, { reason: "odd", code: "fraud" });
  const other = await server.ask(`${path}/release`, { json: { code: "tax" } });
  assert.equal(other.status, 409);
  assert.equal(other.body.type, "/problems/illegal-transition");
  assert.equal(other.body.detail, "The order is held for fraud, not for tax.");
  for (const action of ["hold", "release"]) {
    const json = { code: "weather", reason: "x" };
    const unknown = await server.ask(`${path}/${action}`, { json });
    assert.equal(unknown.status, 422);
    assert.equal(unknown.body.errors[0].pointer, "/code");
  }
});

Deno.test("each role places and releases the holds that are its own, and no others", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const path = `/v1/orders/${(await place(server, { mug: 2 })).id}`;
  const ask = (key: string, action: "hold" | "release", json: object) =>
    server.ask(`${path}/${action}`, { key, json });
  const support = await keyFor(server, "support");
  const finance = await keyFor(server, "finance");
  const refused = async (key: string, action: "hold" | "release", json: object, detail: string) => {
    const answer = await ask(key, action, json);
    assert.equal(answer.status, 403, answer.text);
    assert.equal(answer.body.detail, detail);
  };
  await refused(
    support,
    "hold",
    { code: "terms", reason: "late" },
    "The role support may not place a hold for terms; admin, operations, finance may.",
  );
  assert.equal((await ask(support, "hold", { code: "fraud", reason: "odd" })).status, 200);
  assert.equal((await ask(support, "hold", { code: "address", reason: "no street" })).status, 200);
  await refused(
    support,
    "release",
    { code: "fraud" },
    "The role support may not release a hold for fraud; admin, operations, finance may.",
  );
  const own = await ask(support, "release", {});
  assert.deepEqual([...own.body.holds].map(({ code }) => code), ["fraud"]);
  const nothing = await ask(support, "release", {});
  assert.equal(nothing.status, 409);
  assert.match(String(nothing.body.detail), /^The order is held for fraud, not for manual or /);
  assert.equal((await ask(finance, "release", { code: "fraud" })).body.status, "allocated");
  const warehouse = await keyFor(server, "warehouse");
  assert.equal((await ask(warehouse, "hold", { reason: "x" })).status, 403);
});

Deno.test("a fulfillment order of a held order is marked so wherever it is worked on", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const order = await place(server, { mug: 2 });
  const ful = `/v1/fulfillment-orders/${order.fulfillmentOrders[0].id}`;
  await act(server, `${ful}/accept`);
  const views = async () => [
    (await server.ask(ful)).body,
    (await server.ask("/v1/fulfillment-orders")).body.data[0],
    (await server.ask("/v1/fulfillment-orders?queue=true&locationId=ams")).body.data[0],
  ];
  for (const view of await views()) {
    assert.deepEqual([view?.held, view?.holds], [false, []]);
  }
  for (const code of ["payment", "manual"]) {
    await act(server, `/v1/orders/${order.id}/hold`, { reason: "wait", code });
  }
  for (const view of await views()) {
    assert.deepEqual([view?.held, view?.holds], [true, ["payment", "manual"]]);
    assert.deepEqual(view?.supportedActions, []);
  }
  const picked = await server.ask(`${ful}/pick`, { method: "POST" });
  assert.equal(picked.status, 409);
  assert.equal(
    picked.body.detail,
    'An order that is held for payment, manual does not allow "pick".',
  );
});

Deno.test("an order says what its money is beside prices, and waits where its channel says another total", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const usd = (amount: string) => ({ amount, currency: "USD" });
  const order = (externalId: string, channelTotal: string) => ({
    ...orderFor(externalId, { mug: 3 }),
    lines: [{
      ...{ sku: "mug", quantity: 3, unitPrice: usd("10.00") },
      ...{ taxRatePercent: "20.0", externalId: "line-7" },
    }],
    discounts: [{ code: "SPRING", amount: usd("5.00") }],
    shipping: { amount: usd("6.00"), taxRatePercent: "20" },
    fees: [{ code: "gift_wrap", amount: usd("2.00"), tax: usd("0.40") }],
    channelTotal: usd(channelTotal),
  });
  const placed = await server.ask("/v1/orders", { json: order("1", "39.60") });
  assert.equal(placed.status, 201, placed.text);
  const { totals, lines, fees, holds, taxesIncluded, shipping } = placed.body;
  assert.equal(totals.total.amount, "39.60");
  assert.deepEqual(
    [totals.shippingTax.amount, totals.fees.amount, totals.feeTax.amount, totals.discount.amount],
    ["1.20", "2.00", "0.40", "5.00"],
  );
  const [line] = lines;
  assert.deepEqual(
    [line.externalId, line.taxRatePercent, line.orderDiscount.amount, line.tax.amount],
    ["line-7", "20", "5.00", "5.00"],
  );
  assert.deepEqual(fees, [{ code: "gift_wrap", amount: usd("2.00"), tax: usd("0.40") }]);
  assert.deepEqual([holds, taxesIncluded, shipping.taxRatePercent], [[], false, "20"]);
  // The same order, said otherwise.
  const again = await server.ask("/v1/orders", {
    json: { ...order("1", "39.60"), taxesIncluded: false, taxRounding: "line" },
  });
  assert.deepEqual([again.status, again.body.id], [200, placed.body.id]);
  assert.equal((await server.ask("/v1/orders", { json: order("1", "39.61") })).status, 409);
  const other = await server.ask("/v1/orders", { json: order("2", "39.61") });
  assert.deepEqual([other.status, other.body.hold.code], [201, "totals"]);
  const wrong = await server.ask("/v1/orders", {
    json: { ...order("3", "1.00"), discounts: [{ amount: usd("30.01") }] },
  });
  assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [422, "/discounts"]);
  assert.equal(
    (await server.ask("/v1/orders", {
      json: { ...order("3", "1.00"), shipping: { taxRatePercent: "7,5" } },
    })).status,
    422,
  );
});
