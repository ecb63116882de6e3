/** Keys that point at reservations. */
import type { Key } from "../kernel/key.ts";

/** The first word of keys of references. */
export const referenceFamily = "reservation_reference";

/** ReservationReference: one active reservation for each (channel, externalId). */
export const referenceKey = (channel: string, externalId: string): Key => [
  referenceFamily,
  channel,
  externalId,
];

/** The value of such a key. */
export interface ReservationReference {
  readonly reservationId: string;
}
