/** What is guessed of the samples, and that a guess never breaks down. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { draftIn, mappingIn, readingIn } from "../../api/import/pages/mapping-fields.ts";
import { previewOf } from "../../api/import/pages/preview.ts";
import { guessEncoding } from "../../src/import/encoding.ts";
import { sampleBytes } from "./samples.ts";

const guessOf = (name: string) => {
  const { guess } = previewOf({
    bytes: sampleBytes(name),
    whole: true,
    format: "csv",
    channel: "web",
    mapping: null,
    reading: {},
  });
  const { encoding, delimiter, numbers, dates } = guess;
  return [encoding, delimiter, numbers.decimal, numbers.group, dates?.format ?? null];
};

Deno.test("encoding, delimiter, decimal sign and dates of the samples are guessed", () => {
  const guesses = Object.fromEntries(
    [
      "amazon-orders.txt",
      "amazon-jp-sjis.txt",
      "de-1252.csv",
      "utf16le.txt",
      "bom-crlf.csv",
      "cr-only.csv",
      "fr-numbers.csv",
      "sep-line.csv",
      "shopify-orders.csv",
      "woocommerce-orders.csv",
      "ebay-orders.csv",
      "squarespace-orders.csv",
    ].map((name) => [name, guessOf(name)]),
  );
  assert.deepEqual(guesses, {
    "amazon-orders.txt": ["utf-8", "\t", ".", null, "iso"],
    "amazon-jp-sjis.txt": ["shift_jis", "\t", ".", null, null],
    "de-1252.csv": ["windows-1252", ";", ",", ".", null],
    "utf16le.txt": ["utf-16le", "\t", ".", null, null],
    "bom-crlf.csv": ["utf-8", ",", ".", null, null],
    "cr-only.csv": ["utf-8", ",", ".", null, null],
    "fr-numbers.csv": ["utf-8", ";", ",", " ", null],
    "sep-line.csv": ["utf-8", ";", ",", null, null],
    "shopify-orders.csv": ["utf-8", ",", ".", null, "YYYY-MM-DD HH:mm:ss Z"],
    "woocommerce-orders.csv": ["utf-8", ",", ".", null, "iso"],
    "ebay-orders.csv": ["utf-8", ",", ".", null, "MMM-DD-YY"],
    "squarespace-orders.csv": ["utf-8", ",", ".", null, "M/D/YYYY H:mm"],
  });
});

Deno.test("a date that two formats have is told to be of both", () => {
  const guess = (text: string) =>
    previewOf({
      bytes: new TextEncoder().encode(text),
      whole: true,
      format: "csv",
      channel: null,
      mapping: null,
      reading: {},
    }).guess.dates;
  assert.deepEqual(guess("Order,Placed\nA,02/03/2026\n"), {
    column: "Placed",
    format: "M/D/YYYY",
    or: "D/M/YYYY",
  });
  assert.deepEqual(guess("Order;Placed\nA;02/03/2026\n"), {
    column: "Placed",
    format: "D/M/YYYY",
    or: "M/D/YYYY",
  });
  assert.equal(guess("Order,Placed\nA,02/13/2026\n")?.or, null);
});

Deno.test("text in UTF-8 and in UTF-16 is known without a mark", () => {
  const text = "Order,Name\nA1,Jürgen Pröbe\nA2,山田\n";
  assert.equal(guessEncoding(new TextEncoder().encode(text)), "utf-8");
  const wide = (bigEndian: boolean) =>
    Uint8Array.from(text.slice(0, 24), (character) => character.charCodeAt(0))
      .reduce<number[]>((bytes, code) => [...bytes, ...bigEndian ? [0, code] : [code, 0]], []);
  assert.equal(guessEncoding(Uint8Array.from(wide(false))), "utf-16le");
  assert.equal(guessEncoding(Uint8Array.from(wide(true))), "utf-16be");
});

Deno.test("any bytes at all have a preview", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom("a", ",", ";", "\t", '"', "\n", "\r", "1", "é", "{", "}"),
      maxLength: 80,
    })
      .map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, fc.boolean(), fc.constantFrom("csv", "ndjson"), (all, whole, format) => {
      const preview = previewOf({
        bytes: all,
        whole,
        format: format === "csv" ? "csv" : "ndjson",
        channel: "web",
        mapping: null,
        reading: {},
      });
      assert.ok(preview.rows.length <= 8);
    }),
  );
});

Deno.test("everything that a mapping can say can be said in the form", () => {
  const fields = new Map(Object.entries({
    "column:externalId": "Order",
    "column:sku": "Items.SKU",
    "other:sku": "Items.Name",
    "column:quantity": "Items.Qty",
    "column:lineTotal": "Items.Total",
    "column:currency": "Currency",
    "constant:currency": "EUR",
    "column:customerName": "First",
    "joined:customerName": "Last",
    "column:discount": "Items.Off",
    "column:orderDiscount": "Off",
    "column:note": "Note",
    "skipRows:0:column": "Status",
    "skipRows:0:is": "equals",
    "skipRows:0:values": "Cancelled; Refunded",
    "skipOrders:0:column": "Cancelled at",
    "skipOrders:0:is": "filled",
    "orderRows:1:column": "Items",
    "orderRows:1:is": "blank",
    items: "Items",
    itemSeparator: "/",
    valueSeparator: ";",
    nameSeparator: "=",
    blankExternalId: "previous",
    absentColumns: "blank",
    discountIncludesLines: "true",
    dateFormat: "iso",
    timeZone: "UTC",
    creditPrefix: "C",
    decimal: ",",
    group: ".",
    delimiter: ";",
    quoting: "none",
    encoding: "shift_jis",
  }));
  const mapping = mappingIn(fields);
  assert.deepEqual(mapping, {
    fields: {
      externalId: { column: "Order" },
      sku: { column: "Items.SKU", fallbacks: [{ column: "Items.Name" }] },
      quantity: { column: "Items.Qty" },
      lineTotal: { column: "Items.Total" },
      currency: { column: "Currency", fallbacks: [{ constant: "EUR" }] },
      discount: { column: "Items.Off" },
      orderDiscount: { column: "Off" },
      customerName: { columns: ["First", "Last"] },
      note: { column: "Note" },
    },
    items: { column: "Items", itemSeparator: "/", valueSeparator: ";", nameSeparator: "=" },
    skipRows: [{ column: "Status", equals: ["Cancelled", "Refunded"] }],
    skipOrders: [{ column: "Cancelled at", is: "filled" }],
    orderRows: [{ column: "Items", is: "blank" }],
    dateFormat: "iso",
    timeZone: "UTC",
    encoding: "shift_jis",
    blankExternalId: "previous",
    absentColumns: "blank",
    discountIncludesLines: true,
    credits: { negativeQuantity: true, externalIdPrefix: "C" },
    numbers: { decimal: ",", group: "." },
    csv: { delimiter: ";", quoting: "none" },
  });
  assert.deepEqual(draftIn(fields), mapping);
  assert.deepEqual(readingIn(fields), {
    delimiter: ";",
    quoting: "none",
    encoding: "shift_jis",
  });
  assert.equal(draftIn(new Map([["column:sku", "x"]])), null);
});

Deno.test("the values in a cell of items may be named by a mapping", () => {
  const { sources, columns } = previewOf({
    bytes: sampleBytes("bigcommerce-orders.csv"),
    whole: true,
    format: "csv",
    channel: "web",
    mapping: null,
    reading: {},
  });
  assert.ok(!columns.includes("Product Details.Product SKU"));
  assert.deepEqual(sources.filter((source) => source.startsWith("Product Details.")), [
    "Product Details.Product ID",
    "Product Details.Product Qty",
    "Product Details.Product SKU",
    "Product Details.Product Name",
    "Product Details.Product Weight",
    "Product Details.Product Unit Price",
    "Product Details.Product Total Price",
  ]);
});
