/**
 * The lists in which things stand now, by their documents: an entry that could not be listed in its time is
 * listed late by them. The engine hands in who reads the documents, since the index knows no subject.
 */
import { Context, Effect } from "effect";
import type { LogEntry } from "../../src/store/log.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import type { Part } from "../../src/subject/aggregate.ts";
import type { ListChange, RecordKinds, RecordOwner } from "../../src/subject/record.ts";

/** An aggregate's ids, its own and those of its parts, each with its lists; null when it is not there. */
export type ListedNow = (id: string) => Effect.Effect<readonly Part[] | null, StoreError, Store>;

/** By the aggregate's name. */
export class Listing
  extends Context.Service<Listing, ReadonlyMap<string, ListedNow>>()("allot/Listing") {}

const placeName = ({ dimension, value, id }: Omit<ListChange, "present">): string =>
  JSON.stringify([dimension, value, id]);

/** The owners of the entry's records, each with all that they change in lists. */
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
 * Changes that bring the lists of an entry to how things are now. Later entries may have overtaken it: an id
 * that it put into a list, or took out of one, stands in that list if the document says so.
 */
export const listedLate = Effect.fnUntraced(function* (
  entry: LogEntry,
  kinds: RecordKinds,
): Effect.fn.Return<readonly ListChange[], StoreError, Listing | Store> {
  const listing = yield* Listing;
  const all: ListChange[] = [];
  for (const { owner, changes } of changesByOwner(entry, kinds)) {
    const parts = (yield* listing.get(owner.aggregate)?.(owner.id) ?? Effect.succeed(null)) ?? [];
    const places = parts.flatMap(({ id, lists }) =>
      lists.map(([dimension, value]): ListChange => ({ dimension, value, id, present: true }))
    );
    const standing = new Set(places.map(placeName));
    all.push(
      ...changes.map((change) => ({ ...change, present: standing.has(placeName(change)) })),
      ...places,
    );
  }
  return all;
});
