/** What events of purchase orders and of transfers are both made of. */
import { Schema } from "effect";
import { eventCount } from "../subject/event-type.ts";

export const LineUnitsSchema = Schema.Struct({
  lineId: Schema.String,
  quantity: eventCount,
}).annotate({ identifier: "SupplyLineUnits" });

export const movedDetails = Schema.Struct({
  lines: Schema.Array(
    Schema.Struct({
      lineId: Schema.String,
      arrived: eventCount.annotate({ description: "Units that are on the shelf now" }),
      cut: eventCount.annotate({ description: "Units that nobody gets" }),
    }).annotate({ identifier: "MovedSupply" }),
  ),
});
