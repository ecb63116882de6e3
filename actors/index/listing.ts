/** Pages of aggregates, newest first, over the posting lists that the index keeps and over their keys. */
import { Context, Effect, Layer } from "effect";
import { indexLimits } from "../../src/store/limits.ts";
import type { Aggregate, AggregateDocument } from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
  ListEntry,
} from "../../src/subject/state.ts";
import {
  everything,
  type PostingList,
  postingList,
  PostingWalk,
  seekCommon,
  UnionWalk,
  type Walk,
} from "../../src/store/postings.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { valueOf } from "../../src/store/values.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { LogTail } from "../log/log-tail.ts";
import { type ChangedPages, changedPages, type ChangedRequest } from "./changed.ts";
import { Indexes } from "./indexes.ts";

export interface Page<A> {
  readonly data: readonly A[];
  /** The cursor of the next page; null at the end. */
  readonly nextCursor: string | null;
}

/** Pages of a list, each of so many rows at most: every call goes on where the last one ended. */
export type Pages<A> = (limit: number) => Effect.Effect<Page<A>, StoreError>;

/** Facts and rejections are the definition's own matter. */
type ListedDefinition<S extends AggregateState, P> = Aggregate<
  S,
  AggregateCommand,
  AggregateEvent,
  unknown,
  AggregateRejection,
  P
>;

/** An id of a list, or of a key, with the document in which it is looked up. */
export interface Candidate<Document> {
  readonly id: string;
  readonly document: Document;
}

/** Candidates below a bound, newest first; `next` is the bound of the chunk that follows, null at the end. */
export interface Chunk<Document> {
  readonly candidates: readonly Candidate<Document>[];
  readonly next: string | null;
  /** How much was looked at to find them. */
  readonly scanned: number;
}

export type PageSource<Document> = (
  bound: string,
  count: number,
) => Effect.Effect<Chunk<Document>, StoreError>;

/** The source of pages, and how their rows are selected. */
export interface PageRequest<Document, A> {
  readonly source: PageSource<Document>;
  /** From the last page; a cursor that is none gives an empty page. */
  readonly cursor?: string | undefined;
  /** Whether a text may be a cursor of this list. */
  readonly isCursor: (text: string) => boolean;
  /** Where ids are of parts: the bound at which the source begins for a cursor, and the cursor of a bound. */
  readonly startOf?: (cursor: string) => string;
  readonly cursorOf?: (bound: string) => string;
  readonly select: (
    candidate: Candidate<Document>,
  ) => readonly { readonly id: string; readonly value: A }[];
}

/** A cursor is the end of the last page: an id, or the bound just above one. */
export const isIdCursor = (...prefixes: readonly string[]) => {
  const pattern = new RegExp(`^(?:${prefixes.join("|")})_[0-9a-z_]{1,50}\0?$`);
  return (text: string): boolean => pattern.test(text);
};

const same = (text: string): string => text;

/** Reads candidates until a page is full, or so much was looked at that a short page is better. */
class PageReader<Document, A> {
  /** Below the last page, in order, and given out by none. */
  #found: { readonly id: string; readonly value: A }[] = [];
  /** Candidates below it are not read yet; null where there are none. */
  #bound: string | null;
  readonly #after: string;

  constructor(private readonly request: PageRequest<Document, A>) {
    const { cursor = everything, isCursor, startOf = same } = request;
    this.#after = cursor;
    this.#bound = cursor === everything ? everything : isCursor(cursor) ? startOf(cursor) : null;
  }

  readonly page: Pages<A> = Effect.fnUntraced(function* (
    this: PageReader<Document, A>,
    limit: number,
  ): Effect.fn.Return<Page<A>, StoreError> {
    const { source, select, cursorOf = same } = this.request;
    let scanned = 0;
    while (
      this.#found.length <= limit && this.#bound !== null &&
      scanned < indexLimits.documentsScannedPerPage
    ) {
      const chunk: Chunk<Document> = yield* source(this.#bound, limit + 1 - this.#found.length);
      for (const candidate of chunk.candidates) {
        for (const each of select(candidate)) if (each.id < this.#after) this.#found.push(each);
      }
      scanned += chunk.scanned;
      this.#bound = chunk.next;
    }
    const rows = this.#found.splice(0, limit);
    const next = this.#found.length > 0
      ? rows.at(-1)?.id ?? null
      : this.#bound === null
      ? null
      : cursorOf(this.#bound);
    return { data: rows.map(({ value }) => value), nextCursor: next };
  }).bind(this);
}

export class Listing extends Context.Service<Listing, {
  readonly pages: <Document, A>(request: PageRequest<Document, A>) => Pages<A>;
  /** Every aggregate of a kind, by its key. */
  readonly byKey: <S extends AggregateState, P>(
    definition: ListedDefinition<S, P>,
  ) => PageSource<AggregateDocument<S, P>>;
  /** The ids in all of the walks; `ownerOf` tells the aggregate in whose document an id is looked up. */
  readonly inWalks: <S extends AggregateState, P>(
    definition: ListedDefinition<S, P>,
    walks: readonly Walk[],
    ownerOf?: (id: string) => string,
  ) => PageSource<AggregateDocument<S, P>>;
  /** The documents of these ids; ids without one are left out. */
  readonly documents: <S extends AggregateState, P>(
    definition: ListedDefinition<S, P>,
    ids: readonly string[],
    ownerOf?: (id: string) => string,
  ) => Effect.Effect<readonly Candidate<AggregateDocument<S, P>>[], StoreError>;
  /** Pages of aggregates by their last change, the newest first. */
  readonly changed: <S extends AggregateState, P, A>(
    request: ChangedRequest<S, P, A>,
  ) => Effect.Effect<ChangedPages<A>, StoreError>;
  /** The ids that stand in any of these lists. */
  readonly anyOf: (lists: readonly PostingList[]) => Walk;
  /** A page of the aggregates that stand in one list of each of these choices; of all when there are none. */
  readonly inLists: <S extends AggregateState, P>(
    definition: ListedDefinition<S, P>,
    choices: readonly (readonly ListEntry[])[],
    page: { readonly limit: number; readonly cursor?: string | undefined },
    matches?: (state: S) => boolean,
  ) => Effect.Effect<Page<AggregateDocument<S, P>>, StoreError>;
  /** Clients find what they have just written: waits for the index, within bounds. */
  readonly upToDate: Effect.Effect<void>;
}>()("allot/Listing") {
  static readonly layer = Layer.effect(Listing, Effect.suspend(() => makeListing));
}

const makeListing = Effect.gen(function* () {
  const store = yield* Store;
  const indexes = yield* Indexes;
  const tail = yield* LogTail;
  const subjects = yield* Subjects;

  const documentOf = <S extends AggregateState, P>(
    definition: ListedDefinition<S, P>,
    entry: Entry,
  ) =>
    valueOf(entry, (stored) => definition.codec.unpack(stored)).pipe(
      Effect.provideService(Store, store),
      Effect.map((stored) => stored?.value ?? null),
    );

  const candidatesOf = Effect.fnUntraced(function* <S extends AggregateState, P>(
    definition: ListedDefinition<S, P>,
    ids: readonly string[],
    entries: readonly (Entry | undefined)[],
  ) {
    const candidates: Candidate<AggregateDocument<S, P>>[] = [];
    for (const [index, id] of ids.entries()) {
      const entry = entries[index];
      const document = entry === undefined ? null : yield* documentOf(definition, entry);
      if (document !== null) candidates.push({ id, document });
    }
    return candidates;
  });

  const documents: Listing["Service"]["documents"] = (definition, ids, ownerOf = same) =>
    Effect.flatMap(
      store.getMany(ids.map((id) => definition.key(ownerOf(id)))),
      (entries) => candidatesOf(definition, ids, entries),
    );

  const byKey: Listing["Service"]["byKey"] = (definition) =>
    Effect.fnUntraced(function* (bound, count) {
      const entries = yield* store.list({
        start: definition.key(""),
        end: definition.key(bound),
        limit: count,
        reverse: true,
      });
      const ids = entries.map(({ key }) => String(key.at(-1)));
      return {
        candidates: yield* candidatesOf(definition, ids, entries),
        next: entries.length < count ? null : ids.at(-1) ?? null,
        scanned: entries.length,
      };
    });

  const walkOf = (list: PostingList): Walk =>
    new PostingWalk(
      store,
      list,
      list.mark === undefined ? indexLimits.pagesPerRead : indexLimits.sharedPagesPerRead,
    );

  const anyOf = (lists: readonly PostingList[]): Walk => {
    const [only, ...others] = lists;
    return only !== undefined && others.length === 0
      ? walkOf(only)
      : new UnionWalk(lists.map(walkOf));
  };

  const inWalks: Listing["Service"]["inWalks"] = (definition, walks, ownerOf = same) =>
    Effect.fnUntraced(function* (bound, count) {
      const ids: string[] = [];
      let next: string | null = bound;
      let exhausted = false;
      while (ids.length < count && next !== null && !exhausted) {
        const found: { id: string | null; stoppedBelow?: string } = yield* seekCommon(walks, next);
        if (found.id !== null) ids.push(found.id);
        exhausted = found.stoppedBelow !== undefined;
        next = found.stoppedBelow ?? found.id;
      }
      return {
        candidates: yield* documents(definition, ids, ownerOf),
        next,
        scanned: exhausted ? indexLimits.documentsScannedPerPage : ids.length,
      };
    });

  const changed: Listing["Service"]["changed"] = (request) =>
    changedPages(request).pipe(
      Effect.provideService(Store, store),
      Effect.provideService(Subjects, subjects),
    );

  const upToDate = Effect.suspend(() => indexes.passed(tail.committedPosition()));

  const pages: Listing["Service"]["pages"] = (request) => new PageReader(request).page;

  const inLists: Listing["Service"]["inLists"] = Effect.fnUntraced(
    function* (definition, choices, { limit, cursor }, matches = () => true) {
      if (choices.length > 0) yield* upToDate;
      const source = choices.length === 0 ? byKey(definition) : inWalks(
        definition,
        choices.map((lists) =>
          anyOf(lists.map(([name, value]) => postingList(subjects.dimensionOf(name), value)))
        ),
      );
      const isCursor = isIdCursor(definition.ids.prefix);
      return yield* pages({
        ...{ source, cursor, isCursor },
        // The lists trail the documents by a moment.
        select: ({ id, document }) => matches(document.state) ? [{ id, value: document }] : [],
      })(limit);
    },
  );

  return Listing.of({
    ...{ pages, byKey, inWalks, documents, changed, anyOf, inLists, upToDate },
  });
});
