/** Goods that come back: they are received as they come, and each unit is inspected once. */
import { Result } from "effect";
import { orderLimits } from "./limits.ts";
import { kitsOf } from "./kits.ts";
import type { StockDelta } from "../stock/stock.ts";
import type { Order, OrderEvent, OrderFacts, OrderRejection } from "./order.ts";
import { lineIndexOf, lineOf } from "./quantities.ts";
import type { OrderDecision } from "./refusals.ts";
import { chosenUnits, invalid } from "./refusals.ts";
import type {
  InspectedLine,
  NotReturnableLine,
  Return,
  ReturnCommand,
  ReturnEvent,
  ReturnLine,
} from "./return.ts";
import { withReturn } from "./return-evolve.ts";
import { returnStockDeltas } from "./return-stock.ts";
import { inspectedUnits, isInspected, unitsLeftToReturn } from "./return-units.ts";
import { commitRoom, TakenRoom } from "./room.ts";

type Receive = Extract<ReturnCommand, { readonly type: "receive-return" }>;
type Units = Result.Result<ReadonlyMap<string, number>, OrderRejection>;

const lineIn = ({ lines }: Return, lineId: string): ReturnLine | undefined =>
  lines.find((line) => line.lineId === lineId);

/** Whether one commit has room for the stock rows of these lines at a location. */
const fits = (
  order: Order,
  locationId: string,
  lines: readonly { readonly lineId: string; readonly sku: string }[],
  facts: OrderFacts,
): boolean => {
  const taken = new TakenRoom(order, commitRoom(facts));
  return lines.every((line) => taken.goods(locationId, lineOf(order, line.lineId) ?? line));
};

const tooMany = (): OrderDecision =>
  invalid("/lines", "These are too many goods for one commit: name fewer lines at a time.");

/** All that is still to come, by line. */
const outstanding = ({ lines }: Return): ReadonlyMap<string, number> =>
  new Map(
    lines.flatMap(({ lineId, quantity, received }) =>
      quantity > received ? [[lineId, quantity - received] as const] : []
    ),
  );

/** The units that came, by line. More may come than was announced, but not more than was shipped. */
const cameBack = (order: Order, each: Return, lines: Receive["lines"]): Units => {
  if (lines === undefined) return Result.succeed(outstanding(each));
  if (lines.length === 0) return Result.succeed(new Map());
  const left = unitsLeftToReturn(order);
  const mostOf = (lineId: string): number => {
    const { quantity = 0, received = 0 } = lineIn(each, lineId) ?? {};
    const more = lineOf(order, lineId)?.method === "digital"
      ? 0
      : left[lineIndexOf(order, lineId)] ?? 0;
    return Math.max(0, quantity - received) + more;
  };
  const units = chosenUnits(
    lines,
    (lineId) => lineOf(order, lineId) === undefined ? undefined : Number.MAX_SAFE_INTEGER,
    "to come back",
  );
  if (Result.isFailure(units)) return units;
  const tooMuch = [...units.success].flatMap(([lineId, quantity]): readonly NotReturnableLine[] => {
    const eligible = mostOf(lineId);
    return quantity > eligible ? [{ lineId, reason: "more-than-left", eligible }] : [];
  });
  return tooMuch.length > 0 ? Result.fail({ _tag: "NotReturnable", lines: tooMuch }) : units;
};

/** Takes in what came: it is on hand, and set aside until it is inspected. */
export const receive = (
  order: Order,
  each: Return,
  { locationId = each.locationId, lines, unexpected = [] }: Receive,
  facts: OrderFacts,
): OrderDecision => {
  const { id: returnId } = each;
  if (locationId === undefined) return invalid("/locationId", "Say where the goods have come to.");
  if (locationId !== each.locationId && each.lines.some(({ received }) => received > 0)) {
    return invalid(
      "/locationId",
      `Goods of this return came to ${each.locationId}: what came elsewhere is another return.`,
    );
  }
  const units = cameBack(order, each, lines);
  if (Result.isFailure(units)) return Result.fail(units.failure);
  if (units.success.size === 0 && unexpected.length === 0) {
    return invalid("/lines", "Name what came: a line, or goods that nobody expected.");
  }
  if (each.unexpected.length + unexpected.length > orderLimits.unexpectedPerReturn) {
    return invalid(
      "/unexpected",
      `A return has at most ${orderLimits.unexpectedPerReturn} entries of unexpected goods.`,
    );
  }
  const others = [...units.success.keys()].filter((lineId) => lineIn(each, lineId) === undefined);
  if (each.lines.length + others.length > orderLimits.linesPerReturn) {
    return invalid("/lines", `A return has at most ${orderLimits.linesPerReturn} lines.`);
  }
  const came = [...units.success].map(([lineId, quantity]) => ({
    ...{ lineId, sku: lineOf(order, lineId)?.sku ?? "", quantity },
  }));
  if (!fits(order, locationId, came, facts)) return tooMany();
  return Result.succeed([{
    type: "return.received",
    ...{ returnId, locationId, lines: came, unexpected },
  }]);
};

/** Whether the units that leave what is set aside are there: people may have changed that by hand. */
const checkSetAside = (
  deltas: readonly StockDelta[],
  facts: OrderFacts,
): Result.Result<null, OrderRejection> => {
  for (const { locationId, sku, unavailable } of deltas) {
    const setAside = facts.setAside(locationId, sku);
    if (setAside + unavailable < 0) {
      const requested = -unavailable;
      return Result.fail({ _tag: "NotSetAside", locationId, sku, requested, setAside });
    }
  }
  return Result.succeed(null);
};

/** Gives received units their disposition, each once. With the last of them the return is closed. */
export const inspect = (
  order: Order,
  each: Return,
  lines: readonly InspectedLine[],
  facts: OrderFacts,
): OrderDecision => {
  const { id: returnId, locationId } = each;
  if (locationId === undefined) return invalid("/lines", "Nothing of this return has come yet.");
  const left = (lineId: string): number | undefined => {
    const line = lineIn(each, lineId);
    return line && line.received - inspectedUnits(line);
  };
  const units = chosenUnits(lines, left, "received and not inspected");
  if (Result.isFailure(units)) return Result.fail(units.failure);
  const inspected = lines.map((line) => ({
    ...{ lineId: line.lineId, sku: lineIn(each, line.lineId)?.sku ?? "", quantity: line.quantity },
    ...{ disposition: line.disposition, accepted: line.accepted },
  }));
  const event: ReturnEvent = {
    type: "return.inspected",
    ...{ returnId, locationId, lines: inspected },
  };
  const there = checkSetAside(returnStockDeltas(event, kitsOf(order)), facts);
  if (Result.isFailure(there)) return Result.fail(there.failure);
  if (!fits(order, locationId, inspected, facts)) return tooMany();
  return Result.succeed([event, ...closing(order, each, event, facts)]);
};

/** The end of a return of which all has come and is inspected. */
const closing = (
  order: Order,
  { id: returnId, status }: Return,
  event: ReturnEvent,
  { now }: OrderFacts,
): readonly OrderEvent[] => {
  const after = withReturn(order, event, now).returns?.find(({ id }) => id === returnId);
  return status === "received" && after !== undefined && isInspected(after)
    ? [{ type: "return.closed", returnId }]
    : [];
};

/** What has not come is waited for no more. What has come is inspected as ever. */
export const closeShort = (each: Return): OrderDecision => {
  const { id: returnId } = each;
  return Result.succeed([
    { type: "return.closed_short", returnId },
    ...(isInspected(each) ? [{ type: "return.closed", returnId } as const] : []),
  ]);
};
