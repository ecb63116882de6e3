/** What an order waits for of one SKU, and why its turn is when it is. */
import type { Instant } from "../kernel/instant.ts";
import { isHeld } from "./hold-codes.ts";
import type { HoldCode, LinePromise, Order, OrderLine } from "./order.ts";
import { priorities, rankOf } from "./rank.ts";

export interface Backorder {
  /** Units that wait. */
  readonly quantity: number;
  /** Of these, units that supply is promised for. */
  readonly promised: number;
  readonly promises: readonly LinePromise[];
  readonly priority: number;
  /** Of the line that is served first. */
  readonly neededAt?: Instant;
  /** The holds that keep stock from it. */
  readonly held: readonly HoldCode[];
}

/** Units that a line waits for: of a kit, those of its goods. */
const unitsWaiting = (line: OrderLine, sku: string): number => {
  const { components, waitingParts = [], backordered } = line;
  if (components === undefined) return line.sku === sku ? backordered : 0;
  return components.reduce(
    (units, part, n) =>
      part.sku === sku ? units + (waitingParts[n] ?? 0) + backordered * part.quantity : units,
    0,
  );
};

/** Null where it waits for none of the SKU. */
export const backorderOf = (order: Order, sku: string): Backorder | null => {
  const { priority = priorities.lowest } = order;
  let quantity = 0;
  let first: OrderLine | undefined;
  const promises: LinePromise[] = [];
  const rank = ({ neededAt }: OrderLine) => rankOf({ priority, neededAt });
  for (const line of order.lines) {
    const units = unitsWaiting(line, sku);
    if (units === 0) continue;
    quantity += units;
    if (line.components === undefined) promises.push(...line.promises ?? []);
    if (first === undefined || rank(line) < rank(first)) first = line;
  }
  if (first === undefined) return null;
  const { neededAt } = first;
  return {
    ...{ quantity, promises, priority },
    promised: promises.reduce((sum, each) => sum + each.quantity, 0),
    ...(neededAt === undefined ? {} : { neededAt }),
    held: order.holds.filter((hold) => isHeld({ holds: [hold] })).map(({ code }) => code),
  };
};

/** What decides its turn, in the order in which it is asked for. */
export const whyOf = (
  { priority, neededAt }: Pick<Backorder, "priority" | "neededAt">,
  isFirst: boolean,
): string => {
  const before = priority === priorities.lowest ? "" : `priority ${priority}`;
  const needed = neededAt === undefined
    ? ""
    : `needed by ${neededAt.slice(0, "2026-12-24".length)}`;
  if (before !== "") {
    return needed === "" ? `${before} before all with less` : `${before}, ${needed}`;
  }
  if (needed !== "") return `${needed}: before all that name no date`;
  return isFirst ? "came first" : "in the order in which they came";
};
