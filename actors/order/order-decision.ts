/** One decision about one order, with the stock that this process knows as its facts. */
import { Result } from "effect";
import type { Instant } from "../../src/kernel/instant.ts";
import type { StockDelta, StockRow } from "../../src/stock/stock.ts";
import type { RowName } from "../../src/subject/balance.ts";
import { orderLimits } from "../../src/kernel/limits.ts";
import { apply, decide } from "../../src/order/decide.ts";
import type {
  Order,
  OrderCommand,
  OrderEvent,
  OrderRejection,
  RoutingLocation,
} from "../../src/order/order.ts";
import type { Book } from "../balance/book.ts";

export interface Decision {
  readonly before: Order;
  readonly after: Order;
  readonly events: readonly OrderEvent[];
  readonly stock: readonly StockDelta[];
}

export interface DecisionContext {
  readonly now: Instant;
  readonly by: string;
  readonly locations: readonly RoutingLocation[];
  /** Commits of the store may touch this many fences. */
  readonly locationsPerCommit: number;
}

/** Availability that a unit of work brings along or has used up already, beside what is in the book. */
export type Overlay = (locationId: string, sku: string) => number;

/** Decides in one tick. Rows that the decision asked for and the book does not know are named instead. */
export const decideNow = (
  book: Book<StockRow, StockDelta>,
  order: Order,
  command: OrderCommand,
  context: DecisionContext,
  overlay?: Overlay,
): Result.Result<Decision, OrderRejection> | { readonly missing: readonly RowName[] } => {
  const missing: RowName[] = [];
  const decided = decide(order, command, {
    now: context.now,
    by: context.by,
    locations: context.locations,
    stockRowsPerCommit: orderLimits.stockRowsPerCommit,
    locationsPerCommit: context.locationsPerCommit,
    available: (locationId, sku) => {
      const available = book.available(locationId, sku);
      if (available === undefined) {
        missing.push({ space: locationId, row: sku });
        return 0;
      }
      return available + (overlay?.(locationId, sku) ?? 0);
    },
  });
  if (missing.length > 0) return { missing };
  if (Result.isFailure(decided)) return Result.fail(decided.failure);
  return Result.succeed(foldEvents(order, decided.success, context.now));
};

const wantsStock = (event: OrderEvent): boolean =>
  event.type === "order.backordered" || event.type === "order.shorted" ||
  (event.type === "order.held" && event.code === "shortage");

/** Whether the decision came out as it did for want of stock. */
export const isShort = (decided: Result.Result<Decision, OrderRejection>): boolean =>
  Result.isFailure(decided)
    ? decided.failure._tag === "InsufficientStock"
    : decided.success.events.some(wantsStock);

/** What events make of an order, and what they do to stock. The version counts one commit. */
const foldEvents = (before: Order, events: readonly OrderEvent[], now: Instant): Decision => {
  const { order, stock } = apply(before, events, now);
  return { before, after: { ...order, version: before.version + 1 }, events, stock };
};
