/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { reservationLists, reservations } from "./definition.ts";

export const reservation: Subject = {
  name: "reservation",
  aggregates: [reservations],
  dimensions: Object.values(reservationLists),
};
