/**
 * Carries out commands to documents of supply together with the orders that are promised units of it. What does
 * not fit one commit goes on in further ones: at once, or, after a crash, as the log is followed.
 */
import { Context, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { Store } from "../../src/store/store.ts";
import type { AggregateDocument } from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { settleLimits } from "../../src/supply/limits.ts";
import { isPending, type Move, type MovedUnits, type PendingLine } from "../../src/supply/moves.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { Deciding } from "../aggregate/deciding.ts";
import type { AggregateDefinition } from "../aggregate/turns.ts";
import type { Books } from "../balance/books.ts";
import {
  type CommandContext,
  type CommandFailure,
  type NotFound,
  type PreconditionFailed,
  type Refused,
} from "../command/command.ts";
import { Ledger } from "../ledger/ledger.ts";
import { Conflict } from "../ledger/unit.ts";
import type { FirstCome } from "./first-come.ts";
import { planOf } from "./settle-plan.ts";

/** A document of supply, as all kinds of them are. */
interface SupplyState extends AggregateState {
  readonly lines: readonly PendingLine[];
}

/** A purchase order names its location, a transfer both of its ends. */
interface Target {
  readonly locationId: string;
  readonly to: string;
}

/** The kind of a document, as all of them are handled. */
type Definition = AggregateDefinition<
  SupplyState,
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  unknown
>;

type SettleContext = CommandContext<AggregateDocument<SupplyState, unknown>>;
type Failure = NotFound | PreconditionFailed | Refused<AggregateRejection> | CommandFailure;

export class SupplySettling extends Context.Service<SupplySettling, {
  /** Carries out a command to a document of supply, with the orders that it concerns. */
  readonly command: Aggregates["Service"]["command"];
  /** Moves what is left to be moved of a document, in as many commits as that takes. */
  readonly settle: (id: string) => Effect.Effect<void, Failure>;
}>()("allot/SupplySettling") {
  static readonly layer = Layer.effect(SupplySettling, Effect.suspend(() => makeSettling));
}

/** Where the units of a document are expected. */
const targetOf = (state: SupplyState): string => {
  const { locationId, to = "" } = state as SupplyState & Partial<Target>;
  return locationId ?? to;
};

/** Documents say in an event which units have left their rows. */
const movedIn = (events: readonly AggregateEvent[]): readonly MovedUnits[] =>
  events.flatMap((event) =>
    event.type.endsWith(".moved")
      ? (event as unknown as { readonly lines: readonly MovedUnits[] }).lines
      : []
  );

const withMoves = (command: AggregateCommand, moves: readonly Move[]): AggregateCommand => {
  const moving: AggregateCommand & { readonly moves: readonly Move[] } = { ...command, moves };
  return moving;
};

type Services = Store | Aggregates | Deciding | Books | FirstCome | Ledger;

const attempt = Effect.fnUntraced(function* (
  definition: Definition,
  id: string,
  command: AggregateCommand,
  context: SettleContext,
  ordersPerCommit: number,
): Effect.fn.Return<AggregateDocument<SupplyState, unknown>, Failure, Services> {
  const aggregates = yield* Aggregates;
  const deciding = yield* Deciding;
  const store = yield* Store;
  const ledger = yield* Ledger;
  const { state } = yield* aggregates.get(definition, id);
  const held = yield* deciding.decideAndHold(definition, state, command, context.by.id);
  held.drop();
  const { after, events } = held.decision;
  const moved = movedIn(events);
  // Another process may have given back, or promised, what this one still takes for promised, or free.
  if (store.shared && (moved.length > 0 || isPending(after.lines))) yield* ledger.refreshBalances;
  const plan = yield* planOf(after.lines, moved, targetOf(after), ordersPerCommit);
  if (plan === null) return yield* aggregates.command(definition, id, command, context);
  return yield* aggregates.command(
    definition,
    id,
    withMoves(command, plan.moves),
    { ...context, alongside: [...context.alongside ?? [], ...plan.steps] },
  );
});

/** Whether another plan may do what this one could not. */
const isStale = (failure: Failure): boolean =>
  failure._tag === "Conflict" || failure._tag === "TooLarge" ||
  failure._tag === "Refused" && failure.rejection._tag === "StaleMoves";

const once = Effect.fnUntraced(function* (
  definition: Definition,
  id: string,
  command: AggregateCommand,
  context: SettleContext,
): Effect.fn.Return<AggregateDocument<SupplyState, unknown>, Failure, Services> {
  const store = yield* Store;
  const ledger = yield* Ledger;
  let room: number = settleLimits.ordersPerCommit;
  for (let tries = 1; tries < settleLimits.tries; tries++) {
    const result = yield* Effect.result(attempt(definition, id, command, context, room));
    if (result._tag === "Success") return result.success;
    if (!isStale(result.failure)) return yield* Effect.fail(result.failure);
    if (result.failure._tag === "TooLarge") room = Math.max(1, Math.floor(room / 2));
    else if (store.shared) yield* ledger.refreshBalances;
  }
  return yield* new Conflict({ detail: `What ${id} is promised to keeps being changed.` });
});

const settle = Effect.fnUntraced(function* (
  definition: Definition,
  id: string,
): Effect.fn.Return<void, Failure, Services> {
  let version = -1;
  for (let n = 0; n < settleLimits.commits; n++) {
    const { state } = yield* once(definition, id, { type: "settle" }, { by: systemPrincipal });
    if (!isPending(state.lines) || state.version === version) return;
    version = state.version;
  }
});

const makeSettling = Effect.gen(function* () {
  const services = yield* Effect.context<Services>();
  const subjects = yield* Subjects;
  const scope = yield* Effect.scope;

  /** Goes on by itself with what did not fit one commit. */
  const goOn = (definition: Definition, id: string, { lines }: SupplyState) =>
    !isPending(lines) ? Effect.void : Effect.asVoid(Effect.forkIn(
      Effect.catchCause(
        Effect.provideContext(settle(definition, id), services),
        (cause) => Effect.logWarning(`Units of ${id} are moved later`, cause),
      ),
      scope,
    ));

  return SupplySettling.of({
    // The document is of the definition that was handed in, and so is what responds to it.
    command: (definition, id, command, context) =>
      Effect.tap(
        Effect.provideContext(
          once(definition as never, id, command, context as never),
          services,
        ),
        ({ state }) => goOn(definition as never, id, state),
      ) as never,
    settle: (id) => {
      const definition = subjects.aggregateOf(id);
      return definition === null
        ? Effect.void
        : Effect.provideContext(settle(definition as never, id), services);
    },
  });
});
