/** Making a mapping: for each part of an order its columns, and how the file is written. */
import { importFieldNames } from "../../../src/import/mapping.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { Preview } from "./preview.ts";
import { type Choice, Field, FormSecrets, Select, words } from "../../dashboard/parts.tsx";
import type { Visit } from "../../dashboard/visit.ts";
import { type ConditionKind, conditionsShown, mayBeJoined } from "./mapping-fields.ts";

const required = new Set(["externalId", "sku", "quantity", "unitPrice", "currency"]);

const titles: Readonly<Record<string, string>> = {
  sku: "SKU",
  unitPrice: "Unit price, or line total below",
  lineTotal: "Line total, instead of a unit price",
  lineShipping: "Shipping of the line, summed",
  orderDiscount: "Discount of the order, spread over its lines",
  orderTax: "Tax of the order, spread over its lines",
  shippingDiscount: "Discount on shipping",
  orderTotal: "Total of the order, to check",
};

const title = (name: string): string =>
  titles[name] ?? words(name.replace(/([A-Z]|\d)/g, " $1").toLowerCase());

/** A column that is called nearly as the field is. */
const likely = (name: string, columns: readonly string[]): string | undefined => {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  return columns.find((column) => plain(column) === plain(name));
};

const choicesOf = (columns: readonly string[]): readonly Choice[] =>
  columns.map((column) => ({ value: column, text: column }));

const Row = ({ name, columns }: { readonly name: string; readonly columns: readonly string[] }) => (
  <div class="row">
    <Select
      label={`${title(name)}${required.has(name) ? " (required)" : ""}: column`}
      name={`column:${name}`}
      value={likely(name, columns)}
      all="None"
      choices={choicesOf(columns)}
    />
    {mayBeJoined(name)
      ? (
        <Select
          label={`${title(name)}: joined with`}
          name={`joined:${name}`}
          all="Nothing"
          choices={choicesOf(columns)}
        />
      )
      : null}
    <Select
      label={`${title(name)}: where blank`}
      name={`other:${name}`}
      all="Nothing"
      choices={choicesOf(columns)}
    />
    <Field
      label={`${title(name)}: else always`}
      name={`constant:${name}`}
      maxLength={textLimits.reason}
    />
  </div>
);

const kinds: Readonly<Record<ConditionKind, string>> = {
  skipRows: "Leave out rows",
  skipOrders: "Leave out orders",
  orderRows: "Rows that are no line of their order",
};

const Condition = (
  { kind, n, columns }: {
    readonly kind: ConditionKind;
    readonly n: number;
    readonly columns: readonly string[];
  },
) => (
  <div class="row">
    <Select
      label={`${kinds[kind]} (${n + 1}): where the column`}
      name={`${kind}:${n}:column`}
      all="None"
      choices={choicesOf(columns)}
    />
    <Select
      label={`${kinds[kind]} (${n + 1}): is`}
      name={`${kind}:${n}:is`}
      choices={[
        { value: "equals", text: "One of" },
        { value: "startsWith", text: "Beginning with one of" },
        { value: "blank", text: "Blank" },
        { value: "filled", text: "Not blank" },
      ]}
    />
    <Field
      label={`${kinds[kind]} (${n + 1}): texts, apart by ;`}
      name={`${kind}:${n}:values`}
      maxLength={1_000}
    />
  </div>
);

/** How the file is written; what is guessed is chosen, and the preview is read again when it is changed. */
const Writing = ({ guess }: { readonly guess: Preview["guess"] }) => (
  <div class="row" id="writing">
    <Select
      label="Cells end with"
      name="delimiter"
      value={guess.delimiter}
      choices={[
        { value: ",", text: "Comma" },
        { value: ";", text: "Semicolon" },
        { value: "\t", text: "Tab" },
        { value: "|", text: "Bar" },
      ]}
    />
    <Select
      label="Quotation marks"
      name="quoting"
      all="Around cells; with tabs, characters"
      choices={[
        { value: "double", text: "Around cells" },
        { value: "none", text: "Characters as any other" },
      ]}
    />
    <Select
      label="Encoding"
      name="encoding"
      value={guess.encoding}
      choices={[
        { value: "utf-8", text: "UTF-8" },
        { value: "utf-16le", text: "UTF-16" },
        { value: "utf-16be", text: "UTF-16, big end first" },
        { value: "windows-1252", text: "Windows-1252" },
        { value: "shift_jis", text: "Shift_JIS" },
      ]}
    />
    <Select
      label="Decimal sign"
      name="decimal"
      value={guess.numbers.decimal}
      choices={[{ value: ".", text: "Point" }, { value: ",", text: "Comma" }]}
    />
    <Select
      label="Between thousands"
      name="group"
      value={guess.numbers.group ?? undefined}
      all="Nothing"
      choices={[
        { value: ",", text: "Comma" },
        { value: ".", text: "Point" },
        { value: " ", text: "Space" },
        { value: "'", text: "Apostrophe" },
      ]}
    />
    <Field
      label="How dates are written"
      name="dateFormat"
      value={guess.dates?.format}
      hint={guess.dates === null
        ? "iso, unix, unixMs, or tokens such as M/D/YY H:mm"
        : `As in ${guess.dates.column}${
          guess.dates.or === null ? "" : `, which may be ${guess.dates.or} as well`
        }`}
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
);

const Items = ({ columns }: { readonly columns: readonly string[] }) => (
  <div class="row">
    <Select
      label="Lines of an order stand in one column"
      name="items"
      all="No: each row is a line"
      choices={choicesOf(columns)}
    />
    <Field label="Between items" name="itemSeparator" hint="| when empty" maxLength={10} />
    <Field label="Between values" name="valueSeparator" hint=", when empty" maxLength={10} />
    <Field label="Between name and value" name="nameSeparator" hint=": when empty" maxLength={10} />
  </div>
);

const Rules = () => (
  <div class="row">
    <Select
      label="A row without external id"
      name="blankExternalId"
      all="Is rejected"
      choices={[{ value: "previous", text: "Belongs to the order above" }]}
    />
    <Select
      label="Columns that a file lacks"
      name="absentColumns"
      all="Are missed: nothing is imported"
      choices={[{ value: "blank", text: "Are blank" }]}
    />
    <Select
      label="The order's discount"
      name="discountIncludesLines"
      all="Comes on top of its lines' own"
      choices={[{ value: "true", text: "Includes its lines' own" }]}
    />
    <Select
      label="Tax"
      name="taxesIncluded"
      all="Comes on top of prices"
      choices={[{ value: "true", text: "Is a part of all prices" }]}
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
      <Writing guess={preview.guess} />
      {importFieldNames.filter((name) => required.has(name)).map((name) => (
        <Row name={name} columns={preview.sources} />
      ))}
      <details>
        <summary>Further parts of an order</summary>
        <div class="stack">
          {importFieldNames.filter((name) => !required.has(name)).map((name) => (
            <Row name={name} columns={preview.sources} />
          ))}
        </div>
      </details>
      <details>
        <summary>Rows that are not lines, and other rules</summary>
        <div class="stack">
          {(["skipRows", "skipOrders", "orderRows"] as const).flatMap((kind) =>
            Array.from(
              { length: conditionsShown },
              (_, n) => <Condition kind={kind} n={n} columns={preview.sources} />,
            )
          )}
          <Items columns={preview.sources} />
          <Rules />
        </div>
      </details>
      <div id="mapping-said" aria-live="polite"></div>
      <button type="submit" class="main">Save the mapping</button>
    </form>
  </details>
);
