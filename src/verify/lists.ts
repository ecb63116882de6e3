/**
 * Lists against documents. Of each list only how many ids it has and a sum of their hashes are kept, from its
 * pages and from the documents; lists in which these differ are looked at id by id. Lists trail documents by
 * a moment, so each id is looked at again, up to where the index has come.
 */
import { Effect } from "effect";
import { verifyLimits } from "./limits.ts";
import { keys } from "../store/keys.ts";
import { beginning, type Position } from "../store/log.ts";
import {
  above,
  decodePage,
  entryOf,
  pagesOf,
  postingKey,
  type PostingList,
  postingList,
} from "../store/postings.ts";
import { Store, type StoreError } from "../store/store.ts";
import type { Aggregate } from "../subject/aggregate.ts";
import type { AggregateState, Part } from "../subject/state.ts";
import type { SubjectList } from "../subject/subject.ts";
import { wideHash } from "../kernel/hash.ts";
import { forEachPage, readAgain } from "./read.ts";
import type { Findings } from "./report.ts";
import { lookAt } from "./settle.ts";

/** Sums stay exact integers below this. */
const modulus = 2 ** 52;

interface Sum {
  ids: number;
  hashes: number;
}

const add = (sums: Map<string, Sum>, list: string, entry: string): void => {
  const sum = sums.get(list);
  const hash = wideHash(entry) % modulus;
  if (sum === undefined) sums.set(list, { ids: 1, hashes: hash });
  else {
    sum.ids++;
    sum.hashes = (sum.hashes + hash) % modulus;
  }
};

const isSame = (one: Sum | undefined, other: Sum | undefined): boolean =>
  (one?.ids ?? 0) === (other?.ids ?? 0) && (one?.hashes ?? 0) === (other?.hashes ?? 0);

const listOf = (subjects: SubjectList, dimension: string, value: string): PostingList =>
  postingList(subjects.dimensionOf(dimension), value);

const listName = (dimension: string, value: string): string => JSON.stringify([dimension, value]);

/** The ids of an aggregate, each with its lists. */
const placesOf = (definition: Aggregate, state: AggregateState): readonly Part[] => [
  { id: state.id, lists: definition.listsOf(state) },
  ...definition.partsOf(state),
];

/** The log position that the index has reached. */
const indexPosition: Effect.Effect<Position, StoreError, Store> = Effect.map(
  readAgain<{ readonly position: Position }>(keys.cursor("indexes")),
  (stored) => stored?.value.position ?? beginning,
);

/** The dimensions whose lists are not whole yet; read before their pages are. */
const unfilledDimensions = Effect.fnUntraced(function* (
  { dimensions }: SubjectList,
): Effect.fn.Return<ReadonlySet<string>, StoreError, Store> {
  const unfilled = new Set<string>();
  for (const { name, isLater } of dimensions.values()) {
    if (isLater && (yield* readAgain(keys.filledLists(name))) === null) unfilled.add(name);
  }
  return unfilled;
});

/** Whether a list has an entry now. */
const hasEntry = Effect.fnUntraced(function* (
  list: PostingList,
  entry: string,
): Effect.fn.Return<boolean, StoreError, Store> {
  const store = yield* Store;
  const [page] = yield* store.list({
    start: pagesOf(list).start,
    end: postingKey(list, above(entry)),
    limit: 1,
    reverse: true,
  });
  return page?.value != null && decodePage(page.value).includes(entry);
});

export class Lists {
  readonly #documents = new Map<string, Sum>();
  readonly #pages = new Map<string, Sum>();

  constructor(private readonly subjects: SubjectList, private readonly findings: Findings) {}

  addDocument(definition: Aggregate, state: AggregateState): void {
    for (const { id, lists } of placesOf(definition, state)) {
      for (const [dimension, value] of lists) {
        const list = listOf(this.subjects, dimension, value);
        add(this.#documents, listName(list.dimension, list.value), entryOf(list, id));
      }
    }
  }

  /** To be run when every document was added. */
  readonly finish: Effect.Effect<void, StoreError, Store> = Effect.gen(
    { self: this },
    function* () {
      const unfilled = yield* unfilledDimensions(this.subjects);
      yield* forEachPage(["posting"], verifyLimits.entriesPerRead, (pages) =>
        Effect.sync(() => {
          for (const { key, value } of pages) {
            if (value === null) continue;
            const name = listName(String(key[1]), String(key[2]));
            for (const entry of decodePage(value)) add(this.#pages, name, entry);
          }
        }));
      const names = new Set([...this.#documents.keys(), ...this.#pages.keys()]);
      const different = [...names].filter((name) =>
        !isSame(this.#documents.get(name), this.#pages.get(name)) &&
        !unfilled.has((JSON.parse(name) as [string, string])[0])
      );
      this.#documents.clear();
      this.#pages.clear();
      if (different.length > 0) yield* this.#lookAt(new Set(different));
    },
  );

  /** Gathers the ids of lists in which something differs, as documents and as pages have them. */
  #lookAt(lists: ReadonlySet<string>): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      /** By list and entry: the id, and whether documents ask for it. */
      const wanted = new Map<string, { readonly id: string; readonly entry: string }>();
      for (const definition of this.subjects.aggregates.values()) {
        yield* this.#eachPlace(definition, lists, (name, entry, id) => {
          if (wanted.size < verifyLimits.listEntries) wanted.set(`${name} ${entry}`, { id, entry });
        });
      }
      const suspects: Suspect[] = [];
      yield* this.#eachEntry(lists, (name, entry) => {
        if (wanted.delete(`${name} ${entry}`)) return;
        if (suspects.length < verifyLimits.listEntries) suspects.push({ name, entry });
      });
      for (const [place, { entry }] of wanted) {
        suspects.push({ name: place.slice(0, -entry.length - 1), entry });
      }
      yield* Effect.forEach(suspects, (suspect) => this.#settle(suspect), { discard: true });
    });
  }

  #eachPlace(
    definition: Aggregate,
    lists: ReadonlySet<string>,
    onPlace: (name: string, entry: string, id: string) => void,
  ): Effect.Effect<void, StoreError, Store> {
    return forEachPage(
      [definition.name],
      verifyLimits.documentsPerRead,
      (entries) =>
        Effect.forEach(
          entries,
          ({ key }) =>
            Effect.map(lookAt(definition, String(key[1])), (looked) => {
              if (looked === null) return;
              for (const { id, lists: places } of placesOf(definition, looked.state)) {
                for (const [dimension, value] of places) {
                  const list = listOf(this.subjects, dimension, value);
                  const name = listName(list.dimension, list.value);
                  if (lists.has(name)) onPlace(name, entryOf(list, id), id);
                }
              }
            }),
          { discard: true },
        ),
    );
  }

  #eachEntry(
    lists: ReadonlySet<string>,
    onEntry: (name: string, entry: string) => void,
  ): Effect.Effect<void, StoreError, Store> {
    return Effect.forEach(lists, (name) => {
      const [dimension, value] = JSON.parse(name) as [string, string];
      return forEachPage(
        ["posting", dimension, value],
        verifyLimits.entriesPerRead,
        (pages) =>
          Effect.sync(() => {
            for (const page of pages) {
              if (page.value === null) continue;
              for (const entry of decodePage(page.value)) onEntry(name, entry);
            }
          }),
      );
    }, { discard: true });
  }

  /** Looks at an id and its list until neither changes and the index has passed the document. */
  #settle({ name, entry }: Suspect): Effect.Effect<void, StoreError, Store> {
    const [dimension, value] = JSON.parse(name) as [string, string];
    const list: PostingList = { dimension, value, name };
    const page = postingKey(list, "");
    const { subjects, findings } = this;
    return Effect.gen(function* () {
      const owner = subjects.ownerOf(entry.split("~")[0] ?? "");
      if (owner === null) {
        return findings.add("lists", [page], `The list ${name} has ${entry}, which is no id.`);
      }
      const { definition, id } = owner;
      for (let attempt = 0; attempt < verifyLimits.secondLooks; attempt++) {
        const before = yield* lookAt(definition, id);
        // Before the list is read: the index's position afterwards says nothing about the ids that were read.
        const position = yield* indexPosition;
        const isListed = yield* hasEntry(list, entry);
        const isWanted = before !== null &&
          placesOf(definition, before.state).some((place) =>
            place.lists.some(([of, which]) => {
              const wanted = listOf(subjects, of, which);
              return wanted.dimension === dimension && wanted.value === value &&
                entryOf(wanted, place.id) === entry;
            })
          );
        if (isWanted === isListed) return;
        // The index has not come to the document's last change: it may be about to.
        if (before !== null && before.versionstamp > position) return;
        const after = yield* lookAt(definition, id);
        if (before?.versionstamp !== after?.versionstamp) continue;
        const detail = isWanted
          ? `${entry} is not in the list ${name}, where it belongs.`
          : `${entry} is in the list ${name}, where it does not belong.`;
        return findings.add("lists", [page, definition.key(id)], detail);
      }
      findings.unsettled++;
    });
  }
}

interface Suspect {
  readonly name: string;
  readonly entry: string;
}
