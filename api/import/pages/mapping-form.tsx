/** Making a mapping: for each part of an order a column of the file, or the same text for every row. */
import { type ImportField, ImportMappingBody } from "../../../src/import/mapping.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { Preview } from "./preview.ts";
import { Field, FormSecrets, Select, words } from "../../dashboard/parts.tsx";
import { field, type FormFields, type Visit } from "../../dashboard/visit.ts";

const names = Object.keys(ImportMappingBody.fields.fields.fields);
const required = new Set(["externalId", "sku", "quantity", "unitPrice", "currency"]);

const title = (name: string): string =>
  name === "sku" ? "SKU" : words(name.replace(/([A-Z]|\d)/g, " $1").toLowerCase());

/** A column that is called nearly as the field is. */
const likely = (name: string, columns: readonly string[]): string | undefined => {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  return columns.find((column) => plain(column) === plain(name));
};

const Row = ({ name, columns }: { readonly name: string; readonly columns: readonly string[] }) => (
  <div class="row">
    <Select
      label={`${title(name)}${required.has(name) ? " (required)" : ""}: column`}
      name={`column:${name}`}
      value={likely(name, columns)}
      all="None"
      choices={columns.map((column) => ({ value: column, text: column }))}
    />
    <Field
      label={`${title(name)}: or always`}
      name={`constant:${name}`}
      maxLength={textLimits.reason}
    />
  </div>
);

export const MappingForm = (
  { visit, preview }: { readonly visit: Visit; readonly preview: Preview },
) => (
  <details class="act" id="act-mapping">
    <summary>Make a mapping for these columns…</summary>
    <form
      method="post"
      action="/imports/mappings"
      class="stack"
      hx-post="/imports/mappings"
      hx-target="#mapping-said"
      hx-swap="innerHTML"
    >
      <FormSecrets visit={visit} />
      <Field label="Name of the mapping" name="name" id="mapping-name" required />
      {names.filter((name) => required.has(name)).map((name) => (
        <Row name={name} columns={preview.columns} />
      ))}
      <details>
        <summary>Further parts of an order</summary>
        <div class="stack">
          {names.filter((name) => !required.has(name)).map((name) => (
            <Row name={name} columns={preview.columns} />
          ))}
        </div>
      </details>
      <div class="row">
        <Field
          label="How dates are written"
          name="dateFormat"
          hint="iso, unix, unixMs, or tokens such as M/D/YY H:mm"
        />
        <Field
          label="Time zone of dates without one"
          name="timeZone"
          hint="Such as Europe/London"
        />
        <Field
          label="Credits' ids begin with"
          name="creditPrefix"
          hint="Rows that give something back are reported, never placed"
        />
      </div>
      <div class="row">
        <Select
          label="Decimal sign"
          name="decimal"
          choices={[{ value: ".", text: "Point" }, { value: ",", text: "Comma" }]}
        />
        <Select
          label="Cells end with"
          name="delimiter"
          choices={[
            { value: ",", text: "Comma" },
            { value: ";", text: "Semicolon" },
            { value: "\t", text: "Tab" },
            { value: "|", text: "Bar" },
          ]}
        />
        <Select
          label="Encoding"
          name="encoding"
          choices={[{ value: "utf-8", text: "UTF-8" }, {
            value: "windows-1252",
            text: "Windows-1252",
          }]}
        />
      </div>
      <div id="mapping-said" aria-live="polite"></div>
      <button type="submit" class="main">Save the mapping</button>
    </form>
  </details>
);

/** The mapping that the form describes, for the API to judge. */
export const mappingIn = (fields: FormFields): object => {
  const mapped = names.flatMap((name): (readonly [string, ImportField])[] => {
    const constant = field(fields, `constant:${name}`);
    const column = fields.get(`column:${name}`) ?? "";
    if (constant !== "") return [[name, { constant }]];
    return column === "" ? [] : [[name, { column }]];
  });
  const delimiter = fields.get("delimiter") ?? ",";
  const decimal = field(fields, "decimal");
  const optional = {
    dateFormat: field(fields, "dateFormat"),
    timeZone: field(fields, "timeZone"),
    encoding: field(fields, "encoding"),
  };
  const externalIdPrefix = field(fields, "creditPrefix");
  return {
    fields: Object.fromEntries(mapped),
    ...Object.fromEntries(Object.entries(optional).filter(([, text]) => text !== "")),
    credits: {
      negativeQuantity: true,
      ...(externalIdPrefix === "" ? {} : { externalIdPrefix }),
    },
    ...(decimal === "," ? { numbers: { decimal: "," } } : {}),
    ...(delimiter === "," ? {} : { csv: { delimiter } }),
  };
};
