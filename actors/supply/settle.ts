/**
 * Carries out commands to documents of supply together with the orders that are promised units of it. What does
 * not fit one commit goes on in further ones: at once, or, after a crash, as the log is followed.
 */
import { Context, Effect, Layer } from "effect";
import { below } from "../../src/kernel/key.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { orders } from "../../src/order/definition.ts";
import { shelfOfOrderId } from "../../src/order/ids.ts";
import type { PromiseCommand } from "../../src/order/line-promise.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import type { AggregateDocument } from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { supplyBalance } from "../../src/supply/balance.ts";
import { settleLimits } from "../../src/supply/limits.ts";
import {
  isPending,
  type Move,
  type MovedUnits,
  type PendingLine,
  pendingUnits,
} from "../../src/supply/moves.ts";
import {
  type PeggedOrder,
  type PeggedOrders,
  planLine,
  type SupplyUnits,
} from "../../src/supply/settle-plan.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { Deciding } from "../aggregate/deciding.ts";
import type { AggregateDefinition } from "../aggregate/turns.ts";
import { Books } from "../balance/books.ts";
import {
  type Alongside,
  type CommandContext,
  type CommandFailure,
  type NotFound,
  type PreconditionFailed,
  type Refused,
} from "../command/command.ts";
import { Ledger } from "../ledger/ledger.ts";
import { Conflict } from "../ledger/unit.ts";
import { FirstCome, waitingPlaceOf } from "../order/first-come.ts";

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

/** Fences beside those of orders' shelves: of the location, of the document, and of an idempotency key. */
const otherFences = 4;

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

/** What one commit is to do beside the command. */
interface Plan {
  readonly moves: readonly Move[];
  readonly steps: readonly Alongside[];
}

/** Orders of one commit: each takes part once, and their shelves have to fit. */
class Participants {
  readonly #steps = new Map<string, Alongside>();
  readonly #shelves = new Set<number>();

  constructor(private readonly orders: number, private readonly shelves: number) {}

  get room(): number {
    return this.orders - this.#steps.size;
  }

  get steps(): readonly Alongside[] {
    return [...this.#steps.values()];
  }

  has(orderId: string): boolean {
    return this.#steps.has(orderId);
  }

  /** The first of them that fit. */
  fitting(pegged: readonly PeggedOrder[]): readonly PeggedOrder[] {
    const shelves = new Set(this.#shelves);
    const fit: PeggedOrder[] = [];
    for (const each of pegged) {
      shelves.add(shelfOfOrderId(each.orderId));
      if (shelves.size > this.shelves) break;
      fit.push(each);
    }
    return fit;
  }

  add(orderId: string, command: PromiseCommand): void {
    this.#shelves.add(shelfOfOrderId(orderId));
    this.#steps.set(orderId, { aggregate: orders, id: orderId, command });
  }
}

const makeSettling = Effect.gen(function* () {
  const store = yield* Store;
  const aggregates = yield* Aggregates;
  const deciding = yield* Deciding;
  const firstCome = yield* FirstCome;
  const ledger = yield* Ledger;
  const book = (yield* Books).bookOf(supplyBalance);
  const subjects = yield* Subjects;
  const scope = yield* Effect.scope;

  /** The units that each of these orders is promised of a supply. */
  const peggedUnits = Effect.fnUntraced(function* (
    supplyId: string,
    orderIds: readonly string[],
  ) {
    const found: PeggedOrder[] = [];
    for (const orderId of orderIds) {
      const document = yield* Effect.catchTag(
        aggregates.get(orders, orderId),
        "NotFound",
        () => Effect.succeed(null),
      );
      const quantity = (document?.state.lines ?? []).flatMap(({ promises = [] }) => promises)
        .reduce((sum, each) => each.supplyId === supplyId ? sum + each.quantity : sum, 0);
      if (quantity > 0) found.push({ orderId, quantity });
    }
    return found;
  });

  const peggedOrders = Effect.fnUntraced(function* (
    supplyId: string,
  ): Effect.fn.Return<PeggedOrders, StoreError> {
    const range = { ...below(["pegged", supplyId]), limit: settleLimits.ordersPerCommit };
    const front = yield* store.list(range);
    const first = yield* peggedUnits(
      supplyId,
      yield* firstCome.sorted(front.map(waitingPlaceOf)),
    );
    if (front.length < range.limit) return { first, last: first.toReversed(), isWhole: true };
    const back = yield* store.list({ ...range, reverse: true });
    const last = yield* firstCome.sorted(back.map(waitingPlaceOf));
    return { first, last: yield* peggedUnits(supplyId, last.toReversed()), isWhole: false };
  });

  const rowOf = Effect.fnUntraced(function* (locationId: string, supplyId: string) {
    yield* deciding.loadRows([{ balance: supplyBalance.name, space: locationId, row: supplyId }]);
    const row: SupplyUnits = book.row(locationId, supplyId) ??
      { expected: 0, reserved: 0, claimed: 0 };
    return row;
  });

  /** The orders that take part in the next commit; null where none is promised anything. */
  const planOf = Effect.fnUntraced(function* (
    after: SupplyState,
    moved: readonly MovedUnits[],
    ordersPerCommit: number,
  ): Effect.fn.Return<Plan | null, StoreError> {
    const locationId = targetOf(after);
    const participants = new Participants(ordersPerCommit, store.limits.checks - otherFences);
    const moves: Move[] = [];
    for (const line of after.lines) {
      const free = moved.find(({ lineId }) => lineId === line.id);
      // As the line is before anything of it is moved.
      const pending = {
        id: line.id,
        arriving: line.arriving + (free?.arrived ?? 0),
        cutting: line.cutting + (free?.cut ?? 0),
      };
      if (pendingUnits(pending) === 0) continue;
      const row = yield* rowOf(locationId, line.id);
      if (row.reserved === 0) continue;
      const pegged = yield* peggedOrders(line.id);
      const isBusy = [...pegged.first, ...pegged.last].some(({ orderId }) =>
        participants.has(orderId)
      );
      const plan = isBusy ? null : planLine(pending, row, {
        ...pegged,
        first: participants.fitting(pegged.first),
        last: participants.fitting(pegged.last),
      }, participants.room);
      moves.push({ lineId: line.id, quantity: plan?.moved ?? 0 });
      for (const { orderId, quantity } of plan?.arrive ?? []) {
        participants.add(orderId, { type: "arrive", supplyId: line.id, locationId, quantity });
      }
      for (const { orderId, quantity } of plan?.unpeg ?? []) {
        participants.add(orderId, { type: "unpeg", supplyId: line.id, quantity });
      }
    }
    return moves.length === 0 ? null : { moves, steps: participants.steps };
  });

  const attempt = Effect.fnUntraced(function* (
    definition: Definition,
    id: string,
    command: AggregateCommand,
    context: SettleContext,
    ordersPerCommit: number,
  ): Effect.fn.Return<AggregateDocument<SupplyState, unknown>, Failure> {
    const { state } = yield* aggregates.get(definition, id);
    const held = yield* deciding.decideAndHold(definition, state, command, context.by.id);
    held.drop();
    const { after, events } = held.decision;
    const plan = yield* planOf(after, movedIn(events), ordersPerCommit);
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
  ): Effect.fn.Return<AggregateDocument<SupplyState, unknown>, Failure> {
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
  ): Effect.fn.Return<void, Failure> {
    let version = -1;
    for (let n = 0; n < settleLimits.commits; n++) {
      const { state } = yield* once(definition, id, { type: "settle" }, { by: systemPrincipal });
      if (!isPending(state.lines) || state.version === version) return;
      version = state.version;
    }
  });

  /** Goes on by itself with what did not fit one commit. */
  const goOn = (definition: Definition, id: string, { lines }: SupplyState) =>
    !isPending(lines) ? Effect.void : Effect.asVoid(Effect.forkIn(
      Effect.catchCause(
        settle(definition, id),
        (cause) => Effect.logWarning(`Units of ${id} are moved later`, cause),
      ),
      scope,
    ));

  return SupplySettling.of({
    // The document is of the definition that was handed in, and so is what responds to it.
    command: (definition, id, command, context) =>
      Effect.tap(
        once(definition as never, id, command, context as never),
        ({ state }) => goOn(definition as never, id, state),
      ) as never,
    settle: (id) => {
      const definition = subjects.aggregateOf(id);
      return definition === null ? Effect.void : settle(definition as never, id);
    },
  });
});
