/** What is wrong with a mapping that has the right shape: no file could be read by it. */
import { Result } from "effect";
import { fulfillmentMethods, shortagePolicies } from "../order/order.ts";
import { isCurrency } from "../kernel/money.ts";
import { isBlank, trimmed } from "../kernel/white-space.ts";
import { countryCodeOf } from "./countries.ts";
import { compileDateFormat } from "./dates.ts";
import type { ImportField, ImportFieldName, ImportMappingBody, ImportSource } from "./mapping.ts";
import { numberFormatOf, readNumber, readQuantity } from "./numbers.ts";

interface MappingFault {
  readonly path: readonly string[];
  readonly issue: string;
}

/** Fields of which every order or line needs a value. */
export const neededFields = ["externalId", "sku", "quantity", "currency"] as const;

export const amountFields = [
  "unitPrice",
  "lineTotal",
  "discount",
  "tax",
  "lineShipping",
  "orderDiscount",
  "orderTax",
  "shippingAmount",
  "shippingDiscount",
  "orderTotal",
] as const satisfies readonly ImportFieldName[];

/** Fields of a line: with items, these alone may read from an item. */
export const lineFields: readonly ImportFieldName[] = [
  "sku",
  "quantity",
  "unitPrice",
  "lineTotal",
  "discount",
  "tax",
  "lineShipping",
  "method",
  "locationId",
];

const at = (field: string, issue: string, ...further: readonly string[]): MappingFault => ({
  path: ["fields", field, ...further],
  issue,
});

/** Fields that say the same in two ways, or that say nothing alone. */
const contradictions = (mapping: ImportMappingBody): readonly MappingFault[] => {
  const { fields } = mapping;
  const has = (name: ImportFieldName): boolean => fields[name] !== undefined;
  const both = (first: ImportFieldName, second: ImportFieldName, why: string) =>
    has(first) && has(second) ? [at(second, `${why}: leave out this one or ${first}`)] : [];
  return [
    ...has("unitPrice") || has("lineTotal") ? [] : [at("unitPrice", "is required, or lineTotal")],
    ...both("unitPrice", "lineTotal", "a line has one price"),
    ...both("tax", "orderTax", "the tax is the lines' or the order's"),
    ...both("lineShipping", "shippingAmount", "the shipping is the lines' or the order's"),
    ...has("shippingDiscount") && !has("shippingAmount") && !has("lineShipping")
      ? [at("shippingDiscount", "has no shippingAmount or lineShipping to be taken from")]
      : [],
    ...mapping.discountIncludesLines !== undefined && !(has("discount") && has("orderDiscount"))
      ? [{
        path: ["discountIncludesLines"],
        issue: "says something only where discount and orderDiscount are mapped",
      }]
      : [],
    ...mapping.numbers !== undefined &&
        (mapping.numbers.decimal ?? ".") === mapping.numbers.group
      ? [{ path: ["numbers", "group"], issue: "must be another sign than the decimal one" }]
      : [],
  ];
};

/** What is wrong with a text that is the same for every row; null when nothing is. */
const constantFault = (
  name: ImportFieldName,
  constant: string,
  mapping: ImportMappingBody,
): string | null => {
  const text = trimmed(constant);
  if (text === "") return null;
  const numbers = numberFormatOf(mapping);
  const one = (allowed: readonly string[]) =>
    allowed.includes(text.toLowerCase()) ? null : `must be one of ${allowed.join(", ")}`;
  switch (name) {
    case "currency":
      return isCurrency(text.toUpperCase()) ? null : "must be an ISO 4217 currency code";
    case "country":
      return Object.hasOwn(mapping.countries ?? {}, text) || countryCodeOf(text) !== null
        ? null
        : "must be a country";
    case "quantity": {
      const quantity = Result.getOrNull(readQuantity(text, numbers));
      return quantity !== null && quantity > 0 ? null : "must be a whole number above 0";
    }
    case "placedAt": {
      const parse = compileDateFormat(mapping.dateFormat ?? "iso");
      const isDate = typeof parse !== "string" &&
        Result.isSuccess(parse(text, mapping.timeZone ?? "UTC"));
      return isDate ? null : `must be a date written as ${mapping.dateFormat ?? "iso"}`;
    }
    case "method":
      return one(fulfillmentMethods);
    case "onShortage":
      return one(shortagePolicies);
    default:
      return amountFields.some((each) => each === name) &&
          Result.isFailure(readNumber(text, numbers))
        ? "must be an amount"
        : null;
  }
};

/** The constants of a field, each with its path. */
const constantsOf = (field: ImportField | ImportSource) => {
  const own = "constant" in field ? [{ path: ["constant"], constant: field.constant }] : [];
  const further = "fallbacks" in field ? field.fallbacks ?? [] : [];
  return [
    ...own,
    ...further.flatMap((source, n) =>
      "constant" in source
        ? [{ path: ["fallbacks", String(n), "constant"], constant: source.constant }]
        : []
    ),
  ];
};

const faultsOfField = (
  name: ImportFieldName,
  field: ImportField,
  mapping: ImportMappingBody,
): readonly MappingFault[] => {
  const isNeeded = [...neededFields, "unitPrice", "lineTotal"].some((needed) => needed === name);
  const isNumber = name === "quantity" || amountFields.some((each) => each === name);
  const fallbacks = "fallbacks" in field ? field.fallbacks ?? [] : [];
  const behindConstant = fallbacks.findIndex((source, n) =>
    "constant" in source && n < fallbacks.length - 1
  );
  return [
    ..."columns" in field && isNumber
      ? [at(name, "of several columns joined there is no number", "columns")]
      : [],
    ...behindConstant < 0
      ? []
      : [at(name, "is never asked: a constant comes before", "fallbacks", `${behindConstant + 1}`)],
    ...constantsOf(field).flatMap(({ path, constant }) => {
      const issue = isNeeded && isBlank(constant)
        ? "must not be blank"
        : constantFault(name, constant, mapping);
      return issue === null ? [] : [at(name, issue, ...path)];
    }),
  ];
};

const columnsIn = (field: ImportField | ImportSource): readonly string[] =>
  "columns" in field ? field.columns : "column" in field ? [field.column] : [];

/** With items, lines are read from them and everything else is not. */
const faultsOfItems = ({ fields, items }: ImportMappingBody): readonly MappingFault[] => {
  if (items === undefined) return [];
  const entries = Object.entries(fields) as (readonly [ImportFieldName, ImportField])[];
  const ofItem = ([, field]: readonly [ImportFieldName, ImportField]): boolean =>
    [field, ..."fallbacks" in field ? field.fallbacks ?? [] : []]
      .flatMap(columnsIn).some((column) => column.startsWith(`${items.column}.`));
  const outside = entries.filter((entry) => !lineFields.includes(entry[0]) && ofItem(entry));
  return [
    ...outside.map(([name]) => at(name, "is the order's, and cannot be read from its items")),
    ...ofItem(["sku", fields.sku])
      ? []
      : [at("sku", `must be read from the items, such as ${items.column}.sku`)],
  ];
};

export const mappingFaults = (mapping: ImportMappingBody): readonly MappingFault[] => {
  const entries = Object.entries(mapping.fields) as (readonly [ImportFieldName, ImportField])[];
  return [
    ...contradictions(mapping),
    ...entries.flatMap(([name, field]) => faultsOfField(name, field, mapping)),
    ...faultsOfItems(mapping),
  ];
};
