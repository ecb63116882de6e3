/** The one switch: the events that a command makes of an order, or the reason for which it is refused. */
import { Result } from "effect";
import { allocate, fill } from "./allocate.ts";
import { cancel, cancelWhole } from "./cancel.ts";
import { close } from "./close.ts";
import { accept, collect, pack, pick, readyForPickup, reject } from "./fulfill.ts";
import { hold, release } from "./hold.ts";
import type { Order, OrderCommand, OrderFacts } from "./order.ts";
import { illegalForOrder, type OrderDecision } from "./refusals.ts";
import { ship, track } from "./ship.ts";

/** Places a captured order: it is there with its lines allocated, or it is refused. */
const place = (order: Order, facts: OrderFacts): OrderDecision => {
  if (order.version > 0) return illegalForOrder("place", order);
  const allocated = allocate(order, facts);
  return Result.isFailure(allocated)
    ? allocated
    : Result.succeed([{ type: "order.placed", order }, ...allocated.success]);
};

/** The events of a command. None: there is nothing to commit. */
export const decide = (order: Order, command: OrderCommand, facts: OrderFacts): OrderDecision => {
  switch (command.type) {
    case "place":
      return place(order, facts);
    case "allocate":
      return order.cancelling === undefined
        ? allocate(order, facts)
        : cancelWhole(order, order.cancelling, facts);
    case "fill":
      return Result.succeed(fill(order, command.locationId, facts));
    case "hold":
      return hold(order, command.code ?? "manual", command.reason, facts);
    case "release":
      return release(order, command.codes, command.reason, facts);
    case "cancel":
      return cancel(order, command.reason, command.lines, facts);
    case "accept":
      return accept(order, command.fulfillmentOrderId);
    case "reject":
      return reject(order, command.fulfillmentOrderId, command.reason, facts);
    case "pick":
      return pick(order, command.fulfillmentOrderId, command.lines);
    case "pack":
      return pack(order, command.fulfillmentOrderId, command.packages);
    case "ship":
      return ship(order, command, facts);
    case "ready-for-pickup":
      return readyForPickup(order, command.fulfillmentOrderId);
    case "collect":
      return collect(order, command.fulfillmentOrderId);
    case "track":
      return track(order, command, facts);
    case "close":
      return close(order);
  }
};
