/** Takes units out of an order and gives their stock back at once. */
import { Result } from "effect";
import type {
  CancelledLine,
  FulfillmentOrder,
  LineQuantity,
  Order,
  OrderEvent,
  OrderFacts,
} from "./order.ts";
import { fulfillmentOrderStatuses } from "./order.ts";
import { hasEnded, lineIndexOf, lineOf, quantitiesOf, totalQuantitiesOf } from "./quantities.ts";
import type { OrderDecision } from "./refusals.ts";
import { chosenUnits, illegalForOrder, invalid } from "./refusals.ts";
import { type CommitRoom, commitRoom, TakenRoom } from "./room.ts";
import { orderAllows } from "./status.ts";
import { hasArrived } from "./tracking.ts";

type LineAllocation = CancelledLine["allocated"][number];

/** Fulfillment orders that hold stock. The one where the least work is lost comes first, then the newest. */
const leastAdvancedFirst = (order: Order): readonly FulfillmentOrder[] => {
  const advance = ({ status }: FulfillmentOrder) => fulfillmentOrderStatuses.indexOf(status);
  return order.fulfillmentOrders.filter((fulfillmentOrder) => !hasEnded(fulfillmentOrder))
    .reverse()
    .sort((a, b) => advance(a) - advance(b));
};

/** By line, where its allocated units can be taken from. */
const allocationsByLine = (
  order: Order,
): readonly (readonly LineAllocation[])[] => {
  const byLine = order.lines.map((): LineAllocation[] => []);
  for (const { id, lines } of leastAdvancedFirst(order)) {
    for (const { lineId, quantity, shipped } of lines) {
      if (quantity === shipped) continue;
      byLine[lineIndexOf(order, lineId)]?.push({
        fulfillmentOrderId: id,
        quantity: quantity - shipped,
      });
    }
  }
  return byLine;
};

/** Out of which parts of their lines the units come: pending first, then backordered, then allocated. */
const takeFrom = (order: Order, units: ReadonlyMap<string, number>): readonly CancelledLine[] => {
  const quantities = quantitiesOf(order);
  const allocations = allocationsByLine(order);
  return [...units].map(([lineId, quantity]) => {
    const index = lineIndexOf(order, lineId);
    let left = quantity - Math.min(quantity, quantities[index]?.pending ?? 0);
    const backordered = Math.min(left, quantities[index]?.backordered ?? 0);
    left -= backordered;
    const allocated: LineAllocation[] = [];
    for (const { fulfillmentOrderId, quantity: there } of allocations[index] ?? []) {
      if (left === 0) break;
      const taken = Math.min(left, there);
      allocated.push({ fulfillmentOrderId, quantity: taken });
      left -= taken;
    }
    return { lineId, quantity, backordered, allocated };
  });
};

/** The first of these cancellations that one commit has room for. */
const firstPart = (
  order: Order,
  cancelled: readonly CancelledLine[],
  room: CommitRoom,
): {
  readonly lines: readonly CancelledLine[];
  readonly complete: boolean;
  readonly left: CommitRoom;
} => {
  const places = new Map(order.fulfillmentOrders.map(({ id, locationId }) => [id, locationId]));
  const taken = new TakenRoom(order, room);
  const lines: CancelledLine[] = [];
  let complete = true;
  for (const line of cancelled) {
    const goods = lineOf(order, line.lineId) ?? { sku: "" };
    if (taken.left.rows <= 0 || (line.backordered > 0 && !taken.waitingGoods(goods))) {
      return { lines, complete: false, left: taken.left };
    }
    let left = 0;
    const allocated = line.allocated.filter(({ fulfillmentOrderId, quantity }) => {
      const fits = taken.goods(places.get(fulfillmentOrderId) ?? null, goods);
      if (!fits) left += quantity;
      return fits;
    });
    if (left > 0) complete = false;
    if (line.quantity > left) lines.push({ ...line, quantity: line.quantity - left, allocated });
  }
  return { lines, complete, left: taken.left };
};

/** Fulfillment orders that have nothing more to ship once these units are gone, and have arrived. */
const arrivals = (order: Order, lines: readonly CancelledLine[]): readonly OrderEvent[] => {
  const taken = new Map<string, number>();
  for (const { fulfillmentOrderId, quantity } of lines.flatMap(({ allocated }) => allocated)) {
    taken.set(fulfillmentOrderId, (taken.get(fulfillmentOrderId) ?? 0) + quantity);
  }
  return order.fulfillmentOrders.flatMap((fulfillmentOrder): readonly OrderEvent[] => {
    const { id, status } = fulfillmentOrder;
    if (status !== "partially_shipped" || !taken.has(id)) return [];
    let left = -(taken.get(id) ?? 0);
    for (const { quantity, shipped } of fulfillmentOrder.lines) left += quantity - shipped;
    return left === 0 && hasArrived(order.shipments, id)
      ? [{ type: "fulfillment_order.delivered", fulfillmentOrderId: id }]
      : [];
  });
};

/**
 * Cancels all that an order still has, in parts when that touches more rows than one commit may: asked
 * again, it goes on.
 */
export const cancelWhole = (order: Order, reason: string, facts: OrderFacts): OrderDecision => {
  if (totalQuantitiesOf(order).shipped > 0) {
    return illegalForOrder("cancel", order, "Units have left already: name the lines to cancel.");
  }
  const all = new Map<string, number>();
  for (const { id, quantity, cancelled } of order.lines) {
    if (quantity > cancelled) all.set(id, quantity - cancelled);
  }
  const { lines, complete } = firstPart(order, takeFrom(order, all), commitRoom(facts));
  return Result.succeed([{ type: "order.cancelled", reason, lines, complete }]);
};

/** Cancels units that are open, and says which room it leaves; null where one commit has none for it. */
export const takeOut = (
  order: Order,
  units: ReadonlyMap<string, number>,
  reason: string,
  facts: OrderFacts,
): { readonly events: readonly OrderEvent[]; readonly left: CommitRoom } | null => {
  const lines = takeFrom(order, units);
  const { complete, left } = firstPart(order, lines, commitRoom(facts));
  return !complete ? null : {
    events: [{ type: "order.cancelled", reason, lines, complete }, ...arrivals(order, lines)],
    left,
  };
};

/** Cancels an order of which nothing has left, or any units that have not. */
export const cancel = (
  order: Order,
  reason: string,
  chosen: readonly LineQuantity[] | undefined,
  facts: OrderFacts,
): OrderDecision => {
  if (!orderAllows(order, "cancel")) return illegalForOrder("cancel", order);
  if (order.cancelling !== undefined) return cancelWhole(order, order.cancelling, facts);
  if (chosen === undefined) return cancelWhole(order, reason, facts);
  const quantities = quantitiesOf(order);
  const left = (lineId: string): number | undefined => {
    const line = quantities[lineIndexOf(order, lineId)];
    return line && line.pending + line.backordered + line.allocated;
  };
  const units = chosenUnits(chosen, left, "left to cancel");
  if (Result.isFailure(units)) return Result.fail(units.failure);
  const taken = takeOut(order, units.success, reason, facts);
  return taken === null
    ? invalid("/lines", "These are too many units to cancel at once: name fewer at a time.")
    : Result.succeed(taken.events);
};
