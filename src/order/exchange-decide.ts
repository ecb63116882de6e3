/**
 * Exchanges a return for other goods, and follows it: they are allocated as an edit's are, become the warehouse's
 * work with the return, and are taken out where nothing of it comes.
 */
import { Result } from "effect";
import { allocateDemands, demandOf, rejectingLocationIds } from "./allocate.ts";
import { takeOut } from "./cancel.ts";
import { editsOf } from "./edit.ts";
import { EditDraft } from "./edit-draft.ts";
import { cameToNothing, type ExchangeRequest, keepsBack, keptFor, openUnits } from "./exchange.ts";
import { isHeld } from "./hold-codes.ts";
import { orderLimits } from "./limits.ts";
import type { LineId, Order, OrderFacts, OrderRejection } from "./order.ts";
import { illegalForOrder, invalid, type OrderDecision } from "./refusals.ts";
import { lineOf } from "./quantities.ts";
import type { Return } from "./return.ts";
import { returnsOf } from "./return-units.ts";
import { type CommitRoom, commitRoom, TakenRoom } from "./room.ts";
import { Unfolding } from "./unfolding.ts";

const pointerTo = "/exchange/lines";

/** Why an order can have no exchange now; null when it can. */
export const noExchange = (
  order: Order,
  { lines }: ExchangeRequest,
): Result.Result<never, OrderRejection> | null => {
  if (lines.length === 0 || lines.length > orderLimits.linesPerExchange) {
    const detail = `An exchange has 1 to ${orderLimits.linesPerExchange} lines.`;
    return invalid(pointerTo, detail);
  }
  if (order.allocating) {
    const detail = "The order is being allocated: exchange when that is done.";
    return illegalForOrder("exchange", order, detail);
  }
  return editsOf(order).length >= orderLimits.edits
    ? illegalForOrder("exchange", order, `An order has at most ${orderLimits.edits} edits.`)
    : null;
};

/** The room that goods which came in the same commit leave. */
export const roomBeside = (
  order: Order,
  locationId: string | undefined,
  lines: Return["lines"],
  facts: OrderFacts,
): CommitRoom => {
  if (locationId === undefined) return commitRoom(facts);
  const taken = new TakenRoom(order, commitRoom(facts));
  for (const line of lines) taken.goods(locationId, lineOf(order, line.lineId) ?? line);
  return taken.left;
};

const hasRoom = ({ rows, locations, keyBytes }: CommitRoom): boolean =>
  rows > 0 && locations > 0 && keyBytes > 0;

/** Adds the new lines to the order, and promises them. */
export const exchange = (
  unfolding: Unfolding,
  returnId: string,
  { lines, shipWhen }: ExchangeRequest,
  room: CommitRoom,
): OrderDecision => {
  const { order, facts } = unfolding;
  const draft = new EditDraft(order, facts);
  for (const [n, line] of lines.entries()) {
    draft.take({ type: "add-line", ...line }, `${pointerTo}/${n}`);
  }
  const { addedLines, totals } = draft.drafted();
  const [wrong] = draft.errors.found;
  if (wrong !== undefined) {
    return invalid(wrong.pointer === "/changes" ? pointerTo : wrong.pointer, wrong.detail);
  }
  if (order.status === "delivered" || order.closed) unfolding.add({ type: "order.reopened" });
  const { currency } = order;
  unfolding.add({
    ...{ type: "order.exchanged", returnId, shipWhen, by: facts.by, currency },
    ...{ addedLines, totals },
  });
  if (isHeld(unfolding.order)) return Result.succeed(unfolding.events);
  if (!hasRoom(room)) {
    unfolding.add({ type: "order.allocating" });
    return Result.succeed(unfolding.events);
  }
  const demands = addedLines.map((line) => demandOf(line, line.quantity));
  const allocated = allocateDemands(unfolding.order, demands, facts, {
    ...{ promised: false, otherwise: "policy", room },
    excludedLocationIds: rejectingLocationIds(order),
  });
  return Result.map(allocated, (events) => {
    for (const event of events) unfolding.add(event);
    return unfolding.events;
  });
};

/** Half of what is to be taken out: of the lines, or of the units of the last one. */
const halfOf = (units: ReadonlyMap<LineId, number>): ReadonlyMap<LineId, number> => {
  const entries = [...units];
  if (entries.length > 1) return new Map(entries.slice(0, Math.ceil(entries.length / 2)));
  return new Map(entries.map(([lineId, open]) => [lineId, Math.ceil(open / 2)]));
};

const isOneUnit = (units: ReadonlyMap<LineId, number>): boolean =>
  units.size === 1 && [...units.values()][0] === 1;

/** Takes out as much of an exchange as one commit can; a timer asks for the rest. */
const takeOutOpen = (unfolding: Unfolding, each: Return): void => {
  const reason = `Return ${each.id} has come to nothing`;
  let units = openUnits(unfolding.order, each.exchange?.added ?? []);
  while (units.size > 0) {
    const taken = takeOut(unfolding.order, units, reason, unfolding.facts);
    if (taken !== null) {
      for (const event of taken.events) unfolding.add(event);
      return;
    }
    if (isOneUnit(units)) return;
    units = halfOf(units);
  }
};

/** What a return's new state brings its exchange. */
export const followExchange = (unfolding: Unfolding, returnId: string): void => {
  const each = returnsOf(unfolding.order).find(({ id }) => id === returnId);
  if (each?.exchange === undefined) return;
  if (cameToNothing(each)) return takeOutOpen(unfolding, each);
  if (keepsBack(each)) return;
  const { holds } = unfolding.order;
  for (const { id, method } of keptFor(unfolding.order, each.exchange)) {
    const arrives = method === "digital" && holds.length === 0;
    const type = arrives ? "fulfillment_order.delivered" : "fulfillment_order.released";
    unfolding.add({ type, fulfillmentOrderId: id });
  }
};
