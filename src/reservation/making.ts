/** How a reservation is made of a request. */
import { Result } from "effect";
import type { Instant } from "../kernel/instant.ts";
import { expiryOf } from "./decide.ts";
import { type ReserveRequest, wantedBy } from "./request.ts";
import type { Reservation } from "./reservation.ts";

/** The command that makes one. */
const reserve = { type: "reserve" } as const;

/** As `actors/aggregate/aggregates.ts` has it: what is wanted, which its first command keeps. */
export const makingOf = (request: ReserveRequest) => ({
  reference: JSON.stringify([request.channel, request.externalId]),
  make: (id: string, now: Instant) => {
    const { channel, externalId, expiresInSeconds } = request;
    const state: Reservation = {
      ...{ id, channel, externalId, status: "active", ...wantedBy(request), allocations: [] },
      expiresAt: expiryOf(now, expiresInSeconds),
      ...{ createdAt: now, updatedAt: now, version: 0 },
    };
    return Result.succeed({ state, personal: null });
  },
  opening: reserve,
});
