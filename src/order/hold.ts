/** Stops an order, and lets it go on. */
import { Result } from "effect";
import { allocateReleased, fill } from "./allocate.ts";
import { evolve } from "./evolve.ts";
import type { Order, OrderEvent, OrderFacts } from "./order.ts";
import type { Decision } from "./refusals.ts";
import { illegalForOrder } from "./refusals.ts";
import { orderAllows } from "./status.ts";

/** Nothing of a held order is accepted, picked or shipped; what is allocated stays allocated. */
export const hold = (order: Order, reason: string, facts: OrderFacts): Decision =>
  orderAllows(order, "hold")
    ? Result.succeed([{ type: "order.held", code: "manual", reason, by: facts.by }])
    : illegalForOrder("hold", order);

/**
 * Ends a hold. After a shortage what is pending is allocated, or the release refused; an order that waits
 * for stock gets what has arrived while it was held.
 */
export const release = (
  order: Order,
  reason: string | undefined,
  facts: OrderFacts,
): Decision => {
  if (!orderAllows(order, "release")) return illegalForOrder("release", order);
  const released: OrderEvent = {
    type: "order.released",
    ...(reason === undefined ? {} : { reason }),
  };
  const going = evolve(order, released, facts.now);
  const allocated = allocateReleased(going, facts);
  if (Result.isFailure(allocated)) return Result.fail(allocated.failure);
  const filled = allocated.success.length > 0 ? [] : fill(going, undefined, facts);
  return Result.succeed([released, ...allocated.success, ...filled]);
};
