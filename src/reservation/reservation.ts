/**
 * A reservation: units that are kept for a cart until a time. Its state, its commands, its events and the
 * reasons for which it refuses. Nobody else gets the units, and the order that is placed with it takes them
 * over in one commit.
 */
import type { Item } from "../catalog/catalog.ts";
import { idKind } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Destination, FulfillmentMethod, RoutingLocation, Shortage } from "../order/order.ts";

export const reservationIds = idKind("res");

export const reservationStatuses = ["active", "converted", "released", "expired"] as const;
export type ReservationStatus = (typeof reservationStatuses)[number];

/** Units that the cart wants. */
export interface ReservationLine {
  readonly sku: string;
  readonly quantity: number;
  readonly method: FulfillmentMethod;
  /** The only location that will do. */
  readonly locationId?: string;
}

/** Units that are kept at a location. */
export interface Allocation {
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
}

/** What somebody wants kept. */
export interface Wanted {
  readonly lines: readonly ReservationLine[];
  /** The part of the address that routing needs. */
  readonly destination?: Destination;
}

export interface Reservation extends Wanted {
  readonly id: string;
  readonly channel: string;
  /** What the channel calls the cart. */
  readonly externalId: string;
  readonly status: ReservationStatus;
  /** When its units go free, unless they are asked for before. */
  readonly expiresAt: Instant;
  /** At most one of each SKU at each location; of an ended one, what it kept last. */
  readonly allocations: readonly Allocation[];
  /** The order that took over its units. */
  readonly orderId?: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}

export type ReservationCommand =
  /** The first command of every reservation: keeps what it wants. */
  | { readonly type: "reserve" }
  /** Keeps something else: its own units count as free. */
  | ({ readonly type: "replace"; readonly expiresInSeconds: number } & Wanted)
  | { readonly type: "extend"; readonly expiresInSeconds: number }
  /** An order takes over the units, in the same commit. */
  | { readonly type: "convert"; readonly orderId: string; readonly channel: string }
  | { readonly type: "release" }
  /** Lets the units go when the time has come; else does nothing. */
  | { readonly type: "expire" };

export type ReservationEvent =
  | { readonly type: "reservation.made"; readonly reservation: Reservation }
  | ({
    readonly type: "reservation.replaced";
    readonly allocations: readonly Allocation[];
    readonly expiresAt: Instant;
  } & Wanted)
  | { readonly type: "reservation.extended"; readonly expiresAt: Instant }
  | { readonly type: "reservation.converted"; readonly orderId: string }
  | { readonly type: "reservation.released" }
  | { readonly type: "reservation.expired" };

export type ReservationRejection =
  | { readonly _tag: "InsufficientStock"; readonly shortages: readonly Shortage[] }
  | {
    readonly _tag: "IllegalTransition";
    readonly action: string;
    readonly status: ReservationStatus;
    readonly detail: string;
  }
  | {
    readonly _tag: "InvalidReservation";
    readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  }
  /** It is of another channel than the order that is to take it over. */
  | { readonly _tag: "OtherChannel" }
  /** Its units lie at more places, or have longer names, than one commit takes. */
  | { readonly _tag: "ReservationTooWide"; readonly detail: string };

/** The facts beside the reservation that a decision may know. */
export interface ReservationFacts {
  readonly now: Instant;
  readonly locations: readonly RoutingLocation[];
  /** Null where nobody described the SKU. */
  readonly item: (sku: string) => Pick<Item, "digital"> | null;
  /** Units that may be promised now, without those that the reservation keeps itself. */
  readonly available: (locationId: string, sku: string) => number;
  /** Locations, and bytes of keys, that one commit may touch. */
  readonly locationsPerCommit: number;
  readonly keyBytesPerCommit: number;
}

export const isActive = ({ status }: Pick<Reservation, "status">): boolean => status === "active";
