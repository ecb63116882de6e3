/**
 * Which column of a file is which part of an order: a mapping is stored under a name and used by imports
 * of CSV and of NDJSON alike. In CSV a column is named by its heading, in NDJSON by a path of field names
 * with dots between them (`customer.id`).
 *
 * Each row is one line of an order, or, where the mapping names items, an order with several; the rows of one
 * order have the same external id. What no file can be read by is in `mapping-faults.ts`.
 */
import { Result, Schema, SchemaParser } from "effect";
import type { Instant } from "../kernel/instant.ts";
import { importLimits } from "./limits.ts";
import { textLimits } from "../kernel/limits.ts";
import { anyText, Country, optionalList, sentText, text } from "../kernel/vocabulary.ts";
import { csvDelimiters, csvQuotings, quotingOf } from "./csv.ts";
import { compileDateFormat, isTimeZone } from "./dates.ts";
import { importEncodings } from "./encoding.ts";
import { mappingFaults } from "./mapping-faults.ts";

const column = text(textLimits.name);

const ImportConstant = Schema.Struct({ constant: anyText(textLimits.reason) })
  .annotate({ identifier: "ImportConstant" });

/** A column of the row, or the same text for every row. */
export const ImportSource = Schema.Union([
  Schema.Struct({ column }).annotate({ identifier: "ImportFallbackColumn" }),
  ImportConstant,
]).annotate({ identifier: "ImportSource" });
export type ImportSource = typeof ImportSource.Type;

const fallbacks = optionalList(ImportSource, {
  mostEntries: importLimits.fallbacks,
  description: "Where the cells are blank: the first of these that is not",
});

/** Where a value comes from. */
export const ImportField = Schema.Union([
  Schema.Struct({ column, fallbacks }).annotate({ identifier: "ImportColumn" }),
  Schema.Struct({
    columns: Schema.Array(column).check(
      Schema.isMinLength(2),
      Schema.isMaxLength(importLimits.joinedColumns),
    ).annotate({ description: "Those that are not blank, joined" }),
    separator: Schema.optionalKey(
      anyText(importLimits.separatorCharacters).annotate({ description: "A space when absent" }),
    ),
    fallbacks,
  }).annotate({ identifier: "ImportColumns" }),
  ImportConstant,
]).annotate({ identifier: "ImportField" });
export type ImportField = typeof ImportField.Type;

const values = Schema.Array(text(textLimits.name)).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(importLimits.conditionValues),
);

/** Something that is so of a row, by one of its columns. Small and capital letters are the same. */
export const RowCondition = Schema.Union([
  Schema.Struct({
    column,
    is: Schema.Literals(["blank", "filled"]).annotate({ identifier: "ImportCellState" }),
  }).annotate({ identifier: "ImportCellIs" }),
  Schema.Struct({ column, equals: values }).annotate({ identifier: "ImportCellEquals" }),
  Schema.Struct({ column, startsWith: values }).annotate({ identifier: "ImportCellStartsWith" }),
]).annotate({ identifier: "ImportRowCondition" });
export type RowCondition = typeof RowCondition.Type;

const separator = (description: string) =>
  Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(importLimits.separatorCharacters))
    .annotate({ description });

const conditions = (description: string) =>
  optionalList(RowCondition, { mostEntries: importLimits.conditions, description });

const dateFormat = sentText(textLimits.id).check(
  Schema.makeFilter((format: string) => {
    const compiled = compileDateFormat(format);
    return typeof compiled !== "string" || `must be ${compiled}`;
  }),
);

const timeZone = anyText(textLimits.id).check(
  Schema.makeFilter((zone: string) =>
    isTimeZone(zone) || "must be an IANA time zone or an offset such as +01:00"
  ),
);

const optional = Schema.optionalKey(ImportField);

/** The parts of an order that rows can fill. */
const fields = Schema.Struct({
  externalId: ImportField,
  sku: ImportField,
  quantity: ImportField,
  unitPrice: optional,
  lineTotal: optional,
  currency: ImportField,
  discount: optional,
  tax: optional,
  lineShipping: optional,
  orderDiscount: optional,
  orderTax: optional,
  shippingAmount: optional,
  shippingDiscount: optional,
  orderTotal: optional,
  method: optional,
  locationId: optional,
  placedAt: optional,
  onShortage: optional,
  customerId: optional,
  customerName: optional,
  customerEmail: optional,
  customerPhone: optional,
  shippingService: optional,
  country: optional,
  addressName: optional,
  company: optional,
  line1: optional,
  line2: optional,
  city: optional,
  region: optional,
  postalCode: optional,
  phone: optional,
  note: optional,
}).annotate({
  identifier: "ImportFields",
  description:
    "Either `unitPrice` or `lineTotal`, which is what the whole line costs before its `discount`. `discount`, " +
    "`tax` and `lineShipping` are a line's; shipping of lines is summed. `orderDiscount` and `orderTax` are the " +
    "order's and are spread over its lines. `shippingDiscount` is taken from the shipping. `orderTotal` is " +
    "compared with what the order adds up to, and an order that is worth something else is rejected. A discount " +
    "below zero is taken for one above",
});
export type ImportFieldName = keyof typeof fields.Type;
export const importFieldNames = Object.keys(fields.fields) as readonly ImportFieldName[];

export const absentColumnsRules = ["refused", "blank"] as const;
export const blankIdRules = ["refused", "previous"] as const;

/** What a mapping says, each part by itself. */
const parts = {
  fields,
  /** Order metadata, by its key. */
  metadata: Schema.optionalKey(
    Schema.Record(sentText(textLimits.id), ImportField)
      .check(Schema.isMaxProperties(importLimits.mappingColumns)),
  ),
  items: Schema.optionalKey(
    Schema.Struct({
      column,
      itemSeparator: Schema.optionalKey(separator("Between items. `|` when absent")),
      valueSeparator: Schema.optionalKey(
        separator("Between the values of an item. `, ` when absent"),
      ),
      nameSeparator: Schema.optionalKey(separator("Between name and value. `: ` when absent")),
    }).annotate({
      identifier: "ImportItems",
      description:
        "Each row is an order with several lines, which stand in this column: as an array of objects " +
        "in NDJSON, as `SKU: A, Qty: 1|SKU: B, Qty: 2` in CSV. Fields of a line then name `column.name`",
    }),
  ),
  skipRows: conditions(
    "Rows of which one of these is so are left out: summaries, footers, cancelled lines",
  ),
  skipOrders: conditions("Orders are left out when one of these is so of one of their rows"),
  orderRows: conditions(
    "Rows of which one of these is so tell of their order and are no line of it",
  ),
  blankExternalId: Schema.optionalKey(
    Schema.Literals(blankIdRules).annotate({
      identifier: "ImportBlankIdRule",
      description:
        "Whether a row without external id belongs to the order of the row before. `refused` when absent",
    }),
  ),
  absentColumns: Schema.optionalKey(
    Schema.Literals(absentColumnsRules).annotate({
      identifier: "ImportAbsentColumnsRule",
      description:
        "What columns are that the heading does not have; `refused` when absent. An order needs an " +
        "external id, and a line SKU, quantity and price, in any case",
    }),
  ),
  discountIncludesLines: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "`orderDiscount` is all that the order is discounted, `discount` of its lines included",
    }),
  ),
  taxesIncluded: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "Whether tax is a part of all prices of the file, of shipping too; by default not",
    }),
  ),
  /** `iso` when absent: RFC 3339, the offset being optional. The tokens are in `dates.ts`. */
  dateFormat: Schema.optionalKey(dateFormat),
  /** What times without an offset mean; UTC when absent. */
  timeZone: Schema.optionalKey(timeZone),
  /** Codes for country names that are not the usual English ones; null means that there is no address. */
  countries: Schema.optionalKey(
    Schema.Record(sentText(textLimits.name), Schema.NullOr(Country))
      .check(Schema.isMaxProperties(importLimits.countryNames)),
  ),
  /** Rows that give something back are reported and never placed. */
  credits: Schema.optionalKey(
    Schema.Struct({
      /** A quantity below zero is a credit, not an error. True when absent. */
      negativeQuantity: Schema.optionalKey(Schema.Boolean),
      externalIdPrefix: Schema.optionalKey(text(textLimits.id)),
    }).annotate({ identifier: "ImportCredits" }),
  ),
  /** How numbers are written: `1.234,50` has decimal `,` and group `.`. */
  numbers: Schema.optionalKey(
    Schema.Struct({
      decimal: Schema.optionalKey(Schema.Literals([".", ","])),
      group: Schema.optionalKey(
        Schema.Literals([",", ".", " ", "'"]).annotate({
          description: "A space is any of Unicode's, and ' is \u2019 as well",
        }),
      ),
    }).annotate({ identifier: "ImportNumbers" }),
  ),
  csv: Schema.optionalKey(
    Schema.Struct({
      delimiter: Schema.optionalKey(Schema.Literals(csvDelimiters)),
      quoting: Schema.optionalKey(
        Schema.Literals(csvQuotings).annotate({
          identifier: "CsvQuoting",
          description:
            "`double`: cells may stand in quotation marks, as RFC 4180 has it. `none`: quotation marks are " +
            "characters, which is what files with tabs have when nothing is said",
        }),
      ),
    }).annotate({ identifier: "ImportCsv" }),
  ),
  encoding: Schema.optionalKey(
    Schema.Literals(importEncodings).annotate({
      identifier: "ImportEncoding",
      description:
        "Unless a byte order mark or the request's media type tells another. `utf-8` when absent",
    }),
  ),
} as const;

const ImportMappingParts = Schema.Struct(parts);
export type ImportMappingBody = typeof ImportMappingParts.Type;

const example: ImportMappingBody = {
  fields: {
    externalId: { column: "Order" },
    sku: { column: "SKU" },
    quantity: { column: "Qty" },
    unitPrice: { column: "Price" },
    currency: { constant: "EUR" },
    customerName: { columns: ["First name", "Last name"], fallbacks: [{ column: "Company" }] },
    placedAt: { column: "Date" },
  },
  skipRows: [{ column: "Status", equals: ["cancelled"] }],
  dateFormat: "D-M-YYYY H:mm",
  timeZone: "Europe/Amsterdam",
  numbers: { decimal: ",", group: "." },
  csv: { delimiter: ";" },
};

/** What can be saved. What earlier versions saved needs to have the shape alone. */
export const ImportMappingBody = ImportMappingParts.annotate({
  identifier: "ImportMappingRequest",
  examples: [example],
}).check(Schema.makeFilter(mappingFaults)).annotate({ identifier: "ImportMappingRequest" });
export const mappingParts = parts;

const decode = SchemaParser.decodeUnknownResult(ImportMappingBody);

/** The mapping that a value is, if a file can be read by it. */
export const readableMapping = (value: unknown): ImportMappingBody | null =>
  Result.getOrNull(decode(value));

/** A mapping of today says how its cells are quoted, so that no later version has to guess. */
export const withQuoting = (mapping: ImportMappingBody): ImportMappingBody => {
  const { delimiter, quoting } = mapping.csv ?? {};
  return delimiter === undefined || quoting !== undefined || quotingOf(delimiter) === "double"
    ? mapping
    : { ...mapping, csv: { delimiter, quoting: quotingOf(delimiter) } };
};

/** A mapping as it is stored. */
export interface ImportMapping extends ImportMappingBody {
  readonly name: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}

/** The columns that a source reads, in the order in which they are asked. */
export const columnsOfField = (field: ImportField | ImportSource): readonly string[] => {
  const fallbacks = "fallbacks" in field ? field.fallbacks ?? [] : [];
  const own = "columns" in field ? field.columns : "column" in field ? [field.column] : [];
  return [...own, ...fallbacks.flatMap(columnsOfField)];
};

/** Every column that the mapping reads, each once; of items the column that they stand in. */
export const columnsOf = (mapping: ImportMappingBody): readonly string[] => {
  const { items, skipRows = [], skipOrders = [], orderRows = [] } = mapping;
  const read = [...Object.values(mapping.fields), ...Object.values(mapping.metadata ?? {})]
    .flatMap(columnsOfField)
    .map((column) => items !== undefined && isOfItem(items.column, column) ? items.column : column);
  const asked = [...skipRows, ...skipOrders, ...orderRows].map(({ column }) => column);
  return [...new Set([...read, ...asked, ...items === undefined ? [] : [items.column]])];
};

/** Whether a column is one of an item, such as `lines.sku` where the items stand in `lines`. */
export const isOfItem = (itemsColumn: string, column: string): boolean =>
  column.startsWith(`${itemsColumn}.`);

/** The first column of a field, or null where it is a constant or not mapped. */
export const columnOf = (mapping: ImportMappingBody, name: ImportFieldName): string | null => {
  const field = mapping.fields[name];
  return field === undefined ? null : columnsOfField(field)[0] ?? null;
};
