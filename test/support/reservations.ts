/** How the tests of all aggregates exercise reservations, and how single ones are made. */
import { Result } from "effect";
import { makingOf } from "../../src/reservation/making.ts";
import { reservations } from "../../src/reservation/definition.ts";
import { reservationLimits } from "../../src/reservation/limits.ts";
import type { ReserveRequest } from "../../src/reservation/request.ts";
import { wantedBy } from "../../src/reservation/request.ts";
import type {
  Reservation,
  ReservationCommand,
  ReservationEvent,
} from "../../src/reservation/reservation.ts";
import { inStock } from "../../src/stock/balance.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import type { Chance } from "../sim/random.ts";
import { locationIds } from "../sim/workload.ts";
import type { Workout } from "./workout.ts";

const places = locationIds(2);
const skus = ["mug", "cup", "pot", "song"] as const;
const madeAt = "2026-01-01T00:00:00.000Z";
const saved = { createdAt: madeAt, updatedAt: madeAt, version: 1 };

const placeOf = (id: string) => ({
  ...{ id, name: id, type: "warehouse", address: { country: "NL" }, active: true },
  ...saved,
});

const linesOf = (chance: Chance): ReserveRequest["lines"] =>
  Array.from({ length: chance.between(1, 3) }, () => ({
    sku: chance.pick(skus),
    quantity: chance.between(1, 3),
    ...(chance.happens(0.2) ? { method: "pickup" as const, locationId: chance.pick(places) } : {}),
  }));

/** Long enough that some are extended, short enough that some expire. */
const secondsOf = (chance: Chance): number =>
  chance.happens(0.2) ? reservationLimits.expirySeconds : chance.between(1, 60);

const requestOf = (chance: Chance, externalId: string): ReserveRequest => ({
  channel: "web",
  externalId,
  expiresInSeconds: secondsOf(chance),
  lines: linesOf(chance),
  ...(chance.happens(0.3) ? { destination: { country: "NL", latitude: 52, longitude: 5 } } : {}),
});

export const reservationWorkout: Workout<
  Reservation,
  ReservationCommand,
  ReservationEvent,
  null
> = {
  definition: reservations,
  supplies: inStock(
    places.flatMap((id) =>
      ["mug", "cup", "pot"].map((sku) => stockDelta(id, sku, { onHand: 8, safetyStock: 1 }))
    ),
  ),
  documents: {
    location: places.map(placeOf),
    item: [{ sku: "song", name: "Song", digital: true, ...saved }],
  },
  nameOf: ({ externalId }) => externalId,
  making: (chance, name) => makingOf(requestOf(chance, name)),
  mayDoNothing: ["extend", "expire", "release"],
  request: (chance, { externalId }) => ({
    type: "reserve",
    request: requestOf(chance, externalId),
  }),
  forOrder: ({ id, channel }) => ({ channel, reservationId: id }),
  command: (chance) => {
    const expiresInSeconds = secondsOf(chance);
    switch (chance.weighted({ replace: 8, extend: 4, expire: 3, release: 1 })) {
      case "replace":
        return { type: "replace", ...wantedBy(requestOf(chance, "")), expiresInSeconds };
      case "extend":
        return { type: "extend", expiresInSeconds };
      case "expire":
        return { type: "expire" };
      case "release":
        return { type: "release" };
    }
  },
};

/** A reservation that nobody has decided yet. */
export const newReservation = (
  request: ReserveRequest,
  id: string,
  now: string,
): Reservation => Result.getOrThrow(makingOf(request).make(id, now)).state;
