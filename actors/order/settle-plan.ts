/** Finds the orders that are promised units of supply, and plans which of them take part in one commit. */
import { Effect } from "effect";
import { below } from "../../src/kernel/key.ts";
import { orders } from "../../src/order/definition.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { shelfOfOrderId } from "../../src/order/ids.ts";
import type { PromiseCommand } from "../../src/order/line-promise.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { supplyBalance } from "../../src/supply/balance.ts";
import { settleLimits } from "../../src/supply/limits.ts";
import {
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
import { Books } from "../balance/books.ts";
import type { Alongside } from "../command/command.ts";
import { FirstCome, waitingPlaceOf } from "./first-come.ts";

type PlanServices = Store | Aggregates | Deciding | Books | FirstCome;

/** Fences beside those of orders' shelves: of the location, of the document, and of an idempotency key. */
const otherFences = 4;

/** What one commit is to do beside the command. */
export interface SettlePlan {
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

/** The units that each of these orders is promised of a supply. */
const peggedUnits = Effect.fnUntraced(function* (
  supplyId: string,
  orderIds: readonly string[],
) {
  const aggregates = yield* Aggregates;
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
): Effect.fn.Return<PeggedOrders, StoreError, PlanServices> {
  const store = yield* Store;
  const firstCome = yield* FirstCome;
  const range = { ...below(orderKeys.pegged(supplyId)), limit: settleLimits.ordersPerCommit };
  const front = yield* store.list(range);
  const first = yield* peggedUnits(
    supplyId,
    yield* firstCome.sorted(front.map(waitingPlaceOf)),
  );
  if (front.length < range.limit) return { first, last: first.toReversed() };
  const back = yield* store.list({ ...range, reverse: true });
  const last = yield* firstCome.sorted(back.map(waitingPlaceOf));
  return { first, last: yield* peggedUnits(supplyId, last.toReversed()) };
});

const rowOf = Effect.fnUntraced(function* (locationId: string, supplyId: string) {
  const deciding = yield* Deciding;
  const book = (yield* Books).bookOf(supplyBalance);
  yield* deciding.loadRows([{ balance: supplyBalance.name, space: locationId, row: supplyId }]);
  const row: SupplyUnits = book.row(locationId, supplyId) ??
    { expected: 0, reserved: 0, claimed: 0 };
  return row;
});

/** A line as it is before anything of it is moved. */
const asBefore = (line: PendingLine, moved: readonly MovedUnits[]): PendingLine => {
  const free = moved.find(({ lineId }) => lineId === line.id);
  return {
    id: line.id,
    arriving: line.arriving + (free?.arrived ?? 0),
    cutting: line.cutting + (free?.cut ?? 0),
  };
};

/** Adds the orders of one line; answers the units of it that leave its row. */
const planned = (
  pending: PendingLine,
  row: SupplyUnits,
  pegged: PeggedOrders,
  locationId: string,
  participants: Participants,
): number => {
  const all = [...pegged.first, ...pegged.last];
  // An order takes part once: this line is moved by the next commit.
  if (all.some(({ orderId }) => participants.has(orderId))) return 0;
  const supplyId = pending.id;
  const { moved, arrive, unpeg } = planLine(pending, row, {
    ...pegged,
    first: participants.fitting(pegged.first),
    last: participants.fitting(pegged.last),
  }, participants.room);
  for (const { orderId, quantity } of arrive) {
    participants.add(orderId, { type: "arrive", supplyId, locationId, quantity });
  }
  for (const { orderId, quantity } of unpeg) {
    participants.add(orderId, { type: "unpeg", supplyId, quantity });
  }
  return moved;
};

/**
 * The orders that take part in the next commit of a document, by its lines after a command and what the command
 * moves by itself; null where none is promised anything.
 */
export const planOf = Effect.fnUntraced(function* (
  lines: readonly PendingLine[],
  moved: readonly MovedUnits[],
  locationId: string,
  ordersPerCommit: number,
): Effect.fn.Return<SettlePlan | null, StoreError, PlanServices> {
  const { limits } = yield* Store;
  const participants = new Participants(ordersPerCommit, limits.checks - otherFences);
  const moves: Move[] = [];
  for (const line of lines) {
    const pending = asBefore(line, moved);
    if (pendingUnits(pending) === 0) continue;
    const row = yield* rowOf(locationId, line.id);
    if (row.reserved === 0) continue;
    const pegged = yield* peggedOrders(line.id);
    const quantity = planned(pending, row, pegged, locationId, participants);
    moves.push({ lineId: line.id, quantity });
  }
  return moves.length === 0 ? null : { moves, steps: participants.steps };
});
