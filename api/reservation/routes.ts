/** Reservations: units that are kept for a cart until a time, or until its order. */
import { Effect, Schema } from "effect";
import { Reservations, type Reserved } from "../../actors/reservation/reservations.ts";
import { reservations } from "../../src/reservation/definition.ts";
import { reservationFields } from "../../src/reservation/event-types.ts";
import { ExpiresInSeconds, ReserveRequest } from "../../src/reservation/request.ts";
import type { Reservation, ReservationCommand } from "../../src/reservation/reservation.ts";
import type { Actions } from "../http/actions.ts";
import { routesOfMade } from "../http/aggregate.ts";
import { command, versioned } from "../http/answer.ts";
import { jsonBody, type ResponseDefinition, route, type Tag } from "../http/registry.ts";
import { narrowed } from "../http/scope.ts";
import { illegalTransition, insufficientStock } from "../order/problems.ts";
import { reservationFailures } from "./problems.ts";

const tag: Tag = {
  name: "Reservations",
  description: "Units that are kept for a cart until a time, or until its order takes them over",
};

const ReservationView = Schema.Struct(reservationFields).annotate({ identifier: "Reservation" });

const view = ({ state }: { readonly state: Reservation }): Reservation => state;

const theReservation = (description: string): ResponseDefinition => ({
  description,
  schema: ReservationView,
  headers: { etag: "Its version", location: "Where the reservation is" },
});

const example: ReserveRequest = {
  channel: "web",
  externalId: "cart-1001",
  expiresInSeconds: 900,
  lines: [{ sku: "MUG-01", quantity: 2 }],
  destination: { country: "NL", postalCode: "1015 CJ" },
};

const reserve = route({
  method: "POST",
  path: "/v1/reservations",
  operationId: "reserve",
  summary: "Keep units for a cart",
  description:
    "All that the cart wants, or nothing. A cart that has an active reservation changes that one: its own units " +
    "count as free, and units that it still wants stay kept.",
  tags: [tag],
  permission: "reservations:write",
  scopes: { channel: "narrowed", location: "refused" },
  body: jsonBody(ReserveRequest.annotate({ identifier: "ReserveRequest", examples: [example] })),
  responses: {
    200: theReservation("The cart's reservation, as it is now"),
    201: theReservation("The new reservation"),
  },
  problems: [insufficientStock],
  failures: reservationFailures,
  handler: Effect.fnUntraced(function* (request) {
    const carts = yield* Reservations;
    yield* narrowed(request.by.scope.channel, request.body.channel, "channel");
    return yield* command(
      request,
      (context) => carts.reserve(request.body, context),
      ({ created, document }: Reserved) =>
        versioned(created ? 201 : 200, view(document), document.state.version, {
          location: `/v1/reservations/${document.state.id}`,
        }),
    );
  }),
});

export const reservationActions = {
  extend: {
    operationId: "extendReservation",
    summary: "Keep the units for so long from now",
    permission: "reservations:write",
    body: Schema.Struct({ expiresInSeconds: ExpiresInSeconds }),
    command: ({ expiresInSeconds }: { readonly expiresInSeconds: number }) => ({
      type: "extend",
      expiresInSeconds,
    }),
    says: { button: "Extend", done: "The units are kept for longer." },
  },
  release: {
    operationId: "releaseReservation",
    summary: "Let the units go",
    description: "One that has expired, or was released before, stays as it is.",
    permission: "reservations:write",
    command: () => ({ type: "release" }) as const,
    says: { button: "Release", tone: "danger", done: "The units are free." },
  },
} as const satisfies Actions<ReservationCommand>;

export const reservationRoutes = [
  reserve,
  ...routesOfMade({
    ...{ definition: reservations, tag, read: "orders:read" },
    failures: reservationFailures,
    problems: [illegalTransition],
    schema: ReservationView,
    view,
    filters: { status: "reservation_status", channel: "reservation_channel" },
    actions: reservationActions,
  }),
];
