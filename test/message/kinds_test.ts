/** Which events make which messages, and for whom none is made. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { causesOf, type MessageCause, messageIdOf, messageKeyOf } from "../../src/message/kind.ts";
import { fallbacksOf, languageIn } from "../../src/message/language.ts";
import { languageGiven, messageModelOf } from "../../src/message/model.ts";
import { unwantedForGood } from "../../src/message/wanted.ts";
import { messageKindOf, messageKinds } from "../../src/messages.ts";
import type { OrderEvent } from "../../src/order/order.ts";
import type { PaymentStatus, Transaction } from "../../src/order/payment.ts";
import type { Return } from "../../src/order/return.ts";
import { at, contact, line, order, record, shipment } from "./fixture.ts";

const made = (...given: Parameters<typeof record>) =>
  causesOf(messageKinds, record(...given)).map(messageKeyOf);

const cancelled = (complete: boolean): OrderEvent => ({
  ...{ type: "order.cancelled", reason: "fraud, by the look of it", complete },
  lines: [{ lineId: "1", quantity: 1, backordered: 0, allocated: [] }],
});

Deno.test("each event makes its message, and the others none", () => {
  assert.deepEqual(made([{ type: "order.placed", order: order() }]), ["ord_1.order_received"]);
  assert.deepEqual(made([{ type: "order.backordered", lines: [] }]), ["ord_1.backordered"]);
  assert.deepEqual(made([{ type: "shipment.created", shipment }]), ["ord_1.shipped.shp_1"]);
  assert.deepEqual(
    made([{ type: "fulfillment_order.ready_for_pickup", fulfillmentOrderId: "fo_2" }]),
    ["ord_1.ready_for_pickup.fo_2"],
  );
  for (
    const event of [
      { type: "order.allocating" },
      { type: "order.closed" },
      { type: "order.held", code: "fraud", reason: "x", by: "system" },
      { type: "fulfillment_order.accepted", fulfillmentOrderId: "fo_1" },
      { type: "fulfillment_order.delivered", fulfillmentOrderId: "fo_1" },
    ] as const
  ) assert.deepEqual(made([event]), [], event.type);
  assert.deepEqual(causesOf(messageKinds, { kind: "stock", at, by: "system" }), []);
});

Deno.test("of a return the customer is told that it has come, and what of it is accepted", () => {
  const units = { lineId: "1", sku: "sku-1", quantity: 1 };
  const place = { returnId: "ret_1", locationId: "ams" };
  assert.deepEqual(
    made([
      { type: "return.received", ...place, lines: [units], unexpected: [] },
      {
        type: "return.inspected",
        ...place,
        lines: [{ ...units, disposition: "scrap", accepted: true }],
      },
      { type: "return.closed", returnId: "ret_1" },
    ]),
    ["ord_1.return_received.ret_1", "ord_1.return_closed.ret_1"],
  );
  const returned = (accepted: number) =>
    order({
      returns: [{
        ...{ id: "ret_1", status: "closed", goodsBack: true, locationId: "ams", unexpected: [] },
        lines: [{
          ...{ lineId: "1", sku: "sku-1", quantity: 2, reason: "unwanted", received: 2, accepted },
          inspected: [{ disposition: "restock", quantity: 2 }],
        }],
        ...{ createdAt: at, updatedAt: at },
      }],
    });
  const closed = messageKindOf("return_closed");
  assert.deepEqual(closed?.topicOf(returned(1), "ret_1"), {
    lines: [{ lineId: "1", quantity: 1 }],
  });
  assert.equal(closed?.topicOf(returned(0), "ret_1"), null, "somebody says why, in his words");
  assert.equal(closed?.topicOf(order(), "ret_1"), null);
});

const coming = (more: Partial<Return> = {}): Return => ({
  ...{ id: "ret_1", status: "authorized", goodsBack: true, locationId: "ams", unexpected: [] },
  lines: [{
    ...{ lineId: "1", sku: "sku-1", quantity: 2, reason: "unwanted", received: 0, accepted: 0 },
    inspected: [],
  }],
  ...{ createdAt: at, updatedAt: at },
  ...more,
});

Deno.test("how to send a return back is said while there is something to be sent", () => {
  const returnId = "ret_1";
  assert.deepEqual(made([{ type: "return.authorized", returnId }]), [
    "ord_1.return_authorized.ret_1",
  ]);
  const topicOf = (more: Partial<Return>) =>
    messageKindOf("return_authorized")?.topicOf(order({ returns: [coming(more)] }), "ret_1");
  assert.deepEqual(topicOf({}), {
    lines: [{ lineId: "1", quantity: 2 }],
    locationId: "ams",
    more: { returnNumber: "ret_1", sendBefore: null },
  });
  const inAWeek = new Date(Date.parse(at) + 7 * 86_400_000).toISOString();
  assert.equal(topicOf({ expiresAfterDays: 7 })?.more?.["sendBefore"], inAWeek);
  assert.equal(topicOf({ status: "cancelled" }), null);
  assert.equal(topicOf({ status: "closed", goodsBack: false }), null, "a claim comes from nowhere");
  assert.equal(topicOf({ status: "received" }), null, "over the counter");
});

Deno.test("of an exchange the customer is told once, and not of goods that were taken out again", () => {
  const totals = { subtotal: 0, discount: 0, tax: 0, shipping: 0, total: 0 };
  assert.deepEqual(
    made([{
      ...{ type: "order.exchanged", returnId: "ret_1", shipWhen: "received", by: "key_1" },
      ...{ currency: "EUR", addedLines: [], totals },
    }]),
    ["ord_1.exchanged.ret_1"],
  );
  const topicOf = (cancelled: number, more: Partial<Return> = {}) =>
    messageKindOf("exchanged")?.topicOf(
      order({
        lines: [line("1"), line("2", { cancelled })],
        returns: [coming({ exchange: { shipWhen: "received", added: ["2"] }, ...more })],
      }),
      "ret_1",
    );
  assert.deepEqual(topicOf(0)?.more, { returnNumber: "ret_1", waits: true });
  assert.deepEqual(topicOf(0, { status: "received" })?.more?.["waits"], false);
  assert.equal(topicOf(0)?.lines[0]?.lineId, "2");
  assert.equal(topicOf(line("2").quantity, { status: "cancelled" }), null);
});

Deno.test("a customer is told of each refund that is done, and of no other payment", () => {
  const ids = { paymentId: "pay_1", transactionId: "txn_2" };
  const done: OrderEvent = { type: "payment.succeeded", ...ids };
  const to = (status: PaymentStatus) => ({
    payments: [{
      ...{ id: "pay_1", from: "authorized" as const, to: status },
      ...{ neededAttention: false, needsAttention: false },
    }],
  });
  assert.deepEqual(made([done], to("captured")), []);
  assert.deepEqual(made([done], to("refunded")), ["ord_1.refunded.txn_2"]);
  assert.deepEqual(made([done]), ["ord_1.refunded.txn_2"], "a part after another part");
  const seen = { amount: 5, currency: "EUR", reference: "r" };
  assert.deepEqual(made([{ type: "payment.observed", ...ids, kind: "capture", ...seen }]), []);
  assert.deepEqual(made([{ type: "payment.observed", ...ids, kind: "refund", ...seen }]), [
    "ord_1.refunded.txn_2",
  ]);
  const topicOf = (kind: Transaction["kind"], status: Transaction["status"]) =>
    messageKindOf("refunded")?.topicOf(
      order({
        settlement: {
          policy: {
            ...{ captureAt: "shipment", fulfillWhen: "any", onLatePayment: "refund" },
            refundOnCancel: "automatic",
          },
          payments: [{
            ...{ id: "pay_1", provider: "card", method: "Visa", amount: 900, authorized: 900 },
            transactions: [{
              ...{ id: "txn_2", kind, amount: 500, status, ask: "call", at },
              ...{ attempt: 1, isFinal: false },
            }],
          }],
          credits: [],
        },
      }),
      "txn_2",
    );
  assert.deepEqual(topicOf("refund", "succeeded"), {
    lines: [],
    more: { amount: { amount: "5.00", currency: "EUR" }, method: "Visa" },
  });
  assert.equal(topicOf("refund", "requested"), null);
  assert.equal(topicOf("capture", "succeeded"), null);
});

Deno.test("a shipment is delivered once, however often its carrier says so", () => {
  const tracked = { ...shipment, locationId: "ams" };
  const change = { id: tracked.id, locationId: "ams", from: "shipped", to: "delivered" } as const;
  const event = {
    type: "shipment.tracked",
    shipmentId: "shp_1",
    tracking: { status: "delivered", occurredAt: at, recordedAt: at },
  } as const;
  assert.deepEqual(made([event], { shipments: [change] }), ["ord_1.delivered.shp_1"]);
  assert.deepEqual(made([event]), [], "it had been delivered before");
});

Deno.test("a cancellation is told when it is complete, of the whole order or of some lines", () => {
  assert.deepEqual(made([cancelled(true)], { to: "cancelled" }), ["ord_1.cancelled"]);
  assert.deepEqual(made([cancelled(true)], { version: 7 }), ["ord_1.cancelled.v7"]);
  assert.deepEqual(made([cancelled(false)]), []);
  const topicOf = messageKindOf("cancelled")?.topicOf;
  const some = order({ lines: [line("1", { cancelled: 1 }), line("2")] });
  assert.deepEqual(topicOf?.(some, "v7"), {
    lines: [{ lineId: "1", quantity: 1 }],
    more: { whole: false },
  });
  assert.equal(topicOf?.({ ...some, status: "cancelled" }, "v7"), null);
  assert.deepEqual(topicOf?.({ ...some, status: "cancelled" }, null)?.more, { whole: true });
});

Deno.test("what is not so any more when it is sent is not said", () => {
  const ready = messageKindOf("ready_for_pickup");
  const part = {
    ...{ id: "fo_2", locationId: "ams", method: "pickup" as const, packages: [] },
    lines: [{ lineId: "1", sku: "sku-1", quantity: 2, picked: 2, shipped: 0 }],
    ...{ createdAt: at, updatedAt: at },
  };
  const waiting = order({ fulfillmentOrders: [{ ...part, status: "ready_for_pickup" }] });
  assert.equal(ready?.topicOf(waiting, "fo_2")?.locationId, "ams");
  const collected = order({ fulfillmentOrders: [{ ...part, status: "collected" }] });
  assert.equal(ready?.topicOf(collected, "fo_2"), null);
  const backordered = messageKindOf("backordered");
  assert.equal(backordered?.topicOf(order(), null), null);
  const short = order({ lines: [line("1", { backordered: 2 }), line("2")] });
  assert.deepEqual(backordered?.topicOf(short, null)?.lines, [{ lineId: "1", quantity: 2 }]);
  assert.equal(messageKindOf("shipped")?.topicOf(order(), "shp_1"), null);
});

Deno.test("a message has one key for good, which no other message has, and it can be a Message-ID", () => {
  const id = fc.stringMatching(/^[a-z]{3}_[A-Za-z0-9_-]{10}$/);
  const causes: fc.Arbitrary<MessageCause> = fc.record({
    orderId: id,
    kind: fc.constantFrom(...messageKinds.map(({ name }) => name)),
    part: fc.option(fc.oneof(id, fc.stringMatching(/^v[1-9]\d{0,4}$/))),
  });
  fc.assert(fc.property(causes, causes, (one, other) => {
    const same = JSON.stringify(one) === JSON.stringify(other);
    assert.equal(messageKeyOf(one) === messageKeyOf(other), same);
    // RFC 5322, section 3.6.4: dot-atom-text on both sides.
    assert.match(messageIdOf(one, "shop.example"), /^<[\w-]+(?:\.[\w-]+)+@shop\.example>$/);
  }));
});

Deno.test("nobody is told of history, and of nothing where the channel tells its customers itself", () => {
  const placed = (placedAt: string, metadata = {}) =>
    unwantedForGood(order({ placedAt, createdAt: "2026-03-02T09:30:00.000Z", metadata }));
  assert.equal(placed("2026-03-02T09:30:00.000Z"), null);
  assert.equal(placed("2026-03-01T09:30:00.000Z"), null);
  assert.equal(placed("2026-03-01T09:29:59.999Z"), "history");
  assert.equal(placed("2026-03-02T09:30:00.000Z", { silent: "true" }), "silent");
  assert.equal(placed("2026-03-02T09:30:00.000Z", { silent: "false" }), null);
});

Deno.test("a language falls back to less of itself, and to English in the end", () => {
  assert.deepEqual(fallbacksOf("de-AT"), ["de-AT", "de", "en"]);
  assert.deepEqual(fallbacksOf("en-GB"), ["en-GB", "en"]);
  assert.deepEqual(fallbacksOf("zh-Hant-TW"), ["zh-Hant-TW", "zh-Hant", "zh", "en"]);
  assert.deepEqual(fallbacksOf("de-u-co-phonebk"), ["de-u-co-phonebk", "de-u-co", "de", "en"]);
  assert.deepEqual(["de_at", " DE ", "zh-hant-tw"].map(languageIn), ["de-AT", "de", "zh-Hant-TW"]);
  for (const none of ["", "d", "deutsch", "de-", "../en", "en:de", "de\n"]) {
    assert.ok(languageIn(none) === null || languageIn(none) === "de", none);
  }
  assert.equal(languageGiven(order({ metadata: { locale: "de-AT" } })), "de-AT");
  assert.equal(languageGiven(order()), null);
});

Deno.test("a parcel with a part of a kit says what it has and of which kit", () => {
  const state = order({
    lines: [line("1", {
      components: [{ sku: "pot", quantity: 1 }, { sku: "jar", quantity: 2 }],
      shipsSeparately: true,
    })],
  });
  const topic = { lines: [{ lineId: "1.2", quantity: 2 }, { lineId: "1", quantity: 1 }] };
  const { lines } = messageModelOf(
    { state, personal: contact },
    { kind: "shipped", language: "en", topic },
    { shopName: "Shop", itemName: (sku) => sku.toUpperCase(), location: () => null },
  );
  assert.deepEqual(lines.map(({ sku, name, quantity }) => [sku, name, quantity]), [
    ["jar", "SKU-1: JAR", 2],
    ["sku-1", "SKU-1", 1],
  ]);
});
