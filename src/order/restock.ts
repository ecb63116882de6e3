/**
 * Takes goods back with a refund, without a return before: they are a return that is there and inspected at
 * once. So each unit comes back once, by whichever way, and is on hand as its disposition says.
 */
import { Result } from "effect";
import { orderLimits } from "./limits.ts";
import type { Order, OrderFacts, OrderRejection } from "./order.ts";
import type { Restock } from "./payment.ts";
import { lineOf } from "./quantities.ts";
import { invalid } from "./refusals.ts";
import { decideReturn } from "./return-decide.ts";
import type { InspectedLine, RequestedLine } from "./return.ts";
import { commitRoom, TakenRoom } from "./room.ts";
import type { Unfolding } from "./unfolding.ts";

const byLocation = (restock: readonly Restock[]): ReadonlyMap<string, readonly Restock[]> => {
  const groups = new Map<string, Restock[]>();
  for (const each of restock) {
    const others = groups.get(each.locationId);
    if (others === undefined) groups.set(each.locationId, [each]);
    else others.push(each);
  }
  return groups;
};

/** Each line once, with all that comes back of it. */
const requestedOf = (restock: readonly Restock[]): readonly RequestedLine[] => {
  const units = new Map<string, number>();
  for (const { lineId, quantity } of restock) {
    units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  }
  return [...units].map(([lineId, quantity]) => ({ lineId, quantity, reason: "other" }));
};

const inspectedOf = (restock: readonly Restock[]): readonly InspectedLine[] =>
  restock.map(({ lineId, quantity, disposition }) => ({
    ...{ lineId, quantity, disposition, accepted: true },
  }));

const checked = (
  order: Order,
  restock: readonly Restock[],
  facts: OrderFacts,
): Result.Result<null, OrderRejection> => {
  if (restock.length > orderLimits.linesPerReturn) {
    return invalid("/restock", `It has at most ${orderLimits.linesPerReturn} entries.`);
  }
  const taken = new TakenRoom(order, commitRoom(facts));
  for (const [n, { lineId, locationId, quantity }] of restock.entries()) {
    const line = lineOf(order, lineId);
    if (line === undefined) {
      return invalid(`/restock/${n}/lineId`, `There is no line ${lineId} here.`);
    }
    if (!Number.isSafeInteger(quantity) || quantity < 1) {
      return invalid(`/restock/${n}/quantity`, "A quantity is a whole number from 1.");
    }
    if (facts.locations.every(({ id }) => id !== locationId)) {
      return invalid(`/restock/${n}/locationId`, `There is no location ${locationId}.`);
    }
    if (!taken.goods(locationId, line)) {
      return invalid("/restock", "These are too many goods for one commit: name fewer at a time.");
    }
  }
  return Result.succeed(null);
};

/** Adds what takes these units back, or says why they cannot be. */
export const restockUnits = (
  unfolding: Unfolding,
  restock: readonly Restock[],
  reason: string,
): Result.Result<null, OrderRejection> => {
  const { facts } = unfolding;
  const fits = checked(unfolding.order, restock, facts);
  if (Result.isFailure(fits)) return fits;
  for (const [locationId, units] of byLocation(restock)) {
    const decided = decideReturn(unfolding.order, {
      ...{ type: "request-return", goodsBack: true, locationId, overrideReason: reason },
      lines: requestedOf(units),
      received: { locationId, inspected: inspectedOf(units) },
    }, facts);
    if (Result.isFailure(decided)) return Result.fail(decided.failure);
    for (const event of decided.success) unfolding.add(event);
  }
  return Result.succeed(null);
};
