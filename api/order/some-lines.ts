/** The units of an order, or of a part of it, that a request names. */
import { Schema } from "effect";
import { orderLimits } from "../../src/order/limits.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { Quantity } from "../../src/order/request.ts";

/** Which units of an order, or of a part of it, a request is about. */
export const SomeLines = Schema.optionalKey(
  Schema.Array(Schema.Struct({ lineId: Identifier, quantity: Quantity })).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(orderLimits.lines),
  ).annotate({ description: "All that is left when absent" }),
);
