/** A log entry as it is stored: a line of JSON that names it, and two lines for each of its records. */
import type { LogRecord, StoredLogEntry } from "./log.ts";
import { joinRecords, packRecord, unpackEarlier, unpackRecords, whole } from "./log-record.ts";
import type { Json } from "../kernel/packed.ts";

interface FirstLine extends Omit<StoredLogEntry, "records"> {
  /** Entries of earlier layouts have no other lines. */
  readonly records?: readonly Json[];
}

/** With records that are packed and joined already. */
export const packEntry = (
  { commitId, at }: Omit<StoredLogEntry, "records">,
  records: string,
): string => `{"commitId":"${commitId}","at":"${at}"}\n${records}`;

/** An entry; events of orders are read when somebody asks for them. */
export const unpackEntry = (text: string): StoredLogEntry => {
  const end = text.indexOf("\n");
  const first: FirstLine = JSON.parse(end < 0 ? text : text.slice(0, end));
  const { commitId, at, records: earlier } = first;
  const records: readonly LogRecord[] = earlier !== undefined
    ? earlier.map(unpackEarlier)
    : unpackRecords(end < 0 ? "" : text.slice(end + 1));
  return { commitId, at, records };
};

/** The same entry with all its events read: it has nothing that a new one would not have. */
export const wholeEntry = (entry: StoredLogEntry): StoredLogEntry => ({
  ...entry,
  records: entry.records.map(whole),
});

export const packWholeEntry = (entry: StoredLogEntry): string =>
  packEntry(entry, joinRecords(entry.records.map(packRecord)));
