/** Dates as schemas, with the names that documents of the API have for them. */
import { Schema } from "effect";

export const DateText = Schema.String.annotate({ format: "date" });

export const ShipDay = Schema.Struct({
  date: DateText.annotate({ description: "The day at the location" }),
  at: Schema.String.annotate({ format: "date-time" }).annotate({ description: "Its cut-off" }),
}).annotate({ identifier: "ShipDay" });
