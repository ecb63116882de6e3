import assert from "node:assert/strict";
import fc from "fast-check";
import { fulfillmentOrderIdOf, orderIds, shipmentIdOf } from "../../src/order/ids.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import {
  fulfillmentMethods,
  fulfillmentOrderStatuses,
  type Hold,
  holdBlocks,
  holdCodes,
  type Order,
  orderStatuses,
  type Shipment,
  shortagePolicies,
  trackingStatuses,
} from "../../src/order/order.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import { anyReturn } from "../support/returns.ts";

const text = fc.string({ minLength: 1, maxLength: 12 });
const units = fc.nat(50);
const minor = fc.nat(100_000);
const moment = fc.nat(2_000_000_000).map((ms) => instantOf(1_700_000_000_000 + ms));
const id = orderIds.of(1_700_000_000_000, 3, "0123456789");
const skus = ["mug", "tea", "пот"] as const;
const some = { requiredKeys: [] as [] };

/** A record with optional names is either with the name or without it, never with `undefined`. */
const optional = <A extends object>(shape: { [Name in keyof A]: fc.Arbitrary<A[Name]> }) =>
  fc.record(shape, some);

const line = (n: number) =>
  fc.tuple(
    fc.record({
      id: fc.constant(String(n + 1)),
      sku: fc.constantFrom(...skus),
      quantity: units,
      unitPrice: minor,
      discount: minor,
      tax: minor,
      method: fc.constantFrom(...fulfillmentMethods),
      mayBackorder: fc.boolean(),
      backordered: units,
      cancelled: units,
      short: units,
    }),
    optional({
      locationId: text,
      components: fc.array(fc.record({ sku: text, quantity: fc.integer({ min: 1, max: 50 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    fc.record({ shipsSeparately: fc.boolean(), waits: fc.boolean() }),
  ).map(([all, more, { shipsSeparately, waits }]) => ({
    ...all,
    ...more,
    ...(more.components === undefined || !shipsSeparately ? {} : {
      shipsSeparately: true as const,
      ...(waits ? { waitingParts: more.components.map((_, n) => n + 1) } : {}),
    }),
  }));

const fulfillmentOrder = (n: number, lines: readonly { id: string; sku: string }[]) =>
  fc.tuple(
    fc.record({
      id: fc.constant(fulfillmentOrderIdOf(id, n + 1)),
      status: fc.constantFrom(...fulfillmentOrderStatuses),
      locationId: fc.option(text),
      method: fc.constantFrom(...fulfillmentMethods),
      lines: fc.tuple(...lines.map((each) =>
        fc.record({
          lineId: fc.constant(each.id),
          sku: fc.constant(each.sku),
          quantity: units,
          picked: units,
          shipped: units,
        })
      )),
      packages: fc.array(optional({ reference: text, weightGrams: units }), { maxLength: 2 }),
      createdAt: moment,
      updatedAt: moment,
    }),
    optional({ reason: text }),
  ).map(([all, more]) => ({ ...all, ...more }));

const shipment = (n: number, lines: readonly { id: string; sku: string }[]) =>
  fc.tuple(
    fc.record({
      id: fc.constant(shipmentIdOf(id, n + 1)),
      fulfillmentOrderId: fc.constant(fulfillmentOrderIdOf(id, 1)),
      locationId: text,
      status: fc.constantFrom<Shipment["status"][]>(
        "shipped",
        "in_transit",
        "delivered",
        "replaced",
      ),
      carrier: text,
      lines: fc.tuple(...lines.map((each) =>
        fc.record({
          lineId: fc.constant(each.id),
          sku: fc.constant(each.sku),
          quantity: units,
        })
      )),
      tracking: fc.array(
        fc.tuple(
          fc.record({
            status: fc.constantFrom(...trackingStatuses),
            occurredAt: moment,
            recordedAt: moment,
          }),
          optional({ description: text }),
        ).map(([all, more]) => ({ ...all, ...more })),
        { maxLength: 3 },
      ),
      shippedAt: moment,
    }),
    optional({
      trackingNumber: text,
      moreTrackingNumbers: fc.array(text, { minLength: 1, maxLength: 2 }),
      deliveredAt: moment,
      notes: fc.array(fc.record({ text, at: moment, by: text }), { minLength: 1, maxLength: 2 }),
      replacedReason: text,
    }),
  ).map(([all, more]) => ({ ...all, ...more }));

const hold: fc.Arbitrary<Hold> = fc.record({
  code: fc.constantFrom(...holdCodes),
  reason: text,
  at: moment,
  by: text,
  blocks: fc.constantFrom(...holdBlocks),
});

const order = fc.integer({ min: 1, max: 3 }).chain((count) =>
  fc.tuple(...Array.from({ length: count }, (_, n) => line(n)))
).chain((lines) =>
  fc.tuple(
    fc.record({
      id: fc.constant(id),
      channel: text,
      externalId: text,
      fingerprint: text,
      currency: fc.constantFrom("USD", "JPY"),
      onShortage: fc.constantFrom(...shortagePolicies),
      metadata: fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true }),
      status: fc.constantFrom(...orderStatuses),
      holds: fc.uniqueArray(hold, { selector: ({ code }) => code, maxLength: 4 }),
      allocating: fc.boolean(),
      closed: fc.boolean(),
      lines: fc.constant(lines),
      totals: fc.record({
        subtotal: minor,
        discount: minor,
        tax: minor,
        shipping: minor,
        total: minor,
      }),
      fulfillmentOrders: fc.tuple(fulfillmentOrder(0, lines), fulfillmentOrder(1, lines)),
      shipments: fc.oneof(fc.constant([]), fc.tuple(shipment(0, lines))),
      placedAt: moment,
      createdAt: moment,
      updatedAt: moment,
      version: units,
    }),
    optional({
      customerId: text,
      destination: fc.record({ country: text, latitude: fc.double({ noNaN: true }) }),
      shippingService: text,
      cancelling: text,
      cancelReason: text,
      returns: fc.tuple(anyReturn(id, 0, lines), anyReturn(id, 1, lines.slice(0, 1))),
    }),
  ).map(([all, more]) => ({ ...all, ...more }) as Order)
);

const document: fc.Arbitrary<OrderDocument> = fc.record({
  state: order,
  personal: fc.record({ customer: fc.record({ name: text }) }),
  history: fc.array(text, { maxLength: 3 }),
});

Deno.test("an order document is read as it was written", () => {
  fc.assert(fc.property(document, (written) => {
    const stored = orderCodec.pack(written);
    // JSON has one zero.
    const expected = JSON.parse(JSON.stringify(written));
    assert.deepEqual(orderCodec.unpack(stored), expected);
  }));
});

/** Where an order's holds are in its document. */
const holdsAt = 22;

const stored = (written: OrderDocument): unknown[] => JSON.parse(orderCodec.pack(written))[0];

Deno.test("an order without holds is stored as before there were any, and so is one with one that blocks all", () => {
  fc.assert(fc.property(document, hold, (written, one) => {
    const withHolds = (...holds: readonly Hold[]) =>
      stored({ ...written, state: { ...written.state, holds } });
    assert.ok((withHolds()[holdsAt] ?? null) === null);
    const { blocks: _, ...named } = one;
    assert.deepEqual(withHolds({ ...one, blocks: "all" })[holdsAt], named);
    const packed = stored(written);
    packed[holdsAt] = named;
    const { state: read } = orderCodec.unpack(JSON.stringify([packed, {}, []]));
    assert.deepEqual(read.holds, [{ ...one, blocks: "all" }]);
  }));
});

Deno.test("a document by name, with one hold or none, is read as well", () => {
  fc.assert(fc.property(document, fc.option(hold, { nil: undefined }), (written, one) => {
    const { holds: _, ...order } = written.state;
    const { blocks: __, ...named } = one ?? {};
    const { personal, history } = written;
    const byName = {
      ...{ contact: personal, history },
      order: one === undefined ? order : { ...order, hold: named },
    };
    const expected = one === undefined ? [] : [{ ...one, blocks: "all" as const }];
    assert.deepEqual(
      orderCodec.unpack(JSON.stringify(byName)),
      JSON.parse(
        JSON.stringify({ personal, history, state: { ...order, holds: expected } }),
      ),
    );
  }));
});
