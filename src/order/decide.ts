/** The one switch: the events that a command makes of an order, or the reason for which it is refused. */
import { Result } from "effect";
import { allocate, fill } from "./allocate.ts";
import { cancelWhole } from "./cancel.ts";
import { cancelWithMoney } from "./cancel-money.ts";
import { type Finding, moneyFindings } from "./charges.ts";
import { close } from "./close.ts";
import { edit } from "./edit-decide.ts";
import { evolve } from "./evolve.ts";
import { accept, collect, pack, pick, readyForPickup, reject } from "./fulfill.ts";
import { hold, release } from "./hold.ts";
import { heldEvent } from "./hold-codes.ts";
import type { Order, OrderCommand, OrderFacts } from "./order.ts";
import { concernsInvoices, followInvoices } from "./invoice-due.ts";
import { illegalForOrder, type OrderDecision } from "./refusals.ts";
import { arrive } from "./arrive.ts";
import { pay } from "./pay.ts";
import { promise, unpeg } from "./promise.ts";
import { followMoney, paymentFindings, unknownProvider } from "./pay-follow.ts";
import { reship } from "./reship.ts";
import { decideReturn, isReturnCommand } from "./return-decide.ts";
import { note, setTrackingNumbers, ship } from "./ship.ts";
import { correctTracking, track } from "./track.ts";

/** Places an order that has to be looked at: it gets its stock, and nothing of it leaves. */
const placeHeld = (
  order: Order,
  findings: readonly Finding[],
  facts: OrderFacts,
): OrderDecision => {
  const events = [
    { type: "order.placed", order } as const,
    ...findings.map(({ code, reason, by = facts.by }) => heldEvent(code, reason, by)),
  ];
  const held = events.reduce((state, event) => evolve(state, event, facts.now), order);
  const allocated = allocate(held, facts);
  return Result.isFailure(allocated)
    ? allocated
    : Result.succeed([...events, ...allocated.success]);
};

/** Places a captured order: it is there with its lines allocated, or it is refused. */
const place = (order: Order, facts: OrderFacts): OrderDecision => {
  if (order.version > 0) return illegalForOrder("place", order);
  const isPlain = order.settlement === undefined;
  const unknown = isPlain ? null : unknownProvider(order, facts);
  if (unknown !== null) return unknown;
  const findings = isPlain
    ? moneyFindings(order)
    : [...moneyFindings(order), ...paymentFindings(order, facts)];
  if (findings.length > 0) return placeHeld(order, findings, facts);
  const allocated = allocate(order, facts);
  return Result.isFailure(allocated)
    ? allocated
    : Result.succeed([{ type: "order.placed", order }, ...allocated.success]);
};

const decideAlone = (order: Order, command: OrderCommand, facts: OrderFacts): OrderDecision => {
  if (isReturnCommand(command)) return decideReturn(order, command, facts);
  switch (command.type) {
    case "place":
      return place(order, facts);
    case "allocate":
      return order.cancelling === undefined
        ? allocate(order, facts)
        : cancelWhole(order, order.cancelling, facts);
    case "fill":
      return Result.succeed(fill(order, command.locationId, facts));
    case "promise":
      return promise(order, facts);
    case "arrive":
      return arrive(order, command, facts);
    case "unpeg":
      return unpeg(order, command, facts);
    case "hold":
      return hold(order, command.code ?? "manual", command.reason, facts);
    case "release":
      return release(order, command.codes, command.reason, facts);
    case "cancel":
      return cancelWithMoney(order, command, facts);
    case "edit":
      return edit(order, command, facts);
    case "accept":
      return accept(order, command.fulfillmentOrderId);
    case "reject":
      return reject(order, command.fulfillmentOrderId, command.reason, facts);
    case "pick":
      return pick(order, command.fulfillmentOrderId, command.lines, command.named, facts);
    case "pack":
      return pack(order, command.fulfillmentOrderId, command.packages);
    case "ship":
      return ship(order, command, facts);
    case "ready-for-pickup":
      return readyForPickup(order, command.fulfillmentOrderId);
    case "collect":
      return collect(order, command.fulfillmentOrderId, command.named, facts);
    case "track":
      return track(order, command, facts);
    case "correct-tracking":
      return correctTracking(order, command, facts);
    case "set-tracking-numbers":
      return setTrackingNumbers(order, command);
    case "note":
      return note(order, command, facts);
    case "reship":
      return reship(order, command, facts);
    case "close":
      return close(order);
    default:
      return pay(order, command, facts);
  }
};

/** The events of a command, and what follows from them for its money. None: there is nothing to commit. */
export const decide = (order: Order, command: OrderCommand, facts: OrderFacts): OrderDecision => {
  const decided = decideAlone(order, command, facts);
  if (Result.isFailure(decided)) return decided;
  const events = concernsInvoices(decided.success)
    ? followInvoices(order, decided.success, facts)
    : decided.success;
  return Result.succeed(
    order.settlement === undefined ? events : followMoney(order, events, facts),
  );
};
