/** What a mapping can say, and what of it is refused. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Result, SchemaParser } from "effect";
import { detailsOfIssue } from "../../src/kernel/issues.ts";
import type { ImportInput } from "../../src/import/input.ts";
import { ImportMappingBody, withQuoting } from "../../src/import/mapping.ts";
import { createImportReader, type ImportFormat } from "../../src/import/reader.ts";
import { readyMappings } from "../../src/import/ready-mappings.ts";
import { small, told, worth } from "./samples.ts";

const decode = SchemaParser.decodeUnknownResult(ImportMappingBody, {
  errors: "all",
  onExcessProperty: "error",
});

/** What is wrong with a mapping, each with its pointer. */
const faults = (mapping: unknown): readonly string[] => {
  const decoded = decode(mapping);
  return Result.isSuccess(decoded)
    ? []
    : detailsOfIssue(decoded.failure).map(({ pointer, detail }) => `${pointer} ${detail}`).sort();
};

const read = (
  text: string,
  mapping: ImportMappingBody,
  more: {
    readonly format?: ImportFormat;
    readonly window?: { readonly rows: number; readonly characters: number };
  } = {},
): readonly ImportInput[] => {
  const reader = createImportReader({ format: "csv", channel: "web", mapping, ...more });
  assert.ok(reader !== null);
  const inputs = [...reader.push(text), ...reader.end()];
  assert.equal(reader.problem(), null);
  return inputs;
};

const detailsOf = (inputs: readonly ImportInput[]): readonly (string | undefined)[] =>
  inputs.flatMap((input) =>
    input.type === "place"
      ? []
      : input.outcome.rows.map(({ detail, errors }) => errors?.[0]?.detail ?? detail)
  );

Deno.test("ready mappings are such as could be saved, and say how their cells are quoted", () => {
  assert.deepEqual(readyMappings.map(({ name }) => name), [
    "shopify",
    "woocommerce",
    "amazon",
    "ebay",
    "etsy",
    "squarespace",
    "bigcommerce",
  ]);
  for (const { name, mapping } of readyMappings) {
    assert.deepEqual(faults(mapping), [], name);
    assert.equal(withQuoting(mapping), mapping, name);
  }
});

Deno.test("a mapping that is saved with tabs says that they know no quotes, and an older one does not", () => {
  const tabs = small({}, { csv: { delimiter: "\t" } });
  assert.deepEqual(withQuoting(tabs).csv, { delimiter: "\t", quoting: "none" });
  const quoted = small({}, { csv: { delimiter: "\t", quoting: "double" } });
  assert.equal(withQuoting(quoted), quoted);
  const text = 'Order\tName\tCountry\tSKU\tQty\tPrice\nA1\t"Ida\tX"\tNL\ts\t1\t2\n';
  assert.deepEqual(told(read(text, tabs)), ["A1 200 (2)"], "as it was before there was a setting");
});

Deno.test("what no file could be read by is refused, with a pointer to it", () => {
  const column = { column: "x" };
  const { unitPrice: _, ...unpriced } = small().fields;
  assert.deepEqual(faults({ fields: unpriced }), [
    "/fields/unitPrice is required, or lineTotal",
  ]);
  assert.deepEqual(
    faults(small({ lineTotal: column, tax: column, orderTax: column })),
    [
      "/fields/lineTotal a line has one price: leave out this one or unitPrice",
      "/fields/orderTax the tax is the lines' or the order's: leave out this one or tax",
    ],
  );
  assert.deepEqual(
    faults(small({
      currency: { constant: "EURO" },
      country: { constant: "Atlantis" },
      quantity: { constant: "0" },
      placedAt: { constant: "yesterday" },
      method: { constant: "drone" },
      onShortage: { column: "x", fallbacks: [{ constant: "maybe" }] },
      discount: { constant: "five" },
      externalId: { constant: " " },
    })),
    [
      "/fields/externalId/constant must not be blank",
      "/fields/quantity/constant must be a whole number above 0",
      "/fields/currency/constant must be an ISO 4217 currency code",
      "/fields/discount/constant must be an amount",
      "/fields/method/constant must be one of ship, pickup, digital",
      "/fields/placedAt/constant must be a date written as iso",
      "/fields/onShortage/fallbacks/0/constant must be one of reject, backorder, partial, hold",
      "/fields/country/constant must be a country",
    ].sort(),
  );
  assert.deepEqual(
    faults(small({
      quantity: { columns: ["a", "b"] },
      customerName: { column: "x", fallbacks: [{ constant: "Guest" }, { column: "y" }] },
      shippingDiscount: column,
    }, { discountIncludesLines: true, numbers: { decimal: ",", group: "," } })),
    [
      "/fields/shippingDiscount has no shippingAmount or lineShipping to be taken from",
      "/discountIncludesLines says something only where discount and orderDiscount are mapped",
      "/numbers/group must be another sign than the decimal one",
      "/fields/quantity/columns of several columns joined there is no number",
      "/fields/customerName/fallbacks/1 is never asked: a constant comes before",
    ].sort(),
  );
  assert.deepEqual(
    faults(small({ country: { column: "lines.country" } }, { items: { column: "lines" } })),
    [
      "/fields/country is the order's, and cannot be read from its items",
      "/fields/sku must be read from the items, such as lines.sku",
    ],
  );
});

const heading = "Order,Name,Country,SKU,Qty,Price";

Deno.test("a blank cell is read from a fallback, and two columns may be one text", () => {
  const mapping = small({
    customerName: { columns: ["First", "Last"], fallbacks: [{ column: "Name" }] },
    currency: { column: "Currency", fallbacks: [{ constant: "GBP" }] },
    placedAt: { columns: ["Day", "Time"] },
  }, { dateFormat: "YYYY-MM-DD HH:mm" });
  const text = `${heading},First,Last,Currency,Day,Time\n` +
    "A,x,NL,s,1,2,Ida,Probe,usd,2026-03-02,10:15\nB,Ole,NL,s,1,2,,,,,\nC,x,NL,s,1,2,Una,,,,\n";
  const requests = read(text, mapping).flatMap((input) =>
    input.type === "place" ? [input.request] : []
  );
  assert.deepEqual(requests.map(({ customer, currency }) => [customer.name, currency]), [
    ["Ida Probe", "USD"],
    ["Ole", "GBP"],
    ["Una", "GBP"],
  ]);
  assert.equal(requests[0]?.placedAt, "2026-03-02T10:15:00.000Z");
});

Deno.test("a row that says better what another leaves to a fallback is believed", () => {
  const mapping = small({ customerName: { column: "Name", fallbacks: [{ column: "Mail" }] } });
  const text = `${heading},Mail\nA,,NL,s,1,2,ida@x\nA,Ida,NL,t,1,2,ida@x\nA,Ole,NL,u,1,2,ida@x\n`;
  assert.deepEqual(detailsOf(read(text, mapping)), [
    "The order is rejected because line 4 of it is malformed.",
    "The order is rejected because line 4 of it is malformed.",
    "is not what line 3 of the same order says",
  ]);
});

Deno.test("a line total gives its price, to the last minor unit", () => {
  const mapping: ImportMappingBody = {
    fields: {
      ...small().fields,
      lineTotal: { column: "Price" },
      currency: { column: "Currency" },
    },
  };
  const { unitPrice: _, ...fields } = mapping.fields;
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 10_000_000 }),
    fc.integer({ min: 1, max: 1_000 }),
    (total, quantity) => {
      const amount = `${Math.floor(total / 100)}.${String(total % 100).padStart(2, "0")}`;
      const text = `${heading},Currency\nA,x,NL,s,${quantity},${amount},EUR\n`;
      const [input] = read(text, { fields });
      assert.ok(input !== undefined);
      assert.equal(worth(input), total);
    },
  ));
});

Deno.test("an order that adds up to something else than the file says is rejected", () => {
  const mapping = small({
    orderDiscount: { column: "Off" },
    orderTax: { column: "Tax" },
    shippingAmount: { column: "Ship" },
    shippingDiscount: { column: "Ship off" },
    orderTotal: { column: "Total" },
  });
  const file = (total: string) =>
    `${heading},Off,Tax,Ship,Ship off,Total\nA,x,NL,s,3,3.33,-1.00,0.07,5.00,1.50,${total}\nA,x,NL,t,1,0.01,,,,,\n`;
  // 9.99 + 0.01 - 1.00 + 0.07 + 5.00 - 1.50
  assert.deepEqual(told(read(file("12.57"), mapping)), ["A 1257 (2,3)"]);
  assert.deepEqual(
    detailsOf(read(file("12.58"), mapping))[0],
    "is 12.58, and the order adds up to 12.57",
  );
  const excess = `${heading},Off,Tax,Ship,Ship off,Total\nA,x,NL,s,1,1.00,2.00,,,,\n`;
  assert.deepEqual(detailsOf(read(excess, mapping)), [
    "2.00 is more than the 1.00 that the lines are worth",
  ]);
});

Deno.test("tax that is a part of prices adds nothing to what an order is worth", () => {
  const mapping = small({ tax: { column: "Tax" }, orderTotal: { column: "Total" } }, {
    taxesIncluded: true,
  });
  const text = `${heading},Tax,Total\nA,x,NL,s,2,11.90,3.80,23.80\n`;
  const [input] = read(text, mapping);
  assert.equal(input?.type, "place");
  assert.ok(input?.type === "place" && input.request.taxesIncluded === true);
  assert.match(
    detailsOf(read(text.replace("23.80", "27.60"), mapping))[0] ?? "",
    /adds up to 23.80/,
  );
});

Deno.test("rows that say the same apart may be one line or two, unless the file says what they add up to", () => {
  const text = `${heading},Total\nA,x,NL,s,1,2,4\nB,x,NL,s,1,2,2\nA,x,NL,s,1,2,4\n`;
  assert.match(
    detailsOf(read(text, small()))[0] ?? "",
    /^Lines 2 and 4 stand apart and say the same/,
  );
  assert.deepEqual(told(read(text, small({ orderTotal: { column: "Total" } }))), [
    "A 400 (2,4)",
    "B 200 (3)",
  ]);
});

Deno.test("a row whose order has left the window is rejected, and so is every further one", () => {
  const rows = (id: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${id}${n},x,NL,s,1,${n + 1}\n`).join("");
  const text = `${heading}\nA,x,NL,s,1,1\n${rows("B", 20)}A,x,NL,t,1,1\nA,x,NL,u,1,1\n`;
  const inputs = read(text, small(), { window: { rows: 10, characters: 10_000 } });
  assert.equal(inputs.filter(({ type }) => type === "place").length, 21);
  assert.deepEqual(detailsOf(inputs), [
    "The order's other rows stand more than 10 rows, or 10000 characters, above.",
    "The order's other rows stand more than 10 rows, or 10000 characters, above.",
  ]);
  assert.equal(told(read(text, small()))[0], "A 300 (2,23,24)");
});

Deno.test("a line whose quantity is 0 is reported, and does not stop its order", () => {
  const [order, ...more] = read(`${heading}\nA,x,NL,s,0,\nA,x,NL,t,2,1.5\n`, small());
  assert.deepEqual(told(order === undefined ? [] : [order]), ["A 300 (2-,3)"]);
  assert.deepEqual(more, []);
});

Deno.test("lines of an order in an array of JSON, or else a word about those that would be lost", () => {
  const row = (lines: readonly unknown[]) =>
    JSON.stringify({ id: "A", country: "NL", lines }) + "\n";
  const fields = (path: string): ImportMappingBody["fields"] => ({
    externalId: { column: "id" },
    country: { column: "country" },
    sku: { column: `${path}.sku` },
    quantity: { column: `${path}.n` },
    unitPrice: { column: `${path}.price` },
    currency: { constant: "EUR" },
  });
  const two = [{ sku: "s", n: 1, price: "1.50" }, { sku: "t", n: 2, price: 2 }];
  const items: ImportMappingBody = { fields: fields("lines"), items: { column: "lines" } };
  const ndjson = { format: "ndjson" } as const;
  assert.deepEqual(told(read(row(two), items, ndjson)), ["A 550 (1)"]);
  assert.deepEqual(detailsOf(read(row([]), items, ndjson)), ["The row has no items in lines."]);
  const wrong = read(row([two[0], { sku: "", n: "x", price: 1 }]), items, ndjson);
  const [settled] = wrong;
  assert.ok(settled?.type === "settled");
  assert.deepEqual(settled.outcome.rows[0]?.errors?.map(({ pointer }) => pointer), [
    "/lines/1/quantity",
    "/lines/1/sku",
  ]);
  const single: ImportMappingBody = { fields: fields("lines.0") };
  assert.deepEqual(told(read(row(two.slice(0, 1)), single, ndjson)), ["A 150 (1)"]);
  assert.deepEqual(detailsOf(read(row(two), single, ndjson)), [
    "The row has 2 entries in lines, and the mapping reads 1: let the mapping name it as items.",
  ]);
});

Deno.test("names of products may have the separators of a cell of items in them", () => {
  const mapping: ImportMappingBody = {
    ...small({
      sku: { column: "Items.SKU" },
      quantity: { column: "Items.Qty" },
      unitPrice: { column: "Items.Price" },
    }),
    items: { column: "Items", itemSeparator: " / " },
  };
  const text = `Order,Name,Country,Items\nA,x,NL,"SKU: s, Name: Mug, blue, Qty: 2, Price: 1.50 / ` +
    `SKU: t, Name: Card, Qty: 1, Price: 1"\n`;
  assert.deepEqual(told(read(text, mapping)), ["A 400 (2)"]);
});

Deno.test("columns that a file lacks are missed, or blank where the mapping says so", () => {
  const problemOf = (mapping: ImportMappingBody, first: string) => {
    const reader = createImportReader({ format: "csv", channel: "web", mapping });
    reader?.push(`${first}\n`);
    return reader?.problem() ?? null;
  };
  const noted = small({ note: { column: "Note" } });
  assert.match(problemOf(noted, heading) ?? "", /no column "Note"/);
  const lenient: ImportMappingBody = { ...noted, absentColumns: "blank" };
  assert.equal(problemOf(lenient, heading), null);
  assert.match(problemOf(lenient, "Order,SKU,Qty") ?? "", /no column "Price"/);
});

Deno.test("a row that ends early is blank behind, unless something is wrong with it then", () => {
  const inputs = read(
    `SKU,Qty,Price,Order,Name,Country\ns,1,2,A,Ida,NL\nt,1,2,A\nu,1,2,B,Ole,NL\nv,1,2,B,Una\n`,
    small(),
  );
  assert.deepEqual(told(inputs), ["A 400 (2,3)", "B rejected 4,rejected 5"]);
  assert.deepEqual(detailsOf(inputs).at(-1), "The row has 5 cells where the heading has 6.");
});

Deno.test("any file at all is read to its end by any ready mapping, each row in one result", () => {
  const cell = fc.constantFrom(
    "A",
    "B",
    "",
    "1",
    "0",
    "-1",
    "2.50",
    '"x"',
    "US",
    "'1",
    '="2"',
    "Cancelled",
  );
  const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 8 }), { maxLength: 12 });
  fc.assert(fc.property(fc.constantFrom(...readyMappings), table, ({ mapping }, cells) => {
    const delimiter = mapping.csv?.delimiter ?? ",";
    const columns = [
      ...new Set(
        Object.values(mapping.fields).flatMap((field) =>
          "column" in field ? [field.column.split(".")[0] ?? ""] : []
        ),
      ),
    ];
    const lines = cells.map((row) => row.join(delimiter));
    const inputs = read([columns.join(delimiter), ...lines].join("\n"), mapping);
    const seen = inputs.flatMap((input) =>
      (input.type === "place" ? input.rows : input.outcome.rows).map(({ line }) => line)
    );
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(seen.length <= cells.length);
  }));
});
