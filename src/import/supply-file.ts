/**
 * Files of purchase orders and of transfers, one row for each line: the rows of one document share its external
 * id, and may stand apart. What is read is no request yet: whoever takes requests looks at its shape.
 */
import { Result } from "effect";
import { trimmed } from "../kernel/white-space.ts";
import { createCsvReader, csvDelimiters, type CsvRow } from "./csv.ts";
import { sheetLimits } from "./limits.ts";

/** The columns of a kind of file, by the names of the members that they become. */
export interface SupplyColumns {
  /** Of the document: the same in all its rows. `externalId` is one of them. */
  readonly document: readonly string[];
  /** Of each line. */
  readonly line: readonly string[];
  /** Those that a file must have. */
  readonly required: readonly string[];
}

export interface RowFault {
  readonly line: number;
  readonly column?: string;
  readonly detail: string;
}

/** The rows of one document. */
export interface SupplyGroup {
  /** Null for a row that does not say. */
  readonly externalId: string | null;
  /** Lines of the file on which its rows begin. */
  readonly rows: readonly number[];
  readonly faults: readonly RowFault[];
  /** As a request over HTTP has it. */
  readonly candidate: Readonly<Record<string, unknown>>;
}

const day = /^\d{4}-\d{2}-\d{2}$/;
const digits = /^\d{1,15}$/;

/** Days begin in UTC; whole numbers are numbers. What is neither stays the text that it is. */
const valueOf = (name: string, text: string): unknown => {
  if (name === "expectedAt" && day.test(text)) return `${text}T00:00:00Z`;
  return name === "quantity" && digits.test(text) ? Number(text) : text;
};

/** The delimiter of which the heading has most. */
const likelyDelimiter = (heading: string) =>
  csvDelimiters.toSorted((one, other) =>
    heading.split(other).length - heading.split(one).length
  )[0] ?? ",";

/** All rows of a text; why there are none, where its heading is not as it must be. */
const rowsOf = (text: string, { required }: SupplyColumns) => {
  const reader = createCsvReader({
    delimiter: likelyDelimiter,
    rowCharacters: sheetLimits.rowCharacters,
  });
  const rows = [...reader.push(text), ...reader.end()];
  const heading = (reader.header() ?? []).map((name) => name.toLowerCase());
  const missing = required.filter((name) => !heading.includes(name.toLowerCase()));
  if (missing.length > 0) return Result.fail(`The file has no column ${missing.join(", ")}.`);
  const most = sheetLimits.rows;
  if (rows.length > most) return Result.fail(`The file has more than ${most} rows.`);
  return Result.succeed({ rows, heading });
};

interface Building {
  readonly externalId: string | null;
  readonly rows: number[];
  readonly faults: RowFault[];
  readonly document: Record<string, string>;
  readonly lines: Record<string, unknown>[];
}

const addRow = (
  group: Building,
  { line, malformed }: CsvRow,
  cellOf: (name: string) => string,
  columns: SupplyColumns,
): void => {
  group.rows.push(line);
  if (malformed !== null) {
    group.faults.push({ line, detail: malformed });
    return;
  }
  for (const name of columns.document) {
    const [before, now] = [group.document[name], cellOf(name)];
    if (now === "" || now === before) continue;
    if (before === undefined) group.document[name] = now;
    else {
      const detail = `says ${now}, and an earlier row of the same document ${before}`;
      group.faults.push({ line, column: name, detail });
    }
  }
  group.lines.push(Object.fromEntries(
    columns.line.flatMap((name) => {
      const cell = cellOf(name);
      return cell === "" ? [] : [[name, valueOf(name, cell)]];
    }),
  ));
};

/** The documents of a file, in the order of their first rows. */
export const readSupplyFile = (
  text: string,
  columns: SupplyColumns,
): Result.Result<readonly SupplyGroup[], string> =>
  Result.flatMap(rowsOf(text, columns), ({ rows, heading }) => {
    const groups = new Map<string, Building>();
    for (const row of rows) {
      const cellOf = (name: string): string =>
        trimmed(row.cells[heading.indexOf(name.toLowerCase())] ?? "");
      const externalId = cellOf("externalId");
      const owner = columns.document.includes("supplierId") ? cellOf("supplierId") : "";
      const key = externalId === "" ? `row ${row.line}` : JSON.stringify([owner, externalId]);
      const group = groups.get(key) ?? {
        ...{ externalId: externalId === "" ? null : externalId, rows: [], faults: [] },
        ...{ document: {}, lines: [] },
      };
      groups.set(key, group);
      addRow(group, row, cellOf, columns);
      if (externalId === "") {
        group.faults.push({ line: row.line, column: "externalId", detail: "is missing" });
      }
    }
    const most = sheetLimits.documents;
    return groups.size > most
      ? Result.fail(`The file has more than ${most} documents.`)
      : Result.succeed([...groups.values()].map(({ externalId, rows, faults, document, lines }) => {
        const candidate = Object.fromEntries(
          Object.entries(document).map(([name, cell]) => [name, valueOf(name, cell)]),
        );
        return { externalId, rows, faults, candidate: { ...candidate, lines } };
      }));
  });
