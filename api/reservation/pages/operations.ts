/** The operations of reservations that pages ask for, and their answers. */
import type { Reservation } from "../../../src/reservation/reservation.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import { reservationActions } from "../routes.ts";

export const listReservations = operation<ApiPage<Reservation>>({
  operationId: "listReservations",
});
export const getReservation = operation<Reservation>({ operationId: "getReservation" });
export const releaseReservation = operation<Reservation>(reservationActions.release);
