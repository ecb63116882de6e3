/** The reservation's definition: all that the machine asks about reservations, in one value. */
import { Result } from "effect";
import { items, locations } from "../catalog/references.ts";
import { epochMsOf } from "../kernel/instant.ts";
import { stockBalance } from "../stock/balance.ts";
import { recordsWithStock } from "../stock/record.ts";
import { aggregate, type Look } from "../subject/aggregate.ts";
import type { Dimension } from "../subject/dimension.ts";
import { type Link, noLinks, timer, uniqueKey } from "../subject/link.ts";
import { claimsOf, effectsOf } from "./claims.ts";
import { decide } from "./decide.ts";
import { reservationEventTypes } from "./event-types.ts";
import { evolve } from "./evolve.ts";
import { referenceFamily, referenceKey, type ReservationReference } from "./keys.ts";
import {
  isActive,
  type Reservation,
  type ReservationCommand,
  type ReservationEvent,
  type ReservationFacts,
  reservationIds,
  type ReservationRejection,
  reservationStatuses,
} from "./reservation.ts";

export const reservationLists = {
  status: { name: "reservation_status" },
  channel: { name: "reservation_channel" },
} as const satisfies Readonly<Record<string, Dimension>>;

const factsOf = (look: Look): ReservationFacts => ({
  now: look.now,
  locations: look.references(locations),
  item: (sku) => look.reference(items, sku),
  available: (locationId, sku) => look.available(stockBalance.name, locationId, sku),
  locationsPerCommit: look.spacesPerCommit,
  keyBytesPerCommit: look.keyBytesPerCommit,
});

/** Only an active one is found by its cart: the next of the same cart is another reservation. */
const linksOf = (reservation: Reservation): readonly Link[] => {
  if (!isActive(reservation)) return noLinks;
  const { id, channel, externalId, expiresAt } = reservation;
  const reference: ReservationReference = { reservationId: id };
  const dueMs = epochMsOf(expiresAt);
  return [
    uniqueKey(referenceKey(channel, externalId), { ...reference }),
    timer(`expire ${dueMs}`, dueMs, { type: "expire" }),
  ];
};

const named = {
  name: "reservation",
  plural: "reservations",
  statuses: reservationStatuses,
} as const;

export const reservations = aggregate<
  Reservation,
  ReservationCommand,
  ReservationEvent,
  ReservationFacts,
  ReservationRejection
>({
  ...named,
  ids: reservationIds,
  linkFamilies: [referenceFamily],
  linkInvariant: () => "one-reservation-per-cart",
  decide,
  evolve,
  statusOf: ({ status }) => status,
  createdType: "reservation.made",
  record: recordsWithStock({ ...named, events: reservationEventTypes }),
  facts: factsOf,
  isShort: (decided) => Result.isFailure(decided) && decided.failure._tag === "InsufficientStock",
  scopeOf: ({ channel, allocations }) => ({
    channel,
    locationIds: [...new Set(allocations.map(({ locationId }) => locationId))],
  }),
  listsOf: ({ status, channel }) => [
    [reservationLists.status.name, status],
    [reservationLists.channel.name, channel],
  ],
  linksOf,
  effectsOf,
  claimsOf,
});
