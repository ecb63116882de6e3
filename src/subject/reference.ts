/**
 * A reference: documents that people save one at a time and everybody reads from memory. Its definition gives
 * saving with entity tags, reading, listing, forgetting by the log, and a fence.
 */
import { Result, Schema, SchemaParser } from "effect";
import type { Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import type { KeyLink } from "./link.ts";
import type { LogRecord } from "./record.ts";

/** The members that the machine gives a document whenever it is saved. */
export interface Saved {
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Counts changes from 1; the entity tag. */
  readonly version: number;
}

/** A document without the members of `Saved`. */
export type Described<Document> = Omit<Document, keyof Saved>;

/** The schema of the members of `Saved`, for a definition's schema to spread. */
export const savedFields = {
  createdAt: Schema.String,
  updatedAt: Schema.String,
  version: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
} as const;

/** How much of it a process keeps in memory: all of it as one list, or the most recently used. */
export type ReferenceMemory =
  | { readonly type: "all" }
  | { readonly type: "recent"; readonly capacity: number };

/** The names of its changes in the log. */
export interface ReferenceRecords {
  /** The kind of the records. */
  readonly kind: string;
  /** The member of a record that has the document's id. */
  readonly idMember: string;
  /** Types of records: a document that is made and never changed, one that is saved, one that is removed. */
  readonly added: string;
  readonly saved: string;
  readonly removed: string;
  /** Types instead of `saved`, for changes that are told apart. */
  readonly savedAs?: readonly string[];
  /** Types of further records about a document, after which its watchers look again. */
  readonly concerning?: readonly string[];
}

export type ReferenceChange = "added" | "saved" | "removed";

/** Methods, not function values: so that the definition of one reference is one of references in general. */
export interface Reference<Document extends object = object> {
  /** The name of one document in messages, and in names that are made from the definition. */
  readonly name: string;
  readonly plural: string;
  /** The first word of its keys; the second is the id. */
  readonly family: string;
  key(id: string): Key;
  /** The id that a document has of itself: verify compares it with its key. */
  idOf(document: Described<Document>): string;
  /** The partition whose fence guards it. */
  readonly partition: string;
  /** How many there may be; null: as many as the store holds. */
  readonly limit: number | null;
  readonly memory: ReferenceMemory;
  readonly records: ReferenceRecords;
  /** Whether only administrators may hear of its changes. */
  readonly confidential: boolean;
  /** The fields with sealed secrets, as `mapSealed` takes them. */
  readonly sealed: readonly string[];
  /** Keys by which it is found otherwise. At most one document has a unique one. */
  linksOf(document: Document): readonly KeyLink[];
  /** The first words of those keys. */
  readonly linkFamilies: readonly string[];
  /** The fault in a document's shape; null when there is none. */
  malformed(document: unknown): string | null;
  /** Locations that hear of its changes. */
  locationIdsOf(id: string): readonly string[];
  /** The type of the record that a document was saved, one of those that `records` has. */
  savedAs(before: Document | null, after: Document): string;
}

/** A reference that every process knows as a whole. */
export interface WholeReference<Document extends object = object> extends Reference<Document> {
  readonly memory: { readonly type: "all" };
  readonly limit: number;
}

/** A subject's definition of a reference. */
export interface ReferenceDefinition<Document extends object> {
  readonly name: string;
  /** The name with an `s` when absent. */
  readonly plural?: string;
  /** The name when absent. */
  readonly family?: string;
  readonly idOf: (document: Described<Document>) => string;
  /** The schema of stored documents. */
  readonly schema: Schema.Decoder<unknown>;
  /** A fence of its own when absent. */
  readonly partition?: string;
  readonly limit: number | null;
  readonly memory: ReferenceMemory;
  /** Records of the kind `reference` when absent. */
  readonly records?: ReferenceRecords;
  readonly confidential?: boolean;
  /** Its documents have the members of `Saved`: they are saved again when they are sealed anew. */
  readonly sealed?: readonly string[];
  readonly linksOf?: (document: Document) => readonly KeyLink[];
  readonly linkFamilies?: readonly string[];
  readonly locationIdsOf?: (id: string) => readonly string[];
  /** Always `saved` when absent. */
  readonly savedAs?: (before: Document | null, after: Document) => string;
}

/** The fence that references share which were there before each had one of its own. */
export const sharedReferencePartition = "catalog";

/** Records with an `id` whose types begin with the reference's name. */
export const referenceRecords = (name: string, kind = "reference"): ReferenceRecords => ({
  kind,
  idMember: "id",
  added: `${name}.saved`,
  saved: `${name}.saved`,
  removed: `${name}.removed`,
});

const noKeys: readonly KeyLink[] = [];
const nowhere: readonly string[] = [];

/** Makes a reference of a subject's definition. */
export function reference<Document extends object>(
  own: ReferenceDefinition<Document> & Pick<WholeReference, "memory" | "limit">,
): WholeReference<Document>;
export function reference<Document extends object>(
  own: ReferenceDefinition<Document>,
): Reference<Document>;
export function reference<Document extends object>(
  own: ReferenceDefinition<Document>,
): Reference<Document> {
  const { name, family = name } = own;
  const decode = SchemaParser.decodeUnknownResult(own.schema);
  const records = own.records ?? referenceRecords(name);
  return {
    name,
    plural: own.plural ?? `${name}s`,
    family,
    key: (id) => [family, id],
    idOf: own.idOf,
    partition: own.partition ?? `reference:${name}`,
    limit: own.limit,
    memory: own.memory,
    records,
    confidential: own.confidential ?? false,
    sealed: own.sealed ?? [],
    linksOf: own.linksOf ?? (() => noKeys),
    linkFamilies: own.linkFamilies ?? [],
    malformed: (document) => {
      const decoded = decode(document);
      return Result.isFailure(decoded) ? decoded.failure.toString() : null;
    },
    locationIdsOf: own.locationIdsOf ?? (() => nowhere),
    savedAs: own.savedAs ?? (() => records.saved),
  };
}

/** The record of a change; `type` is one that the reference has. */
export const recordOfChange = (
  { records: { kind, idMember } }: Reference,
  type: string,
  id: string,
  at: Instant,
  by: string,
  digest: string | null,
): LogRecord => {
  const record = { kind, type, at, by, [idMember]: id };
  return digest === null ? record : { ...record, digest } as LogRecord;
};

/** Whether records of the type say that a document was saved or removed. */
export const isChange = ({ added, saved, removed, savedAs }: ReferenceRecords, type: string) =>
  type === saved || type === removed || type === added || (savedAs?.includes(type) ?? false);

/** The id of the document that a record is about; null when it is about none. */
export const idConcernedBy = ({ records }: Reference, record: LogRecord): string | null => {
  if (record.kind !== records.kind) return null;
  const { type, [records.idMember]: id } = record as LogRecord & Readonly<Record<string, unknown>>;
  const isAbout = isChange(records, String(type)) ||
    (records.concerning?.includes(String(type)) ?? false);
  return isAbout && typeof id === "string" ? id : null;
};
