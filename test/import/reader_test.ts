import assert from "node:assert/strict";
import fc from "fast-check";
import { importLimits } from "../../src/import/limits.ts";
import type { ImportInput, PlaceInput } from "../../src/import/input.ts";
import { addOutcome, emptySummary, type RowResult } from "../../src/import/job.ts";
import type { ImportMappingBody } from "../../src/import/mapping.ts";
import { createImportReader, type ImportFormat } from "../../src/import/reader.ts";
import { readRetail, retailMapping } from "./retail.ts";

const mapping: ImportMappingBody = {
  fields: {
    externalId: { column: "id" },
    sku: { column: "sku" },
    quantity: { column: "n" },
    unitPrice: { column: "price" },
    currency: { constant: "GBP" },
    customerId: { column: "customer" },
  },
};
const heading = "id,sku,n,price,customer\n";

const readAs = (
  format: ImportFormat,
  pieces: readonly string[],
  given: ImportMappingBody | null = mapping,
) => {
  const reader = createImportReader({ format, channel: "web", mapping: given });
  assert.ok(reader !== null);
  const inputs: ImportInput[] = pieces.flatMap((piece) => [...reader.push(piece)]);
  inputs.push(...reader.end());
  return { inputs, problem: reader.problem() };
};

const readCsv = (text: string, given: ImportMappingBody | null = mapping) =>
  readAs("csv", [text], given).inputs;

const placed = (inputs: readonly ImportInput[]): readonly PlaceInput[] =>
  inputs.filter((input) => input.type === "place");

const settledRows = (inputs: readonly ImportInput[]): readonly RowResult[] =>
  inputs.flatMap((input) => input.type === "settled" ? input.outcome.rows : []);

const linesOf = ({ rows }: PlaceInput): readonly number[] => rows.map(({ line }) => line);

const idsOf = (inputs: readonly ImportInput[]) =>
  placed(inputs).map(({ externalId }) => externalId);

const ordersOf = (inputs: readonly ImportInput[]) =>
  inputs.reduce(
    (summary, input) => input.type === "settled" ? addOutcome(summary, input.outcome) : summary,
    emptySummary,
  ).orders;

Deno.test("the retail data has 19 orders, 3 rejected ones and 1 credit, to the line and the penny", async () => {
  const text = await readRetail();
  const { inputs } = readAs("csv", [text], retailMapping);
  const orders = placed(inputs);
  const lines = orders.flatMap(({ request }) => request.lines);
  assert.equal(orders.length, 19);
  assert.equal(lines.length, 135);
  assert.equal(lines.reduce((sum, { quantity }) => sum + quantity, 0), 2_067);
  const pence = lines.reduce(
    (sum, { quantity, unitPrice }) => sum + quantity * Number(unitPrice.amount.replace(".", "")),
    0,
  );
  assert.equal(pence, 475_716);
  assert.deepEqual(ordersOf(inputs), { created: 0, duplicate: 0, rejected: 3, credit: 1 });
  const rows = settledRows(inputs);
  assert.deepEqual(
    rows.filter(({ detail }) => detail?.startsWith("The row has 7 cells")).map(({ line }) => line),
    [121, 172, 175, 179],
  );
  assert.deepEqual(
    new Set(rows.filter(({ outcome }) => outcome === "rejected").map((row) => row.externalId)),
    new Set(["536381", "536385", "536387"]),
  );
  assert.deepEqual(
    rows.filter(({ outcome }) => outcome === "credit"),
    [{ line: 155, externalId: "C536383", outcome: "credit" }],
  );
  const first = orders[0]?.request;
  assert.equal(first?.placedAt, "2010-12-01T08:26:00.000Z");
  assert.deepEqual(first?.customer, { id: "17850", name: "Customer 17850" });
  assert.deepEqual(first?.shippingAddress, { country: "GB" });
  assert.deepEqual(orders.find((order) => order.externalId === "536370")?.request.shippingAddress, {
    country: "FR",
  });
});

Deno.test("the retail data cut anywhere is the same orders", async () => {
  const text = await readRetail();
  const whole = readAs("csv", [text], retailMapping);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 40 }), (places) => {
      const ends = [...places, text.length].sort((a, b) => a - b);
      const pieces = ends.map((end, n) => text.slice(n === 0 ? 0 : ends[n - 1], end));
      assert.deepEqual(readAs("csv", pieces, retailMapping), whole);
    }),
    { numRuns: 20 },
  );
});

Deno.test("each row of a file is in exactly one result, and orders without a bad row are placed", () => {
  const row = fc.record({
    id: fc.constantFrom("A", "B", "C"),
    kind: fc.constantFrom("good", "good", "good", "bad price", "no sku", "short", "credit"),
  });
  fc.assert(fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
    // No two rows say the same, which apart from each other they could not.
    const text = rows.map(({ id, kind }, n) =>
      kind === "short"
        ? `${id},s1,2`
        : `${id},${kind === "no sku" ? "" : "s1"},${kind === "credit" ? -1 : 2},${
          kind === "bad price" ? "x" : `1.${n + 10}`
        },7`
    ).join("\n");
    const inputs = readCsv(heading + text);
    const lines = [
      ...placed(inputs).flatMap((input) => linesOf(input)),
      ...settledRows(inputs).map(({ line }) => line),
    ];
    assert.deepEqual(lines.sort((a, b) => a - b), rows.map((_, n) => n + 2));
    const ids = [...new Set(rows.map(({ id }) => id))];
    const areAll = (id: string, wanted: string): boolean =>
      rows.every((each) => each.id !== id || each.kind === wanted);
    assert.deepEqual(idsOf(inputs), ids.filter((id) => areAll(id, "good")));
    assert.equal(ordersOf(inputs).credit, ids.filter((id) => areAll(id, "credit")).length);
  }));
});

Deno.test("twin lines of one sku stay two lines", () => {
  const [order] = placed(readCsv(`${heading}A,s1,1,1.25,7\nA,s2,1,2,7\nA,s1,3,1.25,7\n`));
  assert.deepEqual(order?.request.lines.map(({ sku, quantity }) => [sku, quantity]), [
    ["s1", 1],
    ["s2", 1],
    ["s1", 3],
  ]);
});

Deno.test("a bad row is told its column and its place in the order, the others the bad row's line", () => {
  const rows = settledRows(readCsv(`${heading}A,s1,1,1.25,7\nA,s2,x,1,7\nA,s3,1,2.555,7\n`));
  assert.deepEqual(rows.map(({ line, errors, detail }) => [line, detail, errors]), [
    [2, "The order is rejected because line 3 of it is malformed.", undefined],
    [3, undefined, [{
      pointer: "/lines/1/quantity",
      column: "n",
      detail: '"x" is not a whole number',
    }]],
    [4, undefined, [{
      pointer: "/lines/2/unitPrice",
      column: "price",
      detail: '"2.555" has more than the 2 decimal digits of GBP',
    }]],
  ]);
});

Deno.test("what the order's own schema refuses is told at the row that it comes from", () => {
  const rows = settledRows(readCsv(`${heading}A,s1,1,1.25,7\nA,s2,1000001,1,7\n`));
  assert.deepEqual(rows.map(({ line, errors }) => [line, errors?.[0]?.column]), [
    [2, undefined],
    [3, "n"],
  ]);
  assert.equal(rows[0]?.detail, "The order is rejected because of line 3.");
});

Deno.test("a row whose order cannot be told rejects its neighbors and nothing further", () => {
  const shifted: ImportMappingBody = {
    fields: { ...mapping.fields, externalId: { column: "middle" } },
  };
  const file = (bad: string) =>
    `sku,n,middle,price,customer\ns,1,A,1,7\ns,1,B,1,7\n${bad}\ns,1,C,1,7\ns,1,D,1,7\n`;
  assert.deepEqual(idsOf(readCsv(file("s,1,B,1,7"), shifted)), ["A", "B", "C", "D"]);
  assert.deepEqual(idsOf(readCsv(file("s,1"), shifted)), ["A", "D"]);
  const within = "sku,n,middle,price,customer\ns,1,A,1,7\ns,1\ns,1,A,1,7\ns,1,D,1,7\n";
  assert.deepEqual(idsOf(readCsv(within, shifted)), ["D"]);
  assert.equal(ordersOf(readCsv(within, shifted)).rejected, 1);
  const told = "sku,n,middle,price,customer\ns,1,A,1,7\ns,A,1,7\ns,1,D,1,7\n";
  assert.deepEqual(idsOf(readCsv(told, shifted)), ["D"]);
});

Deno.test("an order and a credit under one number are both rejected", () => {
  const inputs = readCsv(`${heading}A,s1,1,1,7\nA,s1,-1,1,7\n`);
  assert.deepEqual(ordersOf(inputs), { created: 0, duplicate: 0, rejected: 1, credit: 0 });
});

Deno.test("rows of one order may leave what the first one says empty, and may not speak against it", () => {
  const given: ImportMappingBody = {
    fields: { ...mapping.fields, currency: { column: "currency" } },
  };
  const file = (second: string) =>
    readCsv(`id,sku,n,price,customer,currency\nA,s1,1,1,7,GBP\nA,s2,1,2.5,${second}\n`, given);
  const [order] = placed(file(","));
  assert.deepEqual(order?.request.lines[1]?.unitPrice, { amount: "2.50", currency: "GBP" });
  assert.deepEqual(idsOf(file("8,GBP")), []);
  assert.deepEqual(idsOf(file("7,EUR")), []);
});

Deno.test("an order of more rows than an order may have is rejected, row for row, and counted once", () => {
  const rows = importLimits.rowsPerOrder * 2 + 7;
  const inputs = readCsv(`${heading}${"A,s1,1,1,7\n".repeat(rows)}B,s1,1,1,7\n`);
  assert.deepEqual(idsOf(inputs), ["B"]);
  assert.equal(settledRows(inputs).length, rows);
  assert.equal(ordersOf(inputs).rejected, 1);
});

Deno.test("a file whose heading lacks a column says so, and gives no rows", () => {
  const { inputs, problem } = readAs("csv", ["id,sku,n,customer\nA,s,1,7\n"]);
  assert.deepEqual(inputs, []);
  assert.match(problem ?? "", /has no column "price"/);
  assert.match(readAs("csv", ["id,sku,n,price,customer,sku\n"]).problem ?? "", /more than one/);
  assert.match(readAs("csv", [""]).problem ?? "", /no heading/);
  assert.match(readAs("csv", ['"id,sku\nA,s\n']).problem ?? "", /has no column/);
});

Deno.test("without a mapping, CSV has the fields' names for headings", () => {
  const text =
    "externalId,sku,quantity,unitPrice,currency,country,method\nA,s1,2,3,EUR,Germany,Ship\n";
  const [order] = placed(readCsv(text, null));
  assert.deepEqual(order?.request, {
    channel: "web",
    externalId: "A",
    currency: "EUR",
    customer: { name: "Guest" },
    shippingAddress: { country: "DE" },
    lines: [{
      sku: "s1",
      quantity: 2,
      unitPrice: { amount: "3.00", currency: "EUR" },
      fulfillment: { method: "ship" },
    }],
  });
});

Deno.test("an unknown country is an error with a way out, and the mapping's own names come first", () => {
  const given = (countries: Readonly<Record<string, string | null>>): ImportMappingBody => ({
    fields: { ...mapping.fields, country: { column: "customer" } },
    countries,
  });
  const text = `${heading}A,s1,1,1,Freedonia\n`;
  assert.match(settledRows(readCsv(text, given({})))[0]?.errors?.[0]?.detail ?? "", /countries/);
  assert.deepEqual(
    placed(readCsv(text, given({ Freedonia: "IE" })))[0]?.request.shippingAddress,
    { country: "IE" },
  );
  assert.equal(
    placed(readCsv(text, given({ Freedonia: null })))[0]?.request.shippingAddress,
    undefined,
  );
});

Deno.test("NDJSON with a mapping is rows as in CSV, by paths", () => {
  const given: ImportMappingBody = {
    fields: { ...mapping.fields, externalId: { column: "order.id" }, sku: { column: "items.0" } },
  };
  const row = (id: string, sku: string, n: unknown) =>
    JSON.stringify({ order: { id }, items: [sku], n, price: 1.5, customer: 7 });
  const text = [row("A", "s1", 1), row("A", "s2", "2"), "", row("B", "s1", {}), row("C", "s1", 3)];
  const { inputs } = readAs("ndjson", [text.join("\n")], given);
  assert.deepEqual(idsOf(inputs), ["A", "C"]);
  assert.deepEqual(placed(inputs).map(linesOf)[0], [1, 2]);
  assert.deepEqual(settledRows(inputs).map(({ line, externalId }) => [line, externalId]), [[
    4,
    "B",
  ]]);
});

Deno.test("NDJSON without a mapping is one whole order a line", () => {
  const order = (externalId: string, more: object = {}) =>
    JSON.stringify({
      externalId,
      currency: "GBP",
      customer: { name: "Ann" },
      lines: [{ sku: "s1", quantity: 1, unitPrice: { amount: "1.00", currency: "GBP" } }],
      ...more,
    });
  const text = [
    order("A"),
    "{",
    "[]",
    order("B", { surprise: 1 }),
    order("C", { channel: "other" }),
    order("D", { channel: "web" }),
    '{"externalId":"E\\ud800"}',
  ].join("\n");
  const { inputs } = readAs("ndjson", [text], null);
  assert.deepEqual(idsOf(inputs), ["A", "D"]);
  assert.deepEqual(
    settledRows(inputs).map(({ line, externalId, errors }) => [
      line,
      externalId,
      errors?.[0]?.pointer,
    ]),
    [[2, null, undefined], [3, null, undefined], [4, "B", "/surprise"], [5, "C", "/channel"], [
      7,
      null,
      undefined,
    ]],
  );
  assert.equal(createImportReader({ format: "csv", channel: null, mapping: null }), null);
});

Deno.test("what is held while 10 MB of bad rows go through stays below the limits", () => {
  const reader = createImportReader({ format: "csv", channel: "web", mapping });
  assert.ok(reader !== null);
  reader.push(heading);
  const broken = 'A1,"never closed,1,1,7\n'.repeat(20) + "A1,s1,1\n".repeat(20) +
    "A2,s1,one,1,7\n".repeat(20);
  const long = `A3,${"y".repeat(200_000)}`;
  let read = 0;
  let rows = 0;
  let peak = 0;
  const push = (text: string): void => {
    read += text.length;
    for (const input of reader.push(text)) {
      if (input.type === "settled") rows += input.outcome.rows.length;
    }
    peak = Math.max(peak, reader.held());
  };
  while (read < 10_000_000) {
    push(broken.repeat(50));
    push(long);
    push(long);
    push("\n");
  }
  for (const input of reader.end()) if (input.type === "settled") rows += input.outcome.rows.length;
  assert.ok(rows > 20_000, `${rows} rows`);
  assert.ok(peak <= importLimits.windowCharacters + 2 * importLimits.rowCharacters + 2, `${peak}`);
});
