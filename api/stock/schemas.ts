/** Stock rows as the API answers with them. */
import { Schema } from "effect";
import { count } from "../http/schemas.ts";

export const StockLevel = Schema.Struct({
  locationId: Schema.String,
  sku: Schema.String,
  onHand: Schema.Int,
  reserved: count,
  unavailable: count,
  safetyStock: count,
  available: Schema.Int.annotate({
    description: "What may be promised now; below zero when safety stock is eaten into",
  }),
}).annotate({ identifier: "StockLevel" });
