/**
 * Orders that are placed with a reservation: what the order needs to know of it, and the command by which the
 * order takes over its units, in the commit that places the order.
 */
import { Effect, Result } from "effect";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { reservations } from "../../src/reservation/definition.ts";
import {
  isActive,
  type ReservationCommand,
  type ReservationRejection,
} from "../../src/reservation/reservation.ts";
import type { Order } from "../../src/order/order.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { Aggregates } from "../aggregate/aggregates.ts";
import type { Alongside } from "../command/command.ts";

const pointer = "/reservationId";

/**
 * Whether the reservation that the request names keeps units for it, or what is wrong with the request. One of
 * another channel is told like one that is not there.
 */
export const keepsUnits = (
  aggregates: (typeof Aggregates)["Service"],
  { channel, reservationId }: PlaceOrderRequest,
): Effect.Effect<
  Result.Result<boolean, { readonly pointer: string; readonly detail: string }>,
  StoreError
> => {
  if (reservationId === undefined) return Effect.succeed(Result.succeed(false));
  const none = Result.fail({
    pointer,
    detail: `The channel ${channel} has no reservation ${reservationId}.`,
  });
  return aggregates.get(reservations, reservationId).pipe(
    Effect.map(({ state }) => state.channel === channel ? Result.succeed(isActive(state)) : none),
    Effect.catchTag("NotFound", () => Effect.succeed(none)),
  );
};

const alongside = (id: string, command: ReservationCommand): Alongside => ({
  aggregate: reservations,
  id,
  command,
});

/** The command that gives an order the units of its reservation; it goes along with the order. */
export const conversionFor = ({ id: orderId, reservation }: Order): Alongside | null =>
  reservation?.used === true ? alongside(reservation.id, { type: "convert", orderId }) : null;

/** Whether the reservation was ended by somebody else since the order looked at it. */
export const hasJustEnded = (rejection: { readonly _tag: string }): boolean => {
  const refused = rejection as ReservationRejection;
  return refused._tag === "IllegalTransition" && refused.action === "convert";
};

/** An order that goes on in further commits: between them others could take units that were kept for it. */
export const tooLarge = {
  pointer,
  detail:
    "The order takes more than one commit, so it cannot take over a reservation. Place it without.",
};
