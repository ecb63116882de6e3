/** Orders are found by the numbers of their parcels, there and back. */
import assert from "node:assert/strict";
import { type Json, keyFor, orderFor, startServer, stockOver } from "../support/server.ts";

Deno.test("an order is found by the number of a parcel that left or comes back, as long as it has it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const post = async (path: string, json: unknown = {}): Promise<Json> => {
    const { status, body, text } = await server.ask(path, { json });
    assert.ok(status === 200 || status === 201, `${path}: ${text}`);
    return body;
  };
  const found = async (number: string, key?: string): Promise<readonly string[]> => {
    const address = `/v1/orders?trackingNumber=${encodeURIComponent(number)}`;
    const { status, body, text } = await server.ask(address, key === undefined ? {} : { key });
    assert.equal(status, 200, text);
    return [...body.data].map(({ externalId }) => String(externalId));
  };
  const shipped = async (externalId: string, trackingNumbers: readonly string[]) => {
    const { id, fulfillmentOrders } = await post("/v1/orders", orderFor(externalId, { mug: 1 }));
    const work = `/v1/fulfillment-orders/${fulfillmentOrders[0].id}`;
    for (const step of ["accept", "pick"]) await post(`${work}/${step}`);
    const { shipments } = await post(`${work}/ship`, { carrier: "DHL", trackingNumbers });
    return { id, shipmentId: shipments[0].id };
  };
  const one = await shipped("one", ["JD 0146-1", "JD 0146-2"]);
  await shipped("two", ["JD 0146-2"]);
  await shipped("none", []);
  assert.deepEqual(await found("JD0146-1"), ["one"]);
  assert.deepEqual(await found("jd 0146 -2"), ["two", "one"]);
  assert.deepEqual(await found("JD0146"), []);

  await post(`/v1/shipments/${one.shipmentId}/set-tracking-numbers`, { trackingNumbers: ["JD9"] });
  assert.deepEqual(await found("JD0146-1"), []);
  assert.deepEqual(await found("JD0146-2"), ["two"]);
  assert.deepEqual(await found("JD9"), ["one"]);

  const asked = await post(`/v1/orders/${one.id}/returns`, {
    lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
  });
  const comesBack = `/v1/returns/${asked.id}`;
  if (String(asked.status) === "requested") await post(`${comesBack}/authorize`);
  await post(`${comesBack}/ship`, { carrier: "DHL", trackingNumber: "RET 7" });
  assert.deepEqual(await found("ret7"), ["one"]);
  assert.deepEqual(await found("JD9"), ["one"]);

  // Whoever may not see an order does not find it.
  assert.deepEqual(await found("JD9", await keyFor(server, "channel", { channel: "web" })), [
    "one",
  ]);
  assert.deepEqual(await found("JD9", await keyFor(server, "channel", { channel: "app" })), []);
  assert.deepEqual((await server.ask("/v1/admin/verify", { json: {} })).body.violations, []);
});
