/** The fold: the next reservation after an event. It decides nothing. */
import type { Instant } from "../kernel/instant.ts";
import type { Reservation, ReservationEvent, ReservationStatus } from "./reservation.ts";

const ended: Readonly<Record<string, ReservationStatus>> = {
  "reservation.converted": "converted",
  "reservation.released": "released",
  "reservation.expired": "expired",
};

export const evolve = (
  reservation: Reservation | null,
  event: ReservationEvent,
  at: Instant,
): Reservation => {
  if (event.type === "reservation.made") return event.reservation;
  if (reservation === null) throw new TypeError(`A reservation cannot begin with ${event.type}.`);
  const { type, ...changes } = event;
  // It wants to be sent elsewhere, or it no longer matters where to.
  const { destination: _, ...rest } = reservation;
  const before = type === "reservation.replaced" ? rest : reservation;
  return { ...before, ...changes, status: ended[type] ?? before.status, updatedAt: at };
};
