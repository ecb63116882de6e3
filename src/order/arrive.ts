/** Gives an order the units that it was promised of a supply, as they arrive at the location. */
import { Result } from "effect";
import { allocatedEvents, fill, fulfillmentOrdersOf } from "./allocate.ts";
import { orderLimits } from "./limits.ts";
import type { LinePromises, Order, OrderCommand, OrderEvent, OrderFacts } from "./order.ts";
import type { OrderDecision } from "./refusals.ts";
import type { RouteAllocation, RoutedLine } from "./route.ts";

type Arrive = Extract<OrderCommand, { readonly type: "arrive" }>;

/** Lines without the promises that end, and the units of each: no more than there are. */
const endedPromises = (
  { lines }: Order,
  { supplyId, quantity, locationId }: Arrive,
  facts: OrderFacts,
): { readonly kept: readonly LinePromises[]; readonly arrived: ReadonlyMap<string, number> } => {
  const kept: LinePromises[] = [];
  const arrived = new Map<string, number>();
  const taken = new Map<string, number>();
  let left = quantity;
  for (const { id, sku, promises } of lines) {
    const pegged = promises?.find((each) => each.supplyId === supplyId);
    if (promises === undefined || pegged === undefined || left === 0) continue;
    const before = taken.get(sku) ?? 0;
    const there = Math.max(0, facts.available(locationId, sku) - before);
    const units = Math.min(left, pegged.quantity, there);
    if (units === 0) continue;
    left -= units;
    taken.set(sku, before + units);
    arrived.set(id, units);
    const rest = promises.filter((each) => each !== pegged);
    kept.push({
      lineId: id,
      promises: units === pegged.quantity
        ? rest
        : [...rest, { ...pegged, quantity: pegged.quantity - units }],
    });
  }
  return { kept, arrived };
};

/** The units of each method, as one fulfillment order of the location. */
const allocationsOf = (
  { lines }: Order,
  locationId: string,
  arrived: ReadonlyMap<string, number>,
): readonly RouteAllocation[] => {
  const byMethod = new Map<RouteAllocation["method"], RoutedLine[]>();
  for (const { id, sku, method } of lines) {
    const quantity = arrived.get(id);
    if (quantity === undefined) continue;
    const routed = { lineId: id, sku, quantity };
    byMethod.set(method, [...byMethod.get(method) ?? [], routed]);
  }
  return [...byMethod].map(([method, routed]) => ({ locationId, method, lines: routed }));
};

/**
 * Promised units are the order's, so they become its own also while it is held: nobody else was to have them. An
 * order that ships as a whole and lacks other goods gives them back, and keeps its place in the queue.
 */
export const arrive = (order: Order, command: Arrive, facts: OrderFacts): OrderDecision => {
  const { kept, arrived } = endedPromises(order, command, facts);
  if (arrived.size === 0) return Result.succeed([]);
  const ended: OrderEvent = { type: "order.promised", lines: kept };
  if (order.shipComplete === true) {
    return Result.succeed([ended, ...fill(order, command.locationId, facts)]);
  }
  const allocations = allocationsOf(order, command.locationId, arrived);
  if (order.fulfillmentOrders.length + allocations.length > orderLimits.fulfillmentOrders) {
    return Result.succeed([ended]);
  }
  return Result.succeed([
    ended,
    ...allocatedEvents(
      order,
      fulfillmentOrdersOf(order, allocations, facts, true),
      [...arrived].map(([lineId, quantity]) => ({ lineId, quantity })),
      true,
    ),
  ]);
};
