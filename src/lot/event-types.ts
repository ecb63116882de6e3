/** The events of lots themselves, and lots as they are told in events of others. */
import { Schema } from "effect";
import {
  eventCount,
  type EventDefinition,
  eventTime,
  type EventTypes,
  locationIdsSchema,
} from "../subject/event-type.ts";

const lotFields = {
  lotId: Schema.String.annotate({
    description: "Empty: units of which nobody has said the lot",
  }),
  expiresAt: Schema.optionalKey(eventTime),
  serial: Schema.optionalKey(
    Schema.Literal(true).annotate({ description: "The lot is one unit: its id is a serial" }),
  ),
};

/** Units of a lot. */
export const LotUnits = Schema.Struct({ ...lotFields, quantity: eventCount }).annotate({
  identifier: "LotUnits",
});

/** By how much the numbers of a lot have changed. */
export const LotMovement = Schema.Struct({
  sku: Schema.String,
  ...lotFields,
  onHand: Schema.Int,
  setAside: Schema.Int,
}).annotate({ identifier: "LotMovement" });

const details = Schema.Struct({
  sku: Schema.String,
  lots: Schema.Array(LotMovement),
});

export const lotEventTypes = {
  "lot.entered": {
    description: "Units of a tracked item whose lot nobody knows were entered, to be picked",
    details,
  },
} as const satisfies Readonly<Record<string, EventDefinition>>;

export const lotEvents: EventTypes = {
  members: { locationIds: locationIdsSchema },
  types: lotEventTypes,
};
