/**
 * A kind of log record: how it is stored, and all that the machine may know of it without knowing the
 * subject. Every commit writes records; lists, counters, the status stream, verify and the history of a
 * balance read them through these functions.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Json } from "../kernel/packed.ts";
import type { EventTypes } from "./event-type.ts";
import type { Tallies } from "./tally.ts";
import type { BalanceDeltas } from "./balance.ts";

/** A commit's record of one thing. Each kind adds its own fields; none holds personal data. */
export interface LogRecord {
  readonly kind: string;
  readonly at: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
}

/** A record as it is stored: two lines of JSON, of which the second is parsed only when somebody asks. */
export interface StoredRecord {
  /** The part that most readers of the log need. */
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

/** One event of a record, as everybody is told of it: `event.ts` adds its place in the log. */
export interface Told {
  readonly type: string;
  /** What it happened to: an order's id, `stock/<location>/<sku>`, `location/<id>`. */
  readonly subject: string;
  readonly orderId?: string;
  readonly channel?: string;
  readonly locationIds?: readonly string[];
  readonly details: object;
  /** Further members, as they are sent. */
  readonly [member: string]: unknown;
}

/** The aggregate whose fold a record is part of, for verify. */
export interface RecordOwner {
  /** The aggregate's name. */
  readonly aggregate: string;
  readonly id: string;
}

/** A change of a reference document, by its record. */
export interface SavedReference {
  /** The reference's name. */
  readonly reference: string;
  readonly id: string;
  readonly at: Instant;
  readonly by: string;
  /** The digest of the document as saved; records of earlier versions have none. */
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
  /** Reads all forms that were ever written. Throws TypeError for anything else. */
  unpack(first: Json, second: string): R;
  /** The record with all its lazily read parts read: equal to the record that was written. */
  whole(record: R): R;
  /** The aggregate that the record is part of; null for records that change no aggregate. */
  ownerOf(record: R): RecordOwner | null;
  /** What it did to balances. */
  deltasOf(record: R): readonly BalanceDeltas[];
  /** The changes that the record made to lists. Only records with an owner have any. */
  listChangesOf(record: R): readonly ListChange[];
  /** Types of its events, without reading them. */
  typesOf(record: R): readonly string[];
  /** One for each event, in order: as many as `typesOf` names. */
  tell(record: R): readonly Told[];
  /** All types of its events, with the schemas of what is told. */
  readonly events: EventTypes;
  /** True for records that only administrators may hear of. */
  readonly confidential?: boolean;
  /** Counts the record. Throws TypeError, before anything is counted, when the record is malformed. */
  count(record: R, tallies: Tallies): void;
  /** The reference document that it says was saved or removed; null, and absent, for other records. */
  savedOf?(record: R): SavedReference | null;
  /** Names the facts, beside author and time, that the audit trail misses; null when it misses none. */
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
