/** The end of an order's way: all has arrived, nothing is open. */
import { Result } from "effect";
import type { Order } from "./order.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder } from "./refusals.ts";
import { orderAllows } from "./status.ts";

export const close = (order: Order): OrderDecision =>
  orderAllows(order, "close")
    ? Result.succeed([{ type: "order.closed" }])
    : illegalForOrder("close", order);
