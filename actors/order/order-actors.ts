/**
 * The actors of orders: each takes its order's commands one after another, decides, holds stock and hands a
 * unit of work to the ledger. Several can be borrowed at once for a unit that spans orders.
 */
import { orderKeys } from "../../src/order/keys.ts";
import { shelfPartition } from "../../src/store/keys.ts";
import { locationPartition } from "../../src/stock/keys.ts";
import { Clock, Context, Effect, Layer, Result } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import { actorLimits, orderLimits } from "../../src/kernel/limits.ts";
import { isOrderId, shelfOfOrderId } from "../../src/order/ids.ts";
import type { Order, OrderCommand, OrderRejection } from "../../src/order/order.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import type { StoredValue } from "../../src/store/values.ts";
import { orderDocumentIn } from "./order-documents.ts";
import { Catalog } from "../catalog/catalog.ts";
import {
  type CommandContext,
  type CommandFailure,
  NotFound,
  PreconditionFailed,
  Refused,
} from "../aggregate/command.ts";
import { type Directory, makeDirectory } from "../aggregate/directory.ts";
import { EngineSettings } from "./engine-settings.ts";
import { Ledger } from "../ledger/ledger.ts";
import {
  decideNow,
  type Decision,
  type DecisionContext,
  holdFor,
  isShort,
  type Overlay,
} from "./order-decision.ts";
import { type OrderWrites, orderWrites } from "./order-unit.ts";
import { type RowKey, StockBook } from "../balance/stock-book.ts";
import { retryConflicts } from "../aggregate/retry-conflicts.ts";
import { Conflict, TooLarge, type UnitRead } from "../ledger/unit.ts";

export interface KnownOrder {
  readonly stored: StoredValue<OrderDocument>;
  /** Of the order's shelf, from before the document was read. */
  readonly generation: number;
}

/** What an order's actor keeps between its turns. */
export interface OrderState {
  known: KnownOrder | undefined;
}

/** A decision that stands, with its stock held. */
export interface HeldDecision {
  readonly decision: Decision;
  readonly context: DecisionContext;
  /** Drops the holds, once. */
  readonly drop: () => void;
}

export class OrderActors extends Context.Service<OrderActors, {
  readonly command: (
    orderId: string,
    command: OrderCommand,
    context: CommandContext<OrderDocument>,
  ) => Effect.Effect<
    OrderDocument,
    NotFound | PreconditionFailed | Refused<OrderRejection> | CommandFailure
  >;
  /** Takes the turns of several orders at once. */
  readonly borrow: Directory<OrderState>["askAll"];
  /** The order of a turn; null when there is none. */
  readonly read: (
    orderId: string,
    state: OrderState,
  ) => Effect.Effect<KnownOrder | null, StoreError>;
  readonly readOf: (known: KnownOrder) => UnitRead;
  /** Decides with the stock as it is and holds what the decision takes, in one tick. */
  readonly decideAndHold: (
    order: Order,
    command: OrderCommand,
    by: string,
  ) => Effect.Effect<HeldDecision, Refused<OrderRejection> | Conflict | StoreError>;
  /** The same where all facts are in memory and nothing is short; otherwise undefined. */
  readonly decideAndHoldNow: (
    order: Order,
    command: OrderCommand,
    by: string,
  ) => HeldDecision | undefined;
  readonly decisionContext: (by: string) => Effect.Effect<DecisionContext, StoreError>;
  readonly decideNow: (
    order: Order,
    command: OrderCommand,
    context: DecisionContext,
    overlay: Overlay,
  ) => ReturnType<typeof decideNow>;
  /** Makes rows known to the book, together with the fences that they stand behind. */
  readonly loadRows: (rows: readonly RowKey[]) => Effect.Effect<void, StoreError>;
  readonly writesOf: (change: Parameters<typeof orderWrites>[0]) => OrderWrites;
  /** Goes on with the allocation of a large order in the background. */
  readonly resume: (document: OrderDocument) => Effect.Effect<void>;
  /** Live actors, for metrics. */
  readonly size: () => number;
}>()("allot/OrderActors") {
  static readonly layer = Layer.effect(OrderActors, Effect.suspend(() => makeOrderActors));
}

/** Fences that a unit may touch beside those of locations: the shelves of the order and of the key. */
const fencesBesideLocations = 2;

const makeOrderActors = Effect.gen(function* () {
  const store = yield* Store;
  const reader = yield* BatchReader;
  const ledger = yield* Ledger;
  const book = yield* StockBook;
  const catalog = yield* Catalog;
  const settings = yield* EngineSettings;
  const clock = yield* Clock.Clock;
  const scope = yield* Effect.scope;
  const storeContext = yield* Effect.context<Store>();

  const directory = makeDirectory<OrderState>({
    name: "commands that wait for order",
    mailbox: actorLimits.orderMailbox,
    initial: () => ({ known: undefined }),
  });

  const partitionOf = (orderId: string): string => shelfPartition(shelfOfOrderId(orderId));

  const read: OrderActors["Service"]["read"] = Effect.fnUntraced(function* (orderId, state) {
    if (!isOrderId(orderId)) return null;
    const generation = yield* ledger.generation(partitionOf(orderId));
    if (state.known?.generation === generation) return state.known;
    const entry = yield* reader.get(orderKeys.order(orderId));
    const stored = yield* Effect.provideContext(orderDocumentIn(entry), storeContext);
    state.known = stored === null ? undefined : { stored, generation };
    return state.known ?? null;
  });

  const readOf = ({ stored, generation }: KnownOrder): UnitRead => ({
    partition: partitionOf(stored.value.order.id),
    key: orderKeys.order(stored.value.order.id),
    versionstamp: stored.versionstamp,
    generation,
  });

  const contextOf = (by: string, locations: readonly Location[]): DecisionContext => ({
    now: instantOf(clock.currentTimeMillisUnsafe()),
    by,
    locations,
    locationsPerCommit: store.limits.checks - fencesBesideLocations,
  });

  const decisionContext = (by: string) =>
    Effect.map(catalog.locations, (locations) => contextOf(by, locations));

  const loadRows = Effect.fnUntraced(function* (rows: readonly RowKey[]) {
    const fences = new Set(rows.map(({ locationId }) => locationPartition(locationId)));
    const unknown = [...fences].filter((name) => ledger.generationNow(name) === undefined);
    yield* Effect.forEach(unknown, ledger.generation, { discard: true, concurrency: "unbounded" });
    yield* book.load(rows);
  });

  const held = (decision: Decision, context: DecisionContext): HeldDecision => ({
    decision,
    context,
    drop: holdFor(book, decision.stock),
  });

  const decideAndHoldNow: OrderActors["Service"]["decideAndHoldNow"] = (order, command, by) => {
    const locations = catalog.cachedLocations();
    if (locations === null) return undefined;
    const context = contextOf(by, locations);
    const decided = decideNow(book, order, command, context);
    return "missing" in decided || Result.isFailure(decided) || isShort(decided)
      ? undefined
      : held(decided.success, context);
  };

  const decideAndHold: OrderActors["Service"]["decideAndHold"] = Effect.fnUntraced(
    function* (order, command, by) {
      const context = yield* decisionContext(by);
      // What another process brought in is not refused, only because this one has not seen it yet.
      let looked = !store.shared;
      for (let tries = 0; tries < actorLimits.decisionTries; tries++) {
        const decided = decideNow(book, order, command, context);
        if ("missing" in decided) yield* loadRows(decided.missing);
        else if (!looked && isShort(decided)) {
          looked = true;
          yield* ledger.refreshStock;
        } else if (Result.isFailure(decided)) {
          return yield* new Refused({ rejection: decided.failure });
        } else {
          return held(decided.success, context);
        }
      }
      return yield* new Conflict({ detail: "Stock keeps being changed by other processes." });
    },
  );

  const writesOf: OrderActors["Service"]["writesOf"] = (change) =>
    orderWrites(change, {
      valueBytes: store.limits.valueBytes,
      autoCloseAfterMs: settings.autoCloseAfterMs,
    });

  const commit = Effect.fnUntraced(function* (
    state: OrderState,
    known: KnownOrder,
    held: HeldDecision,
    context: CommandContext<OrderDocument>,
  ) {
    const { after, events, stock } = held.decision;
    const { idempotency } = context;
    const changed = events.length > 0;
    const { document, parts, writes, record } = writesOf({
      stored: known.stored,
      after: changed ? after : held.decision.before,
      contact: known.stored.value.contact,
      events,
      stock,
      now: held.context.now,
      by: context.by.id,
    });
    const result = changed ? document : known.stored.value;
    const own = readOf(known);
    const versionstamp = yield* ledger.submit({
      reads: idempotency === undefined ? [own] : [own, idempotency.claim.read],
      partitions: [],
      stock,
      writes: [
        ...(changed ? writes : []),
        ...(idempotency === undefined ? [] : idempotency.claim.write(idempotency.respond(result))),
      ],
      records: changed ? [record] : [],
      onSettled: held.drop,
    });
    // The generation is that of the read, not of now: should others have written here since, even before
    // this fiber went on, the next turn must see it.
    state.known = changed
      ? { stored: { value: document, versionstamp, parts }, generation: known.generation }
      : undefined;
    return result;
  });

  const attempt = Effect.fnUntraced(function* (
    orderId: string,
    state: OrderState,
    asked: OrderCommand,
    context: CommandContext<OrderDocument>,
  ) {
    const known = yield* read(orderId, state);
    if (known === null) return yield* new NotFound({ what: "order", id: orderId });
    const { order } = known.stored.value;
    if (context.ifMatch !== undefined && context.ifMatch !== String(order.version)) {
      return yield* new PreconditionFailed({
        expected: context.ifMatch,
        actual: String(order.version),
      });
    }
    if (order.version >= orderLimits.versions) {
      return yield* new TooLarge({
        detail: `An order can be changed ${orderLimits.versions} times at most.`,
      });
    }
    const by = context.by.id;
    const held = decideAndHoldNow(order, asked, by) ?? (yield* decideAndHold(order, asked, by));
    if (held.decision.events.length === 0 && context.idempotency === undefined) {
      return known.stored.value;
    }
    return yield* Effect.onError(
      commit(state, known, held, context),
      () => Effect.sync(held.drop),
    );
  });

  const turn: OrderActors["Service"]["command"] = (orderId, asked, context) =>
    directory.ask(orderId, (state) =>
      retryConflicts(Effect.tapError(
        attempt(orderId, state, asked, context),
        // Whatever failed, the next try begins with what stands in the store.
        () =>
          Effect.sync(() => {
            state.known = undefined;
          }),
      )));

  const finishAllocation = Effect.fnUntraced(function* (orderId: string) {
    let allocating = true;
    while (allocating) {
      const { order } = yield* turn(orderId, { type: "allocate" }, { by: systemPrincipal });
      allocating = order.allocating;
    }
  });

  // Should the process end meanwhile, the order's timer takes it up again.
  const resume: OrderActors["Service"]["resume"] = ({ order }) =>
    order.allocating
      ? Effect.asVoid(Effect.forkIn(
        Effect.catchCause(finishAllocation(order.id), (cause) =>
          Effect.logWarning("Allocation of a large order goes on later", cause)),
        scope,
      ))
      : Effect.void;

  return OrderActors.of({
    command: (orderId, asked, context) =>
      // Whoever allocates goes on by himself.
      asked.type === "allocate"
        ? turn(orderId, asked, context)
        : Effect.tap(turn(orderId, asked, context), resume),
    borrow: directory.askAll,
    read,
    readOf,
    decideAndHold,
    decideAndHoldNow,
    decisionContext,
    decideNow: (order, asked, context, overlay) => decideNow(book, order, asked, context, overlay),
    loadRows,
    writesOf,
    resume,
    size: directory.size,
  });
});
