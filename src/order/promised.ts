/** Promises of lines as events leave them, and the supply that they reserve. */
import { epochMsOf } from "../kernel/instant.ts";
import { supplyBalance, supplyDelta } from "../supply/balance.ts";
import { type BalanceDeltas, inBalance, noDeltas } from "../subject/balance.ts";
import type { LinePromise, LinePromises, Order, OrderLine } from "./order.ts";
import { lineIndexOf } from "./quantities.ts";

export const hasPromises = ({ lines }: Pick<Order, "lines">): boolean => {
  for (const { promises } of lines) if (promises !== undefined) return true;
  return false;
};

const withPromisesOf = (line: OrderLine, promises: readonly LinePromise[]): OrderLine => {
  if (promises.length > 0) return { ...line, promises };
  if (line.promises === undefined) return line;
  const { promises: _, ...rest } = line;
  return rest;
};

/** Lines with the promises that an event gives them. */
export const withPromises = (
  order: Order,
  changes: readonly LinePromises[],
): readonly OrderLine[] => {
  const lines = [...order.lines];
  for (const { lineId, promises } of changes) {
    const index = lineIndexOf(order, lineId);
    const line = lines[index];
    if (line !== undefined) lines[index] = withPromisesOf(line, promises);
  }
  return lines;
};

/** A line whose units wait no more needs their promises no more: those that come last end first. */
const within = (line: OrderLine): OrderLine => {
  const { promises, backordered } = line;
  if (promises === undefined) return line;
  let room = backordered;
  const kept: LinePromise[] = [];
  for (
    const promise of promises.toSorted((one, other) =>
      epochMsOf(one.expectedAt) - epochMsOf(other.expectedAt)
    )
  ) {
    const quantity = Math.min(room, promise.quantity);
    room -= quantity;
    if (quantity > 0) kept.push(quantity === promise.quantity ? promise : { ...promise, quantity });
  }
  const isSame = kept.length === promises.length &&
    kept.every((promise) => promises.includes(promise));
  return isSame ? line : withPromisesOf(line, kept);
};

/** The lines with no more promised units than wait; the same list where that is so. */
export const withinBackordered = (order: Order): Order => {
  if (!hasPromises(order)) return order;
  const lines = order.lines.map(within);
  return lines.every((line, i) => line === order.lines[i]) ? order : { ...order, lines };
};

interface Reserved {
  readonly locationId: string;
  readonly units: number;
}

/** Units that an order reserves of each supply. */
const reservedOf = ({ lines }: Pick<Order, "lines">): ReadonlyMap<string, Reserved> => {
  const reserved = new Map<string, Reserved>();
  for (const { promises = [] } of lines) {
    for (const { supplyId, locationId, quantity } of promises) {
      const units = (reserved.get(supplyId)?.units ?? 0) + quantity;
      reserved.set(supplyId, { locationId, units });
    }
  }
  return reserved;
};

/** The units that an order reserves of supply, by its state alone. */
export const promiseClaims = (order: Order): readonly BalanceDeltas[] =>
  !hasPromises(order) ? noDeltas : inBalance(
    supplyBalance,
    [...reservedOf(order)].map(([supplyId, { locationId, units }]) =>
      supplyDelta(locationId, supplyId, { reserved: units })
    ),
  );

/** The change of supply between two states of an order. */
export const promiseDeltas = (before: Order, after: Order): readonly BalanceDeltas[] => {
  const had = reservedOf(before);
  const has = reservedOf(after);
  const deltas = [...new Set([...had.keys(), ...has.keys()])].flatMap((supplyId) => {
    const change = (has.get(supplyId)?.units ?? 0) - (had.get(supplyId)?.units ?? 0);
    const locationId = (has.get(supplyId) ?? had.get(supplyId))?.locationId ?? "";
    return change === 0 ? [] : [supplyDelta(locationId, supplyId, { reserved: change })];
  });
  return inBalance(supplyBalance, deltas);
};
