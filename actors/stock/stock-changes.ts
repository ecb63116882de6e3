/** Carries out what people change about stock: decide, fill what waits, commit; in the location's turn. */
import { locationPartition } from "../../src/stock/keys.ts";
import { Context, Effect, Layer, Result } from "effect";
import type { HeldRow, RowOf } from "../../src/stock/change.ts";
import {
  applyDelta,
  availableUnits,
  emptyRow,
  type StockDelta,
  sumByRow,
} from "../../src/stock/stock.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import type { StockRecord } from "../../src/stock/record.ts";
import type { StoreError } from "../../src/store/store.ts";
import { Arrivals, type Fills, noFills } from "../order/arrivals.ts";
import { Catalog } from "../catalog/catalog.ts";
import { type CommandContext, type CommandFailure, NotFound } from "../aggregate/command.ts";
import type { StockLevel } from "./inventory.ts";
import { Ledger } from "../ledger/ledger.ts";
import { LocationActors } from "./location-actors.ts";
import { type KnownOrder, OrderActors } from "../order/order-actors.ts";
import { type DecisionContext, holdFor } from "../order/order-decision.ts";
import { retryConflicts } from "../aggregate/retry-conflicts.ts";
import { StockBook } from "../balance/stock-book.ts";
import { Conflict } from "../ledger/unit.ts";

/** A change of stock that is not decided yet. */
export interface StockChange<E> {
  readonly type: StockRecord["type"];
  readonly locationId: string;
  readonly reason: string;
  readonly reference?: string | undefined;
  readonly skus: readonly string[];
  readonly decide: (rowOf: RowOf) => Result.Result<readonly StockDelta[], E>;
  /** Whether it sets values rather than adding to them: then nobody may change them meanwhile. */
  readonly absolute: boolean;
}

type ChangeContext = CommandContext<readonly StockLevel[]>;

export class StockChanges extends Context.Service<StockChanges, {
  /** Answers with the levels of the change's SKUs after it. */
  readonly apply: <E>(
    change: StockChange<E>,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<readonly StockLevel[], E | NotFound | CommandFailure>;
}>()("allot/StockChanges") {
  static readonly layer = Layer.effect(StockChanges, Effect.suspend(() => makeStockChanges));
}

/** A change that is decided, with what waiting orders get out of it. */
interface DecidedChange {
  readonly stock: readonly StockDelta[];
  readonly fills: Fills;
  /** Rows before the change. */
  readonly rows: ReadonlyMap<string, HeldRow>;
  readonly drop: () => void;
}

const makeStockChanges = Effect.gen(function* () {
  const ledger = yield* Ledger;
  const book = yield* StockBook;
  const catalog = yield* Catalog;
  const orders = yield* OrderActors;
  const arrivals = yield* Arrivals;
  const locations = yield* LocationActors;

  const requireLocation = Effect.fnUntraced(function* (locationId: string) {
    const known = catalog.cachedLocations() ?? (yield* catalog.locations);
    if (!known.some(({ id }) => id === locationId)) {
      return yield* new NotFound({ what: "location", id: locationId });
    }
  });

  /** Decides in one tick, once all rows are known, and holds what the decision takes. */
  const decideChange = Effect.fnUntraced(function* <E>(
    change: StockChange<E>,
    waiting: readonly KnownOrder[],
    facts: DecisionContext,
  ): Effect.fn.Return<DecidedChange, E | Conflict | StoreError> {
    const { locationId } = change;
    // Only this location's stock arrives, and so the unit of work stays within its fences.
    const here = { ...facts, locations: facts.locations.filter(({ id }) => id === locationId) };
    for (let tries = 0; tries < actorLimits.decisionTries; tries++) {
      const rows = new Map<string, HeldRow>();
      for (const sku of change.skus) {
        const row = book.row(locationId, sku);
        if (row !== undefined) rows.set(sku, { row, held: book.held(locationId, sku) });
      }
      const unknown = change.skus.filter((sku) => !rows.has(sku));
      if (unknown.length > 0) {
        yield* orders.loadRows(unknown.map((sku) => ({ locationId, sku })));
        continue;
      }
      const stock = yield* Effect.fromResult(
        change.decide((sku) => rows.get(sku) ?? { row: emptyRow(locationId, sku), held: 0 }),
      );
      const fills = waiting.length === 0
        ? noFills
        : arrivals.fill(waiting, locationId, stock, here);
      if ("missing" in fills) {
        yield* orders.loadRows(fills.missing);
        continue;
      }
      return { stock, fills, rows, drop: holdFor(book, sumByRow([...stock, ...fills.stock])) };
    }
    return yield* new Conflict({ detail: `Stock at ${locationId} keeps being changed.` });
  });

  /** Levels as they are once the deltas are committed. */
  const levelsAfter = ({ rows, stock, fills }: DecidedChange): readonly StockLevel[] => {
    const deltas = new Map<string, StockDelta[]>();
    for (const delta of [...stock, ...fills.stock]) {
      const known = deltas.get(delta.sku);
      if (known === undefined) deltas.set(delta.sku, [delta]);
      else known.push(delta);
    }
    return [...rows.values()].map(({ row, held }) => {
      const after = (deltas.get(row.sku) ?? []).reduce(applyDelta, row);
      return { ...after, available: availableUnits(after) - held };
    });
  };

  const commitDecided = Effect.fnUntraced(function* <E>(
    change: StockChange<E>,
    decided: DecidedChange,
    facts: DecisionContext,
    context: ChangeContext,
  ) {
    const { locationId } = change;
    const { stock, fills, rows, drop } = decided;
    const levels = levelsAfter(decided);
    const record: StockRecord = {
      kind: "stock",
      type: change.type,
      at: facts.now,
      by: context.by.id,
      locationId,
      reason: change.reason,
      ...(change.reference === undefined ? {} : { reference: change.reference }),
      stock,
    };
    const { idempotency } = context;
    const records = [
      ...(stock.length > 0 ? [record] : []),
      ...fills.records,
    ];
    if (records.length === 0 && idempotency === undefined) {
      drop();
      return levels;
    }
    yield* ledger.submit({
      reads: [
        ...fills.reads,
        ...(idempotency === undefined ? [] : [idempotency.claim.read]),
      ],
      partitions: [locationPartition(locationId)],
      stock: [...stock, ...fills.stock],
      expectedOnHand: change.absolute
        ? [...rows.values()].map(({ row }) => ({
          locationId,
          sku: row.sku,
          onHand: row.onHand,
        }))
        : [],
      writes: [
        ...fills.writes,
        ...(idempotency === undefined ? [] : idempotency.claim.write(idempotency.respond(levels))),
      ],
      records,
      onSettled: drop,
    });
    // The first stock of a SKU makes its item. The stock is committed, whatever becomes of this: then the
    // item is made when the log is followed.
    yield* Effect.catch(
      catalog.describe(change.skus, context.by.id),
      (error) => Effect.logWarning("Items of new stock are not described yet", error),
    );
    return levels;
  });

  const commitChange = Effect.fnUntraced(function* <E>(
    change: StockChange<E>,
    waiting: readonly KnownOrder[],
    context: ChangeContext,
  ) {
    const facts = yield* orders.decisionContext(context.by.id);
    const decided = yield* decideChange(change, waiting, facts);
    return yield* Effect.onError(
      commitDecided(change, decided, facts, context),
      () => Effect.sync(decided.drop),
    );
  });

  /** Borrows the orders that wait for what arrives, so that arrival and filling are one unit of work. */
  const attempt = Effect.fnUntraced(function* <E>(change: StockChange<E>, context: ChangeContext) {
    const waiting = yield* arrivals.waiting(change.skus);
    if (waiting.length === 0) return yield* commitChange(change, [], context);
    return yield* orders.borrow(
      waiting,
      Effect.fnUntraced(function* (states) {
        const known: KnownOrder[] = [];
        for (const [orderId, state] of states) {
          const order = yield* orders.read(orderId, state);
          if (order !== null) known.push(order);
        }
        const levels = yield* commitChange(change, known, context);
        for (const state of states.values()) state.known = undefined;
        return levels;
      }),
    );
  });

  return StockChanges.of({
    apply: <E>(change: StockChange<E>, context: ChangeContext) =>
      Effect.andThen(
        requireLocation(change.locationId),
        locations.ask(change.locationId, retryConflicts(attempt(change, context))),
      ),
  });
});
