import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { formatAmount } from "../../src/kernel/money.ts";
import { formatRate } from "../../src/money/tax.ts";
import { capture } from "../../src/order/capture.ts";
import { faultsOf } from "../../src/order/faults.ts";
import type { Order } from "../../src/order/order.ts";
import { packOrder, unpackOrder } from "../../src/order/order-codec.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { gbp, itemsOf, line, now, orderId, request, World } from "./support.ts";

const facts = {
  ...{ id: orderId, now, fingerprint: "f", items: itemsOf() },
  knownLocation: () => true,
};

const ask = (placed: PlaceOrderRequest) => capture(placed, facts);

const orderOf = (placed: PlaceOrderRequest): Order => {
  const result = ask(placed);
  if (Result.isFailure(result)) assert.fail(JSON.stringify(result.failure));
  return result.success.order;
};

const pointers = (placed: PlaceOrderRequest): readonly string[] => {
  const result = ask(placed);
  return Result.isFailure(result) ? result.failure.map(({ pointer }) => pointer) : [];
};

const money = (minorUnits: number) => gbp(formatAmount(minorUnits, "GBP"));
const cents = fc.integer({ min: 0, max: 100_000 });
const rate = fc.constantFrom(0, 70_000, 77_500, 190_000, 200_000);

/** A request with any charges that fit it. */
const charged = fc.record({
  lines: fc.array(
    fc.record({
      price: cents,
      quantity: fc.integer({ min: 1, max: 9 }),
      rate: fc.option(rate, { nil: undefined }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  off: fc.integer({ min: 0, max: 100 }),
  shipping: cents,
  shippingOff: fc.integer({ min: 0, max: 100 }),
  shippingRate: fc.option(rate, { nil: undefined }),
  fees: fc.array(cents, { maxLength: 3 }),
  channelTotal: fc.option(fc.constantFrom(0, 1, 5_000), { nil: undefined }),
  taxesIncluded: fc.boolean(),
  taxRounding: fc.constantFrom("line" as const, "order" as const),
}).map(({ lines, off, shipping, shippingOff, shippingRate, fees, channelTotal, ...rest }) => {
  const goods = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  return request(
    lines.map(({ price, quantity, rate }, index) =>
      line("tea", quantity, {
        unitPrice: money(price),
        externalId: `line ${index}`,
        ...(rate === undefined ? {} : { taxRatePercent: formatRate(rate) }),
      })
    ),
    {
      discounts: [{ code: "SPRING", amount: money(Math.floor(goods * off / 100)) }],
      shipping: {
        amount: money(shipping),
        discount: money(Math.floor(shipping * shippingOff / 100)),
        ...(shippingRate === undefined ? {} : { taxRatePercent: formatRate(shippingRate) }),
      },
      fees: fees.map((fee) => ({ code: "gift_wrap", amount: money(fee), tax: money(fee % 7) })),
      ...(channelTotal === undefined ? {} : { channelTotal: money(channelTotal) }),
      ...rest,
    },
  );
});

const sumOf = (amounts: readonly number[]): number =>
  amounts.reduce((sum, amount) => sum + amount, 0);

Deno.test("whatever an order is charged with, its parts make its total, and it is read as it was written", () => {
  fc.assert(fc.property(charged, (placed) => {
    const order = orderOf(placed);
    const { lines, totals, charges } = order;
    assert.deepEqual(faultsOf({ ...order, status: "held", allocating: true }), []);
    const discounts = sumOf(charges?.discounts.map(({ amount }) => amount) ?? []);
    assert.equal(sumOf(lines.map(({ orderDiscount = 0 }) => orderDiscount)), discounts);
    for (const { unitPrice, quantity, discount, tax } of lines) {
      assert.ok(discount <= unitPrice * quantity);
      if (placed.taxesIncluded) assert.ok(tax <= unitPrice * quantity - discount);
    }
    const fees = sumOf(charges?.fees.map(({ amount }) => amount) ?? []);
    const feeTax = sumOf(charges?.fees.map(({ tax }) => tax) ?? []);
    const { shippingDiscount = 0, shippingTax = 0 } = charges ?? {};
    const onTop = placed.taxesIncluded ? 0 : totals.tax + shippingTax + feeTax;
    assert.equal(
      totals.total,
      totals.subtotal - totals.discount + totals.shipping - shippingDiscount + fees + onTop,
    );
    assert.deepEqual(unpackOrder(JSON.parse(JSON.stringify(packOrder(order)))), order);
  }));
});

Deno.test("three mugs with a discount of the order, tax on top and taxed shipping", () => {
  const order = orderOf(request([
    line("mug", 3, { unitPrice: gbp("10.00"), taxRatePercent: "20" }),
  ], {
    discounts: [{ amount: gbp("5.00") }],
    shipping: { amount: gbp("6.00"), taxRatePercent: "20" },
    channelTotal: gbp("37.20"),
  }));
  const [mug] = order.lines;
  assert.deepEqual([mug?.discount, mug?.orderDiscount, mug?.tax], [500, 500, 500]);
  assert.equal(order.charges?.shippingTax, 120);
  assert.equal(order.totals.total, 3_720);
});

Deno.test("prices with tax in them cost what they say", () => {
  const order = orderOf(request([
    line("mug", 2, { unitPrice: gbp("11.90"), taxRatePercent: "19" }),
    line("tea", 1, { unitPrice: gbp("10.70"), taxRatePercent: "7" }),
  ], { taxesIncluded: true, shipping: { amount: gbp("5.95"), taxRatePercent: "19.0" } }));
  assert.deepEqual(order.lines.map(({ tax }) => tax), [380, 70]);
  assert.equal(order.charges?.shippingTax, 95);
  assert.equal(order.totals.total, 2_380 + 1_070 + 595);
});

Deno.test("tax is rounded for each line, or once for each rate", () => {
  const lines = [1, 2, 3].map(() =>
    line("pin", 1, { unitPrice: gbp("0.10"), taxRatePercent: "5" })
  );
  assert.equal(orderOf(request(lines)).totals.tax, 3);
  const once = orderOf(request(lines, { taxRounding: "order" }));
  assert.deepEqual(once.lines.map(({ tax }) => tax), [1, 1, 0]);
  assert.equal(once.totals.tax, 2);
});

Deno.test("what says no more than a plain order does is a plain order", () => {
  const plain = request([line("tea", 2)], { shipping: { amount: gbp("3.00") } });
  assert.deepEqual(
    orderOf({
      ...plain,
      shipping: { amount: gbp("3.00"), discount: gbp("0.00"), tax: gbp("0.00") },
      ...{ taxesIncluded: false, taxRounding: "line", discounts: [], fees: [] },
    }),
    orderOf(plain),
  );
});

Deno.test("charges that fit no order are refused, each with its place", () => {
  const tea = line("tea", 2);
  const wrong: readonly (readonly [Partial<PlaceOrderRequest>, string])[] = [
    [{ discounts: [{ amount: gbp("5.01") }] }, "/discounts"],
    [{ discounts: [{ amount: gbp("-1.00") }] }, "/discounts/0/amount/amount"],
    [{ discounts: [{ amount: gbp("1.0") }] }, "/discounts/0/amount/amount"],
    [{ fees: [{ code: "tip", amount: gbp("-1.00") }] }, "/fees/0/amount/amount"],
    [{ fees: [{ code: "rounding", amount: gbp("-5.01") }] }, "/fees"],
    [
      { shipping: { amount: gbp("1.00"), discount: gbp("1.01") } },
      "/shipping/discount/amount",
    ],
    [{ channelTotal: { amount: "1.00", currency: "EUR" } }, "/channelTotal/currency"],
    [
      { taxesIncluded: true, shipping: { amount: gbp("1.00"), tax: gbp("1.01") } },
      "/shipping/tax/amount",
    ],
    [{ taxesIncluded: true, lines: [{ ...tea, tax: gbp("5.01") }] }, "/lines/0/tax/amount"],
  ];
  for (const [more, pointer] of wrong) {
    assert.deepEqual(pointers(request([tea], more)), [pointer], JSON.stringify(more));
  }
  assert.deepEqual(
    pointers(request([tea], { fees: [{ code: "rounding", amount: gbp("-0.01") }] })),
    [],
  );
});

const holdsOf = (placed: PlaceOrderRequest): readonly string[] => {
  const world = new World({ stock: { "north tea": 9 } });
  world.place(placed);
  return world.order?.holds.map(({ code }) => code) ?? [];
};

Deno.test("an order whose channel says another total, or another tax, waits with its stock for a look", () => {
  const taxed = line("tea", 2, { taxRatePercent: "20", tax: gbp("1.00") });
  assert.deepEqual(holdsOf(request([taxed], { channelTotal: gbp("6.00") })), []);
  assert.deepEqual(holdsOf(request([taxed], { channelTotal: gbp("6.01") })), ["totals"]);
  assert.deepEqual(holdsOf(request([line("tea", 2)], { channelTotal: gbp("0.00") })), ["totals"]);
  // A channel may round otherwise.
  assert.deepEqual(holdsOf(request([{ ...taxed, tax: gbp("1.01") }])), []);
  assert.deepEqual(holdsOf(request([{ ...taxed, tax: gbp("1.02") }])), ["tax"]);
  assert.deepEqual(holdsOf(request([{ ...taxed, tax: gbp("0.00") }])), ["tax"]);
  const world = new World({ stock: { "north tea": 9 } });
  world.place(request([line("tea", 2)], { channelTotal: gbp("9.00") }));
  assert.equal(world.row("north", "tea").reserved, 2);
  assert.equal(world.order?.status, "allocated");
  assert.match(world.order?.holds[0]?.reason ?? "", /9\.00 GBP.*5\.00/);
});
