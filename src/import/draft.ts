/** One row by a mapping: the part of an order that it is, with everything that is wrong with it. */
import { Result } from "effect";
import { countryCodeOf } from "./countries.ts";
import { compileDateFormat } from "./dates.ts";
import type { RowError } from "./job.ts";
import { columnOf, type ImportFieldName, type ImportMappingBody } from "./mapping.ts";
import { type NumberFormat, readAmount, readQuantity } from "./numbers.ts";
import { isCurrency } from "../kernel/money.ts";
import { quoted, trimmed } from "../kernel/white-space.ts";
import { importLimits } from "./limits.ts";

/** The text of a column in a row; undefined where the row has none. */
export type Cell = (column: string) => string | undefined;

export interface FieldError {
  readonly field: ImportFieldName;
  readonly detail: string;
}

export interface Draft {
  readonly line: number;
  readonly externalId: string;
  readonly credit: boolean;
  /** What rows of one order must agree on, empty where the row leaves it to the first one. */
  readonly shared: Readonly<Record<string, string>>;
  readonly placedAt: string | null;
  readonly item: {
    readonly sku: string;
    readonly quantity: number | null;
    readonly unitPrice: string | null;
    readonly discount: string | null;
    readonly tax: string | null;
    readonly method: string;
    readonly locationId: string;
  };
  readonly metadata: Readonly<Record<string, string>>;
  readonly errors: readonly FieldError[];
}

/** Fields of the whole order, which every row of it repeats or leaves empty. */
export const sharedFields = [
  "currency",
  "onShortage",
  "customerId",
  "customerName",
  "customerEmail",
  "customerPhone",
  "shippingService",
  "shippingAmount",
  "country",
  "addressName",
  "company",
  "line1",
  "line2",
  "city",
  "region",
  "postalCode",
  "phone",
] as const satisfies readonly ImportFieldName[];

const linePaths: Partial<Record<ImportFieldName, string>> = {
  sku: "sku",
  quantity: "quantity",
  unitPrice: "unitPrice",
  discount: "discount",
  tax: "tax",
  method: "fulfillment/method",
  locationId: "fulfillment/locationId",
};

const orderPaths: Partial<Record<ImportFieldName, string>> = {
  externalId: "/externalId",
  currency: "/currency",
  placedAt: "/placedAt",
  onShortage: "/onShortage",
  customerId: "/customer/id",
  customerName: "/customer/name",
  customerEmail: "/customer/email",
  customerPhone: "/customer/phone",
  shippingService: "/shipping/service",
  shippingAmount: "/shipping/amount",
  country: "/shippingAddress/country",
  addressName: "/shippingAddress/name",
  company: "/shippingAddress/company",
  line1: "/shippingAddress/line1",
  line2: "/shippingAddress/line2",
  city: "/shippingAddress/city",
  region: "/shippingAddress/region",
  postalCode: "/shippingAddress/postalCode",
  phone: "/shippingAddress/phone",
};

/** Where a field of the row stands in the order; `index` is the row's place among the order's lines. */
export const pointerOf = (field: ImportFieldName, index: number): string => {
  const path = linePaths[field];
  return path === undefined ? orderPaths[field] ?? "" : `/lines/${index}/${path}`;
};

/** The column behind a pointer into the order, for whoever corrects the file. */
export const columnAt = (mapping: ImportMappingBody, pointer: string): string | null => {
  const line = /^\/lines\/\d+\/(.*)$/.exec(pointer);
  const [paths, path] = line === null ? [orderPaths, pointer] : [linePaths, line[1] ?? ""];
  for (const [field, start] of Object.entries(paths)) {
    if (path === start || path.startsWith(`${start}/`)) {
      return columnOf(mapping, field as ImportFieldName);
    }
  }
  return null;
};

export const rowError = (
  mapping: ImportMappingBody,
  error: FieldError,
  index: number,
): RowError => {
  const column = columnOf(mapping, error.field);
  return {
    pointer: pointerOf(error.field, index),
    ...(column === null ? {} : { column }),
    detail: error.detail,
  };
};

const shown = (text: string): string => quoted(text, importLimits.shownCharacters);

/** A reader of rows in their order: a row that leaves the currency empty has that of the row before it. */
export const compileDrafts = (
  mapping: ImportMappingBody,
): (line: number, cell: Cell) => Draft => {
  const { fields } = mapping;
  const parseDate = compileDateFormat(mapping.dateFormat ?? "iso");
  const timeZone = mapping.timeZone ?? "UTC";
  const numbers: NumberFormat = {
    decimal: mapping.numbers?.decimal ?? ".",
    group: mapping.numbers?.group ?? null,
  };
  const negativeIsCredit = mapping.credits?.negativeQuantity ?? true;
  const creditPrefix = mapping.credits?.externalIdPrefix;
  const metadataFields = Object.entries(mapping.metadata ?? {});
  let previous = { externalId: "", currency: "" };

  return (line, cell) => {
    const errors: FieldError[] = [];
    const text = (field: ImportFieldName): string => {
      const source = fields[field];
      if (source === undefined) return "";
      const value = trimmed("column" in source ? cell(source.column) ?? "" : source.constant);
      if (value.includes("\uFFFD")) {
        errors.push({
          field,
          detail: `${shown(value)} is not ${
            mapping.encoding ?? "utf-8"
          }: see the mapping's encoding`,
        });
      }
      return value;
    };
    const read = <A>(
      field: ImportFieldName,
      value: string,
      result: Result.Result<A, string>,
    ): A | null => {
      if (Result.isSuccess(result)) return result.success;
      errors.push({ field, detail: `${shown(value)} ${result.failure}` });
      return null;
    };
    const required = (field: ImportFieldName): string => {
      const value = text(field);
      if (value === "") errors.push({ field, detail: "is empty" });
      return value;
    };

    const shared: Record<string, string> = {};
    for (const field of sharedFields) shared[field] = text(field);
    shared["currency"] = shared["currency"]?.toUpperCase() ?? "";
    shared["onShortage"] = shared["onShortage"]?.toLowerCase() ?? "";
    const country = shared["country"] ?? "";
    if (country !== "") {
      const own = mapping.countries ?? {};
      shared["country"] = Object.hasOwn(own, country)
        ? own[country] ?? ""
        : read("country", country, countryOf(country)) ?? "";
    }
    const externalId = text("externalId");
    const currency = shared["currency"] ||
      (previous.externalId === externalId ? previous.currency : "");
    previous = { externalId, currency };
    const amount = (field: ImportFieldName, value: string): string | null =>
      // Of an unknown currency nobody knows the digits; that it is unknown is said once, by the schema.
      value === "" || !isCurrency(currency)
        ? value === "" ? null : value
        : read(field, value, readAmount(value, currency, numbers));
    shared["shippingAmount"] = amount("shippingAmount", shared["shippingAmount"] ?? "") ?? "";

    const quantityText = required("quantity");
    const quantity = quantityText === ""
      ? null
      : read("quantity", quantityText, readQuantity(quantityText, numbers));
    const date = text("placedAt");
    const placedAt = date === "" || typeof parseDate === "string"
      ? null
      : read("placedAt", date, parseDate(date, timeZone));
    const metadata: Record<string, string> = {};
    for (const [key, source] of metadataFields) {
      const value = trimmed("column" in source ? cell(source.column) ?? "" : source.constant);
      if (value !== "") metadata[key] = value;
    }
    return {
      line,
      externalId,
      credit: (negativeIsCredit && quantity !== null && quantity < 0) ||
        (creditPrefix !== undefined && externalId.startsWith(creditPrefix)),
      shared,
      placedAt,
      item: {
        sku: required("sku"),
        quantity,
        unitPrice: amount("unitPrice", required("unitPrice")),
        discount: amount("discount", text("discount")),
        tax: amount("tax", text("tax")),
        method: text("method").toLowerCase(),
        locationId: text("locationId"),
      },
      metadata,
      errors,
    };
  };
};

const countryOf = (name: string): Result.Result<string, string> => {
  const code = countryCodeOf(name);
  return code === null
    ? Result.fail("is no country that is known: give its code under the mapping's countries")
    : Result.succeed(code);
};
