/**
 * Sorts waiting orders by their rank, and those of one rank by the place of each order's first commit in the log.
 * Ids begin with the time of the process that made them, so a process with a wrong clock would put its orders
 * before all others, or behind them.
 */
import { Context, Effect, Layer } from "effect";
import { keepNewest } from "../../src/kernel/keep-newest.ts";
import { orders } from "../../src/order/definition.ts";
import { backorderLimits } from "../../src/order/limits.ts";
import type { Position } from "../../src/store/log.ts";
import { serveOrder, type Waiting } from "../../src/order/rank.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { valueOf } from "../../src/store/values.ts";

/** An order that waits, with its rank for what it waits for. */
export interface WaitingPlace {
  readonly rank: string;
  readonly orderId: string;
}

/** The place that a key of waiting orders names: all of them end with the rank and the order's id. */
export const waitingPlaceOf = ({ key }: Pick<Entry, "key">): WaitingPlace => ({
  rank: String(key[2]),
  orderId: String(key[3]),
});

export class FirstCome extends Context.Service<FirstCome, {
  /** The ids of the orders, each once, the one that is served first first. */
  readonly sorted: (
    waiting: readonly WaitingPlace[],
  ) => Effect.Effect<readonly string[], StoreError>;
  /** The same with what decides between them. */
  readonly placed: (
    waiting: readonly WaitingPlace[],
  ) => Effect.Effect<readonly Waiting[], StoreError>;
}>()("allot/FirstCome") {
  static readonly layer = Layer.effect(FirstCome, Effect.suspend(() => makeFirstCome));
}

/** The best rank of each order. */
const ranksOf = (waiting: readonly WaitingPlace[]): ReadonlyMap<string, string> => {
  const ranks = new Map<string, string>();
  for (const { rank, orderId } of waiting) {
    const before = ranks.get(orderId);
    if (before === undefined || rank < before) ranks.set(orderId, rank);
  }
  return ranks;
};

/** An order that is not there any more has nothing to wait for. */
const nowhere: Position = "";

const makeFirstCome = Effect.gen(function* () {
  const store = yield* Store;
  /** An order's first commit never changes. Those known first go first when there are too many. */
  const places = new Map<string, Position>();

  const remember = (orderId: string, place: Position): void => {
    places.set(orderId, place);
    keepNewest(places, backorderLimits.placesRemembered);
  };

  const read = Effect.fnUntraced(function* (orderIds: readonly string[]) {
    const found = new Map<string, Position>();
    for (let n = 0; n < orderIds.length; n += backorderLimits.placesPerRead) {
      const ids = orderIds.slice(n, n + backorderLimits.placesPerRead);
      const entries = yield* store.getMany(ids.map(orders.key));
      for (const [index, entry] of entries.entries()) {
        const id = ids[index] ?? "";
        const stored = yield* Effect.provideService(
          valueOf(entry, orders.codec.unpack),
          Store,
          store,
        );
        const place = stored?.value.history[0] ?? stored?.versionstamp ?? nowhere;
        found.set(id, place);
        if (place !== nowhere) remember(id, place);
      }
    }
    return found;
  });

  const placedBy = Effect.fnUntraced(function* (ranks: ReadonlyMap<string, string>) {
    const orderIds = [...ranks.keys()];
    const found = new Map<string, Position>();
    for (const id of orderIds) {
      const place = places.get(id);
      if (place !== undefined) found.set(id, place);
    }
    const unknown = orderIds.filter((id) => !found.has(id));
    for (const [id, place] of yield* read(unknown)) found.set(id, place);
    const placeOf = (id: string): Position => found.get(id) ?? nowhere;
    return [...ranks].map(([id, rank]): Waiting => ({ rank, place: placeOf(id), id }))
      .sort(serveOrder);
  });

  const sorted: FirstCome["Service"]["sorted"] = Effect.fnUntraced(function* (waiting) {
    const ranks = ranksOf(waiting);
    return ranks.size < 2 ? [...ranks.keys()] : (yield* placedBy(ranks)).map(({ id }) => id);
  });

  return FirstCome.of({ sorted, placed: (waiting) => placedBy(ranksOf(waiting)) });
});
