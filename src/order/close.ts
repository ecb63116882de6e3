/** The end of an order's way: all has arrived, nothing is open. */
import { Result } from "effect";
import type { Order } from "./order.ts";
import type { Decision } from "./refusals.ts";
import { illegalForOrder } from "./refusals.ts";
import { orderAllows } from "./status.ts";

export const close = (order: Order): Decision =>
  orderAllows(order, "close")
    ? Result.succeed([{ type: "order.closed" }])
    : illegalForOrder("close", order);
