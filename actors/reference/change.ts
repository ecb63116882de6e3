/**
 * Changes of reference documents, each as one unit of work: the document is read, the new one is made of it,
 * and the commit stands only if nobody else has changed it meanwhile.
 */
import { digestOf } from "../../src/kernel/hash.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import { Clock, Effect, Equal } from "effect";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import { below, type Key, keyText } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import type { Entry, Mutation, Store, StoreError } from "../../src/store/store.ts";
import { encodeJson, packValue, unpackValue } from "../../src/store/values.ts";
import { type KeyLink, linkChanges } from "../../src/subject/link.ts";
import { laneOf, placeOfChange } from "../../src/outbound/place.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import {
  type Described,
  recordOfChange,
  type Reference,
  type ReferenceChange,
  type Saved,
} from "../../src/subject/reference.ts";
import {
  AlreadyThere,
  type CommandContext,
  type CommandFailure,
  LimitReached,
  NotFound,
  PreconditionFailed,
} from "../command/command.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { UnitRead } from "../ledger/unit.ts";

export interface SaveResult<Document> {
  readonly created: boolean;
  readonly value: Document;
}

export type AddFailure = AlreadyThere | LimitReached | CommandFailure;
export type SaveFailure = PreconditionFailed | AddFailure;
export type RemoveFailure = NotFound | PreconditionFailed | CommandFailure;

export interface Changing {
  readonly store: Store["Service"];
  readonly ledger: Ledger["Service"];
  readonly subjects: Pick<SubjectList, "outboxesOf">;
}

/** One document of a unit of work. */
interface Changed<Document extends object> {
  readonly id: string;
  readonly before: Document | null;
  /** Null: it is removed. */
  readonly after: Document | null;
  /** Keys by which it is found from now on, and no longer. */
  readonly added: readonly KeyLink[];
  readonly removed: readonly KeyLink[];
}

const changeOf = <Document extends object>(
  reference: Reference<Document>,
  id: string,
  before: Document | null,
  after: Document | null,
): Changed<Document> => ({
  id,
  before,
  after,
  ...linkChanges(
    before === null ? [] : reference.linksOf(before),
    after === null ? [] : reference.linksOf(after),
  ),
});

const readOf =
  ({ partition }: Reference, generation: number) => ({ key, versionstamp }: Entry): UnitRead => ({
    partition,
    key,
    versionstamp,
    generation,
  });

/** A document's key as it stands now, and the generation of its fence from before. */
const look = Effect.fnUntraced(function* <Document extends object>(
  { store, ledger }: Changing,
  reference: Reference<Document>,
  ids: readonly string[],
) {
  const generation = yield* ledger.generation(reference.partition);
  const entries = yield* store.getMany(ids.map((id) => reference.key(id)));
  return {
    generation,
    reads: entries.map(readOf(reference, generation)),
    documents: entries.map(({ value }) => value === null ? null : unpackValue<Document>(value)),
  };
});

/**
 * The reads of a unit that adds documents: there must be room for them. No key says how many documents there
 * are, so the unit rests on the fence: a write of another process behind it since the count is a conflict.
 */
const roomFor = Effect.fnUntraced(function* (
  { store }: Changing,
  reference: Reference,
  added: number,
  generation: number,
): Effect.fn.Return<readonly UnitRead[], LimitReached | StoreError> {
  const { limit, family, partition, plural } = reference;
  if (limit === null || added === 0) return [];
  const fence = yield* store.get(keys.fence(partition));
  const there = yield* store.list({ ...below([family]), limit });
  if (there.length + added > limit) return yield* new LimitReached({ what: plural, limit });
  return [readOf(reference, generation)(fence)];
});

/** The reads of a unit that adds links: nobody else may have the unique ones. */
const freeLinks = Effect.fnUntraced(function* (
  { store }: Changing,
  reference: Reference,
  documents: readonly Pick<Changed<object>, "id" | "added">[],
  generation: number,
): Effect.fn.Return<readonly UnitRead[], AlreadyThere | StoreError> {
  const wanted = documents.flatMap(({ id, added }) =>
    added.filter(({ unique }) => unique).map(({ key }) => ({ id, key, text: keyText(key) }))
  );
  const entries = yield* store.getMany(wanted.map(({ key }) => key));
  const seen = new Set<string>();
  for (const [index, { id, text }] of wanted.entries()) {
    if (entries[index]?.value !== null || seen.has(text)) {
      return yield* new AlreadyThere({ what: reference.name, id });
    }
    seen.add(text);
  }
  return entries.map(readOf(reference, generation));
});

const write = (key: Key, value: Uint8Array | null): Mutation =>
  value === null ? { type: "delete", key } : { type: "set", key, value };

/** A lane of the document begins where the document does: in the log, at this very commit. */
const lanesBegun = (
  { subjects }: Changing,
  reference: Reference,
  { id, before, after }: Changed<object>,
): readonly Mutation[] =>
  subjects.outboxesOf(reference).flatMap((outbox) => {
    const place = placeOfChange(outbox, before as Saved | null, after as Saved | null);
    return place === null ? [] : [write(keys.cursor(laneOf(outbox, id)), encodeJson(place))];
  });

const writesOf = (
  changing: Changing,
  reference: Reference,
  changed: Changed<object>,
): readonly Mutation[] => {
  const { id, after, added, removed } = changed;
  return [
    write(reference.key(id), after === null ? null : packValue(after)),
    ...removed.map(({ key }) => write(key, null)),
    ...added.map(({ key, value }) => write(key, encodeJson(value))),
    ...lanesBegun(changing, reference, changed),
  ];
};

/** The author of a request, and the request's right to leave its answer. */
interface Requester<Result> extends Pick<CommandContext<Result>, "idempotency"> {
  readonly by: string;
}

const requesterOf = <Result>({ by, idempotency }: CommandContext<Result>): Requester<Result> => ({
  by: by.id,
  idempotency,
});

interface ReferenceCommit<Document extends object> {
  readonly change: ReferenceChange;
  readonly documents: readonly Changed<Document>[];
  readonly reads: readonly UnitRead[];
  readonly at: Instant;
  /** Further writes. */
  readonly leaves?: readonly Mutation[];
}

/** Commits the documents, with the answer to the request that asked for them. */
const submit = <Document extends object, Result>(
  changing: Changing,
  reference: Reference<Document>,
  { change, documents, reads, at, leaves = [] }: ReferenceCommit<Document>,
  { by, idempotency }: Requester<Result>,
  result: Result,
): Effect.Effect<void, CommandFailure> =>
  documents.length === 0 && idempotency === undefined
    ? Effect.void
    : Effect.asVoid(changing.ledger.submit({
      reads: idempotency === undefined ? reads : [...reads, idempotency.claim.read],
      partitions: [],
      balances: noDeltas,
      writes: [
        ...documents.flatMap((changed) => writesOf(changing, reference, changed)),
        ...leaves,
        ...(idempotency === undefined ? [] : idempotency.claim.write(idempotency.respond(result))),
      ],
      records: documents.map(({ id, before, after }) => {
        const type = change === "saved" && after !== null
          ? reference.savedAs(before, after)
          : reference.records[change];
        return recordOfChange(reference, type, id, at, by, after === null ? null : digestOf(after));
      }),
    }));

/** Commits documents that are new or have other links than before. */
const submitNew = Effect.fnUntraced(function* <Document extends object, Result>(
  changing: Changing,
  reference: Reference<Document>,
  { beyondLimit = false, generation, ...commit }: ReferenceCommit<Document> & {
    readonly generation: number;
    readonly beyondLimit?: boolean;
  },
  asked: Requester<Result>,
  result: Result,
): Effect.fn.Return<void, AddFailure> {
  const { documents } = commit;
  const added = documents.filter(({ before }) => before === null).length;
  const room = beyondLimit ? [] : yield* roomFor(changing, reference, added, generation);
  const free = yield* freeLinks(changing, reference, documents, generation);
  const reads = [...commit.reads, ...room, ...free];
  yield* submit(changing, reference, { ...commit, reads }, asked, result);
});

/** Compares documents as they are stored: documents that JSON does not tell apart are equal. */
const isSame = (left: unknown, right: unknown): boolean =>
  Equal.equals(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right)));

/** The version after `existing`, or `existing` itself when nothing differs. */
const nextVersion = <Document extends Saved>(
  described: Described<Document>,
  existing: Document | null,
  now: Instant,
): Document => {
  const first = { createdAt: now, updatedAt: now, version: 1 };
  if (existing === null) return { ...described, ...first } as unknown as Document;
  const { createdAt, updatedAt, version } = existing;
  return isSame({ ...described, createdAt, updatedAt, version }, existing)
    ? existing
    : { ...described, createdAt, updatedAt: now, version: version + 1 } as unknown as Document;
};

const versionOf = (document: object | null): string =>
  document !== null && "version" in document ? String(document.version) : "nothing";

const requireVersion = (
  expected: string | undefined,
  existing: object | null,
): Effect.Effect<void, PreconditionFailed> => {
  const actual = versionOf(existing);
  return expected === undefined || expected === actual
    ? Effect.void
    : Effect.fail(new PreconditionFailed({ expected, actual }));
};

/** Other documents of the reference, which are still so when the save that looks at them is committed. */
export interface Neighbors<Document extends Saved> {
  readonly find: (ids: readonly string[]) => Effect.Effect<readonly Document[], StoreError>;
  /** The last words of links' keys below a key. */
  readonly linked: (below: Key, limit: number) => Effect.Effect<readonly string[], StoreError>;
}

/** A document as it is to be saved, and others that change with it. */
export interface Completed<Document extends Saved> {
  readonly document: Described<Document>;
  readonly others: readonly Described<Document>[];
}

/** Completes a document that is to be saved, or refuses it. Who asks for the neighbors rests on them. */
export type Complete<Document extends Saved, Refusal> = (
  described: Described<Document>,
  before: Document | null,
  neighbors: Effect.Effect<Neighbors<Document>, StoreError>,
) => Effect.Effect<Completed<Document>, Refusal | StoreError>;

/** The neighbors of a save, and the read of their fence for the unit that rests on them. */
const neighborsFor = <Document extends Saved>(
  { store }: Changing,
  reference: Reference<Document>,
  generation: number,
  reads: UnitRead[],
): Effect.Effect<Neighbors<Document>, StoreError> =>
  Effect.map(store.get(keys.fence(reference.partition)), (fence) => {
    reads.push(readOf(reference, generation)(fence));
    return {
      find: (ids) =>
        Effect.map(
          store.getMany(ids.map((id) => reference.key(id))),
          (entries) =>
            entries.flatMap(({ value }) => value === null ? [] : [unpackValue<Document>(value)]),
        ),
      linked: (key, limit) =>
        Effect.map(
          store.list({ ...below(key), limit }),
          (entries) => entries.map((entry) => String(entry.key.at(-1))),
        ),
    };
  });

/** Makes the document, or its next version; an equal document writes nothing. */
export const saveOnce = Effect.fnUntraced(function* <Document extends Saved, Refusal = never>(
  changing: Changing,
  reference: Reference<Document>,
  described: Described<Document>,
  context: CommandContext<SaveResult<Document>>,
  complete?: Complete<Document, Refusal>,
): Effect.fn.Return<SaveResult<Document>, SaveFailure | Refusal> {
  const id = reference.idOf(described);
  const { generation, reads, documents: [before = null] } = yield* look(changing, reference, [id]);
  const at = instantOf(yield* Clock.currentTimeMillis);
  yield* requireVersion(context.ifMatch, before);
  const rests = [...reads];
  const neighbors = neighborsFor(changing, reference, generation, rests);
  const { document, others } = complete === undefined
    ? { document: described, others: [] }
    : yield* complete(described, before, neighbors);
  const after = nextVersion(document, before, at);
  const result = { created: before === null, value: after };
  const documents = after === before ? [] : [changeOf(reference, id, before, after)];
  if (others.length > 0) {
    const there = yield* look(changing, reference, others.map(reference.idOf));
    for (const [n, other] of others.entries()) {
      const was = there.documents[n] ?? null;
      const becomes = nextVersion(other, was, at);
      if (becomes !== was) {
        documents.push(changeOf(reference, reference.idOf(other), was, becomes));
      }
    }
  }
  yield* submitNew(
    changing,
    reference,
    { change: "saved", documents, reads: rests, generation, at },
    requesterOf(context),
    result,
  );
  return result;
});

/** Makes a document that is never changed. */
export const addOnce = Effect.fnUntraced(function* <Document extends object>(
  changing: Changing,
  reference: Reference<Document>,
  make: (at: Instant) => Document,
  context: CommandContext<Document>,
  { beyondLimit = false }: { readonly beyondLimit?: boolean } = {},
): Effect.fn.Return<Document, AddFailure> {
  const at = instantOf(yield* Clock.currentTimeMillis);
  const after = make(at);
  const id = reference.idOf(after);
  const { generation, reads, documents: [before = null] } = yield* look(changing, reference, [id]);
  if (before !== null) return yield* new AlreadyThere({ what: reference.name, id });
  const documents = [changeOf(reference, id, null, after)];
  yield* submitNew(
    changing,
    reference,
    { change: "added", documents, reads, generation, at, beyondLimit },
    requesterOf(context),
    after,
  );
  return after;
});

/** Another document in the place of one that has no versions. */
export interface Replacement<Document extends object, Stays> {
  readonly make: (before: Document, at: Instant) => Document;
  /** As that of a removal. */
  readonly check: (before: Document, after: Document) => Effect.Effect<void, Stays | StoreError>;
}

/** Puts another document in the place of one that has no versions; an equal one writes nothing. */
export const replaceOnce = Effect.fnUntraced(function* <Document extends object, Stays = never>(
  changing: Changing,
  reference: Reference<Document>,
  id: string,
  context: CommandContext<Document>,
  { make, check }: Replacement<Document, Stays>,
): Effect.fn.Return<Document, NotFound | AddFailure | Stays> {
  const { generation, reads, documents: [before = null] } = yield* look(changing, reference, [id]);
  if (before === null) return yield* new NotFound({ what: reference.name, id });
  const at = instantOf(yield* Clock.currentTimeMillis);
  const fence = yield* changing.store.get(keys.fence(reference.partition));
  const after = make(before, at);
  yield* check(before, after);
  const documents = isSame(before, after) ? [] : [changeOf(reference, id, before, after)];
  yield* submitNew(
    changing,
    reference,
    {
      ...{ change: "saved", documents, generation, at },
      reads: [...reads, readOf(reference, generation)(fence)],
    },
    requesterOf(context),
    after,
  );
  return after;
});

/** Makes documents, in one commit, of the ids that have none. */
export const addMissingOnce = Effect.fnUntraced(function* <Document extends object>(
  changing: Changing,
  reference: Reference<Document>,
  ids: readonly string[],
  make: (id: string, at: Instant) => Document,
  by: string,
): Effect.fn.Return<void, AddFailure> {
  const { generation, reads, documents } = yield* look(changing, reference, ids);
  const at = instantOf(yield* Clock.currentTimeMillis);
  const isMissing = (_: unknown, index: number) => documents[index] === null;
  yield* submitNew(
    changing,
    reference,
    {
      change: "added",
      documents: ids.filter(isMissing).map((id) => changeOf(reference, id, null, make(id, at))),
      reads: reads.filter(isMissing),
      generation,
      at,
    },
    { by },
    undefined,
  );
});

/** The condition of a removal, and its writes beside the document. */
export interface Removal<Document extends object, Stays> {
  /**
   * Fails when the document must stay. The other documents that it reads are still so when this is committed:
   * the unit rests on their fence.
   */
  readonly check: (document: Document) => Effect.Effect<void, Stays | StoreError>;
  /** Writes that take the document's place. */
  readonly leaves: (document: Document) => readonly Mutation[];
}

/** Removes the document and the keys by which it is found; answers with the document as it was. */
export const removeOnce = Effect.fnUntraced(function* <Document extends object, Stays = never>(
  changing: Changing,
  reference: Reference<Document>,
  id: string,
  context: CommandContext<Document>,
  removal?: Removal<Document, Stays>,
): Effect.fn.Return<Document, RemoveFailure | Stays> {
  const { generation, reads, documents: [before = null] } = yield* look(changing, reference, [id]);
  if (before === null) return yield* new NotFound({ what: reference.name, id });
  yield* requireVersion(context.ifMatch, before);
  const rests = [...reads];
  if (removal !== undefined) {
    const fence = yield* changing.store.get(keys.fence(reference.partition));
    yield* removal.check(before);
    rests.push(readOf(reference, generation)(fence));
  }
  const at = instantOf(yield* Clock.currentTimeMillis);
  const documents = [changeOf(reference, id, before, null)];
  const leaves = removal?.leaves(before) ?? [];
  yield* submit(
    changing,
    reference,
    { change: "removed", documents, reads: rests, at, leaves },
    requesterOf(context),
    before,
  );
  return before;
});
