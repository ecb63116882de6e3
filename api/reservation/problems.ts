/** Which problems the refusals of reservations become. */
import type { Refused } from "../../actors/command/command.ts";
import type { ReservationRejection } from "../../src/reservation/reservation.ts";
import type { Failures } from "../http/failures.ts";
import { type Problem, problem } from "../http/problems.ts";
import { illegalTransition, insufficientStockProblem } from "../order/problems.ts";

const rejectionProblem = (rejection: ReservationRejection): Problem => {
  switch (rejection._tag) {
    case "InsufficientStock":
      return insufficientStockProblem(rejection.shortages);
    case "IllegalTransition": {
      const { action, status, detail } = rejection;
      return problem(illegalTransition, detail, { extensions: { action, currentStatus: status } });
    }
    case "InvalidReservation": {
      const { errors } = rejection;
      return problem("invalid-request", "The reservation is not valid.", { errors });
    }
    case "OtherChannel":
      return problem("not-found", "The channel has no such reservation.");
    case "ReservationTooWide":
      return problem("too-large", rejection.detail);
  }
};

export const reservationFailures: Failures<Refused<ReservationRejection>> = {
  Refused: {
    decided: ({ rejection }) =>
      rejection._tag === "InsufficientStock" || rejection._tag === "IllegalTransition",
    problem: ({ rejection }) => rejectionProblem(rejection),
  },
};
