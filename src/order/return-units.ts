/** The units of an order that came back, are on their way back, and may still be returned. Pure. */
import type { LineQuantity, Order } from "./order.ts";
import { lineIndexOf, quantitiesOf } from "./quantities.ts";
import type { Return, ReturnLine } from "./return.ts";

const noReturns: readonly Return[] = [];

export const returnsOf = ({ returns }: Pick<Order, "returns">): readonly Return[] =>
  returns ?? noReturns;

export const inspectedUnits = ({ inspected }: ReturnLine): number =>
  inspected.reduce((sum, { quantity }) => sum + quantity, 0);

/** Units that a line of a return takes out of what may be returned: they came back, or are to come. */
export const countedUnits = (
  { status, goodsBack }: Pick<Return, "status" | "goodsBack">,
  { quantity, received }: Pick<ReturnLine, "quantity" | "received">,
): number => {
  if (status === "declined" || status === "cancelled") return 0;
  if (!goodsBack) return quantity;
  return status === "closed" || status === "received" ? received : Math.max(quantity, received);
};

/** A sum over all returns for each line of the order. */
const sumByLine = (
  order: Order,
  units: (each: Return, line: ReturnLine) => number,
): readonly number[] => {
  const sums = new Array<number>(order.lines.length).fill(0);
  for (const each of returnsOf(order)) {
    for (const line of each.lines) {
      const index = lineIndexOf(order, line.lineId);
      if (index >= 0) sums[index] = (sums[index] ?? 0) + units(each, line);
    }
  }
  return sums;
};

/** By line, the units that came back or are being returned: never more than were shipped. */
export const takenByReturns = (order: Order): readonly number[] => sumByLine(order, countedUnits);

/** By line, the units that came back. */
export const returnedUnits = (order: Order): readonly number[] =>
  sumByLine(order, (_, { received }) => received);

/** By line, the shipped units of which no return is there yet. */
export const unitsLeftToReturn = (order: Order): readonly number[] => {
  const taken = takenByReturns(order);
  return quantitiesOf(order).map(({ shipped }, n) => shipped - (taken[n] ?? 0));
};

/** Units of a return that the seller stands for, by line: what may be credited for it. */
export const acceptedUnitsOf = ({ lines }: Return): readonly LineQuantity[] =>
  lines.flatMap(({ lineId, accepted }) => accepted > 0 ? [{ lineId, quantity: accepted }] : []);

/** Units that the seller stands for, of all returns of an order, by line and in the order of its lines. */
export const acceptedUnits = (order: Order): readonly LineQuantity[] => {
  const sums = sumByLine(order, (_, { accepted }) => accepted);
  return order.lines.flatMap(({ id }, n) => {
    const quantity = sums[n] ?? 0;
    return quantity > 0 ? [{ lineId: id, quantity }] : [];
  });
};

/** Whether each unit that came has a disposition. */
export const isInspected = ({ lines }: Pick<Return, "lines">): boolean =>
  lines.every((line) => inspectedUnits(line) === line.received);

/** Whether all that was to come has come. */
export const hasAllCome = ({ lines }: Pick<Return, "lines">): boolean =>
  lines.every(({ quantity, received }) => received >= quantity);
