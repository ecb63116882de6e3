/**
 * A log entry as it is stored: a line of JSON that names it, and two lines for each of its records. The kinds
 * of records read and write those; most readers never ask for the second line of a record.
 */
import { Effect } from "effect";
import type { Instant } from "../kernel/instant.ts";
import type { Json } from "../kernel/packed.ts";
import type { Key } from "../kernel/key.ts";
import type { LogRecord, RecordKinds } from "../subject/record.ts";
import { keys } from "./keys.ts";
import type { StoredLogEntry } from "./log.ts";
import type { Entry, Store, StoreError } from "./store.ts";
import { type StoredValue, valueOf } from "./values.ts";

/** The commit that wrote an entry, and when. */
export type EntryHead = Omit<StoredLogEntry, "records">;

interface FirstLine extends EntryHead {
  /** Entries of earlier layouts have no other lines: each record is one piece of JSON. */
  readonly records?: readonly Json[];
}

/** JSON has no line ends of its own. */
const lineEnd = "\n";

/** Records as they are stored. */
export const packRecords = (kinds: RecordKinds, records: readonly LogRecord[]): string => {
  let text = "";
  for (const record of records) {
    const { first, second } = kinds.kindOf(record).pack(record);
    text += (text === "" ? first : lineEnd + first) + lineEnd + second;
  }
  return text;
};

/** Several texts of records as one. */
export const joinRecords = (packed: readonly string[]): string => packed.join(lineEnd);

/** The records of joined texts. */
export const unpackRecords = (kinds: RecordKinds, text: string): readonly LogRecord[] => {
  if (text === "") return [];
  const lines = text.split(lineEnd);
  if (lines.length % 2 !== 0) throw new TypeError("A log record has lost a line.");
  const records: LogRecord[] = [];
  for (let line = 0; line < lines.length; line += 2) {
    const first: Json = JSON.parse(lines[line] ?? "");
    records.push(kinds.kindOfStored(first).unpack(first, lines[line + 1] ?? ""));
  }
  return records;
};

/** With records that are packed and joined already. */
export const packEntry = ({ commitId, at, correlations }: EntryHead, records: string): string => {
  const more = correlations === undefined ? "" : `,"correlations":${JSON.stringify(correlations)}`;
  return `{"commitId":"${commitId}","at":"${at}"${more}}${lineEnd}${records}`;
};

const unpackFirstLine = (text: string): FirstLine => {
  const end = text.indexOf(lineEnd);
  return JSON.parse(end < 0 ? text : text.slice(0, end));
};

/** An entry without its records: they are not read. */
export const unpackHead = (text: string): EntryHead => {
  const { commitId, at } = unpackFirstLine(text);
  return { commitId, at };
};

const encodedLineEnd = lineEnd.charCodeAt(0);
const decoder = new TextDecoder();

/**
 * When an entry that was read from the store was written, mostly without reading more of it than that; null
 * where there is none.
 */
export const timeOfEntry = (entry: Entry): Effect.Effect<Instant | null, StoreError, Store> => {
  const { value } = entry;
  const end = value?.indexOf(encodedLineEnd) ?? -1;
  // Entries that are compressed or in parts begin with a mark; those of one line have no end of it.
  return value !== null && end > 0 && value[0] === "{".charCodeAt(0)
    ? Effect.succeed(unpackHead(decoder.decode(value.subarray(0, end))).at)
    : Effect.map(valueOf(entry, unpackHead, entryPartKey), (stored) => stored?.value.at ?? null);
};

/** An entry of any layout. */
export const unpackEntry = (kinds: RecordKinds, text: string): StoredLogEntry => {
  const { commitId, at, correlations, records: earlier } = unpackFirstLine(text);
  const end = text.indexOf(lineEnd);
  const records = earlier !== undefined
    ? earlier.map((record) => kinds.kindOfStored(record).unpack(record, ""))
    : unpackRecords(kinds, end < 0 ? "" : text.slice(end + 1));
  return { commitId, at, records, ...(correlations === undefined ? {} : { correlations }) };
};

/** The entry with all of its records read: equal to the one that was written. */
export const wholeEntry = <E extends { readonly records: readonly LogRecord[] }>(
  kinds: RecordKinds,
  entry: E,
): E => ({ ...entry, records: entry.records.map((record) => kinds.kindOf(record).whole(record)) });

/**
 * The key of a part of an entry that is too large for one value. Parts are stamped with the entry's commit.
 */
export const entryPartKey = (n: number, commitId: string): Key => keys.logPart(commitId, n);

/** The log entry that was read from the store; null where there is none. */
export const logEntryIn = (
  kinds: RecordKinds,
  entry: Entry,
): Effect.Effect<StoredValue<StoredLogEntry> | null, StoreError, Store> =>
  valueOf(entry, (text) => unpackEntry(kinds, text), entryPartKey);
