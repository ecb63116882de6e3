/** What reservations tell of their events. */
import { Schema } from "effect";
import { eventCount, type EventDefinition, eventTime, noDetails } from "../subject/event-type.ts";
import { Destination } from "./request.ts";
import { FulfillmentMethod } from "../order/vocabulary.ts";
import type { ReservationEvent } from "./reservation.ts";
import { reservationStatuses } from "./reservation.ts";

export const ReservationStatus = Schema.Literals(reservationStatuses).annotate({
  identifier: "ReservationStatus",
});

/** What is wanted and what is kept, as events and answers have it. */
export const keptFields = {
  lines: Schema.Array(
    Schema.Struct({
      sku: Schema.String,
      quantity: eventCount,
      method: FulfillmentMethod,
      locationId: Schema.optionalKey(Schema.String),
    }).annotate({ identifier: "ReservationLine" }),
  ),
  destination: Schema.optionalKey(Destination),
  allocations: Schema.Array(
    Schema.Struct({ sku: Schema.String, locationId: Schema.String, quantity: eventCount })
      .annotate({ identifier: "ReservationAllocation" }),
  ).annotate({
    description: "Where the units are kept; of a reservation that has ended, where they were",
  }),
  expiresAt: eventTime,
};

/** A reservation as it is. */
export const reservationFields = {
  id: Schema.String,
  channel: Schema.String,
  externalId: Schema.String,
  status: ReservationStatus,
  ...keptFields,
  orderId: Schema.optionalKey(
    Schema.String.annotate({ description: "The order that took over its units" }),
  ),
  createdAt: eventTime,
  updatedAt: eventTime,
  version: Schema.Int,
};

export const reservationEventTypes: Readonly<Record<ReservationEvent["type"], EventDefinition>> = {
  "reservation.made": {
    description: "Units are kept for a cart",
    details: Schema.Struct({ reservation: Schema.Struct(reservationFields) }),
  },
  "reservation.replaced": {
    description: "A cart was changed: other units are kept for it",
    details: Schema.Struct(keptFields),
  },
  "reservation.extended": {
    description: "The units are kept until another time",
    details: Schema.Struct({ expiresAt: eventTime }),
  },
  "reservation.converted": {
    description: "An order took over the units",
    details: Schema.Struct({ orderId: Schema.String }),
  },
  "reservation.released": {
    description: "The units were let go, since nobody wants them any more",
    details: noDetails,
  },
  "reservation.expired": {
    description: "The units were let go, since the time had come",
    details: noDetails,
  },
};
