/**
 * Promises stock to lines: by the order's shortage policy when it is placed; to backordered lines, first come
 * first served, as stock arrives. An order that touches more stock rows than one commit may is decided on its
 * full route and then allocated in parts.
 */
import { Result } from "effect";
import { waitingLines } from "./exchange.ts";
import { withDates } from "./goods-dates.ts";
import { heldEvent, isHeld } from "./hold-codes.ts";
import { fulfillmentOrderIdOf } from "./ids.ts";
import { kitsOf, rowsOf, skuOf } from "./kits.ts";
import { orderLimits } from "./limits.ts";
import type {
  FulfillmentOrder,
  LineId,
  LineQuantity,
  Order,
  OrderEvent,
  OrderFacts,
  OrderLine,
  Shortage,
} from "./order.ts";
import { servingLocations, withinBuffer } from "./order-channel.ts";
import { promisable, promiseWaiting } from "./promise.ts";
import { isPartId, lineIdOf, partIdOf, partsOf } from "./parts.ts";
import { lineOf, pendingOf } from "./quantities.ts";
import { type CommitRoom, commitRoom, surelyFit, TakenRoom } from "./room.ts";
import type { OrderDecision } from "./refusals.ts";
import { insufficientStock } from "./refusals.ts";
import type { Route, RouteAllocation, RouteDemand } from "./route.ts";
import { route } from "./route.ts";

export const demandOf = (line: OrderLine, quantity: number): RouteDemand => ({
  lineId: line.id,
  sku: line.sku,
  quantity,
  method: line.method,
  locationId: line.locationId,
  components: line.components,
  separately: line.shipsSeparately,
});

/** The same of a line, or a part of one, by its id. */
export const demandsOf = (order: Order, id: LineId, quantity: number): readonly RouteDemand[] => {
  const line = lineOf(order, lineIdOf(id));
  if (line === undefined || quantity === 0) return [];
  if (!isPartId(id)) return [demandOf(line, quantity)];
  const { method, locationId } = line;
  return [{ lineId: id, sku: skuOf(order, id), quantity, method, locationId }];
};

const pendingDemands = (order: Order): readonly RouteDemand[] => {
  const demands: RouteDemand[] = [];
  const parts = partsOf(order);
  for (const [i, pending] of pendingOf(order).entries()) {
    const line = order.lines[i];
    if (line === undefined || pending === 0) continue;
    const kits = parts?.get(line.id);
    const whole = pending - (kits?.pending ?? 0);
    if (whole > 0) demands.push(demandOf(line, whole));
    for (const [n, part] of kits?.units.entries() ?? []) {
      const { perKit, allocated, shipped, waiting } = part;
      const missing = (kits?.begun ?? 0) * perKit - allocated - shipped - waiting;
      demands.push(...demandsOf(order, partIdOf(line.id, n), missing));
    }
  }
  return demands;
};

/** What waits for stock: parts of kits that are begun first. */
const backorderedDemands = (order: Order): readonly RouteDemand[] => {
  const demands = order.lines.filter(({ backordered }) => backordered > 0)
    .map((line) => demandOf(line, line.backordered));
  const parts = order.lines.flatMap(({ id, waitingParts }) =>
    waitingParts?.flatMap((units, n) => demandsOf(order, partIdOf(id, n), units)) ?? noDemands
  );
  return parts.length === 0 ? demands : [...parts, ...demands];
};

const noDemands: readonly RouteDemand[] = [];

const nobody: ReadonlySet<string> = new Set();

/** Locations that rejected this order before: they would be sent the order again, and not find the goods. */
export const rejectingLocationIds = (order: Order): ReadonlySet<string> => {
  if (order.fulfillmentOrders.length === 0) return nobody;
  const ids = new Set<string>();
  for (const { status, locationId } of order.fulfillmentOrders) {
    if (status === "rejected" && locationId !== null) ids.add(locationId);
  }
  return ids;
};

/** A route in which goods that are kept back until a return is there are apart from all others. */
const withKeptApart = (order: Order, full: Route): Route => {
  const waiting = waitingLines(order);
  if (waiting.size === 0) return full;
  const allocations = full.allocations.flatMap((allocation): readonly RouteAllocation[] => {
    const byReturn = new Map<string | undefined, RouteAllocation["lines"]>();
    for (const line of allocation.lines) {
      const returnId = waiting.get(lineIdOf(line.lineId));
      byReturn.set(returnId, [...byReturn.get(returnId) ?? [], line]);
    }
    return [...byReturn.values()].map((lines) => ({ ...allocation, lines }));
  });
  return { ...full, allocations };
};

/** Routes within the bound of fulfillment orders that one order may have: units beyond it are unfilled. */
const routeOf = (
  order: Order,
  demands: readonly RouteDemand[],
  facts: OrderFacts,
  excludedLocationIds: ReadonlySet<string>,
): Route => {
  const routed = route(demands, servingLocations(facts), facts.available, order.destination, {
    excludedLocationIds,
  });
  const full = withKeptApart(order, withinBuffer(routed, facts));
  const room = Math.max(0, orderLimits.fulfillmentOrders - order.fulfillmentOrders.length);
  if (full.allocations.length <= room) return full;
  const beyond = full.allocations.slice(room).flatMap(({ lines }) => lines);
  const unfilled = new Map<LineId, number>();
  for (const { lineId, quantity } of [...full.unfilled, ...beyond]) {
    unfilled.set(lineId, (unfilled.get(lineId) ?? 0) + quantity);
  }
  return {
    ...full,
    allocations: full.allocations.slice(0, room),
    unfilled: [...unfilled].map(([lineId, quantity]) => ({ lineId, quantity })),
  };
};

/** The missing units by SKU, of the lines that `counts` picks out. */
const shortagesOf = (
  order: Order,
  demands: readonly RouteDemand[],
  unfilled: readonly LineQuantity[],
  counts: (line: OrderLine) => boolean,
): readonly Shortage[] => {
  if (unfilled.length === 0) return [];
  const missing = new Map<string, number>();
  for (const { lineId, quantity } of unfilled) {
    const line = lineOf(order, lineId);
    if (line === undefined || !counts(line)) continue;
    missing.set(line.sku, (missing.get(line.sku) ?? 0) + quantity);
  }
  const requested = new Map<string, number>();
  for (const { sku, quantity } of demands) {
    if (missing.has(sku)) requested.set(sku, (requested.get(sku) ?? 0) + quantity);
  }
  return [...requested].map(([sku, units]) => ({
    sku,
    requested: units,
    available: units - (missing.get(sku) ?? 0),
  }));
};

/** The part of a route that one commit allocates. */
interface RoutePart {
  readonly allocations: readonly RouteAllocation[];
  readonly unfilled: readonly LineQuantity[];
  /** False: more is left for the next commit. */
  readonly complete: boolean;
}

/** Takes as much of a route as one commit has room for; a line that will wait for stock counts as a row. */
const firstPart = (order: Order, full: Route, room: CommitRoom): RoutePart => {
  const kits = kitsOf(order);
  let rows = full.unfilled.length;
  for (const { lines } of full.allocations) rows += lines.length;
  if (kits !== null) {
    rows = rowsOf(kits, full.unfilled);
    for (const { lines } of full.allocations) rows += rowsOf(kits, lines);
  }
  if (surelyFit(rows, full.allocations.length, room)) return { ...full, complete: true };
  const taken = new TakenRoom(order, room);
  const allocations: RouteAllocation[] = [];
  let complete = true;
  for (const allocation of full.allocations) {
    const { locationId } = allocation;
    if (locationId === null) {
      allocations.push(allocation);
      continue;
    }
    const lines = allocation.lines.filter(({ lineId, sku }) =>
      kits === null
        ? taken.row(locationId, sku)
        : taken.goods(locationId, { sku, components: kits.get(lineId) })
    );
    if (lines.length < allocation.lines.length) complete = false;
    if (lines.length > 0) allocations.push({ ...allocation, lines });
  }
  const beyond = full.unfilled.findIndex(({ lineId }) =>
    !taken.waitingGoods(lineOf(order, lineId) ?? { sku: skuOf(order, lineId) })
  );
  return beyond < 0
    ? { allocations, unfilled: full.unfilled, complete }
    : { allocations, unfilled: full.unfilled.slice(0, beyond), complete: false };
};

export const fulfillmentOrdersOf = (
  order: Order,
  allocations: readonly RouteAllocation[],
  facts: OrderFacts,
  justArrived = false,
): readonly FulfillmentOrder[] => {
  const waiting = waitingLines(order);
  const made = allocations.map(({ locationId, method, lines }, i): FulfillmentOrder => ({
    id: fulfillmentOrderIdOf(order.id, order.fulfillmentOrders.length + i + 1),
    status: waiting.size > 0 && lines.some(({ lineId }) => waiting.has(lineIdOf(lineId)))
      ? "waiting"
      : "open",
    locationId,
    method,
    lines: lines.map(({ lineId, sku, quantity }) => ({
      lineId,
      sku,
      quantity,
      picked: 0,
      shipped: 0,
    })),
    packages: [],
    createdAt: facts.now,
    updatedAt: facts.now,
  }));
  return facts.dates === undefined ? made : withDates(order, made, facts, justArrived);
};

/**
 * The events of an allocation: digital goods arrive as soon as they are allocated, unless the order has holds.
 */
export const allocatedEvents = (
  { holds }: Order,
  fulfillmentOrders: readonly FulfillmentOrder[],
  filled: readonly LineQuantity[],
  complete: boolean,
): readonly OrderEvent[] => {
  const events: OrderEvent[] = [{
    type: "order.allocated",
    fulfillmentOrders,
    filled,
    complete,
  }];
  if (holds.length > 0) return events;
  for (const { id, method, status } of fulfillmentOrders) {
    if (method !== "digital" || status === "waiting") continue;
    events.push({ type: "fulfillment_order.delivered", fulfillmentOrderId: id });
  }
  return events;
};

const skusInReason = 5;

const heldForShortage = (shortages: readonly Shortage[], by: string): OrderEvent => {
  const named = shortages.slice(0, skusInReason).map(({ sku }) => sku).join(", ");
  const more = shortages.length > skusInReason
    ? ` and ${shortages.length - skusInReason} more`
    : "";
  return heldEvent("shortage", `Not enough stock of ${named}${more}.`, by);
};

/** The answer to missing units. */
type Shortfall = "nothing missing" | "backorder" | "short" | "hold" | "refuse";

interface Situation {
  /**
   * The units had been promised before, so they are never given up: their location rejected them, or their
   * shipment was given up.
   */
  readonly promised: boolean;
  /**
   * The end of an order that its policy can neither backorder nor shorten. `policy`: hold or refuse as the
   * policy says. `hold`: the order is there and cannot be refused. `refuse`: somebody asked for all of it now.
   */
  readonly otherwise: "policy" | "hold" | "refuse";
  readonly room: CommitRoom;
  readonly excludedLocationIds: ReadonlySet<string>;
}

const shortfallOf = (
  order: Order,
  full: Route,
  blocking: readonly Shortage[],
  { promised, otherwise }: Situation,
): Shortfall => {
  if (full.unfilled.every(({ lineId }) => isPartId(lineId))) return "nothing missing";
  if (promised) return "backorder";
  const rest = otherwise !== "policy" ? otherwise : order.onShortage === "hold" ? "hold" : "refuse";
  switch (order.onShortage) {
    case "backorder":
      return blocking.length === 0 ? "backorder" : rest;
    case "partial":
      return full.allocations.length > 0 || order.fulfillmentOrders.length > 0 ? "short" : rest;
    case "hold":
    case "reject":
      return rest;
  }
};

/** All of it, or nothing: what waits for the rest would be missing elsewhere. */
const wholeOrNothing = (full: Route, demands: readonly RouteDemand[]): Route =>
  full.unfilled.length === 0 ? full : {
    allocations: [],
    unfilled: demands.map(({ lineId, quantity }) => ({ lineId, quantity })),
  };

/** Whether a line may not wait: its item is never backordered, or only against supply that is not there. */
const isNotToWait = (
  order: Order,
  unfilled: readonly LineQuantity[],
  facts: OrderFacts,
): (line: OrderLine) => boolean => {
  const isAgainstSupply = ({ sku }: OrderLine) => facts.item(sku)?.backorder === "against_supply";
  const bound = unfilled.filter(({ lineId }) => {
    const line = lineOf(order, lineId);
    return line !== undefined && isAgainstSupply(line);
  });
  if (bound.length === 0) return ({ mayBackorder }) => !mayBackorder;
  const found = promisable(order, bound, facts);
  const refused = new Set(
    bound.filter(({ lineId, quantity }) => (found.get(lineId) ?? 0) < quantity)
      .map(({ lineId }) => lineId),
  );
  return ({ id, mayBackorder }) => !mayBackorder || refused.has(id);
};

/** Promises of supply for units that wait from now on, where the commit has room for them. */
const promisesOf = (order: Order, part: RoutePart, facts: OrderFacts): readonly OrderEvent[] => {
  if (!part.complete || isHeld(order)) return [];
  const taken = new TakenRoom(order, commitRoom(facts));
  for (const { locationId, lines } of part.allocations) {
    for (const { sku } of lines) taken.row(locationId, sku);
  }
  return promiseWaiting(order, part.unfilled, facts, taken);
};

/** Parts of kits that are begun wait whatever the policy: the rest of their kits is promised. */
const unfilledEvents = (
  unfilled: readonly LineQuantity[],
  shortfall: Shortfall,
): readonly OrderEvent[] => {
  if (shortfall !== "short") return [{ type: "order.backordered", lines: unfilled }];
  const [parts, lines] = [true, false].map((isPart) =>
    unfilled.filter(({ lineId }) => isPartId(lineId) === isPart)
  );
  const events: OrderEvent[] = [];
  if (lines !== undefined && lines.length > 0) events.push({ type: "order.shorted", lines });
  if (parts !== undefined && parts.length > 0) {
    events.push({ type: "order.backordered", lines: parts });
  }
  return events;
};

/** Allocates the demands of an order, the first of its parts when it is large. */
export const allocateDemands = (
  order: Order,
  demands: readonly RouteDemand[],
  facts: OrderFacts,
  situation: Situation,
): OrderDecision => {
  const routed = routeOf(order, demands, facts, situation.excludedLocationIds);
  const full = order.shipComplete === true && !situation.promised
    ? wholeOrNothing(routed, demands)
    : routed;
  const blocking = shortagesOf(
    order,
    demands,
    full.unfilled,
    order.onShortage === "backorder" ? isNotToWait(order, full.unfilled, facts) : () => true,
  );
  const shortfall = shortfallOf(order, full, blocking, situation);
  if (shortfall === "refuse") return insufficientStock(blocking);
  if (shortfall === "hold") return Result.succeed([heldForShortage(blocking, facts.by)]);

  const part = firstPart(order, full, situation.room);
  const fulfillmentOrders = fulfillmentOrdersOf(order, part.allocations, facts);
  const events: OrderEvent[] = [];
  if (!part.complete && !order.allocating) events.push({ type: "order.allocating" });
  if (fulfillmentOrders.length > 0 || (part.complete && order.allocating)) {
    events.push(...allocatedEvents(order, fulfillmentOrders, [], part.complete));
  }
  if (part.unfilled.length === 0) return Result.succeed(events);
  events.push(...unfilledEvents(part.unfilled, shortfall));
  if (shortfall !== "short") events.push(...promisesOf(order, part, facts));
  return Result.succeed(events);
};

/** Allocates pending units, or goes on with it. Makes no event when there is nothing to do. */
export const allocate = (order: Order, facts: OrderFacts): OrderDecision => {
  if (isHeld(order) || order.closed) return Result.succeed([]);
  const demands = pendingDemands(order);
  if (demands.length === 0) {
    return Result.succeed(order.allocating ? allocatedEvents(order, [], [], true) : []);
  }
  const excludedLocationIds = rejectingLocationIds(order);
  return allocateDemands(order, demands, facts, {
    // Units that are pending once more had been promised by the first allocation.
    promised: excludedLocationIds.size > 0 ||
      order.shipments.some(({ status }) => status === "replaced"),
    // Parts of an order that goes on are allocated already.
    otherwise: order.allocating ? "hold" : "policy",
    room: commitRoom(facts),
    excludedLocationIds,
  });
};

/** Allocates the units that holds left pending, by the policy; else refuses, or holds the order again. */
export const allocateReleased = (
  order: Order,
  refusesShortage: boolean,
  facts: OrderFacts,
): OrderDecision => {
  const demands = pendingDemands(order);
  if (demands.length === 0) return Result.succeed([]);
  return allocateDemands(order, demands, facts, {
    promised: false,
    otherwise: refusesShortage ? "refuse" : "hold",
    room: commitRoom(facts),
    excludedLocationIds: rejectingLocationIds(order),
  });
};

/**
 * Gives available stock to backordered lines, the earlier lines first. Orders that are held, or in the
 * middle of an allocation, get none. What one commit cannot take is filled when asked again.
 */
export const fill = (
  order: Order,
  arrivedAt: string | undefined,
  facts: OrderFacts,
): readonly OrderEvent[] => {
  if (isHeld(order) || order.allocating || order.closed) return [];
  const demands = backorderedDemands(order);
  if (demands.length === 0) return [];
  const excluded = new Set(arrivedAt === undefined ? [] : rejectingLocationIds(order));
  if (arrivedAt !== undefined) excluded.delete(arrivedAt);
  const full = routeOf(order, demands, facts, excluded);
  if (order.shipComplete === true && full.unfilled.length > 0) return [];
  const { allocations } = firstPart(order, { ...full, unfilled: [] }, commitRoom(facts, true));
  if (allocations.length === 0) return [];
  const filled = new Map<LineId, number>();
  for (const { lineId, quantity } of allocations.flatMap(({ lines }) => lines)) {
    filled.set(lineId, (filled.get(lineId) ?? 0) + quantity);
  }
  const missing = partsToWaitFor(order, full.begun ?? [], filled);
  const events = allocatedEvents(
    order,
    fulfillmentOrdersOf(order, allocations, facts),
    [...filled].flatMap(([lineId, quantity]) => quantity > 0 ? [{ lineId, quantity }] : []),
    true,
  );
  return missing.length === 0 ? events : [...events, { type: "order.backordered", lines: missing }];
};

/**
 * Counts kits that are begun as filled, and so their parts as waiting: less the units that are promised now, which
 * may be units of kits that were begun before. Says which parts wait from now on, for want of room in the commit.
 */
const partsToWaitFor = (
  order: Order,
  begun: readonly LineQuantity[],
  filled: Map<LineId, number>,
): readonly LineQuantity[] =>
  begun.flatMap(({ lineId, quantity: kits }) => {
    filled.set(lineId, (filled.get(lineId) ?? 0) + kits);
    const { components = [] } = lineOf(order, lineId) ?? {};
    return components.flatMap(({ quantity }, n) => {
      const partId = partIdOf(lineId, n);
      const waits = kits * quantity - (filled.get(partId) ?? 0);
      filled.set(partId, Math.max(0, -waits));
      return waits > 0 ? [{ lineId: partId, quantity: waits }] : [];
    });
  });
