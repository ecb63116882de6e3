/** One row by a mapping: the part of an order that it is, with everything that is wrong with it. */
import { Result } from "effect";
import { isCurrency } from "../kernel/money.ts";
import { quoted } from "../kernel/white-space.ts";
import { countryCodeOf } from "./countries.ts";
import { compileDateFormat } from "./dates.ts";
import { importLimits } from "./limits.ts";
import { type ImportFieldName, importFieldNames, type ImportMappingBody } from "./mapping.ts";
import {
  type NumberFormat,
  numberFormatOf,
  readAmount,
  readNumber,
  readQuantity,
} from "./numbers.ts";
import { type Cell, compileConditions, compileSource, type FieldSource } from "./sources.ts";

export interface FieldError {
  readonly field: ImportFieldName;
  readonly column: string | null;
  /** The item of the row that it is about. */
  readonly item: number;
  readonly detail: string;
}

/** Fields of the whole order: a row leaves them empty or says what the others say. */
export const sharedFields = [
  "currency",
  "onShortage",
  "customerId",
  "customerName",
  "customerEmail",
  "customerPhone",
  "shippingService",
  "shippingAmount",
  "shippingDiscount",
  "orderDiscount",
  "orderTax",
  "orderTotal",
  "country",
  "addressName",
  "company",
  "line1",
  "line2",
  "city",
  "region",
  "postalCode",
  "phone",
  "note",
] as const satisfies readonly ImportFieldName[];
export type SharedField = (typeof sharedFields)[number];

export const blankShared: Readonly<Record<SharedField, string>> = Object.freeze(
  Object.fromEntries(sharedFields.map((field) => [field, ""])) as Record<SharedField, string>,
);

/** Amounts of lines as they are written: their digits depend on the order's currency. */
export const lineAmounts = ["unitPrice", "lineTotal", "discount", "tax", "lineShipping"] as const;
export type LineAmount = (typeof lineAmounts)[number];

export const noMetadata: Readonly<Record<string, string>> = Object.freeze({});

export interface ItemDraft {
  readonly sku: string;
  /** Null where it is wrong. */
  readonly quantity: number | null;
  readonly amounts: Readonly<Record<LineAmount, string>>;
  readonly method: string;
  readonly locationId: string;
}

export interface Draft {
  readonly line: number;
  readonly externalId: string;
  /** Null where the row says nothing of it. */
  readonly credit: boolean | null;
  /** Empty where the row leaves it to another. */
  readonly shared: Readonly<Record<SharedField, string>>;
  /** Which of its sources a field is read from: a fallback counts only where no row of the order has better. */
  readonly rankOf: (field: ImportFieldName) => number;
  readonly placedAt: string | null;
  /** None in a row that tells of its order alone. */
  readonly items: readonly ItemDraft[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly errors: readonly FieldError[];
  /** Why the row is left out, and why its order is. */
  readonly skipped: string | null;
  readonly skipsOrder: string | null;
  /** What is wrong with a row that has fewer cells than the heading, should anything be. */
  readonly short: string | null;
}

/** What a row is read by: its own cells, and those of each of its items. */
export interface RowCells {
  readonly line: number;
  readonly cell: Cell;
  /** Null where the mapping names no items: the row is one. */
  readonly items: readonly Cell[] | null;
  readonly short: string | null;
}

/** A text that a spreadsheet has shortened to what it took for a number. */
const shortened = /^\d(?:\.\d+)?E\+\d{1,3}$/i;

const shown = (text: string): string => quoted(text, importLimits.shownCharacters);

interface Compiled {
  readonly mapping: ImportMappingBody;
  readonly sources: Readonly<Record<ImportFieldName, FieldSource>>;
  readonly metadata: readonly (readonly [string, FieldSource])[];
  readonly numbers: NumberFormat;
  /** Those that the mapping has. */
  readonly sharedFields: readonly SharedField[];
}

/** Reads the fields of one row, and collects what is wrong with them. */
class FieldReader {
  readonly errors: FieldError[] = [];
  /** Of the order, once a row of it has told; empty before. */
  currency = "";

  constructor(readonly compiled: Compiled) {}

  fail(field: ImportFieldName, cell: Cell, item: number, detail: string): void {
    const column = this.compiled.sources[field].column(cell);
    this.errors.push({ field, column, item, detail });
  }

  text(field: ImportFieldName, cell: Cell, item = 0): string {
    const value = this.compiled.sources[field].text(cell);
    if (value.includes("\uFFFD")) {
      const encoding = this.compiled.mapping.encoding ?? "utf-8";
      this.fail(field, cell, item, `${shown(value)} is not ${encoding}: say the file's encoding`);
    }
    return value;
  }

  required(field: ImportFieldName, cell: Cell, item = 0): string {
    const value = this.text(field, cell, item);
    if (value === "") this.fail(field, cell, item, "is empty");
    return value;
  }

  /** A number or name that identifies something, which must be there to its last digit. */
  identifier(field: "externalId" | "sku", cell: Cell, item = 0): string {
    const value = field === "sku" ? this.required(field, cell, item) : this.text(field, cell);
    if (shortened.test(value)) {
      this.fail(field, cell, item, `${shown(value)} is what a spreadsheet made of a longer number`);
    }
    return value;
  }

  read<A>(
    field: ImportFieldName,
    cell: Cell,
    item: number,
    value: string,
    result: Result.Result<A, string>,
  ): A | null {
    if (Result.isSuccess(result)) return result.success;
    this.fail(field, cell, item, `${shown(value)} ${result.failure}`);
    return null;
  }

  /** As it is written; that it is a number is checked here, its digits where the currency is known. */
  amount(field: ImportFieldName, cell: Cell, item: number, value: string): string {
    if (value === "") return value;
    const { numbers } = this.compiled;
    const number = isCurrency(this.currency)
      ? readAmount(value, this.currency, numbers)
      : readNumber(value, numbers);
    this.read(field, cell, item, value, number);
    return value;
  }
}

const countryOf = (name: string): Result.Result<string, string> => {
  const code = countryCodeOf(name);
  return code === null
    ? Result.fail("is no country that is known: give its code under the mapping's countries")
    : Result.succeed(code);
};

const readShared = (reader: FieldReader, cell: Cell): Readonly<Record<SharedField, string>> => {
  const { compiled } = reader;
  const { mapping } = compiled;
  const shared = { ...blankShared };
  for (const field of compiled.sharedFields) shared[field] = reader.text(field, cell);
  shared.currency = shared.currency.toUpperCase();
  if (shared.currency !== "") reader.currency = shared.currency;
  shared.onShortage = shared.onShortage.toLowerCase();
  // Exports of shops write the apostrophe that spreadsheets want before every one.
  if (shared.postalCode.startsWith("'")) shared.postalCode = shared.postalCode.slice(1);
  const { country } = shared;
  if (country !== "") {
    const own = mapping.countries ?? {};
    shared.country = Object.hasOwn(own, country)
      ? own[country] ?? ""
      : reader.read("country", cell, 0, country, countryOf(country)) ?? "";
  }
  for (const field of ["shippingAmount", "shippingDiscount", "orderDiscount"] as const) {
    shared[field] = reader.amount(field, cell, 0, shared[field]);
  }
  for (const field of ["orderTax", "orderTotal"] as const) {
    shared[field] = reader.amount(field, cell, 0, shared[field]);
  }
  return shared;
};

/** An item of quantity zero was cancelled; what else it says does not count. */
const readItem = (reader: FieldReader, cell: Cell, item: number): ItemDraft => {
  const { numbers, mapping } = reader.compiled;
  const quantityText = reader.required("quantity", cell, item);
  const quantity = quantityText === ""
    ? null
    : reader.read("quantity", cell, item, quantityText, readQuantity(quantityText, numbers));
  const isCancelled = quantity === 0;
  const amount = (field: LineAmount, isRequired = false): string => {
    if (isCancelled) return "";
    const value = isRequired && mapping.fields[field] !== undefined
      ? reader.required(field, cell, item)
      : reader.text(field, cell, item);
    return reader.amount(field, cell, item, value);
  };
  return {
    sku: isCancelled ? reader.text("sku", cell, item) : reader.identifier("sku", cell, item),
    quantity,
    amounts: {
      unitPrice: amount("unitPrice", true),
      lineTotal: amount("lineTotal", true),
      discount: amount("discount"),
      tax: amount("tax"),
      lineShipping: amount("lineShipping"),
    },
    method: reader.text("method", cell, item).toLowerCase(),
    locationId: reader.text("locationId", cell, item),
  };
};

const compile = (mapping: ImportMappingBody): Compiled => {
  const sources = Object.fromEntries(
    importFieldNames.map((name) => [name, compileSource(mapping.fields[name])]),
  ) as Record<ImportFieldName, FieldSource>;
  return {
    mapping,
    sources,
    metadata: Object.entries(mapping.metadata ?? {})
      .map(([key, field]) => [key, compileSource(field)]),
    numbers: numberFormatOf(mapping),
    sharedFields: sharedFields.filter((field) => mapping.fields[field] !== undefined),
  };
};

const readMetadata = (
  { metadata }: Compiled,
  cell: Cell,
): Readonly<Record<string, string>> => {
  const values: Record<string, string> = {};
  for (const [key, source] of metadata) {
    const value = source.text(cell);
    if (value !== "") values[key] = value;
  }
  return values;
};

/** Whether the row gives something back; null where no quantity in it says anything. */
const creditOf = (
  items: readonly ItemDraft[],
  externalId: string,
  { credits }: ImportMappingBody,
): boolean | null => {
  const prefix = credits?.externalIdPrefix;
  if (prefix !== undefined && externalId.startsWith(prefix)) return true;
  const counted = items.filter(({ quantity }) => quantity !== 0);
  if (counted.length === 0) return null;
  return (credits?.negativeQuantity ?? true) &&
    counted.some(({ quantity }) => quantity !== null && quantity < 0);
};

/** A reader of rows in their order: one without external id may belong to the order of the row before it. */
export const compileDrafts = (mapping: ImportMappingBody): (row: RowCells) => Draft => {
  const compiled = compile(mapping);
  const parseDate = compileDateFormat(mapping.dateFormat ?? "iso");
  const timeZone = mapping.timeZone ?? "UTC";
  const skipped = compileConditions(mapping.skipRows);
  const skipsOrder = compileConditions(mapping.skipOrders);
  const tellsOfOrder = compileConditions(mapping.orderRows);
  let previousId = "";
  let previousCurrency = "";

  return ({ line, cell, items: cells, short }) => {
    const reader = new FieldReader(compiled);
    const isWhole = short === null;
    const skip = skipped(cell, isWhole);
    const ownId = reader.identifier("externalId", cell);
    const externalId = ownId === "" && mapping.blankExternalId === "previous" && skip === null
      ? previousId
      : ownId;
    if (externalId === previousId) reader.currency = previousCurrency;
    const shared = readShared(reader, cell);
    if (skip === null) {
      previousId = externalId;
      previousCurrency = reader.currency;
    }
    const date = reader.text("placedAt", cell);
    const placedAt = date === "" || typeof parseDate === "string"
      ? null
      : reader.read("placedAt", cell, 0, date, parseDate(date, timeZone));
    const metadata = compiled.metadata.length === 0 ? noMetadata : readMetadata(compiled, cell);
    const items = skip !== null || tellsOfOrder(cell, isWhole) !== null
      ? []
      : (cells ?? [cell]).map((itemCell, item) => readItem(reader, itemCell, item));
    return {
      line,
      externalId,
      credit: creditOf(items, externalId, mapping),
      shared,
      rankOf: (field) => compiled.sources[field].rank(cell),
      placedAt,
      items,
      metadata,
      errors: skip === null ? reader.errors : [],
      skipped: skip,
      skipsOrder: skipsOrder(cell, isWhole),
      short,
    };
  };
};
