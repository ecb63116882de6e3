/**
 * CSV after RFC 4180, read in any pieces, with a recovery that the RFC leaves open: a row that is broken
 * is reported with its line, and reading goes on with the very next line of the file. So a quote that is
 * never closed costs one row.
 *
 * This is written here because the streaming parsers on npm cannot do that. csv-parse 7.0.3 with
 * `skip_records_with_error` stays inside the unclosed quote: of nine rows with one such quote in the third
 * it gave two and then only errors up to the end of the file, and it counts a row of several lines by its
 * last. papaparse 5.7.1 takes everything up to the next quote as one cell.
 *
 * Strict about quotes: in a cell that does not begin with one there is none. Then each line either has an
 * even number of them, and leaves the state as it was, or an odd one, and changes it; so what is read again
 * after a broken row cannot break over and over, and the time stays linear.
 *
 * Files with tabs mostly know no quotes: there, a quotation mark is a character as any other, and each line is a
 * row. Spreadsheets are kept from taking a text for a number by `="..."`, which is a cell in quotes as well.
 */
import { isBlank, trimmed } from "../kernel/white-space.ts";
import { createLineReader, type PhysicalLine } from "./lines.ts";

export const csvDelimiters = [",", ";", "\t", "|"] as const;
export type CsvDelimiter = (typeof csvDelimiters)[number];

/** `double`: as RFC 4180 has it. `none`: quotation marks are characters. */
export const csvQuotings = ["double", "none"] as const;
export type CsvQuoting = (typeof csvQuotings)[number];

export interface CsvRow {
  /** The line on which the row begins; 1 is the heading. */
  readonly line: number;
  /** All cells, or those before the place where a malformed row broke. */
  readonly cells: readonly string[];
  /** What is wrong with the row; null when nothing is. */
  readonly malformed: string | null;
  /** False where cells may be missing after those that are there. */
  readonly complete: boolean;
  /** It ends before the heading does, which is all right where the rest would be blank. */
  readonly short: boolean;
}

export interface CsvReader {
  readonly push: (text: string) => readonly CsvRow[];
  readonly end: () => readonly CsvRow[];
  /** The first row, once it is there. */
  readonly header: () => readonly string[] | null;
  /** UTF-16 code units held now. */
  readonly held: () => number;
}

type Step = "complete" | "open" | { readonly broken: string };

interface PartialRow {
  readonly cells: string[];
  /** The cell inside quotes that goes on in the next line. */
  quoted: string | null;
  /** It began as `="`. */
  guarded: boolean;
}

const newRecord = (): PartialRow => ({ cells: [], quoted: null, guarded: false });

const quoteInside = "has a quotation mark inside a cell that does not begin with one";
const textAfterQuote = "has text after the quotation mark that closes a cell";
const quoteOpen = "opens a quotation mark that is never closed";

const unquotedCells = (record: PartialRow, line: string, delimiter: string): Step => {
  record.cells.push(...line.split(delimiter));
  return "complete";
};

/** The line that some programs write before the heading, to tell the delimiter to others. */
const delimiterLine = /^"?sep=([,;\t|])"?$/i;

/** The delimiter that a line tells; undefined where it is no such line. */
export const delimiterTold = (line: string): CsvDelimiter | undefined => {
  const told = delimiterLine.exec(line)?.[1];
  return csvDelimiters.find((each) => each === told);
};

/** Reads one more line into the record. */
const readLine = (record: PartialRow, line: string, delimiter: string): Step => {
  let at = 0;
  for (;;) {
    if (record.quoted !== null) {
      const quote = line.indexOf('"', at);
      if (quote === -1) {
        record.quoted += line.slice(at);
        return "open";
      }
      if (line.charAt(quote + 1) === '"') {
        record.quoted += line.slice(at, quote + 1);
        at = quote + 2;
        continue;
      }
      const cell = record.quoted + line.slice(at, quote);
      record.cells.push(record.guarded ? `="${cell}"` : cell);
      record.quoted = null;
      if (quote + 1 === line.length) return "complete";
      if (line.charAt(quote + 1) !== delimiter) {
        record.cells.pop();
        return { broken: textAfterQuote };
      }
      at = quote + 2;
    }
    record.guarded = line.startsWith('="', at);
    if (record.guarded || line.charAt(at) === '"') {
      record.quoted = "";
      at += record.guarded ? 2 : 1;
      continue;
    }
    const end = line.indexOf(delimiter, at);
    const cell = end === -1 ? line.slice(at) : line.slice(at, end);
    if (cell.includes('"')) return { broken: quoteInside };
    record.cells.push(cell);
    if (end === -1) return "complete";
    at = end + 1;
  }
};

export const quotingOf = (delimiter: CsvDelimiter): CsvQuoting =>
  delimiter === "\t" ? "none" : "double";

export const createCsvReader = (options: {
  /** Or how the first line tells it. */
  readonly delimiter: CsvDelimiter | ((heading: string) => CsvDelimiter);
  /** By the delimiter when absent: none with tabs. */
  readonly quoting?: CsvQuoting | undefined;
  /** Longest row, its line ends included. A longer one is malformed. */
  readonly rowCharacters: number;
}): CsvReader => {
  const { rowCharacters } = options;
  const told = options.delimiter;
  let delimiter: CsvDelimiter = typeof told === "function" ? "," : told;
  const readCells = (record: PartialRow, line: string): Step =>
    (options.quoting ?? quotingOf(delimiter)) === "none"
      ? unquotedCells(record, line, delimiter)
      : readLine(record, line, delimiter);
  const lines = createLineReader({ lineCharacters: rowCharacters, carriageReturns: true });
  let header: readonly string[] | null = null;
  let isTold = false;
  let record = newRecord();
  /** The lines of the record so far: what is read again if it turns out broken. */
  let pending: PhysicalLine[] = [];
  let pendingCharacters = 0;

  const restart = (): readonly PhysicalLine[] => {
    const taken = pending;
    pending = [];
    pendingCharacters = 0;
    record = newRecord();
    return taken;
  };

  /** Whether a line inside a row of the wrong width is a row of its own: then a quote swallowed it. */
  const swallowsRow = (lines: readonly PhysicalLine[]): boolean =>
    lines.slice(1).some(({ text }) => {
      const alone = newRecord();
      return readCells(alone, text) === "complete" &&
        alone.cells.length === header?.length;
    });

  const read = (first: readonly PhysicalLine[], ended: boolean): CsvRow[] => {
    const rows: CsvRow[] = [];
    /** Lines to read, the next one last. */
    const waiting = [...first].reverse();

    const breakOff = (malformed: string): void => {
      const { cells } = record;
      const [start, ...again] = restart();
      if (start === undefined) return;
      // With no heading to be trusted there is no column; `reader.ts` refuses the whole file.
      header ??= [];
      // What a cell inside quotes swallowed from the second line on is no part of the first.
      const own = newRecord();
      readCells(own, start.text);
      rows.push({
        line: start.number,
        cells: again.length === 0 ? cells : own.cells,
        malformed,
        complete: false,
        short: false,
      });
      for (let n = again.length - 1; n >= 0; n--) {
        const line = again[n];
        if (line !== undefined) waiting.push(line);
      }
    };

    const accept = (): void => {
      const start = pending[0];
      if (start === undefined) return;
      const { cells } = record;
      if (cells.every(isBlank)) {
        restart();
        return;
      }
      if (header === null) {
        header = cells.map(trimmed);
        restart();
        return;
      }
      const { length } = cells;
      const isWhole = length === header.length ||
        length > header.length && cells.slice(header.length).every(isBlank);
      if (isWhole) {
        restart();
        rows.push({
          line: start.number,
          cells: length === header.length ? cells : cells.slice(0, header.length),
          malformed: null,
          complete: true,
          short: false,
        });
        return;
      }
      if (pending.length > 1 && swallowsRow(pending)) return breakOff(quoteOpen);
      restart();
      rows.push({
        line: start.number,
        cells,
        malformed: `has ${length} cells where the heading has ${header.length}`,
        complete: true,
        short: length < header.length,
      });
    };

    for (;;) {
      const line = waiting.pop();
      if (line === undefined) {
        if (!ended || pending.length === 0) return rows;
        breakOff(quoteOpen);
        continue;
      }
      if (header === null && pending.length === 0) {
        const known = delimiterTold(line.text);
        if (known !== undefined) {
          delimiter = known;
          isTold = true;
          continue;
        }
        if (typeof told === "function" && !isTold) delimiter = told(line.text);
      }
      pending.push(line);
      pendingCharacters += line.text.length + line.ending.length;
      const step = readCells(record, line.text);
      if (line.cut || pendingCharacters > rowCharacters + 2) {
        // Of the last cell only the beginning is there.
        if (step === "complete") record.cells.pop();
        breakOff(
          pending.length > 1 ? quoteOpen : `is longer than ${rowCharacters} characters`,
        );
      } else if (step === "open") {
        record.quoted = (record.quoted ?? "") + line.ending;
      } else if (step === "complete") accept();
      else breakOff(pending.length > 1 ? quoteOpen : step.broken);
    }
  };

  return {
    push: (text) => read(lines.push(text), false),
    end: () => read(lines.end(), true),
    header: () => header,
    held: () => lines.held() + pendingCharacters,
  };
};
