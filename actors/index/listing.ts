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
  type Walk,
} from "../../src/store/postings.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { valueOf } from "../../src/store/values.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { LogTail } from "../log/log-tail.ts";
import { Indexes } from "./indexes.ts";

export interface Page<A> {
  readonly data: readonly A[];
  /** The cursor of the next page; null at the end. */
  readonly nextCursor: string | null;
}

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

/** The source of a page, and how its rows are selected. */
export interface PageRequest<Document, A> {
  readonly source: PageSource<Document>;
  readonly limit: number;
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

/** Reads candidates until the page is full, or so much was looked at that a short page is better. */
const collect = Effect.fnUntraced(function* <Document, A>({
  source,
  limit,
  cursor: after = everything,
  isCursor,
  startOf = same,
  cursorOf = same,
  select,
}: PageRequest<Document, A>): Effect.fn.Return<Page<A>, StoreError> {
  if (after !== everything && !isCursor(after)) return { data: [], nextCursor: null };
  const found: { readonly id: string; readonly value: A }[] = [];
  let bound: string | null = after === everything ? everything : startOf(after);
  let scanned = 0;
  while (bound !== null) {
    const chunk: Chunk<Document> = yield* source(bound, limit + 1);
    for (const candidate of chunk.candidates) {
      for (const each of select(candidate)) if (each.id < after) found.push(each);
    }
    const last = found[limit - 1];
    if (found.length > limit && last !== undefined) {
      return { data: found.slice(0, limit).map(({ value }) => value), nextCursor: last.id };
    }
    scanned += chunk.scanned;
    bound = chunk.next;
    if (scanned >= indexLimits.documentsScannedPerPage) break;
  }
  return {
    data: found.map(({ value }) => value),
    nextCursor: bound === null ? null : cursorOf(bound),
  };
});

export class Listing extends Context.Service<Listing, {
  readonly page: <Document, A>(request: PageRequest<Document, A>) => Effect.Effect<
    Page<A>,
    StoreError
  >;
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
  readonly walkOf: (list: PostingList) => Walk;
  /** A page of the aggregates that stand in all of these lists; of all when there are none. */
  readonly inLists: <S extends AggregateState, P>(
    definition: ListedDefinition<S, P>,
    lists: readonly ListEntry[],
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

  const upToDate = Effect.suspend(() => indexes.passed(tail.committedPosition()));

  const inLists: Listing["Service"]["inLists"] = Effect.fnUntraced(
    function* (definition, lists, { limit, cursor }, matches = () => true) {
      if (lists.length > 0) yield* upToDate;
      const source = lists.length === 0 ? byKey(definition) : inWalks(
        definition,
        lists.map(([name, value]) => walkOf(postingList(subjects.dimensionOf(name), value))),
      );
      const isCursor = isIdCursor(definition.ids.prefix);
      return yield* collect({
        ...{ source, limit, cursor, isCursor },
        // The lists trail the documents by a moment.
        select: ({ id, document }) => matches(document.state) ? [{ id, value: document }] : [],
      });
    },
  );

  return Listing.of({ page: collect, byKey, inWalks, documents, walkOf, inLists, upToDate });
});
