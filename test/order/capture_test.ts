import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { largestAmount } from "../../src/kernel/money.ts";
import type { Captured } from "../../src/order/capture.ts";
import type { CaptureError } from "../../src/order/capture-errors.ts";
import { capture } from "../../src/order/capture.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { gbp, itemsOf, line, now, orderId, request } from "./support.ts";

const facts = {
  id: orderId,
  now,
  fingerprint: "f",
  items: itemsOf({ sku: "song", digital: true }, { sku: "rare", backorder: "never" }),
  knownLocation: (id: string) => id === "north",
};

const captured = (placed: PlaceOrderRequest): Captured => {
  const result = capture(placed, facts);
  if (Result.isFailure(result)) assert.fail(JSON.stringify(result.failure));
  return result.success;
};

const pointers = (placed: PlaceOrderRequest): readonly string[] => {
  const result = capture(placed, facts);
  const errors: readonly CaptureError[] = Result.isFailure(result) ? result.failure : [];
  return errors.map(({ pointer }) => pointer);
};

Deno.test("totals are exact sums of the lines", () => {
  const cents = fc.integer({ min: 0, max: 1_000_000 });
  const text = (units: number) =>
    `${Math.floor(units / 100)}.${String(units % 100).padStart(2, "0")}`;
  const lines = fc.array(
    fc.record({ price: cents, quantity: fc.integer({ min: 1, max: 900 }), tax: cents, off: cents }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(fc.property(lines, cents, (list, shipping) => {
    const { totals } = captured(request(
      list.map(({ price, quantity, tax, off }) =>
        line("tea", quantity, {
          unitPrice: gbp(text(price)),
          tax: gbp(text(tax)),
          discount: gbp(text(Math.min(off, price * quantity))),
        })
      ),
      { shipping: { amount: gbp(text(shipping)) } },
    )).order;
    let [subtotal, discount, tax] = [0n, 0n, 0n];
    for (const one of list) {
      const goods = BigInt(one.price) * BigInt(one.quantity);
      subtotal += goods;
      discount += BigInt(one.off) < goods ? BigInt(one.off) : goods;
      tax += BigInt(one.tax);
    }
    assert.deepEqual(totals, {
      subtotal: Number(subtotal),
      discount: Number(discount),
      tax: Number(tax),
      shipping,
      total: Number(subtotal - discount + tax + BigInt(shipping)),
    });
  }));
});

Deno.test("a captured order has everything pending and no personal data", () => {
  const { order, contact } = captured(request([line("tea", 2), line("rare", 1)], {
    customer: { id: "c1", name: "Ada Lovelace", email: "ada@example.org" },
    shippingAddress: {
      name: "Ada Lovelace",
      line1: "1 High Street",
      country: "GB",
      postalCode: "N1",
    },
    onShortage: "backorder",
    placedAt: "2026-03-01T13:00:00+02:00",
    metadata: { basket: "7" },
    shipping: { service: "next day" },
  }));
  assert.equal(order.status, "allocating");
  assert.equal(order.version, 0);
  assert.equal(order.placedAt, "2026-03-01T11:00:00.000Z");
  assert.deepEqual(order.destination, { country: "GB", postalCode: "N1" });
  assert.deepEqual(order.lines.map(({ mayBackorder }) => mayBackorder), [true, false]);
  assert.equal(order.shippingService, "next day");
  assert.equal(contact.customer.email, "ada@example.org");
  assert.doesNotMatch(JSON.stringify(order), /Ada|High Street|example/);
});

Deno.test("an item's own permission to backorder does not change the order's policy", () => {
  const placed = capture(request([line("tea", 1)]), {
    ...facts,
    items: itemsOf({ sku: "tea", backorder: "allowed" }),
  });
  assert.ok(Result.isSuccess(placed) && placed.success.order.lines[0]?.mayBackorder === false);
});

Deno.test("digital goods need no address and no place", () => {
  const { shippingAddress: _none, ...without } = request([line("song", 1)]);
  const { order } = captured({
    ...without,
    lines: [
      line("song", 1, { fulfillment: { method: "pickup", locationId: "north" } }),
      line("file", 1, { fulfillment: { method: "digital" } }),
    ],
  });
  assert.deepEqual(order.lines.map(({ method, locationId }) => [method, locationId]), [
    ["digital", undefined],
    ["digital", undefined],
  ]);
  assert.deepEqual(pointers(without), []);
});

Deno.test("each wrong part of a request is named by its pointer", () => {
  const { shippingAddress: _none, ...without } = request([line("tea", 1)]);
  assert.deepEqual(pointers(without), ["/shippingAddress"]);
  const wrong = (more: Parameters<typeof line>[2]) => pointers(request([line("tea", 2, more)]));
  assert.deepEqual(wrong({ unitPrice: gbp("2.5") }), ["/lines/0/unitPrice/amount"]);
  assert.deepEqual(wrong({ unitPrice: gbp("-2.50") }), ["/lines/0/unitPrice/amount"]);
  assert.deepEqual(wrong({ unitPrice: { amount: "2.50", currency: "USD" } }), [
    "/lines/0/unitPrice/currency",
  ]);
  assert.deepEqual(wrong({ tax: gbp("-0.01") }), ["/lines/0/tax/amount"]);
  assert.deepEqual(wrong({ discount: gbp("5.01") }), ["/lines/0/discount/amount"]);
  assert.deepEqual(wrong({ discount: gbp("5.00") }), []);
  assert.deepEqual(wrong({ unitPrice: gbp("9000000000.00") }), ["/lines/0/unitPrice/amount"]);
  assert.deepEqual(wrong({ fulfillment: { method: "pickup" } }), [
    "/lines/0/fulfillment/locationId",
  ]);
  assert.deepEqual(wrong({ fulfillment: { method: "ship", locationId: "moon" } }), [
    "/lines/0/fulfillment/locationId",
  ]);
  assert.deepEqual(wrong({ fulfillment: { method: "ship", locationId: "north" } }), []);
  assert.deepEqual(pointers(request([line("tea", 1)], { shipping: { amount: gbp("-1.00") } })), [
    "/shipping/amount/amount",
  ]);
  assert.deepEqual(pointers(request([line("tea", 1)], { placedAt: "2026-03-02T12:00:01Z" })), [
    "/placedAt",
  ]);
  assert.deepEqual(pointers(request([line("tea", 1)], { placedAt: "2026-03-02T12:00:00Z" })), []);
});

Deno.test("all that is wrong is told at once", () => {
  const placed = request([
    line("tea", 1, { unitPrice: gbp("1") }),
    line("tea", 1, { tax: gbp("-1.00"), fulfillment: { method: "pickup", locationId: "moon" } }),
  ]);
  assert.deepEqual(pointers(placed), [
    "/lines/0/unitPrice/amount",
    "/lines/1/fulfillment/locationId",
    "/lines/1/tax/amount",
  ]);
});

Deno.test("sums beyond the largest amount, and too many lines, are refused", () => {
  const most = gbp("10000000000.00");
  assert.deepEqual(
    captured(request([line("tea", 1, { unitPrice: most })])).order.totals.total,
    largestAmount,
  );
  const two = [line("tea", 1, { unitPrice: most }), line("cup", 1, { unitPrice: gbp("0.01") })];
  assert.ok(pointers(request(two)).includes("/lines"));
  const many = Array.from({ length: 2_001 }, () => line("tea", 1));
  assert.deepEqual(pointers(request(many)), ["/lines"]);
});
