/** A file's text in any pieces, turned into orders to place and rows that are settled already. */
import { Result } from "effect";
import { importLimits } from "./limits.ts";
import { duplicateMember } from "../kernel/duplicate-member.ts";
import { hasLoneSurrogate } from "../kernel/well-formed.ts";
import { isBlank, trimmed } from "../kernel/white-space.ts";
import { createCsvReader, type CsvRow } from "./csv.ts";
import { decodeOrder } from "./decode.ts";
import { type Cell, compileDrafts, sharedFields } from "./draft.ts";
import { createGrouper, type Grouper, type ImportInput, rejectOrder, type Stray } from "./group.ts";
import { rowResult } from "./job.ts";
import { createLineReader, type PhysicalLine } from "./lines.ts";
import { columnOf, columnsOf, type ImportField, type ImportMappingBody } from "./mapping.ts";

export interface ImportReader {
  readonly push: (text: string) => readonly ImportInput[];
  /** Only for a file that came whole: the last order of a broken upload may be half of one. */
  readonly end: () => readonly ImportInput[];
  /** Why nothing of the file can be read; null when that is not so. */
  readonly problem: () => string | null;
  /** UTF-16 code units held now: bounded by the limits, however long the file is. */
  readonly held: () => number;
}

export const importFormats = ["csv", "ndjson"] as const;
export type ImportFormat = (typeof importFormats)[number];

/** The mapping of a CSV file whose headings are named as the mapping's fields are. */
const mappingOfHeader = (header: readonly string[]): ImportMappingBody => {
  const own = (name: string): ImportField => ({ column: name });
  const optional = [...sharedFields, "discount", "tax", "method", "locationId", "placedAt"]
    .filter((name) => name !== "currency" && header.includes(name));
  return {
    fields: {
      ...Object.fromEntries(optional.map((name) => [name, own(name)])),
      externalId: own("externalId"),
      sku: own("sku"),
      quantity: own("quantity"),
      unitPrice: own("unitPrice"),
      currency: own("currency"),
    },
  };
};

const list = (names: readonly string[]): string =>
  names.map((name) => JSON.stringify(name)).join(", ");

/** Why a mapping cannot read a file with this heading. */
const problemOfHeader = (header: readonly string[], mapping: ImportMappingBody): string | null => {
  const columns = columnsOf(mapping);
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    return `The heading (line 1) has no column ${list(missing)}; it has ${
      list(header.slice(0, importLimits.mappingColumns))
    }.`;
  }
  const twice = columns.filter((column) => header.indexOf(column) !== header.lastIndexOf(column));
  return twice.length > 0 ? `The heading (line 1) has more than one column ${list(twice)}.` : null;
};

const trimmedOr = (text: string | undefined) => text === undefined ? undefined : trimmed(text);

/** What the external id of a malformed row may be, read from both of its ends. */
const strayOf = (row: CsvRow, width: number, idIndex: number | null, constant: string): Stray => {
  const base = { line: row.line, detail: row.malformed ?? "" };
  if (idIndex === null) return { ...base, candidates: [constant], certain: true };
  const left = trimmedOr(row.cells[idIndex]);
  const right = row.complete ? trimmedOr(row.cells.at(idIndex - width)) : undefined;
  // Cells before the broken place are where they belong, and so are the first and the last one.
  const atStart = idIndex === 0 || !row.complete;
  const sure = atStart ? left : idIndex === width - 1 || left === right ? right : undefined;
  if (sure !== undefined && sure !== "") return { ...base, candidates: [sure], certain: true };
  const candidates = [left, right].filter((text) => text !== undefined && text !== "");
  return {
    ...base,
    candidates: candidates.flatMap((text) => text ?? []),
    certain: false,
  };
};

const csvReader = (channel: string, given: ImportMappingBody | null): ImportReader => {
  const csv = createCsvReader({
    delimiter: given?.csv?.delimiter ?? ",",
    rowCharacters: importLimits.rowCharacters,
  });
  let problem: string | null = null;
  let grouper: Grouper | undefined;
  let readRow: ((row: CsvRow) => readonly ImportInput[]) | undefined;

  const begin = (header: readonly string[]): void => {
    const mapping = given ?? mappingOfHeader(header);
    problem = problemOfHeader(header, mapping);
    if (problem !== null) return;
    const indexes = new Map(header.map((column, index) => [column, index]));
    const draftOf = compileDrafts(mapping);
    const group = createGrouper({ channel, mapping });
    const idColumn = columnOf(mapping, "externalId");
    const idIndex = idColumn === null ? null : indexes.get(idColumn) ?? null;
    const id = mapping.fields.externalId;
    const constant = "constant" in id ? id.constant : "";
    grouper = group;
    readRow = (row) => {
      if (row.malformed !== null) {
        return group.stray(strayOf(row, header.length, idIndex, constant));
      }
      const cell: Cell = (column) => row.cells[indexes.get(column) ?? -1];
      const characters = row.cells.reduce((sum, text) => sum + text.length, 0);
      return group.draft(draftOf(row.line, cell), characters);
    };
  };

  const take = (rows: readonly CsvRow[]): readonly ImportInput[] => {
    const header = csv.header();
    if (header === null || problem !== null) return [];
    if (readRow === undefined) begin(header);
    const read = readRow;
    return read === undefined ? [] : rows.flatMap((row) => read(row));
  };

  return {
    push: (text) => take(csv.push(text)),
    end: () => {
      const inputs = take(csv.end());
      if (csv.header() === null) problem = "The file has no heading.";
      return [...inputs, ...grouper?.end() ?? []];
    },
    problem: () => problem,
    held: () => csv.held() + (grouper?.held() ?? 0),
  };
};

const parseObject = (line: PhysicalLine): Result.Result<object, string> => {
  if (line.cut) return Result.fail("is too long");
  try {
    const value: unknown = JSON.parse(line.text);
    if (hasLoneSurrogate(line.text, value)) {
      return Result.fail("has half a surrogate pair in a text");
    }
    const twice = duplicateMember(line.text, value);
    if (twice !== null) return Result.fail(`has the member ${twice.join(".")} twice`);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? Result.succeed(value)
      : Result.fail("is not a JSON object");
  } catch (error) {
    return Result.fail(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** The text at a path of field names with dots between them. */
const textAt = (row: object, path: readonly string[]): string | undefined => {
  let value: unknown = row;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = Reflect.get(value, name);
  }
  return typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
};

const mappedNdjsonReader = (channel: string, mapping: ImportMappingBody): ImportReader => {
  const lines = createLineReader(importLimits.rowCharacters);
  const grouper = createGrouper({ channel, mapping });
  const draftOf = compileDrafts(mapping);
  const paths = new Map(columnsOf(mapping).map((column) => [column, column.split(".")]));
  const take = (line: PhysicalLine): readonly ImportInput[] => {
    if (isBlank(line.text)) return [];
    const parsed = parseObject(line);
    if (Result.isFailure(parsed)) {
      return grouper.stray({
        line: line.number,
        detail: parsed.failure,
        candidates: [],
        certain: false,
      });
    }
    const row = parsed.success;
    const cell: Cell = (column) => textAt(row, paths.get(column) ?? []);
    return grouper.draft(draftOf(line.number, cell), line.text.length);
  };
  return {
    push: (text) => lines.push(text).flatMap(take),
    end: () => [...lines.end().flatMap(take), ...grouper.end()],
    problem: () => null,
    held: () => lines.held() + grouper.held(),
  };
};

/** Each row is a whole order in the shape of `POST /v1/orders`, the channel being optional. */
const orderReader = (channel: string | null): ImportReader => {
  const lines = createLineReader(importLimits.orderCharacters);
  const take = (line: PhysicalLine): readonly ImportInput[] => {
    if (isBlank(line.text)) return [];
    const parsed = parseObject(line);
    if (Result.isFailure(parsed)) {
      return [{
        type: "settled",
        outcome: {
          order: "rejected",
          rows: [rowResult({
            line: line.number,
            externalId: null,
            outcome: "rejected",
            problem: "invalid-row",
            detail: `The row ${parsed.failure}.`,
          })],
        },
      }];
    }
    const row = parsed.success;
    const externalId = trimmed(textAt(row, ["externalId"]) ?? "");
    const input = { externalId, lines: [line.number], mapping: null };
    const own = textAt(row, ["channel"]);
    if (channel !== null && own !== undefined && trimmed(own) !== channel) {
      const errors = [{ pointer: "/channel", detail: `must be ${channel}, as the import's` }];
      return [{
        type: "settled",
        outcome: rejectOrder(input, "invalid-row", "The row cannot be an order.", errors),
      }];
    }
    const decoded = decodeOrder(channel === null ? row : { ...row, channel });
    return [
      Result.isSuccess(decoded) ? { type: "place", ...input, request: decoded.success } : {
        type: "settled",
        outcome: rejectOrder(
          input,
          "invalid-row",
          "The row cannot be an order.",
          decoded.failure,
        ),
      },
    ];
  };
  return {
    push: (text) => lines.push(text).flatMap(take),
    end: () => lines.end().flatMap(take),
    problem: () => null,
    held: () => lines.held(),
  };
};

/** Null when the file needs a channel and none is given: only whole orders may name their own. */
export const createImportReader = (options: {
  readonly format: ImportFormat;
  readonly channel: string | null;
  readonly mapping: ImportMappingBody | null;
}): ImportReader | null => {
  const { format, channel, mapping } = options;
  if (format === "csv") return channel === null ? null : csvReader(channel, mapping);
  if (mapping === null) return orderReader(channel);
  return channel === null ? null : mappedNdjsonReader(channel, mapping);
};
