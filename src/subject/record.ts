/**
 * A kind of log record: how its records are stored, and all that the machine asks of them. Every commit
 * writes records; lists, counters, the status stream, verify and the history of a balance read them through
 * these functions, and know nothing else of what a record is about.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Json } from "../kernel/packed.ts";
import type { Tallies } from "./tally.ts";
import type { BalanceDeltas } from "./balance.ts";

/** A commit writes one about each thing that it changes. Each kind adds its own fields; none holds personal data. */
export interface LogRecord {
  readonly kind: string;
  readonly at: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
}

/** A record as it is stored: two lines of JSON, of which the second is parsed only when somebody asks. */
export interface StoredRecord {
  /** The part that most readers of the log ask for. */
  readonly first: string;
  /** The rest; empty when there is none. */
  readonly second: string;
}

/** An id that enters or leaves a list. Doing it again changes nothing. */
export interface ListChange {
  readonly dimension: string;
  readonly value: string;
  readonly id: string;
  readonly present: boolean;
}

/** One event of a record, as the status stream and histories tell it. */
export interface Told {
  readonly type: string;
  readonly orderId?: string;
  readonly channel?: string;
  readonly locationIds?: readonly string[];
  readonly details: object;
  /** Further members, as they are sent. */
  readonly [member: string]: unknown;
}

/** Whom a record is about, for verify: the aggregate whose fold it is part of. */
export interface RecordOwner {
  /** The aggregate's name. */
  readonly aggregate: string;
  readonly id: string;
}

/** Methods, not function values: so that a definition of one kind of record is one of records in general. */
export interface RecordKind<R extends LogRecord = LogRecord> {
  readonly kind: string;
  /** Numbers of its packed layouts, today's and earlier ones; records of none are JSON objects with a `kind`. */
  readonly layouts?: readonly number[];
  /** Today's form. */
  pack(record: R): StoredRecord;
  /** Of all forms that were ever written. Throws TypeError for anything else. */
  unpack(first: Json, second: string): R;
  /** The record with its second line read: equal to the one that was written. */
  whole(record: R): R;
  /** The aggregate that the record is part of; null for records that change no aggregate. */
  ownerOf(record: R): RecordOwner | null;
  /** Its changes of balances. */
  deltasOf(record: R): readonly BalanceDeltas[];
  /** Its changes of lists. Only records that have an owner change any. */
  listChangesOf(record: R): readonly ListChange[];
  /** Types of its events, without reading them. */
  typesOf(record: R): readonly string[];
  /** One for each event, in order. */
  tell(record: R): readonly Told[];
  /** True for records that only administrators may hear of. */
  readonly confidential?: boolean;
  /** Counts it. May throw for a record that is not what it should be: then nothing of its entry counts. */
  count(record: R, tallies: Tallies): void;
  /** Names what the audit trail misses, beside who and when; null when it misses nothing. */
  unattributed?(record: R): string | null;
}

/** A definition of records, as the machine handles it. */
export const recordKind = <R extends LogRecord>(definition: RecordKind<R>): RecordKind =>
  definition as unknown as RecordKind;

/** Records that are stored as JSON objects, all of them in the first line. */
export const storedAsJson = <R extends LogRecord>(): Pick<
  RecordKind<R>,
  "pack" | "unpack" | "whole"
> => ({
  pack: (record) => ({ first: JSON.stringify(record), second: "" }),
  unpack: (first) => first as unknown as R,
  whole: (record) => record,
});

/** All kinds that there are: how the log and its readers find the one of a record. */
export interface RecordKinds {
  /** Throws TypeError for a kind that is not known. */
  kindOf(record: LogRecord): RecordKind;
  /** The kind of a stored first line: a list begins with its layout, an object has its `kind`. */
  kindOfStored(first: Json): RecordKind;
}
