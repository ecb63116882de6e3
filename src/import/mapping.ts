/**
 * Which column of a file is which part of an order: a mapping is stored under a name and used by imports
 * of CSV and of NDJSON alike. In CSV a column is named by its heading, in NDJSON by a path of field names
 * with dots between them (`customer.id`, `items.0.sku`).
 *
 * Each row is one line of an order; the rows of one order have the same external id and stand together.
 */
import { Schema } from "effect";
import type { Instant } from "../kernel/instant.ts";
import { importLimits } from "./limits.ts";
import { textLimits } from "../kernel/limits.ts";
import { anyText, Country, text } from "../kernel/vocabulary.ts";
import { compileDateFormat, isTimeZone } from "./dates.ts";

const column = text(textLimits.name);

/** Where a value comes from: a column of the row, or the same text for every row. */
export const ImportField = Schema.Union([
  Schema.Struct({ column }),
  Schema.Struct({ constant: anyText(textLimits.reason) }),
]);
export type ImportField = typeof ImportField.Type;

const dateFormat = text(textLimits.id).check(
  Schema.makeFilter((format: string) => {
    const compiled = compileDateFormat(format);
    return typeof compiled !== "string" || compiled;
  }),
);

const timeZone = anyText(textLimits.id).check(
  Schema.makeFilter((zone: string) =>
    isTimeZone(zone) || "an IANA time zone or an offset such as +01:00"
  ),
);

const optional = Schema.optionalKey(ImportField);

/** The fields of `POST /v1/orders` that rows can fill. */
const fields = Schema.Struct({
  externalId: ImportField,
  sku: ImportField,
  quantity: ImportField,
  unitPrice: ImportField,
  currency: ImportField,
  discount: optional,
  tax: optional,
  method: optional,
  locationId: optional,
  placedAt: optional,
  onShortage: optional,
  customerId: optional,
  customerName: optional,
  customerEmail: optional,
  customerPhone: optional,
  shippingService: optional,
  shippingAmount: optional,
  country: optional,
  addressName: optional,
  company: optional,
  line1: optional,
  line2: optional,
  city: optional,
  region: optional,
  postalCode: optional,
  phone: optional,
});
export type ImportFieldName = keyof typeof fields.Type;

export const ImportMappingBody = Schema.Struct({
  fields,
  /** Order metadata, by its key. */
  metadata: Schema.optionalKey(
    Schema.Record(text(textLimits.id), ImportField)
      .check(Schema.isMaxProperties(importLimits.mappingColumns)),
  ),
  /** `iso` when absent: RFC 3339, the offset being optional. The tokens are in `dates.ts`. */
  dateFormat: Schema.optionalKey(dateFormat),
  /** What times without an offset mean; UTC when absent. */
  timeZone: Schema.optionalKey(timeZone),
  /** Codes for country names that are not the usual English ones; null means that there is no address. */
  countries: Schema.optionalKey(
    Schema.Record(column, Schema.NullOr(Country))
      .check(Schema.isMaxProperties(importLimits.countryNames)),
  ),
  /** Rows that give something back are reported and never placed. */
  credits: Schema.optionalKey(Schema.Struct({
    /** A quantity below zero is a credit, not an error. True when absent. */
    negativeQuantity: Schema.optionalKey(Schema.Boolean),
    externalIdPrefix: Schema.optionalKey(text(textLimits.id)),
  })),
  /** How numbers are written: `1.234,50` has decimal `,` and group `.`. */
  numbers: Schema.optionalKey(
    Schema.Struct({
      decimal: Schema.optionalKey(Schema.Literals([".", ","])),
      group: Schema.optionalKey(Schema.Literals([",", ".", " ", "'"])),
    }).check(
      Schema.makeFilter((numbers: { readonly decimal?: string; readonly group?: string }) =>
        (numbers.decimal ?? ".") !== numbers.group || "two different separators"
      ),
    ),
  ),
  csv: Schema.optionalKey(Schema.Struct({
    delimiter: Schema.optionalKey(Schema.Literals([",", ";", "\t", "|"])),
  })),
  encoding: Schema.optionalKey(Schema.Literals(["utf-8", "windows-1252"])),
});
export type ImportMappingBody = typeof ImportMappingBody.Type;

/** A mapping as it is stored. */
export interface ImportMapping extends ImportMappingBody {
  readonly name: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}

/** Every column that the mapping reads, each once. */
export const columnsOf = (mapping: ImportMappingBody): readonly string[] => {
  const all = [...Object.values(mapping.fields), ...Object.values(mapping.metadata ?? {})];
  return [...new Set(all.flatMap((field) => "column" in field ? [field.column] : []))];
};

/** The column of a field, or null where it is a constant or not mapped. */
export const columnOf = (mapping: ImportMappingBody, name: ImportFieldName): string | null => {
  const field = mapping.fields[name];
  return field !== undefined && "column" in field ? field.column : null;
};
