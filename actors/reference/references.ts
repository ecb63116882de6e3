/**
 * Reference documents of every subject: read often, changed seldom, so kept in memory. A change of another
 * process is forgotten here when its log entry arrives.
 */
import { Context, Effect, Layer, Semaphore } from "effect";
import type { Instant } from "../../src/kernel/instant.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import {
  type Described,
  idConcernedBy,
  type Reference,
  type Saved,
  type WholeReference,
} from "../../src/subject/reference.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { type CommandContext, NotFound } from "../command/command.ts";
import { retryConflicts } from "../command/retry-conflicts.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Conflict } from "../ledger/unit.ts";
import { observe } from "../log/observe.ts";
import {
  type AddFailure,
  addMissingOnce,
  addOnce,
  type Complete,
  type Removal,
  type RemoveFailure,
  removeOnce,
  type Replacement,
  replaceOnce,
  type SaveFailure,
  saveOnce,
  type SaveResult,
} from "./change.ts";
import { type Family, makeFamily, type ReferencePage } from "./family.ts";

export type { Complete, Completed, Neighbors, SaveResult } from "./change.ts";

/** The definition says which documents, and of what type. */
export class References extends Context.Service<References, {
  readonly get: <Document extends object>(
    reference: Reference<Document>,
    id: string,
  ) => Effect.Effect<Document, NotFound | StoreError>;
  /** The same, with null where there is none. */
  readonly find: <Document extends object>(
    reference: Reference<Document>,
    id: string,
  ) => Effect.Effect<Document | null, StoreError>;
  /**
   * Answers by memory alone, without an effect: undefined when memory cannot tell, null when there is none. A
   * frequent caller keeps the function that answers.
   */
  readonly known: <Document extends object>(
    reference: Reference<Document>,
  ) => (id: string) => Document | null | undefined;
  /** Every document, by id. Memory after the first call; changes of other processes come within a second. */
  readonly all: <Document extends object>(
    reference: WholeReference<Document>,
  ) => Effect.Effect<readonly Document[], StoreError>;
  /** All documents by memory alone; null where memory does not have them. */
  readonly knownAll: <Document extends object>(
    reference: WholeReference<Document>,
  ) => readonly Document[] | null;
  readonly page: <Document extends object>(
    reference: Reference<Document>,
    page: ReferencePage,
  ) => Effect.Effect<readonly Document[], StoreError>;
  /** Makes the document or its next version; an equal document is left as it is. */
  readonly save: <Document extends Saved, Refusal = never>(
    reference: Reference<Document>,
    document: Described<Document>,
    context: CommandContext<SaveResult<Document>>,
    complete?: Complete<Document, Refusal>,
  ) => Effect.Effect<SaveResult<Document>, SaveFailure | Refusal>;
  /** Makes a document that is never changed; `make` runs once for each try. */
  readonly add: <Document extends object>(
    reference: Reference<Document>,
    make: (at: Instant) => Document,
    context: CommandContext<Document>,
    options?: { readonly beyondLimit?: boolean },
  ) => Effect.Effect<Document, AddFailure>;
  /** Puts another document in the place of one that has no versions. */
  readonly replace: <Document extends object, Stays = never>(
    reference: Reference<Document>,
    id: string,
    context: CommandContext<Document>,
    replacement: Replacement<Document, Stays>,
  ) => Effect.Effect<Document, NotFound | AddFailure | Stays>;
  /** Makes documents, in one commit, of the ids that have none; `by` is the id of the author. */
  readonly addMissing: <Document extends object>(
    reference: Reference<Document>,
    ids: readonly string[],
    make: (id: string, at: Instant) => Document,
    by: string,
  ) => Effect.Effect<void, AddFailure>;
  /** Answers with the document as it was. */
  readonly remove: <Document extends object, Stays = never>(
    reference: Reference<Document>,
    id: string,
    context: CommandContext<Document>,
    removal?: Removal<Document, Stays>,
  ) => Effect.Effect<Document, RemoveFailure | Stays>;
  /** Drops a document from memory. */
  readonly forget: (reference: Reference, id: string) => void;
  /** Calls the listener when a document was dropped from memory; null stands for all of them. */
  readonly onForget: (reference: Reference, listener: (id: string | null) => void) => void;
}>()("allot/References") {
  static readonly layer = Layer.effect(
    References,
    Effect.suspend(() => makeReferences),
  );
}

/** Families by the kind of their records: a record of any other kind costs one look. */
const byRecordKind = (
  families: Iterable<Family<object>>,
): ReadonlyMap<string, readonly Family<object>[]> =>
  Map.groupBy(families, ({ definition }) => definition.records.kind);

const forgetter = (families: Iterable<Family<object>>) => {
  const kinds = byRecordKind(families);
  return (record: LogRecord): void => {
    for (const family of kinds.get(record.kind) ?? []) {
      const id = idConcernedBy(family.definition, record);
      if (id !== null) family.forget(id);
    }
  };
};

/** One turn for each fence, by the name of its partition. */
const makeTurns = (
  references: Iterable<Reference>,
): ReadonlyMap<string, Semaphore.Semaphore> =>
  new Map([...references].map(({ partition }) => [partition, Semaphore.makeUnsafe(1)]));

const makeReferences = Effect.gen(function* () {
  const store = yield* Store;
  const reader = yield* BatchReader;
  const ledger = yield* Ledger;
  const subjects = yield* Subjects;
  const { references } = subjects;
  const changing = { store, ledger, subjects };
  const turns = makeTurns(references.values());
  const families = new Map<string, Family<object>>();
  for (const [name, definition] of references) {
    families.set(name, makeFamily(definition, { store, reader }));
  }

  const familyOf = <Document extends object>(
    reference: Reference<Document>,
  ): Family<Document> => {
    const family = families.get(reference.name);
    if (family === undefined || family.definition !== reference) {
      throw new TypeError(`No subject of this engine defines the reference ${reference.name}.`);
    }
    return family as Family<object> as Family<Document>;
  };

  /** Fences tell processes apart, not fibers: behind each, this process makes one change at a time. */
  const changed = <Document extends object, A, E>(
    reference: Reference<Document>,
    change: Effect.Effect<A, E | Conflict>,
    idsOf: (result: A) => readonly string[],
  ): Effect.Effect<A, E | Conflict> => {
    const family = familyOf(reference);
    const tried = Effect.tap(
      retryConflicts(change),
      (result) => Effect.sync(() => idsOf(result).forEach((id) => family.forget(id))),
    );
    return turns.get(reference.partition)?.withPermit(tried) ?? tried;
  };

  yield* observe("references", forgetter(families.values()), () => {
    for (const family of families.values()) family.forget(null);
  });

  return References.of({
    get: (reference, id) =>
      Effect.flatMap(
        familyOf(reference).find(id),
        (document) =>
          document === null
            ? Effect.fail(new NotFound({ what: reference.name, id }))
            : Effect.succeed(document),
      ),
    find: (reference, id) => familyOf(reference).find(id),
    known: (reference) => familyOf(reference).known,
    all: (reference) => familyOf(reference).all,
    knownAll: (reference) => familyOf(reference).knownAll(),
    page: (reference, page) => familyOf(reference).page(page),
    save: (reference, document, context, complete) =>
      changed(
        reference,
        saveOnce(changing, reference, document, context, complete),
        () => [reference.idOf(document)],
      ),
    add: (reference, make, context, options) =>
      changed(
        reference,
        addOnce(changing, reference, make, context, options),
        (document) => [reference.idOf(document)],
      ),
    replace: (reference, id, context, replacement) =>
      changed(reference, replaceOnce(changing, reference, id, context, replacement), () => [id]),
    addMissing: (reference, ids, make, by) =>
      changed(reference, addMissingOnce(changing, reference, ids, make, by), () => ids),
    remove: (reference, id, context, removal) =>
      changed(reference, removeOnce(changing, reference, id, context, removal), () => [id]),
    forget: (reference, id) => familyOf(reference).forget(id),
    onForget: (reference, listener) => familyOf(reference).onForget(listener),
  });
});
