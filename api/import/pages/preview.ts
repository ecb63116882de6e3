/** What a file's beginning looks like, and what the import's own reader makes of it. Pure. */
import { createCsvReader, type CsvDelimiter, type CsvQuoting } from "../../../src/import/csv.ts";
import {
  createTextReader,
  guessEncoding,
  type ImportEncoding,
} from "../../../src/import/encoding.ts";
import { type Guess, guessDelimiter, guessOfCells } from "../../../src/import/guess.ts";
import { itemNames } from "../../../src/import/items.ts";
import type { ImportInput } from "../../../src/import/input.ts";
import type { ImportMappingBody } from "../../../src/import/mapping.ts";
import { createImportReader, type ImportFormat } from "../../../src/import/reader.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { importLimits } from "../../../src/import/limits.ts";

export interface PreviewedOrder {
  readonly line: number;
  readonly externalId: string;
  /** What it would be placed as; null when it would be rejected. */
  readonly lines: readonly string[] | null;
  readonly problems: readonly string[];
}

export interface Preview {
  readonly columns: readonly string[];
  /** What a mapping may name: the columns, and the values in a column of items. */
  readonly sources: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly orders: readonly PreviewedOrder[];
  /** Why nothing can be read. */
  readonly problem: string | null;
  /** How the file seems to be written. */
  readonly guess: Guess;
}

/** How to read the file, where somebody has said it. */
export interface Reading {
  readonly delimiter?: CsvDelimiter | undefined;
  readonly quoting?: CsvQuoting | undefined;
  readonly encoding?: ImportEncoding | undefined;
}

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value) ?? "";

/** The paths with dots that a row of NDJSON has; of an array those of its first entry. */
const pathsOf = (row: object, prefix: string, depth: number): readonly string[] =>
  Object.entries(row).flatMap(([name, value]) => {
    const inner: unknown = Array.isArray(value) ? value[0] : value;
    const own = Array.isArray(value) ? [`${prefix}${name}`] : [];
    return typeof inner === "object" && inner !== null && depth > 0
      ? [...own, ...pathsOf(inner, `${prefix}${name}.`, depth - 1)]
      : [`${prefix}${name}`];
  });

const ndjsonTable = (beginning: string): Table => {
  const rows: (readonly string[])[] = [];
  let columns: readonly string[] = [];
  for (const line of beginning.split("\n").slice(0, dashboardLimits.previewRows)) {
    try {
      const row: unknown = JSON.parse(line);
      if (typeof row !== "object" || row === null) continue;
      if (columns.length === 0) columns = pathsOf(row, "", 2).slice(0, importLimits.mappingColumns);
      const at = (path: string): unknown =>
        path.split(".").reduce<unknown>(
          (value, name) => {
            const inner: unknown = Array.isArray(value) ? value[0] : value;
            return typeof inner === "object" && inner !== null && Object.hasOwn(inner, name)
              ? Reflect.get(inner, name)
              : undefined;
          },
          row,
        );
      rows.push(columns.map((path) => text(at(path)).slice(0, 200)));
    } catch {
      // A line that is no JSON, or is cut off at the preview's end, has no columns to show; the reader below
      // says what is wrong with it.
    }
  }
  return { columns, rows };
};

const csvTable = (beginning: string, delimiter: CsvDelimiter, reading: Reading): Table => {
  const csv = createCsvReader({
    delimiter,
    quoting: reading.quoting,
    rowCharacters: importLimits.rowCharacters,
  });
  const rows = csv.push(beginning);
  return {
    columns: (csv.header() ?? []).slice(0, importLimits.mappingColumns),
    rows: rows.map(({ cells }) => cells),
  };
};

/** Columns whose first cell has values with names have those as well. */
const sourcesOf = ({ columns, rows }: Table): readonly string[] =>
  columns.flatMap((column, index) => {
    const first = rows.find((cells) => (cells[index] ?? "") !== "")?.[index] ?? "";
    return [column, ...itemNames(first).map((name) => `${column}.${name}`)];
  });

const previewed = (input: ImportInput): readonly PreviewedOrder[] => {
  if (input.type === "place") {
    return [{
      line: input.rows[0]?.line ?? 0,
      externalId: input.externalId,
      lines: input.request.lines.map(({ sku, quantity, unitPrice }) =>
        `${quantity} × ${sku} at ${unitPrice.amount} ${unitPrice.currency}`
      ),
      problems: [],
    }];
  }
  return input.outcome.rows.map((row) => ({
    line: row.line,
    externalId: row.externalId ?? "?",
    lines: null,
    problems: row.errors === undefined || row.errors.length === 0
      ? [row.detail ?? row.outcome]
      : row.errors.map(({ column, pointer, detail }) => `${column ?? pointer ?? ""} ${detail}`),
  }));
};

export const previewOf = (options: {
  readonly bytes: Uint8Array;
  /** Whether the bytes are the whole file. */
  readonly whole: boolean;
  readonly format: ImportFormat;
  readonly channel: string | null;
  /** A saved mapping, or one that is being made. */
  readonly mapping: ImportMappingBody | null;
  readonly reading: Reading;
}): Preview => {
  const { bytes, whole, format, channel, mapping, reading } = options;
  const encoding = reading.encoding ?? mapping?.encoding ?? guessEncoding(bytes);
  const reader = createTextReader(encoding);
  const beginning = reader.push(bytes) + (whole ? reader.end() : "");
  const said = reading.delimiter ?? (mapping === null ? undefined : mapping.csv?.delimiter ?? ",");
  const delimiter = said ?? guessDelimiter(beginning);
  const quoting = reading.quoting ?? mapping?.csv?.quoting;
  const table = format === "csv"
    ? csvTable(beginning, delimiter, { quoting })
    : ndjsonTable(beginning);
  const shown = {
    columns: table.columns,
    sources: format === "csv" ? sourcesOf(table) : table.columns,
    rows: table.rows.slice(0, dashboardLimits.previewRows),
    guess: { encoding, delimiter, ...guessOfCells(table.columns, table.rows, delimiter) },
  };
  const orderReader = createImportReader({ format, channel, mapping });
  if (orderReader === null) {
    return { ...shown, orders: [], problem: "Say which channel the orders are from." };
  }
  // Orders wait for rows that may follow; of a file that is cut off, the last one is not shown.
  const pushed = orderReader.push(beginning);
  const ended = orderReader.end();
  const inputs = [...pushed, ...whole ? ended : ended.slice(0, -1)];
  return {
    ...shown,
    orders: inputs.slice(0, dashboardLimits.previewRows).flatMap(previewed),
    problem: orderReader.problem(),
  };
};
