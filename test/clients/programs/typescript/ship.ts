/** Places and ships an order by a client that openapi-typescript made. */
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};

const run = setting("ALLOT_RUN");
const client = createClient<paths>({
  baseUrl: setting("ALLOT_URL"),
  headers: { authorization: `Bearer ${setting("ALLOT_KEY")}` },
});

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

const done = <Data>({ data, error, response }: Answer<Data>): Data => {
  if (data === undefined) throw new Error(`${response.status} ${JSON.stringify(error)}`);
  return data;
};

const same = (found: unknown, expected: unknown): void => {
  if (found !== expected) throw new Error(`${String(found)} is not ${String(expected)}`);
};

const sku = `mug-${run}`;

done(
  await client.PUT("/v1/locations/{locationId}", {
    params: { path: { locationId: run } },
    body: { name: "A warehouse", type: "warehouse", address: { country: "NL" } },
  }),
);
done(
  await client.POST("/v1/inventory/adjustments", {
    body: { locationId: run, reason: "received", changes: [{ sku, delta: 3_000_000_000 }] },
  }),
);
const stock = done(await client.GET("/v1/inventory", { params: { query: { sku: [sku] } } }));
same(stock.data[0]?.onHand, 3_000_000_000);
same(stock.nextCursor, null);

const line: components["schemas"]["PlaceOrderLine"] = {
  sku,
  quantity: 2,
  unitPrice: { amount: "12.50", currency: "EUR" },
};
const order: components["schemas"]["PlaceOrderRequest"] = {
  channel: "web",
  externalId: run,
  currency: "EUR",
  customer: { name: "Ada Example" },
  shippingAddress: { country: "NL" },
  lines: [line],
};

const refused = await client.POST("/v1/orders", {
  body: { ...order, externalId: `${run}-none`, lines: [{ ...line, sku: `none-${run}` }] },
});
same(refused.response.status, 409);
same(refused.error?.type, "/problems/insufficient-stock");
same(refused.error?.shortages?.[0]?.available, 0);

const placed = done(
  await client.POST("/v1/orders", {
    body: order,
    params: { header: { "Idempotency-Key": `place-${run}` } },
  }),
);
same(placed.totals.total.amount, "25.00");
const fulfillmentOrderId = placed.fulfillmentOrders[0]?.id ?? "";
const params = { path: { fulfillmentOrderId } };
const path = "/v1/fulfillment-orders/{fulfillmentOrderId}";
done(await client.POST(`${path}/accept`, { params }));
const picked = done(await client.POST(`${path}/pick`, { params, body: { lines: [] } }));
same(picked.lines[0]?.picked, 2);
done(await client.POST(`${path}/pack`, { params, body: {} }));
done(await client.POST(`${path}/ship`, { params, body: { carrier: "DHL" } }));

const shipped = done(
  await client.GET("/v1/orders/{orderId}", { params: { path: { orderId: placed.id } } }),
);
const status: components["schemas"]["OrderStatus"] = shipped.status;
same(status, "shipped");
same(shipped.lines[0]?.shipped, 2);
console.log(`shipped ${placed.id}`);
