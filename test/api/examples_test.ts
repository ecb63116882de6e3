/** The examples in the document are requests that an engine takes: they are sent, one after the other, as one story. */
import assert from "node:assert/strict";
import { openApiDocument } from "../../api/http/openapi.ts";
import { routes } from "../../api/routes.ts";
import { type Json, startServer } from "../support/server.ts";

const { paths } = openApiDocument(routes, "0.0.0");

const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({
    path,
    method: method.toUpperCase(),
    id: operation.operationId,
    json: (operation.requestBody as unknown as {
      readonly content: Readonly<Record<string, { readonly example?: unknown; schema: object }>>;
    })?.content["application/json"],
  }))
);

const withExample = operations.filter(({ json }) => json?.example !== undefined);

Deno.test("every example is taken by an engine that was told those before it", async () => {
  await using server = await startServer();
  const sent: string[] = [];
  const send = async (
    id: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Json> => {
    const { path, method, json } = withExample.find((each) => each.id === id) ??
      assert.fail(`there is no operation ${id} that takes an example`);
    sent.push(id);
    const target = path.replace(/\{(\w+)\}/g, (_, name) => String(params[name]));
    const { status, body, text } = await server.ask(target, { method, json: json?.example });
    assert.ok(status === 200 || status === 201, `${id}: ${status} ${text}`);
    return body;
  };
  /** Of an order that was shipped: one return is declined, one cancelled, and one comes. */
  const tellOfReturns = async () => {
    const { example } = withExample.find(({ id }) => id === "placeOrder")?.json ?? {};
    const json = { ...example as object, externalId: "1004" };
    const { body: { id: orderId, fulfillmentOrders } } = await server.ask("/v1/orders", { json });
    const work = `/v1/fulfillment-orders/${fulfillmentOrders[0]?.id}`;
    for (const step of ["accept", "pick"]) await server.ask(`${work}/${step}`, { method: "POST" });
    await server.ask(`${work}/ship`, { json: { carrier: "DHL" } });
    await send("previewReturn", { orderId });
    await send("declineReturn", { returnId: (await send("requestReturn", { orderId })).id });
    await send("cancelReturn", { returnId: (await send("requestReturn", { orderId })).id });
    await send("saveReturnPolicy", { channel: "web" });
    const { id: returnId } = await send("requestReturn", { orderId });
    await send("shipReturn", { returnId });
    await send("receiveReturn", { returnId });
    assert.equal((await send("inspectReturn", { returnId })).status, "closed");
    await send("creditOrder", { orderId });
  };
  const tellOfSupply = async () => {
    await server.ask("/v1/locations/store-1", {
      method: "PUT",
      json: { name: "Store", type: "store", address: { country: "NL" } },
    });
    const example = (id: string) =>
      withExample.find((each) => each.id === id)?.json?.example as object;
    const ordered = async (externalId: string) => {
      const json = { ...example("placePurchaseOrder"), externalId };
      return (await server.ask("/v1/purchase-orders", { json })).body.id;
    };
    await send("cancelPurchaseOrder", { id: await ordered("PO-1") });
    await send("closePurchaseOrder", { id: await ordered("PO-2") });
    const { id } = await send("placePurchaseOrder");
    await send("changePurchaseOrder", { id });
    assert.equal((await send("receivePurchaseOrder", { id })).status, "received");
    const moved = async (externalId: string) => {
      const json = { ...example("requestTransfer"), externalId };
      return (await server.ask("/v1/transfers", { json })).body.id;
    };
    await send("closeTransfer", { id: await moved("TO-1") });
    await send("cancelTransfer", { id: await moved("TO-2") });
    const { id: transferId } = await send("requestTransfer");
    await send("changeTransfer", { id: transferId });
    await send("shipTransfer", { id: transferId });
    assert.equal((await send("receiveTransfer", { id: transferId })).status, "received");
  };
  await send("saveLocation", { locationId: "ams" });
  await send("saveCalendar", { calendarId: "warehouse" });
  await send("saveCarrier", { carrierId: "dhl" });
  await send("saveItem", { sku: "MUG-01" });
  await send("adjustStock");
  await send("countStock");
  await send("moveStock");
  await send("setSafetyStock");
  await send("saveChannel", { channel: "web" });
  const { id } = await send("reserve");
  await server.ask(`/v1/reservations/${id}/release`, { method: "POST" });
  await tellOfSupply();
  assert.equal((await send("makePromise")).complete, true);
  const { id: keyId } = await send("createKey");
  await send("changeKey", { keyId });
  await send("saveImportMapping", { name: "shop" });
  await send("saveStockFeed", { stockFeedId: "shop" });
  await send("saveMessageTemplate", { kind: "shipped", language: "nl" });
  await send("previewMessageTemplate", { kind: "shipped", language: "nl" });
  await send("saveMessageChannel", { channel: "shop" });
  const edited = { ...withExample.find(({ id }) => id === "placeOrder")?.json?.example as object };
  const first = await server.ask("/v1/orders", { json: { ...edited, externalId: "1000" } });
  const { lines: edits } = await send("previewEdit", { orderId: first.body.id });
  assert.deepEqual((await send("editOrder", { orderId: first.body.id })).lines, edits);
  await server.ask(`/v1/orders/${first.body.id}/cancel`, { json: { reason: "another story" } });
  const { id: orderId, totals } = await send("placeOrder");
  assert.equal(totals?.total?.amount, "34.29");
  await send("holdOrder", { orderId });
  const { fulfillmentOrders } = await send("releaseOrder", { orderId });
  const fulfillmentOrderId = fulfillmentOrders[0]?.id;
  await server.ask(`/v1/fulfillment-orders/${fulfillmentOrderId}/accept`, { method: "POST" });
  await send("pickFulfillmentOrder", { fulfillmentOrderId });
  await send("packFulfillmentOrder", { fulfillmentOrderId });
  const { shipments } = await send("shipFulfillmentOrder", { fulfillmentOrderId });
  const shipmentId = shipments[0]?.id;
  const { tracking } = await send("trackShipment", { shipmentId });
  assert.equal(tracking[0]?.status, "in_transit");
  await send("correctShipmentTracking", { shipmentId });
  await send("setShipmentTrackingNumbers", { shipmentId });
  await send("noteShipment", { shipmentId });
  const { status } = await send("reshipShipment", { shipmentId });
  assert.equal(status, "replaced");
  await tellOfReturns();
  const again = { ...withExample.find(({ id }) => id === "placeOrder")?.json?.example as object };
  const other = await server.ask("/v1/orders", { json: { ...again, externalId: "1002" } });
  const { status: would } = await send("previewCancel", { orderId: other.body.id });
  assert.equal((await send("cancelOrder", { orderId: other.body.id })).status, would);
  await send("rejectFulfillmentOrder", {
    fulfillmentOrderId: other.body.fulfillmentOrders[0]?.id,
  });
  await send("saveProvider", { provider: "till" });
  await server.ask("/v1/providers/card", {
    method: "PUT",
    json: { type: "http", url: "https://card.example.com" },
  });
  const third = await server.ask("/v1/orders", { json: { ...again, externalId: "1003" } });
  const { id: paid } = third.body;
  const paymentOf = async (status: string, provider = "card") => {
    const json = { provider, amount: { amount: "34.29", currency: "EUR" }, status };
    return (await server.ask(`/v1/orders/${paid}/payments`, { json })).body.id;
  };
  await send("addPayment", { orderId: paid });
  await send("capturePayment", { paymentId: await paymentOf("authorized") });
  await send("recordPayment", { paymentId: await paymentOf("promised", "manual") });
  await send("resolvePayment", { paymentId: await paymentOf("promised") });
  await paymentOf("captured");
  await send("previewRefund", { orderId: paid });
  await send("refundOrder", { orderId: paid });
  assert.ok(sent.length > 15);
  const untold = withExample.map(({ id }) => id).filter((id) => !sent.includes(id));
  assert.deepEqual(untold, [], "the story does not tell of these");
});
