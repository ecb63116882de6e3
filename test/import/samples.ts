/** Files as shops and marketplaces write them, and what becomes of each of their rows. */
import assert from "node:assert/strict";
import { createTextReader, type ImportEncoding } from "../../src/import/encoding.ts";
import type { ImportInput } from "../../src/import/input.ts";
import type { ImportField, ImportMappingBody } from "../../src/import/mapping.ts";
import { createImportReader } from "../../src/import/reader.ts";
import { readyMapping } from "../../src/import/ready-mappings.ts";
import { parseAmount } from "../../src/kernel/money.ts";

export const sampleBytes = (name: string): Uint8Array<ArrayBuffer> =>
  Deno.readFileSync(new URL(`../data/files/${name}`, import.meta.url));

/** The mapping of the small files, whose headings are all alike. */
export const small = (
  fields: Readonly<Record<string, ImportField>> = {},
  more: Partial<ImportMappingBody> = {},
): ImportMappingBody => ({
  fields: {
    externalId: { column: "Order" },
    customerName: { column: "Name" },
    country: { column: "Country" },
    sku: { column: "SKU" },
    quantity: { column: "Qty" },
    unitPrice: { column: "Price" },
    currency: { constant: "EUR" },
    ...fields,
  },
  ...more,
});

export const ready = (name: string): ImportMappingBody => {
  const found = readyMapping(name);
  assert.ok(found !== null, name);
  return found.mapping;
};

/** All that a file comes to, its bytes cut into pieces of so many. */
export const readSample = (
  name: string,
  mapping: ImportMappingBody,
  options: { readonly encoding?: ImportEncoding; readonly pieceBytes?: number } = {},
): readonly ImportInput[] => {
  const reader = createImportReader({
    format: name.endsWith(".ndjson") ? "ndjson" : "csv",
    channel: "web",
    mapping,
  });
  assert.ok(reader !== null);
  const text = createTextReader(options.encoding ?? mapping.encoding ?? "utf-8");
  const bytes = sampleBytes(name);
  const step = options.pieceBytes ?? bytes.length;
  const inputs: ImportInput[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    inputs.push(...reader.push(text.push(bytes.subarray(at, at + step))));
  }
  inputs.push(...reader.push(text.end()), ...reader.end());
  assert.equal(reader.problem(), null);
  return inputs;
};

const units = (money: { readonly amount: string; readonly currency: string } | undefined): number =>
  money === undefined ? 0 : parseAmount(money.amount, money.currency) ?? Number.NaN;

/** What an order is worth, in minor units. */
export const worth = (input: ImportInput): number => {
  assert.equal(input.type, "place");
  if (input.type !== "place") return Number.NaN;
  const { lines, shipping } = input.request;
  return lines.reduce(
    (sum, { quantity, unitPrice, discount, tax }) =>
      sum + quantity * units(unitPrice) - units(discount) + units(tax),
    units(shipping?.amount),
  );
};

/** Of each order its id, its worth, and the lines of the file; of rows without one what they are instead. */
export const told = (inputs: readonly ImportInput[]): readonly string[] =>
  inputs.map((input) => {
    if (input.type === "place") {
      const lines = input.rows.map(({ line, skipped }) => `${line}${skipped === null ? "" : "-"}`);
      return `${input.externalId} ${worth(input)} (${lines})`;
    }
    const { rows } = input.outcome;
    return `${rows[0]?.externalId ?? "?"} ${rows.map((row) => `${row.outcome} ${row.line}`)}`;
  });
