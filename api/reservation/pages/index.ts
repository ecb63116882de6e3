/** The dashboard's pages of reservations. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { listReservations } from "./operations.ts";
import { reservationPages } from "./reservations.tsx";

export const pages: SubjectPages = {
  navigation: [{ name: "Reservations", href: "/reservations", needs: listReservations }],
  pages: reservationPages,
};
