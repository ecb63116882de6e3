/** The requests for reservations, as schemas. */
import { Schema } from "effect";
import { textLimits } from "../kernel/limits.ts";
import { Country, Identifier, Latitude, Longitude, Sku, text } from "../kernel/vocabulary.ts";
import { destinationOf } from "../order/destination.ts";
import { Quantity } from "../order/request.ts";
import { FulfillmentMethod } from "../order/vocabulary.ts";
import { reservationLimits } from "./limits.ts";
import type { Wanted } from "./reservation.ts";

export const Destination = Schema.Struct({
  country: Country,
  region: Schema.optionalKey(text(textLimits.name)),
  postalCode: Schema.optionalKey(text(textLimits.id)),
  latitude: Schema.optionalKey(Latitude),
  longitude: Schema.optionalKey(Longitude),
}).annotate({
  identifier: "Destination",
  description: "As much of an address as is needed to choose locations",
});

export const ExpiresInSeconds = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: reservationLimits.expirySeconds }),
);

export const ReserveRequest = Schema.Struct({
  channel: Identifier,
  externalId: Identifier,
  expiresInSeconds: ExpiresInSeconds,
  lines: Schema.Array(
    Schema.Struct({
      sku: Sku,
      quantity: Quantity,
      method: Schema.optionalKey(FulfillmentMethod),
      locationId: Schema.optionalKey(Identifier),
    }).annotate({ identifier: "ReserveLine" }),
  ).check(Schema.isMinLength(1), Schema.isMaxLength(reservationLimits.lines)),
  destination: Schema.optionalKey(Destination),
});
export type ReserveRequest = typeof ReserveRequest.Type;

/** What a request wants kept. */
export const wantedBy = ({ lines, destination }: ReserveRequest): Wanted => ({
  lines: lines.map(({ sku, quantity, method = "ship", locationId }) => ({
    ...{ sku, quantity, method },
    ...(locationId === undefined ? {} : { locationId }),
  })),
  ...(destination === undefined ? {} : { destination: destinationOf(destination) }),
});
