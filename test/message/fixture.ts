/** Orders and records that messages are made of. */
import type { Contact, Order, OrderEvent, Shipment } from "../../src/order/order.ts";
import type { OrderRecord } from "../../src/order/record.ts";

export const at = "2026-03-02T09:30:00.000Z";

export const line = (id: string, more: Partial<Order["lines"][number]> = {}) => ({
  ...{ id, sku: `sku-${id}`, quantity: 2, unitPrice: 1_450, discount: 0, tax: 0 },
  ...{ method: "ship" as const, mayBackorder: true, backordered: 0, cancelled: 0, short: 0 },
  ...more,
});

export const shipment: Shipment = {
  ...{ id: "shp_1", fulfillmentOrderId: "fo_1", locationId: "ams", status: "shipped" },
  ...{ carrier: "DHL", trackingNumber: "0034", tracking: [], shippedAt: at },
  lines: [{ lineId: "1", sku: "sku-1", quantity: 1 }],
};

export const order = (more: Partial<Order> = {}): Order => ({
  ...{ id: "ord_1", channel: "web", externalId: "10482", fingerprint: "f", currency: "EUR" },
  ...{ onShortage: "backorder", metadata: {}, status: "allocated", holds: [], allocating: false },
  ...{ closed: false, lines: [line("1"), line("2")], fulfillmentOrders: [], shipments: [] },
  totals: { subtotal: 5_800, discount: 0, tax: 0, shipping: 0, total: 5_800 },
  ...{ placedAt: at, createdAt: at, updatedAt: at, version: 1 },
  ...more,
});

export const contact: Contact = {
  customer: { name: "Ada <b>", email: "ada@example.com", phone: "+31 20 555 0100" },
  shippingAddress: { name: "Ada <b>", city: "Köln", postalCode: "50667", country: "DE" },
  note: "Leave it with my neighbor, whose key is under the pot.",
};

export const record = (
  events: readonly OrderEvent[],
  more: Partial<OrderRecord> = {},
): OrderRecord => ({
  ...{ kind: "order", orderId: "ord_1", channel: "web", from: "allocated", to: "allocated" },
  ...{ version: 3, at, by: "system", events, stock: [], fulfillment: [] },
  ...more,
});
