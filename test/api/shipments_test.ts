/** Shipments over HTTP: what carriers report and got wrong, parcels' numbers, notes, and sending again. */
import assert from "node:assert/strict";
import { type Json, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";
import { clockFrom } from "../support/clock.ts";

const dayMs = 86_400_000;
const startMs = Date.parse("2026-03-02T12:00:00.000Z");

const post = async (server: TestServer, path: string, json: unknown = {}): Promise<Json> => {
  const answer = await server.ask(path, { json });
  assert.ok(answer.status === 200 || answer.status === 201, answer.text);
  return answer.body;
};

/** A shipment of a new order, by its path, and the order. */
const shipped = async (
  server: TestServer,
  externalId: string,
  sku: string,
  ship: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
) => {
  const order = await post(server, "/v1/orders", orderFor(externalId, { [sku]: 1 }, more));
  const ful = `/v1/fulfillment-orders/${order.fulfillmentOrders[0].id}`;
  for (const step of ["accept", "pick", "pack"]) await post(server, `${ful}/${step}`);
  const { shipments } = await post(server, `${ful}/ship`, { carrier: "DHL", ...ship });
  return { id: String(shipments[0].id), order: `/v1/orders/${order.id}` };
};

const at = (ms: number): string => new Date(startMs + ms).toISOString();
const hour = 3_600_000;

const stand = async () => {
  const clock = clockFrom(startMs);
  const server = await startServer({ clock });
  await stockOver(server, { ams: { mug: 9 }, ber: { lamp: 9 } });
  return { server, clock };
};

Deno.test("a report dated more than a day ahead is refused with what is wrong, and hides nothing", async () => {
  const { server, clock } = await stand();
  await using _ = server;
  const { id } = await shipped(server, "1", "mug");
  const path = `/v1/shipments/${id}`;
  const track = (status: string, occurredAt: string) =>
    server.ask(`${path}/tracking`, { json: { status, occurredAt } });
  const ahead = at(dayMs + hour);
  const refused = await track("in_transit", ahead);
  assert.equal(refused.status, 422);
  assert.equal(refused.body.type, "/problems/invalid-request");
  assert.equal(refused.body.errors[0].pointer, "/occurredAt");
  assert.match(String(refused.body.errors[0].detail), /more than a day ahead/);
  assert.ok(refused.text.includes(ahead));
  assert.equal((await track("in_transit", at(dayMs))).status, 200);
  clock.moveTo(startMs + dayMs + hour);
  const later = await track("exception", at(dayMs + hour));
  assert.equal(later.body.status, "exception");
  const listed = await server.ask("/v1/delivery-exceptions");
  assert.equal(listed.body.data[0].shipment.id, id);
});

Deno.test("delivery exceptions are listed with reason, carrier and age, by location and carrier", async () => {
  const { server } = await stand();
  await using _ = server;
  const one = await shipped(server, "1", "mug", { trackingNumber: "A" });
  const two = await shipped(server, "2", "lamp", { carrier: "UPS" });
  const three = await shipped(server, "3", "mug");
  const track = (id: string, status: string, ms: number, description?: string) =>
    post(server, `/v1/shipments/${id}/tracking`, {
      ...{ status, occurredAt: at(ms) },
      ...(description === undefined ? {} : { description }),
    });
  for (const { id } of [one, two]) await track(id, "exception", -2 * hour);
  await track(one.id, "exception", -hour, "Address unknown");
  await track(three.id, "in_transit", -hour);
  const list = async (
    query = "",
  ) => [...(await server.ask(`/v1/delivery-exceptions${query}`)).body.data];
  const [first, second] = await list();
  assert.deepEqual(
    {
      ...{ id: first?.shipment.id, externalId: first?.externalId, channel: first?.channel },
      ...{ since: first?.since, reason: first?.reason, carrier: first?.shipment.carrier },
    },
    {
      ...{ id: one.id, externalId: "1", channel: "web" },
      ...{ since: at(-2 * hour), reason: "Address unknown", carrier: "DHL" },
    },
  );
  assert.deepEqual([second?.shipment.id, second?.reason], [two.id, undefined]);
  assert.deepEqual((await list("?carrier=UPS")).map(({ externalId }) => externalId), ["2"]);
  assert.deepEqual((await list("?locationId=ams")).map(({ externalId }) => externalId), ["1"]);
  const page = await server.ask("/v1/delivery-exceptions?limit=1");
  const rest = await list(`?cursor=${page.body.nextCursor}`);
  assert.deepEqual(rest.map(({ externalId }) => externalId), ["2"]);

  await track(one.id, "delivered", 0);
  await post(server, `/v1/shipments/${two.id}/reship`, { reason: "lost" });
  assert.deepEqual(await list(), []);
  const { body: status } = await server.ask("/v1/status");
  assert.equal(status.shipments.exception, 0);
  assert.equal((await server.ask("/v1/admin/verify", { method: "POST" })).body.ok, true);
});

Deno.test("a wrong delivery is taken back, and the order is not closed for it", async () => {
  const { server, clock } = await stand();
  await using _ = server;
  const { id, order } = await shipped(server, "1", "mug");
  const path = `/v1/shipments/${id}`;
  const was = { status: "delivered", occurredAt: at(0), description: "Left with a neighbor" };
  await post(server, `${path}/tracking`, was);
  assert.equal((await server.ask(order)).body.status, "delivered");
  const { description: _less, ...less } = was;
  const unknown = await server.ask(`${path}/correct-tracking`, {
    json: { was: less, reason: "another parcel" },
  });
  assert.equal(unknown.status, 422);
  assert.equal(unknown.body.errors[0].pointer, "/was");
  const becomes = { status: "exception", occurredAt: at(0), description: "Gone" };
  const corrected = await post(server, `${path}/correct-tracking`, {
    ...{ was, becomes, reason: "another parcel" },
  });
  assert.equal(corrected.status, "exception");
  assert.equal(corrected.deliveredAt, undefined);
  assert.equal((await server.ask(order)).body.status, "shipped");
  const { body: events } = await server.ask(`${order}/events`);
  const told = [...events.data].find(({ type }) => String(type) === "shipment.tracking_corrected");
  assert.deepEqual([told?.was.status, told?.becomes.status, told?.reason], [
    ...["delivered", "exception", "another parcel"],
  ]);
  clock.moveTo(startMs + 365 * dayMs);
  await server.application.catchUp();
  assert.equal((await server.ask(order)).body.status, "shipped");
});

Deno.test("a shipment has several tracking numbers, which may be set later", async () => {
  const { server } = await stand();
  await using _ = server;
  const one = await shipped(server, "1", "mug", {
    trackingNumber: "A",
    trackingNumbers: ["B", "A"],
  });
  const path = `/v1/shipments/${one.id}`;
  const numbers = async () => {
    const { body } = await server.ask(path);
    return [body.carrier, body.trackingNumber, [...body.trackingNumbers]];
  };
  assert.deepEqual(await numbers(), ["DHL", "A", ["A", "B"]]);
  await post(server, `${path}/set-tracking-numbers`, { trackingNumbers: ["C"], carrier: "UPS" });
  assert.deepEqual(await numbers(), ["UPS", "C", ["C"]]);
  await post(server, `${path}/set-tracking-numbers`, { trackingNumbers: [] });
  assert.deepEqual(await numbers(), ["UPS", undefined, []]);
  const tooMany = Array.from({ length: 51 }, (_, n) => `T${n}`);
  const refused = await server.ask(`${path}/set-tracking-numbers`, {
    json: { trackingNumbers: tooMany },
  });
  assert.equal(refused.status, 422);
});

Deno.test("what was lost is sent once more from stock, and only once", async () => {
  const { server } = await stand();
  await using _ = server;
  const { id, order } = await shipped(server, "1", "mug");
  const path = `/v1/shipments/${id}`;
  const replaced = await post(server, `${path}/reship`, { reason: "lost" });
  assert.deepEqual([replaced.status, replaced.replacedReason], ["replaced", "lost"]);
  const { body } = await server.ask(order);
  assert.deepEqual(
    [
      body.status,
      body.lines[0].allocated,
      body.lines[0].shipped,
      [...body.fulfillmentOrders].length,
    ],
    ["allocated", 1, 0, 2],
  );
  const again = await server.ask(`${path}/reship`, { json: { reason: "lost" } });
  assert.equal(again.status, 409);
  assert.deepEqual(
    [again.body.type, again.body.currentStatus, again.body.shipmentId],
    ["/problems/illegal-transition", "replaced", id],
  );
  const [row] = (await server.ask("/v1/inventory?sku=mug")).body.data;
  assert.deepEqual([row?.onHand, row?.reserved], [8, 1]);
});

Deno.test("what belongs to the customer goes into no note, and out of what the carrier says", async () => {
  const { server } = await stand();
  await using _ = server;
  const phone = "+31 6 1234 5678";
  const { id, order } = await shipped(server, "1", "mug", {}, {
    customer: { name: "Ada Example", email: "ada@example.com", phone },
  });
  const path = `/v1/shipments/${id}`;
  for (
    const [action, json, pointer] of [
      ["note", { text: `Call ${phone} tonight` }, "/text"],
      ["note", { text: "Ada Example" }, "/text"],
      ["reship", { reason: "ada@example.com asked for it" }, "/reason"],
    ] as const
  ) {
    const refused = await server.ask(`${path}/${action}`, { json });
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.body.errors[0].pointer, pointer);
  }
  const told = await post(server, `${path}/tracking`, {
    ...{ status: "exception", occurredAt: at(0), description: `No answer at ${phone}, parked` },
  });
  assert.equal(told.tracking[0].description, "No answer at […], parked");
  const noted = await post(server, `${path}/note`, { text: "Call them tonight" });
  assert.equal(noted.notes[0].text, "Call them tonight");
  assert.ok(!(await server.ask(`${order}/events`)).text.includes(phone));
  const { body } = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.deepEqual(body.violations, []);
});
