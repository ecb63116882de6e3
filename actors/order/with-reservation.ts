/**
 * Orders that are placed with a reservation: the command by which an order takes over its units, in the commit
 * that places the order, and what its refusals mean for the order.
 */
import type { Order } from "../../src/order/order.ts";
import { reservations } from "../../src/reservation/definition.ts";
import type {
  ReservationCommand,
  ReservationRejection,
} from "../../src/reservation/reservation.ts";
import type { Alongside } from "../command/command.ts";

const alongside = (id: string, command: ReservationCommand): Alongside => ({
  aggregate: reservations,
  id,
  command,
});

/** The command that gives an order the units of its reservation; it goes along with the order. */
export const conversionFor = ({ id: orderId, channel, reservation }: Order): Alongside | null =>
  reservation === undefined
    ? null
    : alongside(reservation.id, { type: "convert", orderId, channel });

/** A refusal, perhaps, of that command; others go along with orders, too. */
type Refusal = ReservationRejection | { readonly _tag: "" };

/** Whether the reservation keeps nothing any more. */
export const hasEnded = (rejection: { readonly _tag: string }): boolean => {
  const refused = rejection as Refusal;
  return refused._tag === "IllegalTransition" && refused.action === "convert";
};

/** Whether the reservation is of another channel. */
export const isElsewhere = ({ _tag }: { readonly _tag: string }): boolean =>
  _tag === ("OtherChannel" satisfies Refusal["_tag"]);

const pointer = "/reservationId";

/** One of another channel is told like one that is not there. */
export const noReservation = ({ channel, reservation }: Order) => ({
  pointer,
  detail: `The channel ${channel} has no reservation ${reservation?.id}.`,
});

/** An order that goes on in further commits: between them others could take units that were kept for it. */
export const tooLarge = {
  pointer,
  detail:
    "The order takes more than one commit, so it cannot take over a reservation. Place it without.",
};
