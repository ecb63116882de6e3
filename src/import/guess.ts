/** How a file is most likely written: what a person would see in its first rows. */
import { Result } from "effect";
import { isBlank, trimmed } from "../kernel/white-space.ts";
import { createCsvReader, type CsvDelimiter, csvDelimiters, delimiterTold } from "./csv.ts";
import { compileDateFormat, type DateParser } from "./dates.ts";
import type { ImportEncoding } from "./encoding.ts";
import { importLimits } from "./limits.ts";
import type { NumberFormat } from "./numbers.ts";

export interface Guess {
  readonly encoding: ImportEncoding;
  readonly delimiter: CsvDelimiter;
  readonly numbers: NumberFormat;
  /** Null where no column has dates. */
  readonly dates: DateGuess | null;
}

export interface DateGuess {
  readonly column: string;
  readonly format: string;
  /** Another format that all the dates have as well. */
  readonly or: string | null;
}

/** Rows that a delimiter makes of a text, and how many of them are as wide as the heading. */
const fitOf = (text: string, delimiter: CsvDelimiter): number => {
  const csv = createCsvReader({ delimiter, rowCharacters: importLimits.rowCharacters });
  const rows = csv.push(text);
  const width = csv.header()?.length ?? 0;
  if (width < 2) return 0;
  const sound = rows.filter(({ malformed, short }) => malformed === null || short).length;
  return width * (1 + sound) / (1 + rows.length);
};

/** The delimiter that gives most columns to most rows. */
export const guessDelimiter = (text: string): CsvDelimiter => {
  const told = delimiterTold(/^[^\r\n]*/.exec(text)?.[0] ?? "");
  if (told !== undefined) return told;
  let best: CsvDelimiter = ",";
  let bestFit = 0;
  for (const delimiter of csvDelimiters) {
    const fit = fitOf(text, delimiter);
    if (fit > bestFit) [best, bestFit] = [delimiter, fit];
  }
  return best;
};

/** A number with decimals, with or without thousands apart, and what may stand around it. */
const decimalNumber =
  /^[^\d.,]{0,4}(?:\d+|\d{1,3}(?:([.,'\u2019 \u00a0\u202f])\d{3})+)([.,])(\d+)[^\d.,]{0,4}$/u;
const groupedNumber = /^[^\d.,]{0,4}\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+[^\d.,]{0,4}$/u;

const groupOf = (separator: string | undefined): NumberFormat["group"] =>
  separator === "." || separator === ","
    ? separator
    : separator === "'" || separator === "\u2019"
    ? "'"
    : separator === undefined
    ? null
    : " ";

/** Three digits behind the only separator may be thousands as well as decimals: those tell nothing. */
const guessNumbers = (cells: readonly string[]): NumberFormat => {
  let commas = 0;
  let points = 0;
  let group: NumberFormat["group"] = null;
  for (const cell of cells) {
    const grouped = groupedNumber.exec(cell)?.[1];
    if (grouped !== undefined) {
      group = groupOf(grouped);
      if (grouped === ".") commas++;
      else points++;
      continue;
    }
    const [, separator, decimal, digits = ""] = decimalNumber.exec(cell) ?? [];
    if (decimal === undefined || separator === decimal) continue;
    if (separator === undefined && digits.length === 3) continue;
    if (separator !== undefined) group = groupOf(separator);
    if (decimal === ",") commas++;
    else points++;
  }
  const decimal = commas > points ? "," : ".";
  return { decimal, group: group === decimal ? null : group };
};

/** Formats in the order in which they are tried. What is in two of them is told to be. */
const dateFormats = [
  "iso",
  "YYYY-MM-DD HH:mm:ss Z",
  "YYYY/M/D H:mm:ss",
  "YYYY/M/D H:mm",
  "YYYY/M/D",
  ...["M/D", "D/M"].flatMap((day) =>
    ["YYYY", "YY"].flatMap((year) =>
      ["", " H:mm", " H:mm:ss", " h:mm A", " h:mm:ss A"].map((time) => `${day}/${year}${time}`)
    )
  ),
  ...["YYYY", "YY"].flatMap((year) =>
    ["", " H:mm", " H:mm:ss"].flatMap((time) => [`D.M.${year}${time}`, `D-M-${year}${time}`])
  ),
  "MMM-DD-YY",
  "MMM-DD-YYYY",
  "DD-MMM-YY",
  "DD-MMM-YYYY",
  "D MMM YYYY",
  "D MMM YYYY H:mm",
  "MMM D, YYYY",
  "MMM D, YYYY h:mm A",
];

const compiledFormats = dateFormats.flatMap((format): (readonly [string, DateParser])[] => {
  const parse = compileDateFormat(format);
  return typeof parse === "string" ? [] : [[format, parse]];
});

const dateName = /date|time|placed|created|paid|datum|fecha| at$/i;

const datesIn = (column: string, cells: readonly string[], dayFirst: boolean): DateGuess | null => {
  const dates = cells.map(trimmed).filter((cell) => cell !== "");
  if (dates.length === 0) return null;
  const fitting = compiledFormats
    .filter(([, parse]) => dates.every((date) => Result.isSuccess(parse(date, "UTC"))))
    .map(([format]) => format);
  const [first, second] = dayFirst
    ? [...fitting].sort((one, other) => Number(other.startsWith("D")) - Number(one.startsWith("D")))
    : fitting;
  return first === undefined ? null : { column, format: first, or: second ?? null };
};

/** The first column with dates, those first that are called so. Where cells end with `;`, days come first. */
const guessDates = (
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  dayFirst: boolean,
): DateGuess | null => {
  const called = columns.filter((column) => dateName.test(column));
  for (const column of [...called, ...columns.filter((each) => !called.includes(each))]) {
    const index = columns.indexOf(column);
    const found = datesIn(column, rows.map((cells) => cells[index] ?? ""), dayFirst);
    if (found !== null) return found;
  }
  return null;
};

/** What can be told of cells that are read already. */
export const guessOfCells = (
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  delimiter: CsvDelimiter,
): Pick<Guess, "numbers" | "dates"> => ({
  numbers: guessNumbers(rows.flat().map(trimmed).filter((cell) => !isBlank(cell))),
  dates: guessDates(columns, rows, delimiter === ";"),
});
