import assert from "node:assert/strict";
import fc from "fast-check";
import { fulfillmentOrderIdOf, orderIds, shipmentIdOf } from "../../src/order/ids.ts";
import { epochMsOf, instantOf } from "../../src/kernel/instant.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import {
  fulfillmentMethods,
  type FulfillmentOrder,
  fulfillmentOrderStatuses,
  holdBlocks,
  holdCodes,
  type Order,
  type OrderEvent,
  orderStatuses,
  shipmentStatuses,
} from "../../src/order/order.ts";
import { accessRecord } from "../../src/access/record.ts";
import { catalogRecord } from "../support/catalog-record.ts";
import { anyReturnChange } from "../support/returns.ts";
import { isOrderRecord, type OrderRecord } from "../../src/order/record.ts";
import { digestOf } from "../../src/order/record-codec.ts";
import { subjects } from "../../src/subjects.ts";
import {
  joinRecords,
  packRecords,
  unpackEntry,
  unpackRecords,
  wholeEntry,
} from "../../src/store/log-entry.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { packOrder } from "../../src/order/order-codec.ts";

const text = fc.string({ minLength: 1, maxLength: 12 });
const units = fc.nat(50);
const orderId = orderIds.of(1_700_000_000_000, 3, "0123456789");
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
  method: fc.constantFrom(...fulfillmentMethods),
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
  fc.record({
    type: fc.constant("order.released" as const),
    code: fc.constantFrom(...holdCodes),
    reason: text,
  }, { requiredKeys: ["type"] }),
  fc.record({
    type: fc.constant("order.held" as const),
    code: fc.constantFrom(...holdCodes),
    reason: text,
    by: text,
    blocks: fc.constantFrom(...holdBlocks),
  }, { requiredKeys: ["type", "code", "reason", "by"] }),
);

const change = fc.record({
  id: ids,
  locationId: places,
  from: fc.option(fc.constantFrom(...fulfillmentOrderStatuses)),
  to: fc.constantFrom(...fulfillmentOrderStatuses),
});

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
  fc.option(text),
  fc.option(fc.array(shipment, { minLength: 1, maxLength: 3 })),
  fc.option(fc.array(anyReturnChange(orderId), { minLength: 1, maxLength: 3 })),
).map(([all, customerId, externalId, shipments, returns]) => ({
  ...all,
  ...(externalId === null ? {} : { externalId }),
  ...(customerId === null ? {} : { customerId }),
  ...(shipments === null ? {} : { shipments }),
  ...(returns === null ? {} : { returns }),
}));

const packed = (given: LogRecord): string => packRecords(subjects, [given]);

const stored = (given: LogRecord): LogRecord => {
  const [read, ...others] = unpackRecords(subjects, packed(given));
  assert.ok(read);
  assert.deepEqual(others, []);
  return read;
};

const storedOrder = (given: OrderRecord): OrderRecord => {
  const read = stored(given);
  assert.ok(isOrderRecord(read));
  return read;
};

const whole = (records: readonly LogRecord[]): readonly LogRecord[] =>
  wholeEntry(subjects, { records }).records;

/** As it comes back from the store. */
/** As JSON has it: a member that is undefined is absent. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const storedAndRead = (given: LogRecord): LogRecord | undefined => whole([stored(given)])[0];

/** Records of earlier layouts: an entry is one line, and each record one piece of JSON in it. */
const unpackEarlier = (...records: readonly unknown[]): readonly LogRecord[] =>
  unpackEntry(subjects, JSON.stringify({ commitId: "one", at: now, records })).records;

Deno.test("a log record is read back as it was, whatever happened", () => {
  fc.assert(fc.property(record, (given) => {
    assert.deepEqual(plain(storedAndRead(given)), plain(given));
  }));
});

Deno.test("what a stored record's events are about is known without reading them", () => {
  fc.assert(fc.property(record, (given) => {
    const read = storedOrder(given);
    assert.deepEqual(digestOf(read), {
      types: given.events.map(({ type }) => type),
      unitsPlaced: 0,
    });
    assert.deepEqual(digestOf(given), digestOf(read));
    assert.deepEqual(read.events, JSON.parse(JSON.stringify(given.events)));
  }));
});

Deno.test("records are read one by one as they were joined", () => {
  fc.assert(fc.property(fc.array(record), (given) => {
    const expected = plain(given);
    for (const text of [packRecords(subjects, given), joinRecords(given.map(packed))]) {
      assert.deepEqual(plain(whole(unpackRecords(subjects, text))), expected);
    }
  }));
});

Deno.test("a record that lost its last line, or is of a later layout, is not read", () => {
  const text = packed(accessRecord({ type: "key.created", at: now, by: "key_1", keyId: "key_2" }));
  const unpack = (text: string) => () => unpackRecords(subjects, text);
  assert.throws(unpack(text.trimEnd()), /lost a line/);
  assert.throws(unpack('[3,"ord_1"]\n[]'), /layout 3/);
  assert.throws(unpack('{"kind":"wish"}\n'), /kind wish/);
});

Deno.test("a record of something else than an order is stored as it is", () => {
  const given = catalogRecord({ type: "item.saved", at: now, by: "key_1", id: "mug" });
  assert.equal(packed(given), `${JSON.stringify(given)}\n`);
  assert.deepEqual(storedAndRead(given), given);
});

const order: Order = {
  id: orderId,
  channel: "web",
  externalId: "1001",
  fingerprint: "f",
  currency: "EUR",
  onShortage: "reject",
  metadata: {},
  status: "allocating",
  holds: [],
  allocating: false,
  closed: false,
  lines: [2, 3].map((quantity, index) => ({
    id: String(index + 1),
    sku: "mug",
    quantity,
    unitPrice: 100,
    discount: 0,
    tax: 0,
    method: "ship",
    mayBackorder: true,
    backordered: 0,
    cancelled: 0,
    short: 0,
  })),
  totals: { subtotal: 500, discount: 0, tax: 0, shipping: 0, total: 500 },
  fulfillmentOrders: [],
  shipments: [],
  placedAt: now,
  createdAt: now,
  updatedAt: now,
  version: 0,
};
const placed: OrderRecord = {
  kind: "order",
  orderId,
  channel: "web",
  customerId: "ada",
  from: null,
  to: "backordered",
  version: 1,
  at: now,
  by: "key_1",
  events: [{ type: "order.placed", order }, { type: "order.backordered", lines: [] }],
  stock: [stockDelta("berlin", "mug", { reserved: 5 })],
  fulfillment: [],
};

Deno.test("an order that was placed is read back, and its units are known without reading it", () => {
  const read = storedOrder(placed);
  assert.deepEqual(digestOf(read), {
    types: ["order.placed", "order.backordered"],
    unitsPlaced: 5,
  });
  assert.deepEqual(plain(storedAndRead(placed)), plain(placed));
});

Deno.test("a record that was stored by name, its order packed or not, is read as well", () => {
  const [, ...others] = placed.events;
  const { holds: _, ...orderByName } = order;
  for (const stored of [packOrder(order), orderByName]) {
    const named = { ...placed, events: [{ type: "order.placed", order: stored }, ...others] };
    assert.deepEqual(plain(unpackEarlier(JSON.parse(JSON.stringify(named)))), plain([placed]));
  }
});

Deno.test("a record that was stored in one line is read as well", () => {
  const [, ...others] = placed.events;
  const line = [
    1,
    orderId,
    "web",
    "ada",
    null,
    "backordered",
    1,
    epochMsOf(now),
    "key_1",
    [[0, packOrder(order)], ...others],
    [["berlin", "mug", 5]],
    [],
  ];
  assert.deepEqual(unpackEarlier(line), [placed]);
});
