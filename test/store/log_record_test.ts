import assert from "node:assert/strict";
import fc from "fast-check";
import { fulfillmentOrderIdOf, orderIdOf, shipmentIdOf } from "../../src/ids.ts";
import { instantOf } from "../../src/instant.ts";
import { stockDelta } from "../../src/inventory/stock.ts";
import {
  type FulfillmentOrder,
  fulfillmentOrderStatuses,
  type Order,
  type OrderEvent,
  orderStatuses,
  type ShipmentStatus,
} from "../../src/order/order.ts";
import type { LogRecord, OrderRecord } from "../../src/store/log.ts";
import {
  digestOf,
  packRecord,
  unpackEarlier,
  unpackRecords,
  whole,
} from "../../src/store/log-record.ts";
import { packOrder } from "../../src/store/order-document.ts";

const text = fc.string({ minLength: 1, maxLength: 12 });
const units = fc.nat(50);
const orderId = orderIdOf(1_700_000_000_000, 3, "0123456789");
const now = instantOf(1_700_000_000_123);
const ids = fc.integer({ min: 1, max: 500 }).map((n) => fulfillmentOrderIdOf(orderId, n));
const places = fc.option(text);

/** As allocation makes it; the others differ from that in one way or another. */
const fulfillmentOrder: fc.Arbitrary<FulfillmentOrder> = fc.record({
  id: fc.oneof({ weight: 9, arbitrary: ids }, { weight: 1, arbitrary: text }),
  status: fc.oneof(
    { weight: 9, arbitrary: fc.constant("open" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...fulfillmentOrderStatuses) },
  ),
  locationId: places,
  method: fc.constantFrom("ship", "pickup", "digital"),
  lines: fc.array(fc.record({
    lineId: text,
    sku: text,
    quantity: units,
    picked: fc.constantFrom(0, 0, 0, 0, 1),
    shipped: fc.constantFrom(0, 0, 0, 0, 2),
  })),
  packages: fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant([{ weightGrams: 5 }]) },
  ),
  createdAt: fc.constantFrom(now, now, now, instantOf(1)),
  updatedAt: fc.constantFrom(now, now, now, instantOf(2)),
});

const lines = fc.array(fc.record({ lineId: text, quantity: units }), { maxLength: 3 });

const event: fc.Arbitrary<OrderEvent> = fc.oneof(
  fc.record({
    type: fc.constant("order.allocated" as const),
    fulfillmentOrders: fc.array(fulfillmentOrder, { maxLength: 3 }),
    filled: lines,
    complete: fc.boolean(),
  }),
  fc.record({ type: fc.constant("order.backordered" as const), lines }),
  fc.record({ type: fc.constant("order.released" as const) }),
  fc.record({
    type: fc.constant("order.held" as const),
    code: fc.constantFrom("manual", "shortage"),
    reason: text,
    by: text,
  }),
);

const change = fc.record({
  id: ids,
  locationId: places,
  from: fc.option(fc.constantFrom(...fulfillmentOrderStatuses)),
  to: fc.constantFrom(...fulfillmentOrderStatuses),
});

const shipmentStatuses = [
  "shipped",
  "in_transit",
  "out_for_delivery",
  "delivered",
  "exception",
] as const satisfies readonly ShipmentStatus[];

const shipment = fc.record({
  id: fc.integer({ min: 1, max: 500 }).map((n) => shipmentIdOf(orderId, n)),
  locationId: text,
  from: fc.option(fc.constantFrom(...shipmentStatuses)),
  to: fc.constantFrom(...shipmentStatuses),
});

const record: fc.Arbitrary<OrderRecord> = fc.tuple(
  fc.record({
    kind: fc.constant("order" as const),
    orderId: fc.constant(orderId),
    channel: text,
    from: fc.option(fc.constantFrom(...orderStatuses)),
    to: fc.constantFrom(...orderStatuses),
    version: fc.integer({ min: 1, max: 2_000 }),
    at: fc.constant(now),
    by: text,
    events: fc.array(event, { maxLength: 4 }),
    stock: fc.array(
      fc.tuple(text, text, fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }))
        .map(([place, sku, onHand, reserved]) => stockDelta(place, sku, { onHand, reserved })),
    ),
    fulfillment: fc.array(change, { maxLength: 3 }),
  }),
  fc.option(text),
  fc.option(fc.array(shipment, { minLength: 1, maxLength: 3 })),
).map(([all, customerId, shipments]) => ({
  ...all,
  ...(customerId === null ? {} : { customerId }),
  ...(shipments === null ? {} : { shipments }),
}));

const stored = (given: LogRecord): LogRecord => {
  const [read, ...others] = unpackRecords(packRecord(given));
  assert.ok(read);
  assert.deepEqual(others, []);
  return read;
};

/** As it comes back from the store. */
const storedAndRead = (given: LogRecord): LogRecord => whole(stored(given));

Deno.test("a log record is read back as it was, whatever happened", () => {
  fc.assert(fc.property(record, (given) => {
    assert.deepEqual(storedAndRead(given), JSON.parse(JSON.stringify(given)));
  }));
});

Deno.test("what a stored record's events are about is known without reading them", () => {
  fc.assert(fc.property(record, (given) => {
    const read = stored(given);
    assert.ok(read.kind === "order");
    assert.deepEqual(digestOf(read), digestOf(given));
    assert.deepEqual(digestOf(given).types, given.events.map(({ type }) => type));
    assert.deepEqual(read.events, whole(read).kind === "order" ? given.events : []);
  }));
});

Deno.test("a record of something else than an order is stored as it is", () => {
  const given: LogRecord = {
    kind: "catalog",
    type: "item.saved",
    at: now,
    by: "key_1",
    id: "mug",
  };
  assert.deepEqual(storedAndRead(given), given);
});

Deno.test("a record that was stored by name, with its order packed, is read as well", () => {
  const order: Order = {
    id: orderId,
    channel: "web",
    externalId: "1001",
    fingerprint: "f",
    currency: "EUR",
    onShortage: "reject",
    metadata: {},
    status: "allocating",
    allocating: false,
    closed: false,
    lines: [],
    totals: { subtotal: 0, discount: 0, tax: 0, shipping: 0, total: 0 },
    fulfillmentOrders: [],
    shipments: [],
    placedAt: now,
    createdAt: now,
    updatedAt: now,
    version: 0,
  };
  const given: OrderRecord = {
    kind: "order",
    orderId,
    channel: "web",
    from: null,
    to: "backordered",
    version: 1,
    at: now,
    by: "key_1",
    events: [{ type: "order.placed", order }, { type: "order.backordered", lines: [] }],
    stock: [],
    fulfillment: [],
  };
  const [, ...others] = given.events;
  const stored = {
    ...given,
    events: [{ type: "order.placed", order: packOrder(order) }, ...others],
  };
  assert.deepEqual(unpackEarlier(JSON.parse(JSON.stringify(stored))), given);
});
