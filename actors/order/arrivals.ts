/**
 * Stock that arrives goes to the orders that wait for it, first come first served, in the same unit of work
 * as the arrival. Units that do not fit one commit follow at once (`replenish.ts`).
 */
import { Context, Effect, Layer } from "effect";
import { below } from "../../src/kernel/key.ts";
import { backorderLimits } from "../../src/order/limits.ts";
import { orders } from "../../src/order/definition.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { shelfOfOrderId } from "../../src/order/ids.ts";
import type { Contact, Order, OrderFacts } from "../../src/order/order.ts";
import { inStock } from "../../src/stock/balance.ts";
import { stockDeltasIn } from "../../src/stock/record.ts";
import type { StockDelta } from "../../src/stock/stock.ts";
import { Store, type StoreError, type StoreLimits } from "../../src/store/store.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import { Beside } from "../aggregate/beside.ts";
import { Deciding } from "../aggregate/deciding.ts";
import type { DecisionMoment, Missing } from "../aggregate/decision.ts";
import type { KnownAggregate } from "../aggregate/turns.ts";
import { fitTogether, waitingUnit } from "../ledger/batch.ts";
import { emptyPart, joinParts, type UnitPart } from "../command/unit-of.ts";
import { FirstCome, waitingPlaceOf } from "./first-come.ts";

/** An order that waits, as a turn has read it. */
export type WaitingOrder = KnownAggregate<Order, Contact>;

/** The part of an arrival's unit of work that waiting orders add. */
export interface Fills {
  readonly part: UnitPart;
  readonly stock: readonly StockDelta[];
}

export const noFills: Fills = { part: emptyPart, stock: [] };

export class Arrivals extends Context.Service<Arrivals, {
  /** Ids of orders that wait for any of these SKUs, first come first, as many as one commit takes. */
  readonly waiting: (skus: readonly string[]) => Effect.Effect<readonly string[], StoreError>;
  /** Decides, in one tick, which units the orders get out of an arrival at a location. */
  readonly fill: (
    waiting: readonly WaitingOrder[],
    locationId: string,
    arrival: readonly StockDelta[],
    moment: DecisionMoment,
  ) => Fills | { readonly missing: Missing };
}>()("allot/Arrivals") {
  static readonly layer = Layer.effect(Arrivals, Effect.suspend(() => makeArrivals));
}

/** Shelves' fences beside those of a location, a catalog and an idempotency key. */
const otherFences = 3;

/** The share of a commit's bytes for orders that are filled; the rest is for the arrival and its answer. */
const filledShare = 0.6;

const roomFor = (limits: StoreLimits, { keyBytesPerCommit }: DecisionMoment): StoreLimits => ({
  ...limits,
  keyBytesPerCommit,
  commitBytes: limits.commitBytes * filledShare,
});

const makeArrivals = Effect.gen(function* () {
  const store = yield* Store;
  const subjects = yield* Subjects;
  const deciding = yield* Deciding;
  const aggregates = yield* Aggregates;
  const firstCome = yield* FirstCome;

  const waitingFor = (sku: string, limit: number) => {
    const range = below(orderKeys.backordered(sku));
    return Effect.map(
      store.list({ ...range, limit }),
      (entries) => entries.map(waitingPlaceOf),
    );
  };

  const waiting: Arrivals["Service"]["waiting"] = Effect.fnUntraced(function* (skus) {
    const { ordersPerCommit, ordersCompared, concurrentLists } = backorderLimits;
    const perSku = Math.max(ordersPerCommit, Math.floor(ordersCompared / skus.length));
    const found = yield* Effect.forEach(skus, (sku) => waitingFor(sku, perSku), {
      concurrency: concurrentLists,
    });
    const inOrder = yield* firstCome.sorted(found.flat());
    const shelves = new Set<number>();
    return inOrder.slice(0, ordersPerCommit)
      .filter((orderId) => {
        shelves.add(shelfOfOrderId(orderId));
        return shelves.size <= store.limits.checks - otherFences;
      });
  });

  const fill: Arrivals["Service"]["fill"] = (waiting, locationId, arrival, moment) => {
    // Units beside the book: the arrival, less the units that earlier orders of this unit got.
    const beside = new Beside(subjects);
    beside.add(inStock(arrival));
    // Only this location's stock arrives, and so the unit of work stays within its fences.
    const here = (facts: OrderFacts): OrderFacts => ({
      ...facts,
      locations: facts.locations.filter(({ id }) => id === locationId),
    });
    const parts: UnitPart[] = [];
    const units = [waitingUnit({ ...emptyPart, balances: inStock(arrival) }, subjects)];
    const limits = roomFor(store.limits, moment);
    for (const known of waiting) {
      const { state, personal } = known.stored.value;
      const command = { type: "fill", locationId } as const;
      const decided = deciding.decideNow(orders, state, command, moment, beside.overlay, here);
      if (decided._tag === "Missing") return { missing: decided.missing };
      // An order that cannot take anything now (held, say) is passed over.
      if (decided._tag === "Refused" || decided.decision.events.length === 0) continue;
      const { after, events, balances } = decided.decision;
      const { now, by } = moment;
      const change = { after, personal, events, balances, now, by };
      const { part } = aggregates.changeOf(orders, known, change);
      units.push(waitingUnit(part, subjects));
      // No order is filled before one that came first: the rest follows by itself.
      if (!fitTogether(units, limits)) break;
      beside.add(balances);
      parts.push(part);
    }
    return {
      part: joinParts(parts, subjects.merge),
      stock: parts.flatMap(({ balances }) => stockDeltasIn(balances)),
    };
  };

  return Arrivals.of({ waiting, fill });
});
