/** Locations and items, which stock and orders refer to. Pure. */
import type { Address } from "../kernel/vocabulary.ts";
import type { Tracking } from "../lot/lot.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Kit } from "./kit.ts";

export const locationTypes = ["warehouse", "store", "dropship"] as const;
export type LocationType = (typeof locationTypes)[number];

export interface Location {
  readonly id: string;
  readonly name: string;
  readonly type: LocationType;
  readonly address: Address;
  readonly latitude?: number;
  readonly longitude?: number;
  /** False: gets no new orders, still ships what it has. */
  readonly active: boolean;
  /** Of its days and its cut-off (IANA); UTC when absent. */
  readonly timeZone?: string;
  /** Its working days; every day when absent. */
  readonly calendarId?: string;
  /** The time of the day from which on an order counts as one of the next working day, such as `15:00`. */
  readonly cutOff?: string;
  /** Working days until an order leaves; 0 when absent. */
  readonly handlingDays?: number;
  /** Working days until units that arrive can leave; 0 when absent. */
  readonly receivingDays?: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}

/**
 * Whether more of an item is sold than there is, whatever the order's shortage policy says; `against_supply`: only
 * what supply on its way can be promised for.
 */
export const backorderRules = ["never", "allowed", "against_supply"] as const;
export type BackorderRule = (typeof backorderRules)[number];

export interface Item {
  readonly sku: string;
  readonly name: string;
  readonly weightGrams?: number;
  /** Unset follows the order's shortage policy; `never` overrules it. */
  readonly backorder?: BackorderRule;
  /** Delivered without stock or shipment. */
  readonly digital: boolean;
  /** Sold as one, and made of other goods. */
  readonly kit?: Kit;
  /** How its units are told apart when they are received and picked; absent: they are not. */
  readonly tracking?: Tracking;
  /** Lots that expire sooner are promised no more. */
  readonly minRemainingDays?: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}

/** The item of a SKU that nobody described. */
export const defaultItem = (sku: string, now: Instant): Item => ({
  sku,
  name: sku,
  digital: false,
  createdAt: now,
  updatedAt: now,
  version: 1,
});
