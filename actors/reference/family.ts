/** The documents of one reference, as this process reads them: from memory, else from the store. */
import { Effect } from "effect";
import { below } from "../../src/kernel/key.ts";
import type { BatchReader } from "../../src/store/batch-read.ts";
import { isAfter } from "../../src/store/keys.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { unpackValue } from "../../src/store/values.ts";
import type { Reference } from "../../src/subject/reference.ts";
import { makeMemory } from "./memory.ts";

/** Documents in the order of the store, after an id. */
export interface ReferencePage {
  readonly after: string | null;
  readonly limit: number;
}

export interface Family<Document extends object> {
  readonly definition: Reference<Document>;
  /**
   * The document by memory alone, without an effect: undefined when memory cannot tell, null when there is
   * none.
   */
  readonly known: (id: string) => Document | null | undefined;
  readonly find: (id: string) => Effect.Effect<Document | null, StoreError>;
  /** Everything, where memory has everything. */
  readonly knownAll: () => readonly Document[] | null;
  readonly all: Effect.Effect<readonly Document[], StoreError>;
  readonly page: (page: ReferencePage) => Effect.Effect<readonly Document[], StoreError>;
  /** Drops a document from memory, and the result of a read under way. Null: all documents. */
  readonly forget: (id: string | null) => void;
  /** Called after each `forget`. */
  readonly onForget: (listener: (id: string | null) => void) => void;
}

interface ReadingServices {
  readonly store: Store["Service"];
  readonly reader: BatchReader["Service"];
}

const readPage = <Document extends object>(
  store: Store["Service"],
  { family }: Reference<Document>,
  { after, limit }: ReferencePage,
): Effect.Effect<readonly Document[], StoreError> => {
  const range = below([family]);
  return Effect.map(
    store.list({
      // The first text after a text is the same with a zero character behind it.
      start: after === null ? range.start : [family, `${after}\u0000`],
      end: range.end,
      limit,
    }),
    (entries) =>
      entries.flatMap(({ value }) => value === null ? [] : [unpackValue<Document>(value)]),
  );
};

/** Keeps the documents in use, each by itself. */
const makeRecent = <Document extends object>(
  definition: Reference<Document>,
  capacity: number,
  { store, reader }: ReadingServices,
) => {
  const memory = makeMemory<Document | null>({
    capacity,
    load: (id) =>
      Effect.map(
        reader.get(definition.key(id)),
        ({ value }) => value === null ? null : unpackValue<Document>(value),
      ),
  });
  return {
    known: memory.known,
    find: memory.get,
    knownAll: () => null,
    all: Effect.die(new Error(`Not all ${definition.plural} are in memory.`)),
    page: (page: ReferencePage) => readPage(store, definition, page),
    forget: (id: string | null) => id === null ? memory.forgetAll() : memory.forget(id),
  };
};

interface Whole<Document> {
  readonly list: readonly Document[];
  readonly byId: ReadonlyMap<string, Document>;
}

/** Under this name stands the whole, which is read and forgotten as one. */
const theWhole = "all";
/** A memory drops its older half when the younger one is full: this one has room in the younger. */
const capacityOfWhole = 4;

const makeWhole = <Document extends object>(
  definition: Reference<Document>,
  limit: number,
  { store }: ReadingServices,
) => {
  const memory = makeMemory<Whole<Document>>({
    capacity: capacityOfWhole,
    load: () =>
      Effect.map(readPage(store, definition, { after: null, limit }), (list) => ({
        list,
        byId: new Map(list.map((document) => [definition.idOf(document), document])),
      })),
  });
  const whole = memory.get(theWhole);
  return {
    known: (id: string) => {
      const known = memory.known(theWhole);
      return known === undefined ? undefined : known.byId.get(id) ?? null;
    },
    find: (id: string) => Effect.map(whole, ({ byId }) => byId.get(id) ?? null),
    knownAll: () => memory.known(theWhole)?.list ?? null,
    all: Effect.map(whole, ({ list }) => list),
    page: ({ after, limit }: ReferencePage) =>
      Effect.map(whole, ({ list }) => {
        const from = after === null
          ? 0
          : list.findIndex((document) => isAfter(definition.idOf(document), after));
        return from < 0 ? [] : list.slice(from, from + limit);
      }),
    forget: () => memory.forgetAll(),
  };
};

export const makeFamily = <Document extends object>(
  definition: Reference<Document>,
  reading: ReadingServices,
): Family<Document> => {
  const { memory, limit } = definition;
  if (memory.type === "all" && limit === null) {
    throw new TypeError(`Memory cannot have all ${definition.plural} without a limit of them.`);
  }
  const family = memory.type === "all"
    ? makeWhole(definition, limit ?? 0, reading)
    : makeRecent(definition, memory.capacity, reading);
  const listeners: ((id: string | null) => void)[] = [];
  return {
    ...family,
    definition,
    forget: (id) => {
      family.forget(id);
      for (const listener of listeners) listener(id);
    },
    onForget: (listener) => void listeners.push(listener),
  };
};
