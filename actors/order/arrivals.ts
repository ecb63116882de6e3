/**
 * Stock that arrives goes to the orders that wait for it, first come first served, in the same unit of work
 * as the arrival. What does not fit one commit follows at once (`replenish.ts`).
 */
import { Context, Effect, Layer, Result } from "effect";
import { shelfOfOrderId } from "../../src/order/ids.ts";
import type { StockDelta } from "../../src/stock/stock.ts";
import { availabilityTaken } from "../../src/stock/stock.ts";
import { backorderLimits } from "../../src/kernel/limits.ts";
import { below } from "../../src/kernel/key.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { type Mutation, Store, type StoreError } from "../../src/store/store.ts";
import { type KnownOrder, OrderActors } from "./order-actors.ts";
import type { Decision, DecisionContext } from "./order-decision.ts";
import type { RowKey } from "../balance/stock-book.ts";
import type { UnitRead } from "../ledger/unit.ts";

/** What the waiting orders add to the unit of work of an arrival. */
export interface Fills {
  readonly reads: readonly UnitRead[];
  readonly stock: readonly StockDelta[];
  readonly writes: readonly Mutation[];
  readonly records: readonly LogRecord[];
}

export const noFills: Fills = { reads: [], stock: [], writes: [], records: [] };

export class Arrivals extends Context.Service<Arrivals, {
  /** Ids of orders that wait for any of these SKUs, oldest first, as many as one commit takes. */
  readonly waiting: (skus: readonly string[]) => Effect.Effect<readonly string[], StoreError>;
  /** Decides, in one tick, what the orders get out of an arrival at a location. */
  readonly fill: (
    orders: readonly KnownOrder[],
    locationId: string,
    arrival: readonly StockDelta[],
    context: DecisionContext,
  ) => Fills | { readonly missing: readonly RowKey[] };
}>()("allot/Arrivals") {
  static readonly layer = Layer.effect(Arrivals, Effect.suspend(() => makeArrivals));
}

/** Shelves' fences beside those of a location, a catalog and an idempotency key. */
const otherFences = 3;

const rowName = (locationId: string, sku: string): string => `${locationId}\u0000${sku}`;

const makeArrivals = Effect.gen(function* () {
  const store = yield* Store;
  const actors = yield* OrderActors;

  const waitingFor = (sku: string, limit: number) => {
    const range = below(["backorder", sku]);
    return Effect.map(
      store.list({ ...range, limit }),
      (entries) => entries.map(({ key }) => String(key[2])),
    );
  };

  const waiting: Arrivals["Service"]["waiting"] = Effect.fnUntraced(function* (skus) {
    const found = yield* Effect.forEach(
      skus,
      (sku) => waitingFor(sku, backorderLimits.ordersPerCommit),
      { concurrency: backorderLimits.concurrentLists },
    );
    const shelves = new Set<number>();
    return [...new Set(found.flat())].sort().slice(0, backorderLimits.ordersPerCommit)
      .filter((orderId) => {
        shelves.add(shelfOfOrderId(orderId));
        return shelves.size <= store.limits.checks - otherFences;
      });
  });

  const fill: Arrivals["Service"]["fill"] = (orders, locationId, arrival, context) => {
    // What is there beside the book: the arrival, less what earlier orders of this unit got.
    const beside = new Map<string, number>();
    const add = (delta: StockDelta, sign: number) => {
      const name = rowName(delta.locationId, delta.sku);
      beside.set(name, (beside.get(name) ?? 0) + sign * availabilityTaken(delta));
    };
    for (const delta of arrival) add(delta, -1);
    const decisions: { readonly known: KnownOrder; readonly decision: Decision }[] = [];
    for (const known of orders) {
      const decided = actors.decideNow(
        known.stored.value.order,
        { type: "fill", locationId },
        context,
        (id, sku) => beside.get(rowName(id, sku)) ?? 0,
      );
      if ("missing" in decided) return decided;
      // An order that cannot take anything now (held, say) is passed over.
      if (Result.isFailure(decided) || decided.success.events.length === 0) continue;
      for (const delta of decided.success.stock) add(delta, -1);
      decisions.push({ known, decision: decided.success });
    }
    const written = decisions.map(({ known, decision }) =>
      actors.writesOf({
        stored: known.stored,
        after: decision.after,
        contact: known.stored.value.contact,
        events: decision.events,
        stock: decision.stock,
        now: context.now,
        by: context.by,
      })
    );
    return {
      reads: decisions.map(({ known }) => actors.readOf(known)),
      stock: decisions.flatMap(({ decision }) => decision.stock),
      writes: written.flatMap(({ writes }) => writes),
      records: written.map(({ record }) => record),
    };
  };

  return Arrivals.of({
    waiting,
    fill,
  });
});
