/** By when goods leave and arrive, as a schema. */
import { Schema } from "effect";
import { DateText, ShipDay } from "../calendar/vocabulary.ts";

export const goodsDatesFields = {
  shipBy: Schema.optionalKey(ShipDay),
  deliverBy: Schema.optionalKey(
    DateText.annotate({ description: "The day at the destination, by the carrier's table" }),
  ),
};
