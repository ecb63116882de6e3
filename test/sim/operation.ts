/** What clients ask of the engine, and what they learn. */
import { Cause, Effect, type Exit, Option } from "effect";
import { completeItem } from "../../actors/catalog/kits.ts";
import { References, type SaveResult } from "../../actors/reference/references.ts";
import { items, locations } from "../../src/catalog/references.ts";
import type { Alongside, CommandContext, CommandFailure } from "../../actors/command/command.ts";
import type { EngineServices } from "../../actors/engine.ts";
import {
  Idempotency,
  type IdempotencyInFlight,
  type IdempotencyMismatch,
} from "../../actors/command/idempotency.ts";
import {
  type Adjustment,
  type Count,
  Inventory,
  type SafetyStock,
  type StockLevel,
  type StockMove,
} from "../../actors/stock/inventory.ts";
import { Aggregates, type Making } from "../../actors/aggregate/aggregates.ts";
import { Orders, type Placed } from "../../actors/order/orders.ts";
import { SupplySettling } from "../../actors/order/settling.ts";
import { Reservations, type Reserved } from "../../actors/reservation/reservations.ts";
import type { ReserveRequest } from "../../src/reservation/request.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { Item, Location } from "../../src/catalog/catalog.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import type { Aggregate, AggregateDocument } from "../../src/subject/aggregate.ts";
import type { Reference, Saved } from "../../src/subject/reference.ts";
import type { AggregateCommand, AggregateState } from "../../src/subject/state.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { purchaseOrders } from "../../src/supply/purchase-order-definition.ts";
import { transfers } from "../../src/supply/transfer-definition.ts";

type Described<A> = Omit<A, "createdAt" | "updatedAt" | "version">;

export type Request =
  | {
    readonly type: "place";
    readonly order: PlaceOrderRequest;
    readonly alongside?: readonly Alongside[];
  }
  | { readonly type: "command"; readonly orderId: string; readonly command: OrderCommand }
  | { readonly type: "adjust"; readonly adjustment: Adjustment }
  | { readonly type: "move"; readonly move: StockMove }
  | { readonly type: "count"; readonly count: Count }
  | { readonly type: "safety stock"; readonly levels: SafetyStock }
  | { readonly type: "save location"; readonly location: Described<Location> }
  | { readonly type: "save item"; readonly item: Described<Item> }
  | { readonly type: "get"; readonly orderId: string }
  /** The same for subjects of any kind. */
  | { readonly type: "save"; readonly reference: Reference; readonly document: object }
  | {
    readonly type: "make";
    readonly aggregate: Aggregate;
    readonly making: Making<AggregateState, AggregateCommand, unknown, never>;
  }
  | ({
    readonly type: "ask";
    /** It may find nothing to do. */
    readonly mayDoNothing?: boolean;
  } & Alongside)
  /** Keeps units for a cart, which may have some already. */
  | { readonly type: "reserve"; readonly request: ReserveRequest };

/** An aggregate as a client is shown it: by the engine itself as it is, over HTTP as a view of it. */
export type Shown = Pick<AggregateState, "id" | "version">;

/** A definite answer. */
export type Answer<S extends Shown = AggregateState> =
  | { readonly type: "state"; readonly created: boolean | null; readonly state: S }
  | { readonly type: "levels"; readonly levels: readonly StockLevel[] }
  | { readonly type: "saved"; readonly version: number }
  | { readonly type: "refused"; readonly tag: string; readonly reason: unknown };

export type Outcome<S extends Shown = AggregateState> =
  | { readonly type: "answered"; readonly answer: Answer<S>; readonly replayed: boolean }
  /** Nothing was done, or nobody can say: ask again. */
  | { readonly type: "again"; readonly tag: string }
  /** No answer came. */
  | { readonly type: "unknown" }
  /** What no engine may ever say. */
  | { readonly type: "absurd"; readonly detail: string };

export interface ReceivedAnswer<S extends Shown = AggregateState> {
  readonly answer: Answer<S>;
  /** When the request that it answers reached the process. */
  readonly askedAt: number;
  readonly at: number;
  readonly process: string;
  /** How often the request had been sent by then. */
  readonly sent: number;
}

/** One thing that a client wants once, however often it has to ask. */
export interface Operation<S extends Shown = AggregateState> {
  /** Also the id of the principal who asks: so each log record names the operation that it comes from. */
  readonly id: string;
  readonly request: Request;
  /** Whether it comes with an idempotency key. */
  readonly keyed: boolean;
  readonly calledAt: number;
  readonly answers: ReceivedAnswer<S>[];
  sent: number;
  /** Answers that no engine may give. */
  readonly absurd: string[];
}

export const isDone = (answer: Answer<Shown>): boolean => answer.type !== "refused";

/** Whether it has its effect once at most, however often it is asked for. */
export const isOnce = ({ keyed, request }: Operation<Shown>): boolean =>
  keyed || request.type === "place";

/** When the operation was first known to have had its effect; null when it never was. */
export const doneAnswer = <S extends Shown>(
  operation: Operation<S>,
): ReceivedAnswer<S> | null =>
  operation.answers.filter(({ answer }) => isDone(answer))
    .reduce<ReceivedAnswer<S> | null>(
      (first, each) => first === null || each.at < first.at ? each : first,
      null,
    );

interface Performed {
  readonly answer: Answer;
  readonly replayed: boolean;
}

/** Runs a command under the operation's idempotency key, as the API does, but that refusals are not kept. */
const keyed = <R>(operation: Operation, by: Principal, answerOf: (result: R) => Answer) =>
<E>(
  run: (context: CommandContext<R>) => Effect.Effect<R, E, EngineServices>,
): Effect.Effect<
  Performed,
  E | IdempotencyInFlight | IdempotencyMismatch | CommandFailure,
  EngineServices
> =>
  Effect.gen(function* () {
    if (!operation.keyed) {
      return { answer: answerOf(yield* run({ by })), replayed: false };
    }
    const idempotency = yield* Idempotency;
    const answer = yield* idempotency.run(
      { by, key: "once", fingerprint: operation.id },
      (claim) =>
        run({
          by,
          idempotency: {
            claim,
            respond: (result) => ({
              status: 200,
              headers: {},
              body: JSON.stringify(answerOf(result)),
            }),
          },
        }),
    );
    return answer._tag === "First"
      ? { answer: answerOf(answer.value), replayed: false } satisfies Performed
      : {
        answer: JSON.parse(answer.response.body) as Answer,
        replayed: true,
      };
  });

const levelsAnswer = (levels: readonly StockLevel[]): Answer => ({ type: "levels", levels });
const savedAnswer = ({ value }: SaveResult<{ readonly version: number }>): Answer => ({
  type: "saved",
  version: value.version,
});

const stateAnswer = ({ state }: { readonly state: AggregateState }): Answer => ({
  type: "state",
  created: null,
  state,
});
const madeAnswer = ({ state }: { readonly state: AggregateState }): Answer => ({
  type: "state",
  created: true,
  state,
});
const reservedAnswer = ({ created, document: { state } }: Reserved): Answer => ({
  type: "state",
  created,
  state,
});
const placedAnswer = ({ created, document: { state } }: Placed): Answer => ({
  type: "state",
  created,
  state,
});

const ofSupply: ReadonlySet<string> = new Set([purchaseOrders.name, transfers.name]);

/** Whether commands to it concern the orders that are promised its units. */
export const isOfSupply = ({ name }: Pick<Aggregate, "name">): boolean => ofSupply.has(name);

/** Carries the operation's request out in an engine. */
export const perform = Effect.fnUntraced(function* (operation: Operation) {
  const by: Principal = { id: operation.id, role: "admin", scope: {} };
  const orders = yield* Orders;
  const aggregates = yield* Aggregates;
  const inventory = yield* Inventory;
  const references = yield* References;
  const onOrder = keyed(operation, by, stateAnswer);
  const onStock = keyed(operation, by, levelsAnswer);
  const { request } = operation;
  switch (request.type) {
    case "place":
      return yield* keyed(operation, by, placedAnswer)((context) =>
        orders.place(request.order, { ...context, alongside: request.alongside })
      );
    case "command":
      return yield* onOrder((context) => orders.command(request.orderId, request.command, context));
    case "adjust":
      return yield* onStock((context) => inventory.adjust(request.adjustment, context));
    case "move":
      return yield* onStock((context) => inventory.move(request.move, context));
    case "count":
      return yield* onStock((context) => inventory.count(request.count, context));
    case "safety stock":
      return yield* onStock((context) => inventory.setSafetyStock(request.levels, context));
    case "save location":
      return yield* keyed<SaveResult<Location>>(operation, by, savedAnswer)((context) =>
        references.save(locations, request.location, context)
      );
    case "save item":
      return yield* keyed<SaveResult<Item>>(operation, by, savedAnswer)((context) =>
        references.save(items, request.item, context, completeItem)
      );
    case "save":
      return yield* keyed<SaveResult<Saved>>(operation, by, savedAnswer)((context) =>
        references.save(request.reference, request.document as never, context)
      );
    case "make":
      return yield* keyed<AggregateDocument<AggregateState, unknown>>(operation, by, madeAnswer)(
        (context) => aggregates.create(request.aggregate, request.making, context),
      );
    case "ask": {
      const carrier = isOfSupply(request.aggregate) ? yield* SupplySettling : aggregates;
      return yield* keyed<AggregateDocument<AggregateState, unknown>>(operation, by, stateAnswer)(
        (context) => carrier.command(request.aggregate, request.id, request.command, context),
      );
    }
    case "reserve": {
      const carts = yield* Reservations;
      return yield* keyed<Reserved>(operation, by, reservedAnswer)((context) =>
        carts.reserve(request.request, context)
      );
    }
    case "get":
      return { answer: stateAnswer(yield* orders.get(request.orderId)), replayed: false };
  }
});

type Failure = Effect.Error<ReturnType<typeof perform>>;

const refused = (tag: string, reason: unknown): Outcome => ({
  type: "answered",
  answer: { type: "refused", tag, reason },
  replayed: false,
});

const failed = (failure: Failure): Outcome => {
  switch (failure._tag) {
    case "Refused":
      return refused(failure.rejection._tag, failure.rejection);
    case "NotFound":
    case "OrderExists":
    case "PreconditionFailed":
    case "InvalidOrder":
    case "InvalidDocument":
    case "BelowZeroAvailable":
    case "CountMismatch":
    case "LotsRefused":
    case "LimitReached":
    case "AlreadyThere":
      return refused(failure._tag, null);
    case "Conflict":
    case "Overloaded":
    case "Unavailable":
    case "StoreError":
    case "IdempotencyInFlight":
      return { type: "again", tag: failure._tag };
    case "IdempotencyMismatch":
    case "TooLarge":
      return { type: "absurd", detail: failure._tag };
  }
};

export const outcomeOf = (exit: Exit.Exit<Performed, Failure>): Outcome => {
  if (exit._tag === "Success") return { type: "answered", ...exit.value };
  const failure = Cause.findErrorOption(exit.cause);
  return Option.isSome(failure)
    ? failed(failure.value)
    : { type: "absurd", detail: Cause.pretty(exit.cause) };
};
