/** The fields of the form that makes a mapping, and the mapping that they describe. Pure. */
import { csvDelimiters, csvQuotings } from "../../../src/import/csv.ts";
import { importEncodings } from "../../../src/import/encoding.ts";
import {
  type ImportField,
  importFieldNames,
  type ImportMappingBody,
  type ImportSource,
  readableMapping,
} from "../../../src/import/mapping.ts";
import { amountFields } from "../../../src/import/mapping-faults.ts";
import { field, type FormFields } from "../../dashboard/visit.ts";
import type { Reading } from "./preview.ts";

/** Conditions of one kind that the form has room for. */
export const conditionsShown = 2;

export const conditionKinds = ["skipRows", "skipOrders", "orderRows"] as const;
export type ConditionKind = (typeof conditionKinds)[number];

/** Whether a field may be two columns joined. */
export const mayBeJoined = (name: string): boolean =>
  name !== "quantity" && !amountFields.some((each) => each === name);

const mapped = (fields: FormFields, name: string): ImportField | null => {
  const constant = field(fields, `constant:${name}`);
  const column = fields.get(`column:${name}`) ?? "";
  const joined = fields.get(`joined:${name}`) ?? "";
  const other = fields.get(`other:${name}`) ?? "";
  if (column === "") return constant === "" ? null : { constant };
  const fallbacks: ImportSource[] = [
    ...other === "" ? [] : [{ column: other }],
    ...constant === "" ? [] : [{ constant }],
  ];
  const further = fallbacks.length === 0 ? {} : { fallbacks };
  return joined === "" ? { column, ...further } : { columns: [column, joined], ...further };
};

/** Values of a condition stand apart by semicolons. */
const valuesOf = (text: string): readonly string[] =>
  text.split(";").map((value) => value.trim()).filter((value) => value !== "");

const conditionsOf = (fields: FormFields, kind: ConditionKind): readonly object[] =>
  Array.from({ length: conditionsShown }, (_, n) => n).flatMap((n) => {
    const column = fields.get(`${kind}:${n}:column`) ?? "";
    const is = fields.get(`${kind}:${n}:is`) ?? "";
    const values = valuesOf(fields.get(`${kind}:${n}:values`) ?? "");
    if (column === "" || is === "") return [];
    return [is === "blank" || is === "filled" ? { column, is } : { column, [is]: values }];
  });

/** Texts that are not empty, by the names of their parts. */
const texts = (
  fields: FormFields,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.map((name) => [name, fields.get(name) ?? ""]).filter(([, text]) => text !== ""),
  );

const unlessEmpty = (name: string, value: object): object =>
  Object.keys(value).length === 0 ? {} : { [name]: value };

/** The mapping that the form describes, for the API to judge. */
export const mappingIn = (fields: FormFields): object => {
  const all = importFieldNames.flatMap((name): (readonly [string, ImportField])[] => {
    const source = mapped(fields, name);
    return source === null ? [] : [[name, source]];
  });
  const items = texts(fields, ["items", "itemSeparator", "valueSeparator", "nameSeparator"]);
  const { items: itemsColumn, ...separators } = items;
  const conditions = conditionKinds.map((kind) => unlessEmpty(kind, conditionsOf(fields, kind)));
  const externalIdPrefix = field(fields, "creditPrefix");
  const group = fields.get("group") ?? "";
  const decimal = field(fields, "decimal");
  const delimiter = fields.get("delimiter") ?? ",";
  const quoting = field(fields, "quoting");
  return {
    fields: Object.fromEntries(all),
    ...(itemsColumn === undefined ? {} : { items: { column: itemsColumn, ...separators } }),
    ...Object.assign({}, ...conditions),
    ...texts(fields, ["dateFormat", "timeZone", "encoding", "blankExternalId", "absentColumns"]),
    ...(fields.get("discountIncludesLines") === "true" ? { discountIncludesLines: true } : {}),
    ...(fields.get("taxesIncluded") === "true" ? { taxesIncluded: true } : {}),
    credits: {
      negativeQuantity: true,
      ...(externalIdPrefix === "" ? {} : { externalIdPrefix }),
    },
    ...unlessEmpty("numbers", {
      ...(decimal === "," ? { decimal } : {}),
      ...(group === "" ? {} : { group }),
    }),
    ...unlessEmpty("csv", {
      ...(delimiter === "," ? {} : { delimiter }),
      ...(quoting === "" ? {} : { quoting }),
    }),
  };
};

/** The mapping that is being made, as soon as a file can be read by it. */
export const draftIn = (fields: FormFields): ImportMappingBody | null =>
  readableMapping(mappingIn(fields));

/** How the form says that the file is written. */
export const readingIn = (fields: FormFields): Reading => {
  const one = <A extends string>(allowed: readonly A[], name: string): A | undefined =>
    allowed.find((each) => each === fields.get(name));
  return {
    delimiter: one(csvDelimiters, "delimiter"),
    quoting: one(csvQuotings, "quoting"),
    encoding: one(importEncodings, "encoding"),
  };
};
