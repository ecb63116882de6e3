/** The types of events of stock itself, with what is told of each. What orders do to stock, their events tell. */
import { Schema } from "effect";
import { LotMovement } from "../lot/event-types.ts";
import { type EventDefinition, type EventTypes, locationIdsSchema } from "../subject/event-type.ts";

const details = Schema.Struct({
  reason: Schema.String,
  reference: Schema.optionalKey(Schema.String),
  changes: Schema.Array(
    Schema.Struct({
      sku: Schema.String,
      onHand: Schema.Int,
      reserved: Schema.Int,
      unavailable: Schema.Int,
      safetyStock: Schema.Int,
      claimed: Schema.optionalKey(Schema.Int),
      buckets: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int)),
    }).annotate({ identifier: "StockMovement" }),
  ).annotate({ description: "By how much each number has changed" }),
  lots: Schema.optionalKey(
    Schema.Array(LotMovement).annotate({ description: "The same of lots, for tracked items" }),
  ),
});

export const stockEventTypes = {
  "stock.adjusted": { description: "Units came, went or changed their condition", details },
  "stock.moved": {
    description: "Units were set aside, made available again, or are set aside for another reason",
    details,
  },
  "stock.counted": { description: "Units were counted, and some numbers were others", details },
  "stock.safety_changed": { description: "Other numbers of units are held back", details },
} as const satisfies Readonly<Record<string, EventDefinition>>;

export const stockEvents: EventTypes = {
  members: { locationIds: locationIdsSchema },
  types: stockEventTypes,
};
