/** The text that a field of a mapping has in a row: of a column, of several joined, of a fallback, or a constant. */
import { trimmed } from "../kernel/white-space.ts";
import {
  columnsOfField,
  type ImportField,
  type ImportSource,
  type RowCondition,
} from "./mapping.ts";

/** The text of a column in a row; undefined where the row has none. */
export type Cell = (column: string) => string | undefined;

/**
 * A cell without white space around it, and without what spreadsheets are kept from reading it as a number by:
 * `="00017"`, or an apostrophe before what they would calculate with.
 */
export const cleaned = (text: string): string => {
  const inner = trimmed(text);
  const formula = /^="(.*)"$/s.exec(inner)?.[1];
  if (formula !== undefined) return trimmed(formula.replaceAll('""', '"'));
  // Places such as 's-Hertogenbosch begin with one as well.
  return /^'[\d=+\-@.]/.test(inner) ? inner.slice(1) : inner;
};

export interface FieldSource {
  /** Empty where the row says nothing. */
  readonly text: (cell: Cell) => string;
  /** Which of the field's sources the text is of: 0 is its own, and the others are fallbacks. */
  readonly rank: (cell: Cell) => number;
  /** The column that the text is of, or that it should be of. */
  readonly column: (cell: Cell) => string | null;
}

const nothing: FieldSource = { text: () => "", rank: () => 0, column: () => null };

type TextOf = (cell: Cell) => string;

const compileOwn = (field: ImportField | ImportSource): TextOf => {
  if ("constant" in field) {
    const constant = trimmed(field.constant);
    return () => constant;
  }
  if ("column" in field) {
    const { column } = field;
    return (cell) => cleaned(cell(column) ?? "");
  }
  const { columns, separator = " " } = field;
  return (cell) =>
    columns.map((column) => cleaned(cell(column) ?? "")).filter((text) => text !== "")
      .join(separator);
};

export const compileSource = (field: ImportField | undefined): FieldSource => {
  if (field === undefined) return nothing;
  const own = compileOwn(field);
  const fallbacks = ("fallbacks" in field ? field.fallbacks ?? [] : []).map(compileOwn);
  const columns = columnsOfField(field);
  const sources = [own, ...fallbacks];
  return {
    rank: (cell) => fallbacks.length === 0 ? 0 : sources.findIndex((text) => text(cell) !== ""),
    text: fallbacks.length === 0 ? own : (cell) => {
      const text = own(cell);
      if (text !== "") return text;
      for (const fallback of fallbacks) {
        const other = fallback(cell);
        if (other !== "") return other;
      }
      return "";
    },
    column: (cell) =>
      columns.find((column) => cleaned(cell(column) ?? "") !== "") ??
        columns.find((column) => cell(column) !== undefined) ?? columns[0] ?? null,
  };
};

/** The first of the conditions that is so of a row, in words; null when none is. */
export type Conditions = (cell: Cell, isWhole: boolean) => string | null;

const folded = (text: string): string => text.toLowerCase();

const compileCondition = (condition: RowCondition): Conditions => {
  const { column } = condition;
  const name = JSON.stringify(column);
  if ("is" in condition) {
    const { is } = condition;
    // Of a row with cells missing nobody knows which of them are blank.
    return (cell, isWhole) =>
      isWhole && (cleaned(cell(column) ?? "") === "") === (is === "blank")
        ? `${name} is ${is}`
        : null;
  }
  const values = ("equals" in condition ? condition.equals : condition.startsWith).map(folded);
  const matches = "equals" in condition
    ? (text: string) => values.includes(text)
    : (text: string) => values.some((value) => text.startsWith(value));
  return (cell) => {
    const text = cleaned(cell(column) ?? "");
    return text !== "" && matches(folded(text)) ? `${name} is ${JSON.stringify(text)}` : null;
  };
};

export const compileConditions = (conditions: readonly RowCondition[] | undefined): Conditions => {
  const compiled = (conditions ?? []).map(compileCondition);
  return (cell, isWhole) => {
    for (const condition of compiled) {
      const reason = condition(cell, isWhole);
      if (reason !== null) return reason;
    }
    return null;
  };
};
