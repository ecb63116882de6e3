/** What is asked about returns: the events of a command, or why it is refused. `return-goods.ts` has the goods. */
import { Result } from "effect";
import { evolve } from "./evolve.ts";
import { exchange, followExchange, noExchange, roomBeside } from "./exchange-decide.ts";
import { epochMsOf } from "../kernel/instant.ts";
import { returnIdOf } from "./ids.ts";
import { hasExchangeLeft } from "./exchange.ts";
import { orderLimits } from "./limits.ts";
import type { Order, OrderCommand, OrderEvent, OrderFacts, OrderRejection } from "./order.ts";
import { asGoods, type Kits, kitsOf } from "./kits.ts";
import { lineIdOf } from "./parts.ts";
import { lineIndexOf, lineOf, quantitiesOf } from "./quantities.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder, invalid } from "./refusals.ts";
import type {
  NotReturnableLine,
  RequestedLine,
  Return,
  ReturnAction,
  ReturnCommand,
} from "./return.ts";
import { returnTransitions } from "./return.ts";
import { closeShort, inspect, receive } from "./return-goods.ts";
import { returnExpiryMs, unitsOverdue } from "./return-policy.ts";
import { returnsOf, unitsLeftToReturn } from "./return-units.ts";
import { Unfolding } from "./unfolding.ts";

type Request = Extract<ReturnCommand, { readonly type: "request-return" }>;

const commandTypes = {
  "request-return": null,
  "authorize-return": "authorize",
  "decline-return": "decline",
  "ship-return": "ship",
  "receive-return": "receive",
  "inspect-return": "inspect",
  "close-return": "close",
  "cancel-return": "cancel",
  "expire-return": null,
  "cancel-exchange": null,
} as const satisfies Readonly<Record<ReturnCommand["type"], ReturnAction | null>>;

export const isReturnCommand = (command: OrderCommand): command is ReturnCommand =>
  Object.hasOwn(commandTypes, command.type);

const illegalForReturn = (
  action: ReturnAction,
  { id, status }: Return,
): Result.Result<never, OrderRejection> =>
  Result.fail({
    _tag: "IllegalTransition",
    action,
    status,
    returnId: id,
    detail: `A return that is ${status} does not allow "${action}".`,
  });

/** Whether each line is named once, is there, and has a quantity. */
const checkLines = (
  order: Order,
  lines: readonly RequestedLine[],
): Result.Result<null, OrderRejection> => {
  if (lines.length === 0) return invalid("/lines", "Name at least one line.");
  if (lines.length > orderLimits.linesPerReturn) {
    return invalid("/lines", `A return has at most ${orderLimits.linesPerReturn} lines.`);
  }
  const named = new Set<string>();
  for (const [n, { lineId, quantity }] of lines.entries()) {
    if (lineOf(order, lineId) === undefined) {
      return invalid(`/lines/${n}/lineId`, `There is no line ${lineId} here.`);
    }
    if (named.has(lineId)) {
      return invalid(`/lines/${n}/lineId`, `Line ${lineId} is named twice.`);
    }
    if (!Number.isSafeInteger(quantity) || quantity < 1) {
      return invalid(`/lines/${n}/quantity`, "A quantity is a whole number from 1.");
    }
    named.add(lineId);
  }
  return Result.succeed(null);
};

/** The lines of which fewer units may be returned than are asked for, and why. */
const notReturnable = (
  order: Order,
  { lines, goodsBack, overrideReason }: Request,
  facts: OrderFacts,
): readonly NotReturnableLine[] => {
  const rules = facts.returnRules(order.channel);
  const left = unitsLeftToReturn(order);
  const shipped = quantitiesOf(order);
  const overdue = unitsOverdue(order, rules, facts.now);
  return lines.flatMap(({ lineId, quantity }): readonly NotReturnableLine[] => {
    const line = lineOf(order, lineId);
    const n = lineIndexOf(order, lineId);
    const most = left[n] ?? 0;
    if (goodsBack && line?.method === "digital") {
      return [{ lineId, reason: "digital", eligible: 0 }];
    }
    if (quantity > most) return [{ lineId, reason: "more-than-left", eligible: most }];
    if (overrideReason !== undefined) return [];
    if (rules.finalSale.includes(line?.sku ?? "")) {
      return [{ lineId, reason: "final-sale", eligible: 0 }];
    }
    // Units that came back already are taken to be those that arrived first.
    const inTime = Math.min(most, (shipped[n]?.shipped ?? 0) - (overdue.get(lineId) ?? 0));
    return quantity > inTime ? [{ lineId, reason: "window-over", eligible: inTime }] : [];
  });
};

const isThere = (locationId: string | undefined, facts: OrderFacts): boolean =>
  locationId === undefined || facts.locations.some(({ id }) => id === locationId);

const noSuchPlace = (pointer: string, locationId: string | undefined): OrderDecision =>
  invalid(pointer, `There is no location ${locationId}.`);

/** The location that sent the goods of a return, or the first of them: there they go back. */
const senderOf = (order: Order, { goodsBack, lines }: Request): string | undefined => {
  const lineId = lines[0]?.lineId;
  const sender = order.fulfillmentOrders.find((each) =>
    each.locationId !== null &&
    each.lines.some((line) => lineIdOf(line.lineId) === lineId && line.shipped > 0)
  );
  return goodsBack ? sender?.locationId ?? undefined : undefined;
};

const newReturn = (order: Order, command: Request, { now }: OrderFacts): Return => {
  const { goodsBack, locationId = senderOf(order, command), note, overrideReason } = command;
  return {
    id: returnIdOf(order.id, returnsOf(order).length + 1),
    status: "requested",
    goodsBack,
    ...(locationId === undefined ? {} : { locationId }),
    lines: command.lines.map(({ lineId, quantity, reason }) => ({
      ...{ lineId, sku: lineOf(order, lineId)?.sku ?? "", quantity, reason },
      ...{ received: 0, inspected: [], accepted: 0 },
    })),
    unexpected: [],
    ...(note === undefined ? {} : { note }),
    ...(overrideReason === undefined ? {} : { overrideReason }),
    createdAt: now,
    updatedAt: now,
  };
};

/** As things are once these events are committed. */
const withSetAside = (
  facts: OrderFacts,
  events: readonly OrderEvent[],
  kits: Kits,
): OrderFacts => ({
  ...facts,
  setAside: (locationId, sku) =>
    events.reduce(
      (units, event) =>
        event.type !== "return.received" || event.locationId !== locationId
          ? units
          : asGoods(kits, event.lines).reduce(
            (sum, line) => line.sku === sku ? sum + line.quantity : sum,
            units,
          ),
      facts.setAside(locationId, sku),
    ),
});

/** The events of several commands, one after the other. */
const inTurn = (
  order: Order,
  first: readonly OrderEvent[],
  commands: readonly ReturnCommand[],
  facts: OrderFacts,
): OrderDecision => {
  const events = [...first];
  const fold = (state: Order, more: readonly OrderEvent[]) =>
    more.reduce((before, event) => evolve(before, event, facts.now), state);
  let state = fold(order, first);
  for (const command of commands) {
    const decided = decideReturn(state, command, withSetAside(facts, events, kitsOf(order)));
    if (Result.isFailure(decided)) return decided;
    events.push(...decided.success);
    state = fold(state, decided.success);
  }
  return Result.succeed(events);
};

/** Asks for a return. Where the goods are there already, it is taken, received and inspected at once. */
const request = (order: Order, command: Request, facts: OrderFacts): OrderDecision => {
  const { goodsBack, locationId, received, exchange: wanted } = command;
  const checked = checkLines(order, command.lines);
  if (Result.isFailure(checked)) return Result.fail(checked.failure);
  if (!isThere(locationId, facts)) return noSuchPlace("/locationId", locationId);
  if (received !== undefined && !isThere(received.locationId, facts)) {
    return noSuchPlace("/received/locationId", received.locationId);
  }
  if (received !== undefined && !goodsBack) {
    return invalid("/received", "Of a claim nothing comes back: leave this out.");
  }
  if (returnsOf(order).length >= orderLimits.returns) {
    return illegalForOrder("return", order, `An order has at most ${orderLimits.returns} returns.`);
  }
  const cannot = wanted === undefined ? null : noExchange(order, wanted);
  if (cannot !== null) return cannot;
  const lines = notReturnable(order, command, facts);
  if (lines.length > 0) return Result.fail({ _tag: "NotReturnable", lines });
  const made = newReturn(order, command, facts);
  const { id: returnId } = made;
  const asked: ReturnCommand[] = [];
  if (received !== undefined || facts.returnRules(order.channel).authorize === "automatic") {
    asked.push({ type: "authorize-return", returnId });
  }
  if (received !== undefined) {
    asked.push({ type: "receive-return", returnId, locationId: received.locationId });
    if (received.inspected !== undefined) {
      asked.push({ type: "inspect-return", returnId, lines: received.inspected });
    }
  }
  const taken = inTurn(order, [{ type: "return.requested", return: made }], asked, facts);
  if (wanted === undefined || Result.isFailure(taken)) return taken;
  return exchange(
    new Unfolding(order, facts, taken.success),
    returnId,
    wanted,
    roomBeside(order, received?.locationId, made.lines, facts),
  );
};

const authorize = (
  { channel }: Order,
  each: Return,
  locationId: string | undefined,
  facts: OrderFacts,
): OrderDecision => {
  if (!isThere(locationId, facts)) return noSuchPlace("/locationId", locationId);
  const { id: returnId, goodsBack } = each;
  const { expiresAfterDays } = facts.returnRules(channel);
  return Result.succeed([
    {
      type: "return.authorized",
      returnId,
      ...(locationId === undefined ? {} : { locationId }),
      ...(goodsBack && expiresAfterDays !== undefined ? { expiresAfterDays } : {}),
    },
    ...(goodsBack ? [] : [{ type: "return.closed", returnId } as const]),
  ]);
};

type Action = Exclude<
  ReturnCommand,
  { readonly type: "request-return" | "expire-return" | "cancel-exchange" }
>;

/** An action that somebody has asked for on a return. */
const act = (order: Order, each: Return, command: Action, facts: OrderFacts): OrderDecision => {
  const { returnId } = command;
  const action = commandTypes[command.type];
  if (returnTransitions[each.status][action] === undefined) return illegalForReturn(action, each);
  switch (command.type) {
    case "authorize-return":
      return authorize(order, each, command.locationId, facts);
    case "decline-return":
      return Result.succeed([{ type: "return.declined", returnId, reason: command.reason }]);
    case "cancel-return":
      return Result.succeed([{ type: "return.cancelled", returnId, reason: command.reason }]);
    case "ship-return": {
      const { carrier, trackingNumber } = command;
      return Result.succeed([{
        type: "return.shipped",
        returnId,
        ...(carrier === undefined ? {} : { carrier }),
        ...(trackingNumber === undefined ? {} : { trackingNumber }),
      }]);
    }
    case "receive-return":
      return isThere(command.locationId, facts)
        ? receive(order, each, command, facts)
        : noSuchPlace("/locationId", command.locationId);
    case "inspect-return":
      return inspect(order, each, command.lines, facts);
    case "close-return":
      return closeShort(each);
  }
};

/** Ends a return of which nothing has come in time: none of it, or no more. */
const expire = (each: Return, { now }: OrderFacts): OrderDecision => {
  const dueMs = returnExpiryMs(each);
  if (dueMs === null || epochMsOf(now) < dueMs) return Result.succeed([]);
  if (each.status !== "authorized") return closeShort(each);
  const reason = `Nothing has come in ${each.expiresAfterDays} days`;
  return Result.succeed([{ type: "return.cancelled", returnId: each.id, reason }]);
};

/** The events of a command about returns, and those that they bring the return's exchange. */
export const decideReturn = (
  order: Order,
  command: ReturnCommand,
  facts: OrderFacts,
): OrderDecision => {
  if (command.type === "request-return") return request(order, command, facts);
  const { returnId } = command;
  const each = returnsOf(order).find(({ id }) => id === returnId);
  if (each === undefined) return Result.fail({ _tag: "UnknownReturn", returnId });
  const decided = command.type === "cancel-exchange"
    ? Result.succeed([])
    : command.type === "expire-return"
    ? expire(each, facts)
    : act(order, each, command, facts);
  if (each.exchange === undefined || Result.isFailure(decided)) return decided;
  const isAskedFor = decided.success.length > 0 || hasExchangeLeft(order, each);
  if (!isAskedFor) return decided;
  const unfolding = new Unfolding(order, facts, decided.success);
  followExchange(unfolding, returnId);
  return Result.succeed(unfolding.events);
};
