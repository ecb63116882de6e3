/**
 * Finds the lists in which things stand now, by their documents, to list late the entries that were not
 * listed in their time.
 */
import { Effect } from "effect";
import type { LogEntry } from "../../src/store/log.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { readValue } from "../../src/store/values.ts";
import { listChangesBetween } from "../../src/subject/aggregate-record.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { ListChange, RecordKinds, RecordOwner } from "../../src/subject/record.ts";

const placeName = ({ dimension, value, id }: Omit<ListChange, "present">): string =>
  JSON.stringify([dimension, value, id]);

/** Whom the entry's records are about, each with all that they change in lists. */
const changesByOwner = ({ records }: LogEntry, kinds: RecordKinds) => {
  const found = new Map<string, { readonly owner: RecordOwner; readonly changes: ListChange[] }>();
  for (const record of records) {
    const kind = kinds.kindOf(record);
    const owner = kind.ownerOf(record);
    if (owner === null) continue;
    const name = JSON.stringify([owner.aggregate, owner.id]);
    const changes = kind.listChangesOf(record);
    const known = found.get(name);
    if (known === undefined) found.set(name, { owner, changes: [...changes] });
    else known.changes.push(...changes);
  }
  return [...found.values()];
};

/**
 * The changes that bring an entry's lists up to date. The entry may be overtaken, so an id that it put into a
 * list, or took out of one, belongs in the list if its document says so now.
 */
export const listedLate = Effect.fnUntraced(function* (
  entry: LogEntry,
  subjects: SubjectList,
): Effect.fn.Return<readonly ListChange[], StoreError, Store> {
  const all: ListChange[] = [];
  for (const { owner, changes } of changesByOwner(entry, subjects)) {
    const definition = subjects.aggregate(owner.aggregate);
    const stored = yield* readValue(definition.key(owner.id), definition.codec.unpack);
    const places = stored === null ? [] : listChangesBetween(null, stored.value.state, definition);
    const standing = new Set(places.map(placeName));
    all.push(
      ...changes.map((change) => ({ ...change, present: standing.has(placeName(change)) })),
      ...places,
    );
  }
  return all;
});
