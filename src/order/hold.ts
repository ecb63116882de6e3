/** Stops an order, and lets it go on. */
import { Result } from "effect";
import { allocateReleased, fill } from "./allocate.ts";
import { evolve } from "./evolve.ts";
import { heldEvent, holdCodesOf, isHeld } from "./hold-codes.ts";
import type { HoldCode, Order, OrderEvent, OrderFacts } from "./order.ts";
import { holdCodes } from "./order.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder } from "./refusals.ts";
import { orderAllows } from "./status.ts";

/**
 * Adds a hold. Nothing of an order with holds is accepted, picked or shipped; its allocated units stay
 * allocated. A code that stands already gets the new reason; with the same reason nothing changes.
 */
export const hold = (
  order: Order,
  code: HoldCode,
  reason: string,
  facts: OrderFacts,
): OrderDecision => {
  if (!orderAllows(order, "hold")) return illegalForOrder("hold", order);
  const standing = order.holds.find((each) => each.code === code);
  return Result.succeed(standing?.reason === reason ? [] : [heldEvent(code, reason, facts.by)]);
};

const noneOf = (order: Order, codes: readonly HoldCode[]): OrderDecision =>
  order.holds.length === 0 ? illegalForOrder("release", order) : illegalForOrder(
    "release",
    order,
    `The order is held for ${holdCodesOf(order).join(", ")}, not for ${codes.join(" or ")}.`,
  );

/** Digital goods that were allocated under a hold: they arrive when the last one ends. */
const digitalGoods = (order: Order): readonly OrderEvent[] =>
  order.fulfillmentOrders
    .filter(({ method, status }) => method === "digital" && status === "open")
    .map(({ id }) => ({ type: "fulfillment_order.delivered", fulfillmentOrderId: id }));

/**
 * Ends holds, and leaves the others. When none is left that blocks all, pending units are allocated, and an
 * order that waits for stock gets the units that arrived while it was held. To release a shortage is to ask
 * for the stock: without stock it is refused. Another release of an order that is still short holds it for
 * the shortage.
 */
export const release = (
  order: Order,
  codes: readonly HoldCode[] = holdCodes,
  reason: string | undefined,
  facts: OrderFacts,
): OrderDecision => {
  const ended = holdCodesOf(order).filter((code) => codes.includes(code));
  if (ended.length === 0) return noneOf(order, codes);
  const events = ended.map((code): OrderEvent => ({
    type: "order.released",
    code,
    ...(reason === undefined ? {} : { reason }),
  }));
  const going = events.reduce((state, event) => evolve(state, event, facts.now), order);
  if (isHeld(order) && !isHeld(going)) {
    const allocated = allocateReleased(going, ended.includes("shortage"), facts);
    if (Result.isFailure(allocated)) return Result.fail(allocated.failure);
    events.push(
      ...(allocated.success.length > 0 ? allocated.success : fill(going, undefined, facts)),
    );
  }
  const isFree = going.holds.length === 0 && events.every(({ type }) => type !== "order.held");
  return Result.succeed(isFree ? [...events, ...digitalGoods(going)] : events);
};
