/**
 * Turns of aggregates: an actor's memory of its aggregate, read and checked, and the part that a turn adds to
 * a unit.
 */
import { Effect } from "effect";
import type { Key } from "../../src/kernel/key.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import type {
  Aggregate,
  AggregateDocument,
  DocumentCodec,
  SubjectSettings,
} from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import type { BatchReader } from "../../src/store/batch-read.ts";
import { shelfPartition } from "../../src/store/keys.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { type StoredValue, valueOf } from "../../src/store/values.ts";
import { type CommandContext, PreconditionFailed } from "../command/command.ts";
import type { UnitPart } from "../command/unit-of.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { TooLarge, type UnitRead } from "../ledger/unit.ts";
import { changeWrites, type DecidedChange } from "./change-writes.ts";

/** Facts are the definition's own matter. */
export type AggregateDefinition<
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  R extends AggregateRejection,
  P,
> = Aggregate<S, C, E, unknown, R, P>;

export interface KnownAggregate<State = AggregateState, Personal = unknown> {
  readonly stored: StoredValue<AggregateDocument<State, Personal>>;
  /** The generation of the aggregate's shelf, from before the document was read. */
  readonly generation: number;
}

/** The memory of an actor between its turns. */
export interface Slot {
  known: KnownAggregate | undefined;
}

/** The part of a unit of work that a change adds, and the document that it leaves. */
export interface ChangePart<State, Personal> {
  readonly part: UnitPart;
  readonly document: AggregateDocument<State, Personal>;
  /** Keys beside its own that the document is spread over. */
  readonly parts: number;
}

export interface TurnServices {
  readonly store: Store["Service"];
  readonly reader: BatchReader["Service"];
  readonly ledger: Ledger["Service"];
  readonly settings: SubjectSettings;
}

/** The partition in which an aggregate stands: its id names the shelf. */
const partitionOf = (definition: Pick<Aggregate, "ids">, id: string): string =>
  shelfPartition(definition.ids.shelfOf(id));

const documentIn = <State, Personal>(
  { store, reader }: TurnServices,
  definition: { readonly codec: DocumentCodec<State, Personal> },
  key: Key,
): Effect.Effect<StoredValue<AggregateDocument<State, Personal>> | null, StoreError> =>
  Effect.flatMap(reader.get(key), (entry) =>
    Effect.provideService(
      valueOf(entry, (stored) => definition.codec.unpack(stored)),
      Store,
      store,
    ));

/** The document as it is in the store; null when there is none. */
export const readDocument = <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  R extends AggregateRejection,
  P,
>(
  services: TurnServices,
  definition: AggregateDefinition<S, C, E, R, P>,
  id: string,
): Effect.Effect<StoredValue<AggregateDocument<S, P>> | null, StoreError> =>
  definition.ids.is(id)
    ? documentIn<S, P>(services, definition, definition.key(id))
    : Effect.succeed(null);

/** The aggregate of a turn, from memory where nobody else has written on its shelf; null when there is none. */
export const readTurn = Effect.fnUntraced(function* <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  R extends AggregateRejection,
  P,
>(
  services: TurnServices,
  definition: AggregateDefinition<S, C, E, R, P>,
  id: string,
  slot: Slot,
): Effect.fn.Return<KnownAggregate<S, P> | null, StoreError> {
  if (!definition.ids.is(id)) return null;
  const generation = yield* services.ledger.generation(partitionOf(definition, id));
  if (slot.known?.generation === generation) return slot.known as KnownAggregate<S, P>;
  const stored = yield* readDocument(services, definition, id);
  slot.known = stored === null ? undefined : { stored, generation };
  return stored === null ? null : { stored, generation };
});

/** The read that a unit rests on when it changes an aggregate that a turn has read. */
export const readOf = <S extends AggregateState, P>(
  definition: Pick<Aggregate, "ids" | "key">,
  { stored, generation }: KnownAggregate<S, P>,
): UnitRead => {
  const { id } = stored.value.state;
  return {
    partition: partitionOf(definition, id),
    key: definition.key(id),
    versionstamp: stored.versionstamp,
    generation,
  };
};

/** Whether a command may change this version at all. */
export const checkVersion = (
  { version }: AggregateState,
  { ifMatch }: Pick<CommandContext<unknown>, "ifMatch">,
): Effect.Effect<void, PreconditionFailed | TooLarge> => {
  const actual = String(version);
  if (ifMatch !== undefined && ifMatch !== actual) {
    return Effect.fail(new PreconditionFailed({ expected: ifMatch, actual }));
  }
  if (version < actorLimits.versions) return Effect.void;
  const detail = `It can be changed ${actorLimits.versions} times at most.`;
  return Effect.fail(new TooLarge({ detail }));
};

/** The part of a unit of work that a decided change adds; `known` is null for a new aggregate. */
export const changePart = <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  R extends AggregateRejection,
  P,
>(
  { store, settings }: TurnServices,
  definition: AggregateDefinition<S, C, E, R, P>,
  known: KnownAggregate<S, P> | null,
  change: Omit<DecidedChange<S, E, P>, "stored">,
): ChangePart<S, P> => {
  const { document, parts, writes, record, unique } = changeWrites(
    definition,
    { ...change, stored: known?.stored ?? null },
    { valueBytes: store.limits.valueBytes, settings },
  );
  return {
    document,
    parts,
    part: {
      reads: known === null ? [] : [readOf(definition, known)],
      absent: unique,
      partitions: known === null ? [partitionOf(definition, change.after.id)] : [],
      balances: change.balances,
      writes,
      records: [record],
    },
  };
};
