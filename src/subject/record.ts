/**
 * A kind of log record: how it is stored, and what the machine may know of it without knowing what it is
 * about. Every commit writes records; lists, counters, the status stream, verify and the history of a
 * balance read them through these functions.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Json } from "../kernel/packed.ts";
import type { Tallies } from "./tally.ts";
import type { BalanceDeltas } from "./balance.ts";

/** What a commit says about one thing. Each kind adds its own fields; none holds personal data. */
export interface LogRecord {
  readonly kind: string;
  readonly at: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
}

/** A record as it is stored: two lines of JSON, of which the second is parsed only when somebody asks. */
export interface StoredRecord {
  /** What most readers of the log want to know. */
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

/** What the status stream and histories tell of one event of a record. */
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

/** What a record says of a reference document. */
export interface SavedReference {
  /** The reference's name. */
  readonly reference: string;
  readonly id: string;
  readonly at: Instant;
  readonly by: string;
  /** Of the document as it was saved; records of earlier versions have none. */
  readonly digest?: string | undefined;
  readonly removed: boolean;
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
  /** The same record with everything read that is read when somebody asks: equal to what was written. */
  whole(record: R): R;
  /** The aggregate that the record is part of; null for records that change no aggregate. */
  ownerOf(record: R): RecordOwner | null;
  /** What it did to balances. */
  deltasOf(record: R): readonly BalanceDeltas[];
  /** What it changes in lists. Only records that have an owner change any. */
  listChangesOf(record: R): readonly ListChange[];
  /** Types of its events, without reading them. */
  typesOf(record: R): readonly string[];
  /** One for each event, in order. */
  tell(record: R): readonly Told[];
  /** True for records that only administrators may hear of. */
  readonly confidential?: boolean;
  /** Counts it. Throws TypeError, before anything is counted, when the record is not what it should be. */
  count(record: R, tallies: Tallies): void;
  /** The reference document that it says was saved or removed; null, and absent, for other records. */
  savedOf?(record: R): SavedReference | null;
  /** Says what is missing for the audit trail, beside who and when; null when nothing is. */
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
