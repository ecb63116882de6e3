/** By when orders leave and arrive, over HTTP and on pages. */
import assert from "node:assert/strict";
import { eventually } from "../process/process.ts";
import { clockFrom } from "../support/clock.ts";
import { askPage, signInTo } from "../support/dashboard.ts";
import { orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const put = async (server: TestServer, path: string, json: object): Promise<void> => {
  const { status, text } = await server.ask(path, { method: "PUT", json });
  assert.ok(status < 300, text);
};

const hours = [["09:00", "17:00"]];
const place = {
  ...{ name: "Amsterdam", type: "warehouse", address: { country: "NL" } },
  ...{ timeZone: "Europe/Amsterdam", calendarId: "work", receivingDays: 1 },
};

Deno.test("orders tell by when they leave and arrive, and keep to what they told", async () => {
  // A Friday.
  await using server = await startServer({ clock: clockFrom(Date.parse("2030-03-01T09:00:00Z")) });
  await stockOver(server, { ams: { mug: 1 }, ber: { mug: 0 } });
  await put(server, "/v1/calendars/work", {
    week: { mon: hours, tue: hours, wed: hours, thu: hours, fri: hours },
  });
  await put(server, "/v1/locations/ams", { ...place, cutOff: "15:00" });
  await put(server, "/v1/carriers/post", {
    ...{ name: "Post", calendarId: "work" },
    services: [{ service: "standard", transit: [{ country: "NL", days: 1 }] }],
  });
  const { body: purchase } = await server.ask("/v1/purchase-orders", {
    json: {
      ...{ externalId: "PO-1", locationId: "ams", expectedAt: "2030-03-05T08:00:00Z" },
      lines: [{ sku: "mug", quantity: 10 }],
    },
  });
  const made = await server.ask("/v1/orders", {
    json: orderFor("1", { mug: 3 }, { onShortage: "backorder" }),
  });
  assert.equal(made.status, 201, made.text);
  const friday = { date: "2030-03-01", at: "2030-03-01T14:00:00.000Z" };
  const wednesday = { date: "2030-03-06", at: "2030-03-06T14:00:00.000Z" };
  const path = `/v1/orders/${made.body.id}`;
  const order = (await server.ask(path)).body;
  const of = order.fulfillmentOrders[0];
  const [promise] = order.lines[0].promises;
  assert.deepEqual([of.shipBy, of.deliverBy], [friday, "2030-03-04"]);
  assert.deepEqual([promise.shipBy, promise.deliverBy], [wednesday, "2030-03-07"]);
  assert.deepEqual([order.shipBy, order.deliverBy], [wednesday, "2030-03-07"]);

  const { body: events } = await server.ask(`${path}/events`);
  const ofType = (type: string) => [...events.data].find((each) => String(each.type) === type);
  assert.deepEqual(ofType("order.allocated")?.fulfillmentOrders[0].shipBy, friday);
  assert.deepEqual(ofType("order.promised")?.details.lines[0].promises, [promise]);

  const { cookie } = await signInTo(server);
  const see = async (page: string) => await (await askPage(server, page, { cookie })).text();
  const orderPage = await see(`/orders/${order.id}`);
  assert.match(orderPage, /<dt>Ship by<\/dt>\s*<dd>\s*<span data-ship-by="2030-03-06">/);
  assert.match(orderPage, /data-deliver-by="2030-03-07"/);
  assert.match(orderPage, /data-ship-by="2030-03-01"/);
  assert.match(await see("/fulfillment/ams"), /data-ship-by="2030-03-01"/);
  assert.match(await see(`/fulfillment-orders/${of.id}`), /data-ship-by="2030-03-01"/);

  // What was told stays, whatever the location says from now on; supply that is late takes its promises with it.
  await put(server, "/v1/locations/ams", { ...place, cutOff: "16:00", handlingDays: 3 });
  const late = await server.ask(`/v1/purchase-orders/${purchase.id}/change`, {
    json: { expectedAt: "2030-03-12T08:00:00Z" },
  });
  assert.equal(late.status, 200, late.text);
  const after = await eventually("the promise moves", async () => {
    const { body } = await server.ask(path);
    const { expectedAt } = body.lines[0].promises[0];
    return String(expectedAt) === "2030-03-12T08:00:00.000Z" ? body : null;
  });
  assert.deepEqual(after.fulfillmentOrders[0].shipBy, friday);
  assert.equal(after.shipBy.date, "2030-03-18");
});
