/**
 * The actors of aggregates, of all kinds: each takes its commands one after another, decides, holds the units
 * that the decision takes, and hands a unit of work to the ledger. A unit may span several aggregates: their
 * turns are taken together, in the order of their ids.
 */
import { Clock, Context, Effect, Layer, Result } from "effect";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { Key } from "../../src/kernel/key.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import type { Aggregate, AggregateDocument } from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { shelfOf } from "../../src/store/shelves.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import {
  type Alongside,
  AlreadyThere,
  type CommandContext,
  type CommandFailure,
  NotFound,
  type PreconditionFailed,
  type Refused,
} from "../command/command.ts";
import { retryConflicts } from "../command/retry-conflicts.ts";
import { joinParts, unitOf } from "../command/unit-of.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Conflict, Overloaded, TooLarge } from "../ledger/unit.ts";
import { Beside } from "./beside.ts";
import type { DecidedChange } from "./change-writes.ts";
import { Deciding, type HeldDecision } from "./deciding.ts";
import {
  type DecidedTurn,
  decideTurns,
  dropAll,
  forgetSlots,
  settleTurns,
} from "./decided-turns.ts";
import { type Directory, makeDirectory } from "./directory.ts";
import { historyOf, type HistoryPage, type OwnEntry } from "./history.ts";
import { EngineSettings } from "./engine-settings.ts";
import { renewLinks } from "./renew-links.ts";
import {
  type AggregateDefinition,
  type ChangePart,
  changePart,
  type KnownAggregate,
  readDocument,
  readTurn,
  type Slot,
} from "./turns.ts";

/** How a new aggregate is made. */
export interface Making<State, Command, Personal, E> {
  /** A unique key of the aggregate. Two aggregates that name the same one are made on one shelf. */
  readonly reference: string;
  /** The first state, with version 0, and its personal data; or why there is none. */
  readonly make: (
    id: string,
    now: Instant,
  ) => Result.Result<{ readonly state: State; readonly personal: Personal }, E>;
  /**
   * The command that is carried out in the commit that makes the aggregate. Its first event makes the
   * aggregate.
   */
  readonly opening: Command;
}

export class Aggregates extends Context.Service<Aggregates, {
  /** Carries out a command; answers with the document as it is then. */
  readonly command: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
    P,
  >(
    definition: AggregateDefinition<S, C, E, R, P>,
    id: string,
    command: C,
    context: CommandContext<AggregateDocument<S, P>>,
  ) => Effect.Effect<
    AggregateDocument<S, P>,
    NotFound | PreconditionFailed | Refused<R> | CommandFailure
  >;
  /** Makes a new one. Fails with `AlreadyThere` where a unique key of it is taken. */
  readonly create: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
    P,
    F,
  >(
    definition: AggregateDefinition<S, C, E, R, P>,
    making: Making<S, C, P, F>,
    context: CommandContext<AggregateDocument<S, P>>,
  ) => Effect.Effect<
    AggregateDocument<S, P>,
    F | AlreadyThere | NotFound | PreconditionFailed | Refused<R> | CommandFailure
  >;
  readonly get: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
    P,
  >(
    definition: AggregateDefinition<S, C, E, R, P>,
    id: string,
  ) => Effect.Effect<AggregateDocument<S, P>, NotFound | StoreError>;
  /** Log entries of its commits, oldest first, only with its own records. */
  readonly history: (
    definition: Aggregate,
    id: string,
    page: HistoryPage,
  ) => Effect.Effect<readonly OwnEntry[], NotFound | StoreError>;
  /** Takes the turns of several aggregates at once. */
  readonly borrow: Directory<Slot>["askAll"];
  /** The aggregate of a turn; null when there is none. */
  readonly read: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
    P,
  >(
    definition: AggregateDefinition<S, C, E, R, P>,
    id: string,
    slot: Slot,
  ) => Effect.Effect<KnownAggregate<S, P> | null, StoreError>;
  /** An id of a new aggregate: after all that this process made before it on its shelf, if its clock allows. */
  readonly newId: (definition: Pick<Aggregate, "ids">, shelf: number, nowMs: number) => string;
  readonly newChange: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
    P,
  >(
    definition: AggregateDefinition<S, C, E, R, P>,
    made: NewAggregate<S, E, P>,
    by: string,
  ) => ChangePart<S, P>;
  /** The part of a unit of work that a decided change of a turn's aggregate adds. */
  readonly changeOf: <
    S extends AggregateState,
    C extends AggregateCommand,
    E extends AggregateEvent,
    R extends AggregateRejection,
    P,
  >(
    definition: AggregateDefinition<S, C, E, R, P>,
    known: KnownAggregate<S, P>,
    change: Omit<DecidedChange<S, E, P>, "stored">,
  ) => ChangePart<S, P>;
  /**
   * Decides the commands that go along with something new, in their turns, for `use` to decide that on top of
   * them, and to commit it with them. Without any, there is nothing beside it.
   */
  readonly alongside: <A, E, Services>(
    steps: readonly Alongside[] | undefined,
    by: Principal,
    use: (
      turns: readonly DecidedTurn[],
      beside: Beside | undefined,
    ) => Effect.Effect<A, E, Services>,
  ) => Effect.Effect<
    A,
    | E
    | NotFound
    | PreconditionFailed
    | Refused<AggregateRejection>
    | Conflict
    | TooLarge
    | Overloaded
    | StoreError,
    Services
  >;
  /** Actors that exist now, for metrics. */
  readonly size: () => number;
}>()("allot/Aggregates") {
  static readonly layer = Layer.effect(Aggregates, Effect.suspend(() => makeAggregates));
}

/** A new aggregate, decided and held. */
export interface NewAggregate<State, Event, Personal> {
  readonly personal: Personal;
  readonly held: HeldDecision<State, Event>;
}

const makeAggregates = Effect.gen(function* () {
  yield* renewLinks;
  const store = yield* Store;
  const subjects = yield* Subjects;
  const deciding = yield* Deciding;
  const ledger = yield* Ledger;
  const identifiers = yield* Identifiers;
  const meta = yield* StoreMeta;
  const clock = yield* Clock.Clock;
  const services = {
    ...{ store, subjects, deciding, ledger },
    reader: yield* BatchReader,
    settings: yield* EngineSettings,
  };
  const directory = makeDirectory<Slot>({
    name: "commands that wait for",
    mailbox: actorLimits.mailbox,
    initial: () => ({ known: undefined }),
  });
  /** The newest id of each kind on each shelf. */
  const lastIds = new Map<string, string>();

  const newId = ({ ids }: Pick<Aggregate, "ids">, shelf: number, nowMs: number): string => {
    const place = `${ids.prefix}${shelf}`;
    const last = lastIds.get(place);
    let id = ids.of(nowMs, shelf, identifiers.orderTail());
    // An id must tell when it was made, also after the clock was set back.
    if (last !== undefined && id <= last && ids.madeAtMs(last) - nowMs <= actorLimits.idsAheadMs) {
      id = ids.later(id, last);
    }
    lastIds.set(place, id);
    return id;
  };

  const commitTurns = Effect.fnUntraced(function* (
    turns: readonly DecidedTurn[],
    context: CommandContext<AggregateDocument<AggregateState, unknown>>,
  ) {
    const { idempotency } = context;
    const [own] = turns;
    if (own === undefined) return yield* Effect.die(new Error("A command has a turn of its own."));
    const result = own.written?.document ?? own.known.stored.value;
    const drop = dropAll(turns);
    if (idempotency === undefined && turns.every(({ written }) => written === null)) {
      drop();
      return result;
    }
    const part = joinParts(turns.map((turn) => turn.part), subjects.merge);
    const release = turns.length === 1
      ? drop
      : deciding.holdTogether(turns.map(({ held }) => held), part.balances);
    const unit = unitOf(part, context, result, { onSettled: release });
    settleTurns(turns, yield* Effect.onError(ledger.submit(unit), () => Effect.sync(release)));
    return result;
  });

  const attempt = Effect.fnUntraced(function* (
    steps: readonly Alongside[],
    slots: ReadonlyMap<string, Slot>,
    context: CommandContext<AggregateDocument<AggregateState, unknown>>,
  ) {
    const beside = steps.length > 1 ? new Beside(subjects) : undefined;
    return yield* commitTurns(yield* decideTurns(services, steps, slots, beside, context), context);
  });

  const command = (
    own: Alongside,
    context: CommandContext<AggregateDocument<AggregateState, unknown>>,
  ) => {
    const steps = context.alongside === undefined ? [own] : [own, ...context.alongside];
    return directory.askAll(
      steps.map(({ id }) => id),
      (slots) =>
        retryConflicts(
          Effect.tapError(attempt(steps, slots, context), forgetSlots(slots)),
        ),
    );
  };

  /** The part of a unit of work that a new aggregate adds. */
  const newChange: Aggregates["Service"]["newChange"] = (definition, made, by) => {
    const { personal, held } = made;
    const { after, events, balances } = held.decision;
    return changePart(services, definition, null, {
      after,
      personal,
      events,
      balances,
      now: held.moment.now,
      by,
    });
  };

  const alongside: Aggregates["Service"]["alongside"] = (steps, by, use) => {
    if (steps === undefined || steps.length === 0) return use([], undefined);
    return directory.askAll(steps.map(({ id }) => id), (slots) => {
      const beside = new Beside(subjects);
      return Effect.flatMap(
        decideTurns(services, steps, slots, beside, { by }),
        (turns) =>
          Effect.ensuring(
            Effect.onError(use(turns, beside), () => Effect.sync(dropAll(turns))),
            forgetSlots(slots)(),
          ),
      );
    });
  };

  /** Reads a new aggregate's unique keys where a commit has found one of them taken. */
  const checkUnique = Effect.fnUntraced(function* (what: string, unique: readonly Key[]) {
    const entries = yield* store.getMany(unique);
    const taken = entries.find(({ versionstamp }) => versionstamp !== null);
    if (taken !== undefined) {
      return yield* new AlreadyThere({ what, id: taken.key.slice(1).join(" ") });
    }
  });

  const createOnce = Effect.fnUntraced(
    function* <
      S extends AggregateState,
      C extends AggregateCommand,
      E extends AggregateEvent,
      R extends AggregateRejection,
      P,
      F,
    >(
      definition: AggregateDefinition<S, C, E, R, P>,
      { reference, make, opening }: Making<S, C, P, F>,
      context: CommandContext<AggregateDocument<S, P>>,
    ) {
      const nowMs = clock.currentTimeMillisUnsafe();
      const id = newId(definition, shelfOf(reference, meta.shelves), nowMs);
      const { state, personal } = yield* Effect.fromResult(make(id, instantOf(nowMs)));
      const by = context.by.id;
      let unique: readonly Key[] = [];
      const decideAndCommit = Effect.fnUntraced(function* (
        turns: readonly DecidedTurn[],
        beside: Beside | undefined,
      ) {
        const held = yield* deciding.decideAndHold(definition, state, opening, by, beside);
        const change = newChange(definition, { personal, held }, by);
        unique = change.part.absent;
        const part = joinParts([change.part, ...turns.map((turn) => turn.part)], subjects.merge);
        const drop = deciding.holdTogether(
          [held, ...turns.map((turn) => turn.held)],
          part.balances,
        );
        const unit = unitOf(part, context, change.document, { onSettled: drop });
        yield* Effect.onError(ledger.submit(unit), () => Effect.sync(drop));
        return change.document;
      });
      const result = yield* Effect.result(
        alongside(context.alongside, context.by, decideAndCommit),
      );
      if (Result.isFailure(result)) {
        const { failure } = result;
        if (failure._tag === "Conflict") yield* checkUnique(definition.name, unique);
        // Refusals of commands that go along say by their fields whose they are.
        return yield* Effect.fail(
          failure as Exclude<typeof failure, Refused<AggregateRejection>> | Refused<R>,
        );
      }
      return result.success;
    },
  );

  const get: Aggregates["Service"]["get"] = Effect.fnUntraced(function* (definition, id) {
    const stored = yield* readDocument(services, definition, id);
    return stored?.value ?? (yield* new NotFound({ what: definition.name, id }));
  });

  return Aggregates.of({
    command: (definition, id, asked, context) =>
      // The document is of the definition that was handed in, and so is what responds to it.
      command({ aggregate: definition, id, command: asked }, context as never) as never,
    create: (definition, making, context) =>
      retryConflicts(Effect.suspend(() => createOnce(definition, making, context))),
    get,
    history: (definition, id, page) => historyOf(services, definition, id, page),
    borrow: directory.askAll,
    read: (definition, id, slot) => readTurn(services, definition, id, slot),
    newId,
    newChange,
    changeOf: (definition, known, change) => changePart(services, definition, known, change),
    alongside,
    size: directory.size,
  });
});
