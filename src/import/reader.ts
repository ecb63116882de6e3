/** A file's text in any pieces, turned into orders to place and rows that are settled already. */
import { Result } from "effect";
import { importLimits } from "./limits.ts";
import { isBlank, trimmed } from "../kernel/white-space.ts";
import { createCsvReader, type CsvDelimiter, csvDelimiters, type CsvRow } from "./csv.ts";
import { decodeOrder } from "./decode.ts";
import { compileDrafts, type Draft, sharedFields } from "./draft.ts";
import { createGrouper, type Grouper, type Stray, type Window } from "./group.ts";
import { type ImportInput, rejectOrder } from "./input.ts";
import { cellItems } from "./items.ts";
import { rowResult } from "./job.ts";
import { entryPaths, parseRow, textAt, valueAt } from "./json-row.ts";
import { createLineReader, type PhysicalLine } from "./lines.ts";
import {
  columnOf,
  columnsOf,
  columnsOfField,
  type ImportField,
  type ImportFieldName,
  type ImportMappingBody,
  isOfItem,
} from "./mapping.ts";
import { neededFields } from "./mapping-faults.ts";
import type { Cell } from "./sources.ts";

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
  const optional = [
    ...sharedFields,
    ...["lineTotal", "discount", "tax", "lineShipping", "method", "locationId", "placedAt"],
  ].filter((name) => name !== "currency" && header.includes(name));
  const price = header.includes("lineTotal") ? {} : { unitPrice: own("unitPrice") };
  return {
    fields: {
      ...Object.fromEntries(optional.map((name) => [name, own(name)])),
      ...price,
      externalId: own("externalId"),
      sku: own("sku"),
      quantity: own("quantity"),
      currency: own("currency"),
    },
  };
};

const list = (names: readonly string[]): string =>
  names.map((name) => JSON.stringify(name)).join(", ");

/** Columns of needed fields of which the heading has none, and neither is there a constant. */
const neededOf = (header: readonly string[], mapping: ImportMappingBody): readonly string[] => {
  const { fields, items } = mapping;
  const price: ImportFieldName = fields.lineTotal === undefined ? "unitPrice" : "lineTotal";
  return [...neededFields, price].flatMap((name) => {
    const field = fields[name];
    const columns = field === undefined ? [] : columnsOfField(field)
      .map((column) =>
        items !== undefined && isOfItem(items.column, column) ? items.column : column
      );
    const hasConstant = JSON.stringify(field ?? {}).includes('"constant":');
    return hasConstant || columns.length === 0 || columns.some((column) => header.includes(column))
      ? []
      : columns.slice(0, 1);
  });
};

/** Why a mapping cannot read a file with this heading. */
const problemOfHeader = (header: readonly string[], mapping: ImportMappingBody): string | null => {
  const columns = columnsOf(mapping);
  const missing = mapping.absentColumns === "blank"
    ? [...new Set(neededOf(header, mapping))]
    : columns.filter((column) => !header.includes(column));
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

/** Rows are read by a mapping, and those that cannot be are strays. */
const rowReader = (
  channel: string,
  mapping: ImportMappingBody,
  header: readonly string[],
  window: Window,
) => {
  const indexes = new Map(header.map((column, index) => [column, index]));
  const draftOf = compileDrafts(mapping);
  const columnOf = (name: ImportFieldName): string | null => {
    const columns = columnsOfField(mapping.fields[name] ?? { constant: "" });
    return columns.find((column) => indexes.has(column)) ?? columns[0] ?? null;
  };
  const grouper = createGrouper({ channel, mapping, columnOf, window });
  const { items } = mapping;
  const idColumn = columnsOfField(mapping.fields.externalId)
    .find((column) => indexes.has(column)) ?? null;
  const idIndex = idColumn === null ? null : indexes.get(idColumn) ?? null;
  const id = mapping.fields.externalId;
  const constant = "constant" in id ? id.constant : "";

  const draftOfRow = (row: CsvRow): Draft => {
    const cell: Cell = (column) => row.cells[indexes.get(column) ?? -1];
    return draftOf({
      line: row.line,
      cell,
      items: items === undefined ? null : cellItems(cell, items),
      short: row.malformed,
    });
  };

  const read = (row: CsvRow): readonly ImportInput[] => {
    const mayBeRead = row.malformed === null || row.short;
    const draft = draftOfRow(row);
    // A footer has cells of its own, and is left out before anything is wrong with it.
    if (
      draft.skipped !== null || mayBeRead && (row.malformed === null || draft.errors.length === 0)
    ) {
      const characters = row.cells.reduce((sum, text) => sum + text.length, 0);
      return grouper.draft(draft, characters);
    }
    return grouper.stray(strayOf(row, header.length, idIndex, constant));
  };

  return { read, grouper };
};

/** The delimiter of a heading that is named as the mapping's fields are. */
const delimiterOf = (heading: string): CsvDelimiter =>
  csvDelimiters.find((each) =>
    heading.replaceAll('"', "").split(each).map(trimmed).includes("sku")
  ) ??
    ",";

const csvReader = (
  channel: string,
  given: ImportMappingBody | null,
  window: Window,
): ImportReader => {
  const csv = createCsvReader({
    delimiter: given === null ? delimiterOf : given.csv?.delimiter ?? ",",
    // What earlier versions saved says nothing of quotes, and they took tabs for commas.
    quoting: given === null ? undefined : given.csv?.quoting ?? "double",
    rowCharacters: importLimits.rowCharacters,
  });
  let problem: string | null = null;
  let grouper: Grouper | undefined;
  let readRow: ((row: CsvRow) => readonly ImportInput[]) | undefined;

  const begin = (header: readonly string[]): void => {
    const mapping = given ?? mappingOfHeader(header);
    problem = problemOfHeader(header, mapping);
    if (problem !== null) return;
    const reader = rowReader(channel, mapping, header, window);
    grouper = reader.grouper;
    readRow = reader.read;
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

/** What is lost of the row, because the mapping reads single entries of an array that has more. */
const lostEntries = (row: object, paths: ReturnType<typeof entryPaths>): string | null => {
  for (const { array, entries } of paths) {
    const value = valueAt(row, array);
    if (Array.isArray(value) && value.length > entries) {
      const name = array.join(".");
      return `has ${value.length} entries in ${name}, and the mapping reads ${entries}: ` +
        "let the mapping name it as items";
    }
  }
  return null;
};

/** The items of a row, each as cells: what is named behind the items' column is its own. */
const itemCells = (row: object, cell: Cell, column: string): readonly Cell[] | string => {
  const value = valueAt(row, column.split("."));
  if (!Array.isArray(value) || value.length === 0) return `has no items in ${column}`;
  if (value.length > importLimits.itemsPerRow) {
    return `has more than ${importLimits.itemsPerRow} items in ${column}`;
  }
  const start = column.length + 1;
  return value.map((item: unknown): Cell => (name) =>
    isOfItem(column, name) ? textAt(item, name.slice(start).split(".")) : cell(name)
  );
};

const mappedNdjsonReader = (
  channel: string,
  mapping: ImportMappingBody,
  window: Window,
): ImportReader => {
  const lines = createLineReader({ lineCharacters: rowCharactersOf(mapping) });
  const grouper = createGrouper({
    channel,
    mapping,
    columnOf: (name) => columnOf(mapping, name),
    window,
  });
  const draftOf = compileDrafts(mapping);
  const { items } = mapping;
  const all = [...Object.values(mapping.fields), ...Object.values(mapping.metadata ?? {})]
    .flatMap(columnsOfField);
  const paths = new Map(
    [...all, ...columnsOf(mapping)].map((column) => [column, column.split(".")]),
  );
  const single = entryPaths(
    [...paths].filter(([column]) => items === undefined || !isOfItem(items.column, column))
      .map(([, path]) => path),
  );
  const stray = (line: number, detail: string, externalId = "") =>
    grouper.stray({
      line,
      detail,
      candidates: externalId === "" ? [] : [externalId],
      certain: externalId !== "",
    });
  const take = (line: PhysicalLine): readonly ImportInput[] => {
    if (isBlank(line.text)) return [];
    const parsed = parseRow(line);
    if (Result.isFailure(parsed)) return stray(line.number, parsed.failure);
    const row = parsed.success;
    const cell: Cell = (column) => textAt(row, paths.get(column) ?? column.split("."));
    const cells = items === undefined ? null : itemCells(row, cell, items.column);
    const draft = draftOf({
      line: line.number,
      cell,
      items: typeof cells === "string" ? [] : cells,
      short: null,
    });
    const lost = typeof cells === "string" ? cells : lostEntries(row, single);
    return lost !== null && draft.skipped === null
      ? stray(line.number, lost, draft.externalId)
      : grouper.draft(draft, line.text.length);
  };
  return {
    push: (text) => lines.push(text).flatMap(take),
    end: () => [...lines.end().flatMap(take), ...grouper.end()],
    problem: () => null,
    held: () => lines.held() + grouper.held(),
  };
};

/** A row that is an order with its lines may be as long as one. */
const rowCharactersOf = ({ items }: ImportMappingBody): number =>
  items === undefined ? importLimits.rowCharacters : importLimits.orderCharacters;

/** Each row is a whole order in the shape of `POST /v1/orders`, the channel being optional. */
const orderReader = (channel: string | null): ImportReader => {
  const lines = createLineReader({ lineCharacters: importLimits.orderCharacters });
  const take = (line: PhysicalLine): readonly ImportInput[] => {
    if (isBlank(line.text)) return [];
    const parsed = parseRow(line);
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
    const input = {
      externalId,
      rows: [{ line: line.number, skipped: null }],
      rowOfLine: [],
      mapping: null,
    };
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

const ownWindow: Window = {
  rows: importLimits.windowRows,
  characters: importLimits.windowCharacters,
};

/** Null when the file needs a channel and none is given: only whole orders may name their own. */
export const createImportReader = (options: {
  readonly format: ImportFormat;
  readonly channel: string | null;
  readonly mapping: ImportMappingBody | null;
  readonly window?: Window;
}): ImportReader | null => {
  const { format, channel, mapping, window = ownWindow } = options;
  if (format === "csv") return channel === null ? null : csvReader(channel, mapping, window);
  if (mapping === null) return orderReader(channel);
  return channel === null ? null : mappedNdjsonReader(channel, mapping, window);
};
