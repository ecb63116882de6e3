/** Checks the returns of an order's document by themselves. */
import type { Fault } from "../subject/aggregate.ts";
import { hasExchangeLeft, waitingLines } from "./exchange.ts";
import type { Order } from "./order.ts";
import { hasEnded, lineOf, quantitiesOf } from "./quantities.ts";
import type { Return, ReturnLine } from "./return.ts";
import { inspectedUnits, isInspected, returnsOf, takenByReturns } from "./return-units.ts";

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

type Wrong = (detail: string) => void;

const checkLine = (order: Order, { id, goodsBack }: Return, line: ReturnLine, wrong: Wrong) => {
  const { lineId, sku, quantity, received, accepted } = line;
  const inspected = inspectedUnits(line);
  const name = `${id} has line ${lineId}`;
  if (lineOf(order, lineId)?.sku !== sku) wrong(`${name} with another SKU than the order.`);
  for (const units of [quantity, received, accepted, inspected]) {
    if (!isCount(units)) wrong(`${name} with ${units} units.`);
  }
  if (inspected > received) wrong(`${name} with ${inspected} of ${received} units inspected.`);
  const most = goodsBack ? inspected : quantity;
  if (accepted > most) wrong(`${name} with ${accepted} of ${most} units accepted.`);
  if (!goodsBack && received > 0) wrong(`${name} with units that came, and is a claim.`);
};

const untouched: ReadonlySet<Return["status"]> = new Set([
  "requested",
  "authorized",
  "in_transit",
  "declined",
  "cancelled",
]);

const checkReturn = (order: Order, each: Return, wrong: Wrong): void => {
  const { id, status, lines, locationId } = each;
  if (new Set(lines.map(({ lineId }) => lineId)).size !== lines.length) {
    wrong(`${id} has a line twice.`);
  }
  for (const line of lines) checkLine(order, each, line, wrong);
  const hasCome = lines.some(({ received }) => received > 0);
  if (hasCome && locationId === undefined) wrong(`${id} has come to no location.`);
  if (hasCome && untouched.has(status)) wrong(`${id} is ${status}, and goods of it have come.`);
  if (status === "closed" && !isInspected(each)) wrong(`${id} is closed, and units of it wait.`);
  if (status === "received" && isInspected(each)) wrong(`${id} waits for no unit, and is open.`);
};

/**
 * Goods of an exchange are kept back as long as their return has not come, and no others are. Those of a return
 * that came to nothing are on their way out of the order.
 */
const checkKept = (order: Order, wrong: Wrong): void => {
  const waiting = waitingLines(order);
  const ending = returnsOf(order).filter((each) => hasExchangeLeft(order, each));
  const leaving = new Set(ending.flatMap(({ exchange }) => exchange?.added ?? []));
  for (const each of order.fulfillmentOrders) {
    const { id, status, lines } = each;
    if (hasEnded(each) || lines.some(({ lineId }) => leaving.has(lineId))) continue;
    const returns = new Set(lines.map(({ lineId }) => waiting.get(lineId)));
    if (returns.size > 1) wrong(`${id} has goods that wait for different things.`);
    if (status === "waiting" && returns.has(undefined)) {
      wrong(`${id} is waiting, and its goods wait for no return.`);
    }
    if (status !== "waiting" && !returns.has(undefined)) {
      wrong(`${id} is ${status}, and its goods wait for a return.`);
    }
  }
};

/** The faults in an order's returns. */
export const returnFaults = (order: Order): readonly Fault[] => {
  if (order.returns === undefined) return [];
  const faults: Fault[] = [];
  const wrong = (detail: string) => void faults.push({ invariant: "returns", detail });
  for (const each of returnsOf(order)) {
    checkReturn(order, each, wrong);
    for (const lineId of each.exchange?.added ?? []) {
      if (lineOf(order, lineId) === undefined) wrong(`${each.id} has added no line ${lineId}.`);
    }
  }
  checkKept(order, wrong);
  const taken = takenByReturns(order);
  quantitiesOf(order).forEach(({ shipped }, n) => {
    const returned = taken[n] ?? 0;
    if (returned > shipped) {
      wrong(`line ${n + 1} has ${returned} units returned or being returned, ${shipped} shipped.`);
    }
  });
  return faults;
};
