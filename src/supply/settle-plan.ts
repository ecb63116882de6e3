/**
 * Which orders take part as units of a supply arrive, or are given up: who is served first gets what arrives, who
 * is served last loses what will not come. Pure.
 */
import type { PendingLine } from "./moves.ts";

/** Units of a supply that an order is promised. */
export interface PeggedOrder {
  readonly orderId: string;
  readonly quantity: number;
}

/** What a row of supply has before anything is moved. */
export interface SupplyUnits {
  readonly expected: number;
  readonly reserved: number;
  readonly claimed: number;
}

/** The orders that are promised units of a supply, or the beginning and the end of a longer list. */
export interface PeggedOrders {
  /** Who is served first comes first. */
  readonly first: readonly PeggedOrder[];
  /** Who is served last comes first. */
  readonly last: readonly PeggedOrder[];
}

/** The part of one line in a commit. */
export interface LinePlan {
  /** Units that leave the row of supply. */
  readonly moved: number;
  readonly arrive: readonly PeggedOrder[];
  readonly unpeg: readonly PeggedOrder[];
}

/** Takes up to so many units from orders in turn, of no more orders than `room`. */
const take = (
  pegged: readonly PeggedOrder[],
  units: number,
  room: number,
): { readonly taken: readonly PeggedOrder[]; readonly left: number } => {
  const taken: PeggedOrder[] = [];
  let left = units;
  for (const { orderId, quantity } of pegged) {
    if (left === 0 || taken.length === room) break;
    const share = Math.min(left, quantity);
    left -= share;
    taken.push({ orderId, quantity: share });
  }
  return { taken, left };
};

/**
 * Units that will not come go first, since their orders have to look for others. No unit that arrives becomes
 * free stock before all orders that are promised it have theirs.
 */
export const planLine = (
  { arriving, cutting }: PendingLine,
  { expected, reserved, claimed }: SupplyUnits,
  pegged: PeggedOrders,
  room: number,
): LinePlan => {
  const served = Math.min(reserved, arriving);
  const excess = Math.max(0, reserved - served + claimed - (expected - arriving - cutting));
  if (excess > 0) {
    const { taken, left } = take(pegged.last, Math.min(excess, cutting), room);
    return { moved: Math.max(0, cutting - left), arrive: [], unpeg: taken };
  }
  const { taken, left } = take(pegged.first, served, room);
  const arrived = left > 0 ? served - left : arriving;
  return { moved: cutting + arrived, arrive: taken, unpeg: [] };
};
