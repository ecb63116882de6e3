/** Carries out people's changes of stock: decides, fills waiting orders, commits; in the location's turn. */
import { orders } from "../../src/order/definition.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { Deciding } from "../aggregate/deciding.ts";
import type { DecisionMoment } from "../aggregate/decision.ts";
import { unitOf, type UnitPart } from "../command/unit-of.ts";
import { inStock, stockBalance } from "../../src/stock/balance.ts";
import { locationPartition } from "../../src/stock/keys.ts";
import { Context, Effect, Layer, Result } from "effect";
import type { HeldRow, RowOf } from "../../src/stock/change.ts";
import {
  applyDelta,
  emptyRow,
  type StockDelta,
  type StockRow,
  sumByRow,
} from "../../src/stock/stock.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import type { ExpectedValue } from "../../src/subject/balance.ts";
import type { StockRecord } from "../../src/stock/record.ts";
import type { StoreError } from "../../src/store/store.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Arrivals, type Fills, noFills, type WaitingOrder } from "../order/arrivals.ts";
import { locations } from "../../src/catalog/references.ts";
import { Catalog } from "../catalog/catalog.ts";
import { References } from "../reference/references.ts";
import type { CommandContext, CommandFailure, NotFound } from "../command/command.ts";
import { levelOf, type StockLevel } from "./levels.ts";
import { Ledger } from "../ledger/ledger.ts";
import { LocationActors } from "./location-actors.ts";
import { type LotsOfChange, plannedLots } from "./lots-of-change.ts";
import { Lots, type LotsRefused } from "../lot/lots.ts";
import { retryConflicts } from "../command/retry-conflicts.ts";
import { Books } from "../balance/books.ts";
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
  /** The lots that it names of each SKU; absent where it names none. */
  readonly lots?: LotsOfChange | undefined;
}

type ChangeContext = CommandContext<readonly StockLevel[]>;

export class StockChanges extends Context.Service<StockChanges, {
  /** Answers with the levels of the change's SKUs after it. */
  readonly apply: <E>(
    change: StockChange<E>,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<readonly StockLevel[], E | LotsRefused | NotFound | CommandFailure>;
}>()("allot/StockChanges") {
  static readonly layer = Layer.effect(StockChanges, Effect.suspend(() => makeStockChanges));
}

/** A change that is decided, with the units that waiting orders get out of it. */
interface DecidedStockChange {
  readonly stock: readonly StockDelta[];
  readonly fills: Fills;
  /** Rows before the change. */
  readonly rows: ReadonlyMap<string, HeldRow>;
  readonly drop: () => void;
}

/** Units on hand that an absolute change was decided upon. */
const onHandOf = ({ locationId, sku, onHand }: StockRow): ExpectedValue => ({
  balance: stockBalance.name,
  space: locationId,
  row: sku,
  field: "onHand",
  is: onHand,
});

const makeStockChanges = Effect.gen(function* () {
  const ledger = yield* Ledger;
  const books = yield* Books;
  const book = books.bookOf(stockBalance);
  const catalog = yield* Catalog;
  const references = yield* References;
  const aggregates = yield* Aggregates;
  const deciding = yield* Deciding;
  const arrivals = yield* Arrivals;
  const subjects = yield* Subjects;
  const actors = yield* LocationActors;
  const lots = yield* Lots;

  /** Decides in one tick, once all rows are known, and holds the units that the decision takes. */
  const decideChange = Effect.fnUntraced(function* <E>(
    change: StockChange<E>,
    waiting: readonly WaitingOrder[],
    moment: DecisionMoment,
  ): Effect.fn.Return<DecidedStockChange, E | Conflict | StoreError> {
    const { locationId } = change;
    for (let tries = 0; tries < actorLimits.decisionTries; tries++) {
      const rows = new Map<string, HeldRow>();
      for (const sku of change.skus) {
        const row = book.row(locationId, sku);
        if (row !== undefined) rows.set(sku, { row, held: book.held(locationId, sku) });
      }
      const unknown = change.skus.filter((sku) => !rows.has(sku));
      if (unknown.length > 0) {
        const balance = stockBalance.name;
        yield* deciding.loadRows(unknown.map((row) => ({ balance, space: locationId, row })));
        continue;
      }
      const stock = yield* Effect.fromResult(
        change.decide((sku) => rows.get(sku) ?? { row: emptyRow(locationId, sku), held: 0 }),
      );
      const fills = waiting.length === 0
        ? noFills
        : arrivals.fill(waiting, locationId, stock, moment);
      if ("missing" in fills) {
        yield* deciding.load(fills.missing);
        continue;
      }
      const drop = books.hold(inStock(sumByRow([...stock, ...fills.stock])));
      return { stock, fills, rows, drop };
    }
    return yield* new Conflict({ detail: `Stock at ${locationId} keeps being changed.` });
  });

  /** Levels as they are once the deltas are committed. */
  const levelsAfter = ({ rows, stock, fills }: DecidedStockChange): readonly StockLevel[] => {
    const deltas = new Map<string, StockDelta[]>();
    for (const delta of [...stock, ...fills.stock]) {
      const known = deltas.get(delta.sku);
      if (known === undefined) deltas.set(delta.sku, [delta]);
      else known.push(delta);
    }
    return [...rows.values()].map(({ row, held }) => {
      return levelOf((deltas.get(row.sku) ?? []).reduce(applyDelta, row), held);
    });
  };

  const commitDecided = Effect.fnUntraced(function* <E>(
    change: StockChange<E>,
    decided: DecidedStockChange,
    { now }: DecisionMoment,
    context: ChangeContext,
  ) {
    const { locationId } = change;
    const { stock, fills, rows, drop } = decided;
    const levels = levelsAfter(decided);
    const skus = catalog.cachedItems(change.skus) ?? (yield* catalog.items(change.skus));
    const { others, expected: lotsExpected } = yield* plannedLots(lots, change, stock, skus);
    const record: StockRecord = {
      kind: "stock",
      type: change.type,
      at: now,
      by: context.by.id,
      locationId,
      reason: change.reason,
      ...(change.reference === undefined ? {} : { reference: change.reference }),
      stock,
      ...(others.length === 0 ? {} : { others }),
    };
    const { idempotency } = context;
    const records = stock.length > 0 || others.length > 0
      ? [record, ...fills.part.records]
      : fills.part.records;
    if (records.length === 0 && idempotency === undefined) {
      drop();
      return levels;
    }
    const changed = [...inStock(stock), ...others];
    const part: UnitPart = {
      ...fills.part,
      partitions: [locationPartition(locationId)],
      // Orders that get units give up what they were promised of supply, too.
      balances: fills === noFills ? changed : subjects.merge([...changed, ...fills.part.balances]),
      records,
    };
    const counted = change.absolute ? [...rows.values()].map(({ row }) => onHandOf(row)) : [];
    const expected = [...counted, ...lotsExpected];
    yield* ledger.submit(unitOf(part, context, levels, { expected, onSettled: drop }));
    // The first stock of a SKU makes its item. The stock is committed even when this fails: then the item is
    // made when the log is followed.
    yield* Effect.catch(
      catalog.describe(change.skus, context.by.id),
      (error) => Effect.logWarning("Items of new stock are not described yet", error),
    );
    return levels;
  });

  const commitChange = Effect.fnUntraced(function* <E>(
    change: StockChange<E>,
    waiting: readonly WaitingOrder[],
    context: ChangeContext,
  ) {
    const moment = deciding.momentNow(context.by.id);
    const decided = yield* decideChange(change, waiting, moment);
    return yield* Effect.onError(
      commitDecided(change, decided, moment, context),
      () => Effect.sync(decided.drop),
    );
  });

  /** Borrows the orders that wait for the arrival, so that arrival and filling are one unit of work. */
  const attempt = Effect.fnUntraced(function* <E>(change: StockChange<E>, context: ChangeContext) {
    const waiting = yield* arrivals.waiting(change.skus);
    if (waiting.length === 0) return yield* commitChange(change, [], context);
    return yield* aggregates.borrow(
      waiting,
      Effect.fnUntraced(function* (slots) {
        const known: WaitingOrder[] = [];
        // In the order in which they came; turns are taken in the order of ids.
        for (const orderId of waiting) {
          const slot = slots.get(orderId);
          const order = slot === undefined ? null : yield* aggregates.read(orders, orderId, slot);
          if (order !== null) known.push(order);
        }
        const levels = yield* commitChange(change, known, context);
        for (const slot of slots.values()) slot.known = undefined;
        return levels;
      }),
    );
  });

  return StockChanges.of({
    apply: <E>(change: StockChange<E>, context: ChangeContext) =>
      Effect.andThen(
        references.get(locations, change.locationId),
        actors.ask(change.locationId, retryConflicts(attempt(change, context))),
      ),
  });
});
