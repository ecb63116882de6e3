/** Records of changed documents: what the machine asks of them follows from the definitions of references. */
import type { LogRecord, RecordKind } from "./record.ts";
import { idChangedBy, type Reference, type ReferenceRecords } from "./reference.ts";

interface ChangeRecord extends LogRecord {
  readonly type: string;
}

const typesOf = ({ added, saved, removed }: ReferenceRecords): readonly string[] => [
  added,
  saved,
  removed,
];

/** Records of one kind, which may be of several references. */
const recordKindOf = (kind: string, references: readonly Reference[]): RecordKind<ChangeRecord> => {
  const byType = new Map(
    references.flatMap((reference) =>
      typesOf(reference.records).map((type) => [type, reference] as const)
    ),
  );
  return {
    kind,
    confidential: references.some(({ records }) => records.confidential === true),
    pack: (record) => ({ first: JSON.stringify(record), second: "" }),
    unpack: (first) => first as unknown as ChangeRecord,
    whole: (record) => record,
    ownerOf: () => null,
    deltasOf: () => [],
    listChangesOf: () => [],
    typesOf: ({ type }) => [type],
    tell: (record) => {
      const { type } = record;
      const reference = byType.get(type);
      const id = reference === undefined ? null : idChangedBy(reference, record);
      if (reference === undefined || id === null) return [];
      const locationIds = reference.locationIdsOf(id);
      return [{
        type,
        ...(locationIds.length === 0 ? {} : { locationIds }),
        details: { [reference.records.idMember]: id },
      }];
    },
    count: () => {},
  };
};

/** The kinds of the references' records. */
export const recordKindsOf = (references: Iterable<Reference>): readonly RecordKind[] =>
  [...Map.groupBy(references, ({ records }) => records.kind)].map(([kind, own]) =>
    recordKindOf(kind, own) as unknown as RecordKind
  );
