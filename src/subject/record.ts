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
  /** What it changes in lists. */
  listChangesOf(record: R): readonly ListChange[];
  /** Types of its events, without reading them. */
  typesOf(record: R): readonly string[];
  /** One for each event, in order. */
  tell(record: R): readonly Told[];
  /** True for records that only administrators may hear of. */
  readonly confidential?: boolean;
  /** Counts it. Throws TypeError, before anything is counted, when the record is not what it should be. */
  count(record: R, tallies: Tallies): void;
  /** Says what is missing for the audit trail, beside who and when; null when nothing is. */
  unattributed?(record: R): string | null;
}

/** A definition of records, as the machine handles it. */
export const recordKind = <R extends LogRecord>(definition: RecordKind<R>): RecordKind =>
  definition as unknown as RecordKind;
