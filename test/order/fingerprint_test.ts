import assert from "node:assert/strict";
import { earlierForms, fingerprintText } from "../../src/order/fingerprint.ts";
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
const whole: PlaceOrderRequest = {
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
      fulfillment: { method: "pickup", locationId: "north" },
    },
    { sku: "cup", quantity: 2, unitPrice: gbp("3.00") },
  ],
  shipping: { service: "express", amount: gbp("4.00") },
  placedAt: "2026-03-01T12:00:00Z",
  onShortage: "reject",
  metadata: { a: "1", b: '"' },
};

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** The value with each of its leaves changed in turn, and with each of its names left out. */
const changes = (value: Json): readonly Json[] => {
  if (typeof value === "string") return [`${value}x`];
  if (typeof value === "number") return [value + 1];
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

Deno.test("the request of this test has every field that a request can have", () => {
  assert.deepEqual(Object.keys(whole).sort(), Object.keys(PlaceOrderRequest.fields).sort());
});

Deno.test("a fingerprint depends on everything that a request says", () => {
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
  assert.equal(fingerprintText(shuffle(whole) as PlaceOrderRequest), fingerprintText(whole));
});

Deno.test("fingerprints of earlier forms are made as they were", () => {
  const [byName] = earlierForms;
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
