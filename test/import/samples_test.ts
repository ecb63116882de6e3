import assert from "node:assert/strict";
import type { ImportInput, PlaceInput } from "../../src/import/input.ts";
import type { ImportMappingBody } from "../../src/import/mapping.ts";
import type { RowResult } from "../../src/import/job.ts";
import { readSample, ready, small, told } from "./samples.ts";

const tabs: Partial<ImportMappingBody> = { csv: { delimiter: "\t", quoting: "none" } };

const placed = (inputs: readonly ImportInput[]): readonly PlaceInput[] =>
  inputs.filter((input) => input.type === "place");

const rows = (inputs: readonly ImportInput[]): readonly RowResult[] =>
  inputs.flatMap((input) => input.type === "settled" ? input.outcome.rows : []);

/** Each file with what it comes to, whichever pieces its bytes come in. */
const comesTo = (
  name: string,
  mapping: ImportMappingBody,
  expected: readonly string[],
  encoding?: "windows-1252" | "shift_jis",
): readonly ImportInput[] => {
  const given = encoding === undefined ? {} : { encoding };
  const inputs = readSample(name, mapping, given);
  assert.deepEqual(told(inputs), expected, name);
  assert.deepEqual(told(readSample(name, mapping, { ...given, pieceBytes: 1 })), expected, name);
  return inputs;
};

Deno.test("amazon: five orders of five, whatever quotation marks are in their texts", () => {
  const inputs = comesTo("amazon-orders.txt", ready("amazon"), [
    "902-1111111-0000001 4817 (2)",
    "902-1111111-0000002 2450 (3)",
    "902-1111111-0000003 500 (4)",
    "902-1111111-0000004 500 (5)",
    "902-1111111-0000005 2658 (6)",
  ]);
  const [first, second] = placed(inputs).map(({ request }) => request);
  assert.deepEqual(first?.lines, [{
    sku: "MUG-01",
    quantity: 2,
    unitPrice: { amount: "19.99", currency: "USD" },
    tax: { amount: "3.20", currency: "USD" },
  }]);
  assert.equal(first?.placedAt, "2026-03-02T09:14:05.000Z");
  assert.equal(first?.shippingAddress?.postalCode, "43001");
  assert.equal(second?.shippingAddress?.line2, "Apt 3");
});

Deno.test("amazon: cancelled lines and orders are left out, and shipped twins are two lines", () => {
  comesTo("amazon-all-orders.txt", ready("amazon"), [
    "902-2222222-0000001 2159 (2,3-)",
    "902-2222222-0000002 skipped 4",
    "902-2222222-0000003 4318 (5,6)",
  ]);
  const inputs = comesTo("amazon-jp-sjis.txt", ready("amazon"), [
    "249-1111111-0000001 1980 (2)",
  ], "shift_jis");
  assert.equal(placed(inputs)[0]?.request.customer.name, "山田");
});

Deno.test("shopify: the discount and the tax of an order are spread over its lines, to the cent", () => {
  const inputs = comesTo("shopify-orders.csv", ready("shopify"), [
    "#1001 5629 (2,4)",
    "#1002 3000 (5,6)",
    "#1003 0 (7)",
  ]);
  const [first] = placed(inputs);
  const usd = (amount: string) => ({ amount, currency: "USD" });
  assert.deepEqual(first?.request.lines.map(({ discount, tax }) => [discount, tax]), [
    [usd("3.08"), usd("2.02")],
    [usd("1.92"), usd("1.27")],
  ]);
  assert.equal(first?.request.shippingAddress?.postalCode, "02101");
  assert.equal(first?.request.note, "Leave at the back door,\nplease");
  assert.equal(first?.request.placedAt, "2026-03-02T15:14:00.000Z");
});

Deno.test("woocommerce, ebay, etsy, squarespace and bigcommerce: each order to the cent", () => {
  comesTo("woocommerce-orders.csv", ready("woocommerce"), ["3001 5357 (2,3)", "3002 1499 (4)"]);
  comesTo("ebay-orders.csv", ready("ebay"), [
    "27-00001-00001 2399 (4)",
    "27-00001-00002 5098 (5,6,7)",
    "record(s) downloaded skipped 9",
    "? skipped 10",
  ]);
  comesTo("etsy-items.csv", ready("etsy"), ["9001 8100 (2,3)", "9002 1365 (4)"]);
  comesTo("squarespace-orders.csv", ready("squarespace"), ["00017 3000 (2,3)", "00018 skipped 4"]);
  const [bigcommerce] = placed(
    comesTo("bigcommerce-orders.csv", ready("bigcommerce"), ["701 4898 (2)"]),
  );
  assert.deepEqual(bigcommerce?.request.lines.map(({ sku, quantity }) => [sku, quantity]), [
    ["MUG-01", 2],
    ["CARD-9", 1],
  ]);
  assert.deepEqual(bigcommerce?.rowOfLine, [0, 0]);
});

Deno.test("a marketplace without a ready mapping: its second heading is left out", () => {
  const mapping: ImportMappingBody = {
    fields: {
      externalId: { column: "Order ID" },
      sku: { column: "Seller SKU" },
      quantity: { column: "Quantity" },
      unitPrice: { column: "SKU Unit Original Price" },
      currency: { constant: "USD" },
      discount: { column: "SKU Seller Discount" },
      shippingAmount: { column: "Shipping Fee After Discount" },
      country: { column: "Country" },
      placedAt: { column: "Created Time" },
    },
    skipRows: [{ column: "Order ID", startsWith: ["platform"] }],
    dateFormat: "MM/DD/YYYY h:mm:ss A",
  };
  const inputs = comesTo("tiktok-orders.csv", mapping, [
    "Platform unique order ID. skipped 2",
    "576461413038785752 1999 (3)",
    "576461413038785753 1100 (4)",
  ]);
  assert.equal(placed(inputs)[0]?.request.placedAt, "2026-03-02T14:03:11.000Z");
});

Deno.test("a quotation mark in a file with tabs swallows no order", () => {
  const mapping: ImportMappingBody = {
    fields: {
      externalId: { column: "order-id" },
      sku: { column: "sku" },
      quantity: { column: "quantity" },
      unitPrice: { column: "price" },
      currency: { constant: "USD" },
    },
    ...tabs,
  };
  comesTo("tsv-quotes-swallow.txt", mapping, ["T-1 1999 (2)", "T-2 2500 (3)", "T-3 500 (4)"]);
});

Deno.test("numbers of JSON keep all their digits, and codes may be small", () => {
  const mapping: ImportMappingBody = {
    fields: {
      externalId: { column: "order_id", fallbacks: [{ column: "id" }] },
      sku: { column: "sku" },
      quantity: { column: "qty", fallbacks: [{ column: "quantity" }] },
      unitPrice: { column: "price", fallbacks: [{ column: "unit_price" }] },
      currency: { column: "currency", fallbacks: [{ column: "currency_code" }] },
      country: { column: "country", fallbacks: [{ column: "country_code" }] },
    },
  };
  comesTo("long-ids.ndjson", mapping, [
    "576461413038785752 1999 (1)",
    "576461413038785753 1000 (2)",
  ]);
  const [medusa] = placed(comesTo("medusa-lines.ndjson", mapping, ["M-1 1999 (1)"]));
  assert.equal(medusa?.request.currency, "EUR");
  assert.equal(medusa?.request.shippingAddress?.country, "NL");
});

Deno.test("encodings and line ends are read as they are", () => {
  comesTo("bom-crlf.csv", small(), ["A1 1250 (2)"]);
  comesTo("cr-only.csv", small(), ["A1 1250 (2)", "A2 500 (3)"]);
  comesTo("sep-line.csv", small({}, { numbers: { decimal: "," } }), ["A1 1250 (3)"]);
  const [utf16] = placed(comesTo("utf16le.txt", small({}, tabs), ["A1 1250 (2)"]));
  assert.equal(utf16?.request.customer.name, "Ida Probé");
  const german = small({}, {
    csv: { delimiter: ";" },
    numbers: { decimal: ",", group: "." },
    encoding: "windows-1252",
  });
  const [latin] = placed(comesTo("de-1252.csv", german, ["A1 123450 (2)", "A2 123450 (3)"]));
  assert.equal(latin?.request.customer.name, "Jürgen Pröbe");
  assert.equal(latin?.request.shippingAddress?.country, "DE");
});

Deno.test("numbers are read with their separators, signs and guards", () => {
  const french = small({}, { csv: { delimiter: ";" }, numbers: { decimal: ",", group: " " } });
  comesTo("fr-numbers.csv", french, [
    "A1 123450 (2)",
    "A2 123450 (3)",
    "A3 123450 (4)",
    "A4 1250 (5)",
    "A5 1250 (6)",
  ]);
  const inputs = comesTo("number-forms.csv", small({ currency: { constant: "USD" } }), [
    "A1 1250 (2)",
    "A2 1250 (3)",
    "A3 50 (4)",
    "A4 1200 (5)",
    "A5 1250 (6)",
    "A6 rejected 7",
    "A7 1250 (8)",
    "A8 1250 (9)",
    "A9 rejected 10",
    "A10 0 (11)",
  ]);
  assert.deepEqual(rows(inputs).flatMap(({ errors }) => errors?.map(({ detail }) => detail)), [
    '"EUR 12.50" is not in USD, as the order is',
    '"12.505" has more than the 2 decimal digits of USD',
  ]);
  const [guarded] = placed(comesTo("formula-guard.csv", small(), ["A1 1250 (2)", "A2 1250 (3)"]));
  assert.equal(guarded?.request.lines[0]?.sku, "00017");
  const shortened = comesTo("scientific-sku.csv", small(), ["A1 rejected 2", "A2 1250 (3)"]);
  assert.match(rows(shortened)[0]?.errors?.[0]?.detail ?? "", /spreadsheet/);
});

Deno.test("what is below zero is a discount, a credit or a mistake, and what is zero is left out", () => {
  const mapping = small({ discount: { column: "Disc" }, shippingAmount: { column: "Ship" } });
  const inputs = comesTo("negative-money.csv", mapping, [
    "A1 1000 (2)",
    // The engine refuses a discount of more than the line is worth.
    "A2 -1 (3)",
    "A3 rejected 4",
    "A4 0 (5)",
    "A5 rejected 6",
    "A6 rejected 7",
    "A7 credit 8",
  ]);
  assert.deepEqual(
    rows(inputs).map(({ detail, errors }) => detail ?? errors?.[0]?.detail),
    [
      '"-3" must not be negative',
      '"-5.00" must not be negative',
      "No line of the order has a quantity above 0.",
      undefined,
    ],
  );
});

Deno.test("rows of one order are found apart, with what only a later one says, and in its place", () => {
  const [apart] = placed(comesTo("not-adjacent.csv", small(), ["A1 1750 (2,4)", "A2 1250 (3)"]));
  assert.deepEqual(apart?.request.lines.map(({ sku }) => sku), ["MUG-01", "CARD-9"]);
  const [later] = placed(comesTo("shared-later.csv", small(), ["A1 1750 (2,3)"]));
  assert.equal(later?.request.customer.name, "Ida");
  assert.equal(later?.request.shippingAddress?.country, "US");
  comesTo("trailing-delimiter.csv", small(), ["A1 1250 (3)", "A2 1250 (6)"]);
  comesTo("blank-order-id.csv", small({}, { blankExternalId: "previous" }), [
    "A1 1750 (2,3)",
    "A2 500 (4)",
  ]);
  comesTo("blank-order-id.csv", small(), ["A1 rejected 2", "? rejected 3", "A2 rejected 4"]);
});

Deno.test("a note of any length that an order may have is its note", () => {
  const inputs = comesTo("long-note.csv", small({ note: { column: "Note" } }), [
    "A1 1250 (2)",
    "A2 1250 (3)",
  ]);
  assert.equal(placed(inputs)[0]?.request.note?.length, 600);
});

Deno.test("countries are known by the names that shops give them", () => {
  const names = readSample("countries.csv", small());
  const unknown = rows(names).map(({ externalId, errors }) => [externalId, errors?.[0]?.detail]);
  // Today it is three countries.
  assert.deepEqual(unknown, [[
    "C31",
    '"Netherlands Antilles" is no country that is known: give its code under the mapping\'s countries',
  ]]);
  assert.deepEqual(
    placed(names).map(({ request }) => request.shippingAddress?.country).join(" "),
    "US US US US DE GB GB GB KR VN CI CI TR CZ HK TW TW IR BO MK VE XK XK GB IM PR US GB GB RU PS CG MD TZ " +
      "LA SY BN VA VA FM LC LC US",
  );
});
