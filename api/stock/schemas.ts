/** Stock rows as the API answers with them. */
import { Schema } from "effect";
import { Event } from "../event/schemas.ts";
import { count, time } from "../http/schemas.ts";

const BucketUnits = Schema.Record(Schema.String, Schema.Int);

export const StockLevel = Schema.Struct({
  locationId: Schema.String,
  sku: Schema.String,
  onHand: Schema.Int,
  reserved: count,
  unavailable: count,
  safetyStock: count,
  claimed: count.annotate({ description: "Kept for carts and for transfers that are to leave" }),
  buckets: BucketUnits.annotate({
    description: "The unavailable units that are in a bucket, by its name; the others are in none",
  }),
  available: Schema.Int.annotate({
    description: "What may be promised now; below zero when safety stock is eaten into",
  }),
}).annotate({ identifier: "StockLevel" });

export const StockChange = Schema.Struct({
  position: Schema.String.annotate({ description: "Where it is in the log" }),
  at: time,
  by: Schema.String.annotate({ description: "The id of an API key, or `system`" }),
  types: Schema.Array(Schema.String).annotate({
    description: "What happened, such as `order.placed`",
  }),
  owner: Schema.NullOr(Schema.Struct({ aggregate: Schema.String, id: Schema.String })).annotate({
    description: "Whose units they are; null for a change of the stock itself",
  }),
  reason: Schema.optionalKey(Schema.String),
  reference: Schema.optionalKey(Schema.String),
  delta: Schema.Struct({
    locationId: Schema.String,
    sku: Schema.String,
    onHand: Schema.Int,
    reserved: Schema.Int,
    unavailable: Schema.Int,
    safetyStock: Schema.Int,
    claimed: Schema.optionalKey(Schema.Int),
    buckets: Schema.optionalKey(BucketUnits),
  }),
  events: Schema.Array(Event).annotate({
    description: "What happened, as the events feed tells it, without details that are large",
  }),
}).annotate({ identifier: "StockChange" });
