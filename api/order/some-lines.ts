/** The units of an order, or of a part of it, that a request names. */
import { Schema } from "effect";
import { orderLimits } from "../../src/order/limits.ts";
import { Identifier, optionalList } from "../../src/kernel/vocabulary.ts";
import { pickedUnits } from "../lot/schemas.ts";
import { Quantity } from "../../src/order/request.ts";

/** Which units of an order, or of a part of it, a request is about. */
export const SomeLines = optionalList(
  Schema.Struct({ lineId: Identifier, quantity: Quantity }).annotate({
    identifier: "LineQuantity",
  }),
  {
    mostEntries: orderLimits.lines,
    description: "All that is left when absent, or when there is none in it",
  },
);

/** The same of a pick: units of tracked items are of lots, or have serials. */
export const PickedLines = optionalList(
  Schema.Struct({ lineId: Identifier, quantity: Quantity, ...pickedUnits }).annotate({
    identifier: "PickedLine",
  }),
  {
    mostEntries: orderLimits.lines,
    description:
      "All that is left when absent, or when there is none in it. Of tracked items the lots that expire " +
      "first, where none are named",
  },
);
