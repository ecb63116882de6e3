import assert from "node:assert/strict";
import { earlierForms, fingerprintText } from "../../src/order/fingerprint.ts";
import { normalForm } from "../../src/order/normal-form.ts";
import { PlaceOrderRequest } from "../../src/order/request.ts";
import { gbp } from "./support.ts";

const place = {
  name: "n",
  company: "co",
  line1: "l1",
  line2: "l2",
  city: "c",
  region: "r",
  postalCode: "p",
  country: "GB",
  phone: "1",
  latitude: 1,
  longitude: 2,
};

/** A request with every field that there is. */
const wholeRequest: PlaceOrderRequest = {
  channel: "web",
  externalId: "1001",
  currency: "GBP",
  customer: { id: "cus", name: "Ada", email: "ada@example.com", phone: "2" },
  shippingAddress: place,
  billingAddress: { ...place, name: "other" },
  lines: [
    {
      sku: "tea",
      quantity: 1,
      unitPrice: gbp("1.00"),
      discount: gbp("0.10"),
      tax: gbp("0.20"),
      taxRatePercent: "20",
      externalId: "a",
      neededAt: "2026-04-01T12:00:00.000Z",
      fulfillment: { method: "pickup", locationId: "north" },
    },
    { sku: "cup", quantity: 2, unitPrice: gbp("3.00") },
  ],
  shipping: {
    service: "express",
    amount: gbp("4.00"),
    discount: gbp("1.00"),
    tax: gbp("0.60"),
    taxRatePercent: "20",
  },
  taxesIncluded: true,
  taxRounding: "order",
  discounts: [{ code: "spring", amount: gbp("0.50") }, { amount: gbp("0.40") }],
  fees: [
    { code: "tip", amount: gbp("2.00"), tax: gbp("0.30") },
    { code: "gift_wrap", amount: gbp("1.00") },
  ],
  channelTotal: gbp("9.99"),
  payments: [
    {
      ...{ provider: "card", method: "card", amount: gbp("7.00"), status: "authorized" },
      ...{ reference: "p1", expiresAt: "2026-03-08T12:00:00Z" },
    },
    { provider: "manual", amount: gbp("2.99"), status: "promised" },
  ],
  paymentPolicy: {
    captureAt: "delivery",
    fulfillWhen: "paid",
    onLatePayment: "hold",
    refundOnCancel: "manual",
    unpaidCancelAfterHours: 48,
    authorizeAt: "allocation",
  },
  placedAt: "2026-03-01T12:00:00Z",
  onShortage: "backorder",
  shipComplete: true,
  priority: 3,
  metadata: { a: "1", b: '"' },
  note: "Ring twice",
  reservationId: "res_1",
};

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** The value with each of its leaves changed in turn, and with each of its names left out. */
const changes = (value: Json): readonly Json[] => {
  if (typeof value === "string") return [`${value}x`];
  if (typeof value === "number") return [value + 1];
  if (typeof value === "boolean") return [!value];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    return [
      ...value.flatMap((each, index) => changes(each).map((changed) => value.with(index, changed))),
      value.slice(1),
      [...value].reverse(),
    ];
  }
  return Object.entries(value).flatMap(([name, each]) => {
    const { [name]: _, ...others } = value as { readonly [name: string]: Json };
    return [...changes(each).map((changed) => ({ ...value, [name]: changed })), others];
  });
};

const required = new Set(["channel", "externalId", "currency", "customer", "lines", "name"]);

/** Whether an amount is without its currency, or the currency without an amount. */
const isHalfMoney = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !("lines" in value) &&
    ("amount" in value) !== ("currency" in value) && !("service" in value) &&
    !("amount" in value && typeof value.amount === "object") ||
  typeof value === "object" && value !== null && Object.values(value).some(isHalfMoney);

Deno.test("the request of this test has every field that a request can have", () => {
  assert.deepEqual(Object.keys(wholeRequest).sort(), Object.keys(PlaceOrderRequest.fields).sort());
});

Deno.test("an order is the same one whatever cart it is placed with", () => {
  const text = fingerprintText(wholeRequest);
  const { reservationId: _, ...without } = wholeRequest;
  assert.equal(fingerprintText(without), text);
  assert.equal(fingerprintText({ ...wholeRequest, reservationId: "res_2" }), text);
});

Deno.test("a fingerprint depends on everything else that a request says", () => {
  const { reservationId: _, ...whole } = wholeRequest;
  const text = fingerprintText(whole);
  const seen = new Set([text]);
  let count = 0;
  for (const changed of changes(whole as unknown as Json)) {
    const request = changed as unknown as PlaceOrderRequest;
    // What cannot be decoded never gets a fingerprint.
    if ([...required].some((name) => name in whole && !(name in request))) continue;
    if (request.customer.name === undefined || request.lines.some((line) => !line.unitPrice)) {
      continue;
    }
    if (isHalfMoney(request)) continue;
    if ([...request.discounts ?? [], ...request.fees ?? []].some(({ amount }) => !amount)) continue;
    if (request.fees?.some(({ code }) => code === undefined)) continue;
    if (request.payments?.some(({ amount }) => amount === undefined)) continue;
    // These say what leaving them out says, or what cannot be said.
    if (request.shipComplete === false) continue;
    if (request.taxesIncluded === false || (request.taxRounding ?? "order") !== "order") continue;
    seen.add(fingerprintText(request));
    count++;
  }
  assert.ok(count > 80);
  assert.equal(seen.size, count + 1);
});

Deno.test("a fingerprint does not depend on the order of names", () => {
  const shuffle = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffle)
      : typeof value === "object" && value !== null
      ? Object.fromEntries(
        Object.entries(value).reverse().map(([name, part]) => [name, shuffle(part)]),
      )
      : value;
  assert.equal(
    fingerprintText(shuffle(wholeRequest) as PlaceOrderRequest),
    fingerprintText(wholeRequest),
  );
});

/** The sample of requests that are one. */
const repeats:
  & { readonly base: PlaceOrderRequest }
  & Readonly<
    Record<"same order, said otherwise (200 each)", readonly Partial<PlaceOrderRequest>[]>
  > = JSON.parse(
    Deno.readTextFileSync(new URL("../data/files/order-repeats.json", import.meta.url)),
  );

const textOf = (request: PlaceOrderRequest): string => fingerprintText(normalForm(request));

Deno.test("a fingerprint does not depend on how the same thing is said", () => {
  const text = textOf(repeats.base);
  for (const otherwise of repeats["same order, said otherwise (200 each)"]) {
    assert.equal(textOf({ ...repeats.base, ...otherwise }), text, JSON.stringify(otherwise));
  }
  const [line] = repeats.base.lines;
  assert.ok(line !== undefined);
  const usd = (amount: string) => ({ amount, currency: "usd" });
  for (
    const otherwise of [
      { externalId: "R1\u00a0", channel: "\tweb " },
      { currency: "usd", lines: [{ ...line, sku: "\u3000MUG-01", unitPrice: usd("010.00") }] },
      { shippingAddress: { country: "us" }, customer: { name: "Ida Probe\n" } },
      { lines: [{ ...line, discount: usd("-0.00"), tax: usd("00.00") }] },
      { shipping: { amount: usd("0.00") } },
    ]
  ) {
    assert.equal(textOf({ ...repeats.base, ...otherwise }), text, JSON.stringify(otherwise));
  }
});

Deno.test("a request that says nothing in another way is not copied, and has the text of before", () => {
  const plain: PlaceOrderRequest = {
    ...{
      channel: wholeRequest.channel,
      externalId: wholeRequest.externalId,
      currency: wholeRequest.currency,
    },
    ...{ customer: wholeRequest.customer, metadata: wholeRequest.metadata ?? {} },
    ...{ shippingAddress: place, billingAddress: { ...place, name: "other" } },
    lines: wholeRequest.lines.map(({ externalId: _, taxRatePercent: __, neededAt: ___, ...line }) =>
      line
    ),
    shipping: { service: "express", amount: gbp("4.00") },
  };
  for (const request of [plain, { ...plain, placedAt: "2026-03-01T12:00:00.000Z" }]) {
    assert.equal(normalForm(request), request);
    assert.equal(fingerprintText(request), earlierForms[0]?.textOf(request));
  }
});

Deno.test("fingerprints of earlier forms are made as they were", () => {
  const [, byName] = earlierForms;
  assert.equal(
    byName?.textOf({
      channel: "web",
      externalId: "1001",
      currency: "GBP",
      customer: { name: "Ada", email: "ada@example.com" },
      lines: [{ sku: "tea", quantity: 1, unitPrice: gbp("1.00") }],
      metadata: { b: '"', a: "1" },
    }),
    '{"channel":"web","currency":"GBP","customer":{"email":"ada@example.com","name":"Ada"},' +
      '"externalId":"1001","lines":[{"quantity":1,"sku":"tea",' +
      '"unitPrice":{"amount":"1.00","currency":"GBP"}}],"metadata":{"a":"1","b":"\\""}}',
  );
});
