/** What a file's beginning looks like, and what the import's own reader makes of it. Pure. */
import { createCsvReader } from "../../../src/import/csv.ts";
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
  readonly rows: readonly (readonly string[])[];
  readonly orders: readonly PreviewedOrder[];
  /** Why nothing can be read. */
  readonly problem: string | null;
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value) ?? "";

/** The paths with dots that a row of NDJSON has. */
const pathsOf = (row: object, prefix: string, depth: number): readonly string[] =>
  Object.entries(row).flatMap(([name, value]) =>
    typeof value === "object" && value !== null && depth > 0
      ? pathsOf(value, `${prefix}${name}.`, depth - 1)
      : [`${prefix}${name}`]
  );

const ndjsonTable = (beginning: string): Pick<Preview, "columns" | "rows"> => {
  const rows: (readonly string[])[] = [];
  let columns: readonly string[] = [];
  for (const line of beginning.split("\n").slice(0, dashboardLimits.previewRows)) {
    try {
      const row: unknown = JSON.parse(line);
      if (typeof row !== "object" || row === null) continue;
      if (columns.length === 0) columns = pathsOf(row, "", 2).slice(0, importLimits.mappingColumns);
      const at = (path: string): unknown =>
        path.split(".").reduce<unknown>(
          (value, name) =>
            typeof value === "object" && value !== null && Object.hasOwn(value, name)
              ? Reflect.get(value, name)
              : undefined,
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

const csvTable = (
  beginning: string,
  mapping: ImportMappingBody | null,
): Pick<Preview, "columns" | "rows"> => {
  const csv = createCsvReader({
    delimiter: mapping?.csv?.delimiter ?? ",",
    rowCharacters: importLimits.rowCharacters,
  });
  const rows = csv.push(beginning);
  return {
    columns: (csv.header() ?? []).slice(0, importLimits.mappingColumns),
    rows: rows.slice(0, dashboardLimits.previewRows).map(({ cells }) => cells),
  };
};

const encodings = { "utf-8": "utf-8", "windows-1252": "windows-1252" } as const;

export const previewOf = (options: {
  readonly bytes: Uint8Array;
  /** Whether the bytes are the whole file. */
  readonly whole: boolean;
  readonly format: ImportFormat;
  readonly channel: string | null;
  readonly mapping: ImportMappingBody | null;
}): Preview => {
  const { bytes, whole, format, channel, mapping } = options;
  const decoder = new TextDecoder(encodings[mapping?.encoding ?? "utf-8"]);
  const beginning = decoder.decode(bytes, { stream: !whole });
  const table = format === "csv" ? csvTable(beginning, mapping) : ndjsonTable(beginning);
  const reader = createImportReader({ format, channel, mapping });
  if (reader === null) {
    return { ...table, orders: [], problem: "Say which channel the orders are from." };
  }
  const inputs = [...reader.push(beginning), ...(whole ? reader.end() : [])];
  const orders = inputs.slice(0, dashboardLimits.previewRows).flatMap((input): PreviewedOrder[] =>
    input.type === "place"
      ? [{
        line: input.lines[0] ?? 0,
        externalId: input.externalId,
        lines: input.request.lines.map(({ sku, quantity, unitPrice }) =>
          `${quantity} × ${sku} at ${unitPrice.amount} ${unitPrice.currency}`
        ),
        problems: [],
      }]
      : input.outcome.rows.map((row) => ({
        line: row.line,
        externalId: row.externalId ?? "?",
        lines: null,
        problems: row.errors === undefined || row.errors.length === 0
          ? [row.detail ?? row.outcome]
          : row.errors.map(({ column, pointer, detail }) => `${column ?? pointer ?? ""} ${detail}`),
      }))
  );
  return { ...table, orders, problem: reader.problem() };
};
