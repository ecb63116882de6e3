/** Takes units out of an order and gives their stock back at once. */
import { Result } from "effect";
import type {
  CancelledLine,
  FulfillmentOrder,
  LineQuantity,
  Order,
  OrderEvent,
  OrderFacts,
  OrderRejection,
} from "./order.ts";
import { fulfillmentOrderStatuses } from "./order.ts";
import { skuOf } from "./kits.ts";
import { type LineParts, partIdOf, partsOf } from "./parts.ts";
import {
  hasAnythingLeft,
  hasEnded,
  lineIndexOf,
  lineOf,
  quantitiesOf,
  unitsToTakeOut,
} from "./quantities.ts";
import type { OrderDecision } from "./refusals.ts";
import { chosenUnits, illegalForOrder, invalid, kitIncomplete } from "./refusals.ts";
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

/**
 * Out of which parts of their lines the units come: pending first, then backordered, then allocated, and at last
 * kits whose parts are apart.
 */
const takeFrom = (order: Order, units: ReadonlyMap<string, number>): readonly CancelledLine[] => {
  const quantities = quantitiesOf(order);
  const allocations = allocationsByLine(order);
  const parts = partsOf(order);
  return [...units].map(([lineId, quantity]) => {
    const index = lineIndexOf(order, lineId);
    const kits = parts?.get(lineId);
    const pending = (quantities[index]?.pending ?? 0) - (kits?.pending ?? 0);
    let left = quantity - Math.min(quantity, pending);
    const backordered = Math.min(left, order.lines[index]?.backordered ?? 0);
    left -= backordered;
    const allocated: LineAllocation[] = [];
    for (const { fulfillmentOrderId, quantity: there } of allocations[index] ?? []) {
      if (left === 0) break;
      const taken = Math.min(left, there);
      allocated.push({ fulfillmentOrderId, quantity: taken });
      left -= taken;
    }
    const line = { lineId, quantity, backordered, allocated };
    return kits === undefined || left === 0 ? line : withParts(order, line, kits, left);
  });
};

/** The same with so many kits whose parts are apart: of each part, units that nothing promises come first. */
const withParts = (
  order: Order,
  line: CancelledLine,
  { units, begun }: LineParts,
  kits: number,
): CancelledLine => {
  const open = leastAdvancedFirst(order);
  const allocated = [...line.allocated];
  const waitingParts: LineQuantity[] = [];
  for (const [n, { perKit, allocated: promised, shipped, waiting }] of units.entries()) {
    const partId = partIdOf(line.lineId, n);
    let left = kits * perKit;
    left -= Math.min(left, begun * perKit - promised - shipped - waiting);
    const waits = Math.min(left, waiting);
    if (waits > 0) waitingParts.push({ lineId: partId, quantity: waits });
    left -= waits;
    for (const { id, lines } of open) {
      const there = lines.find(({ lineId }) => lineId === partId);
      const quantity = Math.min(left, (there?.quantity ?? 0) - (there?.shipped ?? 0));
      if (quantity > 0) allocated.push({ fulfillmentOrderId: id, quantity, partId });
      left -= quantity;
    }
  }
  return waitingParts.length === 0 ? { ...line, allocated } : { ...line, allocated, waitingParts };
};

const hasParts = ({ allocated, waitingParts }: CancelledLine): boolean =>
  waitingParts !== undefined || allocated.some(({ partId }) => partId !== undefined);

/** As many of these kits as one commit has room for, each with all of its parts; null for none. */
const fittingParts = (
  order: Order,
  line: CancelledLine,
  taken: TakenRoom,
  places: ReadonlyMap<string, string | null>,
): CancelledLine | null => {
  const { lineId } = line;
  const goods = lineOf(order, lineId) ?? { sku: "" };
  for (let quantity = line.quantity; quantity > 0; quantity = Math.floor(quantity / 2)) {
    const [fewer = line] = quantity === line.quantity
      ? [line]
      : takeFrom(order, new Map([[lineId, quantity]]));
    const { backordered, allocated, waitingParts = [] } = fewer;
    const fits = taken.together(() =>
      (backordered === 0 || taken.waitingGoods(goods)) &&
      waitingParts.every((part) => taken.waiting(skuOf(order, part.lineId))) &&
      allocated.every(({ fulfillmentOrderId, partId }) => {
        const place = places.get(fulfillmentOrderId) ?? null;
        return partId === undefined
          ? taken.goods(place, goods)
          : taken.row(place, skuOf(order, partId));
      })
    );
    if (fits) return fewer;
  }
  return somePartsOfOne(order, line, taken, places);
};

/**
 * The parts of one kit that fit, where not all of them do: they are given up, and the kit with the last of them.
 * It happens only to what is being cancelled as a whole.
 */
const somePartsOfOne = (
  order: Order,
  { lineId }: CancelledLine,
  taken: TakenRoom,
  places: ReadonlyMap<string, string | null>,
): CancelledLine | null => {
  const [one] = takeFrom(order, new Map([[lineId, 1]]));
  const waitingParts = (one?.waitingParts ?? []).filter((part) =>
    taken.waiting(skuOf(order, part.lineId))
  );
  const allocated = (one?.allocated ?? []).filter(({ fulfillmentOrderId, partId }) =>
    partId !== undefined &&
    taken.row(places.get(fulfillmentOrderId) ?? null, skuOf(order, partId))
  );
  if (waitingParts.length + allocated.length === 0) return null;
  const none = { lineId, quantity: 0, backordered: 0, allocated };
  return waitingParts.length === 0 ? none : { ...none, waitingParts };
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
    if (hasParts(line)) {
      const fitting = fittingParts(order, line, taken, places);
      if (fitting !== null) lines.push(fitting);
      if (fitting?.quantity !== line.quantity) complete = false;
      continue;
    }
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
  if (hasAnythingLeft(order)) {
    return illegalForOrder("cancel", order, "Units have left already: name the lines to cancel.");
  }
  const all = new Map<string, number>();
  for (const { id, quantity, cancelled } of order.lines) {
    if (quantity > cancelled) all.set(id, quantity - cancelled);
  }
  const { lines, complete } = firstPart(order, takeFrom(order, all), commitRoom(facts));
  if (lines.length === 0 && !complete) return tooManyAtOnce;
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

const tooManyAtOnce = invalid(
  "/lines",
  "These are too many units to cancel at once: name fewer at a time.",
);

/** Why these units cannot be taken out: parts of their kits have left. Null when they can. */
export const brokenKit = (
  order: Order,
  units: ReadonlyMap<string, number>,
): Result.Result<never, OrderRejection> | null => {
  const most = unitsToTakeOut(order);
  for (const [lineId, quantity] of units) {
    const open = most(lineId) ?? 0;
    if (quantity <= open) continue;
    return kitIncomplete(
      lineId,
      `Parts of kits of line ${lineId} have left: the rest of them is owed, and ${open} can be cancelled.`,
    );
  }
  return null;
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
  const broken = brokenKit(order, units.success);
  if (broken !== null) return broken;
  const taken = takeOut(order, units.success, reason, facts);
  return taken === null ? tooManyAtOnce : Result.succeed(taken.events);
};
