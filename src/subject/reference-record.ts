/** The log records of references: what was saved or removed, when and by whom, and a digest of its content. */
import { Schema } from "effect";
import type { Instant } from "../kernel/instant.ts";
import { type EventDefinition, locationIdsSchema, subjectOf, titleOf } from "./event-type.ts";
import { type LogRecord, type RecordKind, recordKind, storedAsJson } from "./record.ts";
import { isChange, type Reference } from "./reference.ts";

/** The member with the document's id is called as the reference says. */
interface ReferenceRecord extends LogRecord {
  readonly type: string;
  readonly at: Instant;
  readonly digest?: string;
  readonly [member: string]: unknown;
}

/** The reference that a record is of; null for types that none of them has. */
const referenceOf = (
  references: readonly Reference[],
  { type }: ReferenceRecord,
): Reference | null => references.find(({ records }) => isChange(records, type)) ?? null;

/** The types of records of a reference, each once. */
const typesOf = ({ records }: Reference): readonly string[] => [
  ...new Set([
    ...[records.added, records.saved, records.removed],
    ...records.savedAs ?? [],
    ...records.concerning ?? [],
  ]),
];

/** One kind of records may be of several references. If one of them is confidential, all are. */
export const referenceRecordKind = (kind: string, references: readonly Reference[]): RecordKind => {
  const [first] = references;
  const idMember = first?.records.idMember ?? "id";
  const idOf = (record: ReferenceRecord): string => String(record[idMember]);
  const nameOf = (record: ReferenceRecord): string =>
    references.find((each) => typesOf(each).includes(record.type))?.name ?? kind;
  const definitionOf = (type: string): EventDefinition => ({
    description: `${titleOf(type)}, by its id`,
    details: Schema.Struct({ [idMember]: Schema.String }),
  });
  return recordKind<ReferenceRecord>({
    kind,
    ...storedAsJson(),
    ownerOf: () => null,
    deltasOf: () => [],
    listChangesOf: () => [],
    typesOf: ({ type }) => [type],
    tell: (record) => {
      const locationIds = referenceOf(references, record)?.locationIdsOf(idOf(record)) ?? [];
      return [{
        type: record.type,
        subject: subjectOf(nameOf(record), idOf(record)),
        ...(locationIds.length === 0 ? {} : { locationIds }),
        details: { [idMember]: idOf(record) },
      }];
    },
    events: {
      members: { locationIds: Schema.optionalKey(locationIdsSchema) },
      types: Object.fromEntries(
        references.flatMap(typesOf).map((type) => [type, definitionOf(type)]),
      ),
    },
    savedOf: (record) => {
      const reference = referenceOf(references, record);
      if (reference === null) return null;
      const { at, by, digest, type } = record;
      const removed = type === reference.records.removed;
      return { reference: reference.name, id: idOf(record), at, by, digest, removed };
    },
    confidential: references.some(({ confidential }) => confidential),
    count: () => {},
  });
};
