/** What the parts of a promise hand to each other. */
import type { Instant } from "../kernel/instant.ts";
import type { FulfillmentMethod } from "../order/order.ts";

/** A day where it is meant, such as `2026-03-29`, with the moment by which something leaves on it. */
export interface ShipDay {
  readonly date: string;
  readonly at: Instant;
}

/** A line that is looked for. Places are numbers: the place of a location in the order of preference. */
export interface Demand {
  /** Its place among the lines that were asked for. */
  readonly line: number;
  readonly sku: string;
  readonly quantity: number;
  readonly method: FulfillmentMethod;
  /** Null: any place will do. */
  readonly place: number | null;
  /** Infinity: whenever it comes. */
  readonly neededAtMs: number;
}

/** Units of one source at one place, with the day on which they can leave. */
export interface Units {
  readonly source: string;
  readonly fromMs: number;
  readonly shipBy: ShipDay;
  readonly left: number;
}

/** By SKU and place; the earliest first. */
export type UnitsBySku = ReadonlyMap<string, readonly (readonly Units[])[]>;

/** Units that a line gets from a place, which are there by a day. */
export interface Share {
  readonly demand: Demand;
  readonly place: number;
  readonly day: string;
  readonly units: number;
}

/** Units that a line gets from a source. */
export interface Draw {
  readonly demand: Demand;
  readonly place: number;
  readonly source: string;
  readonly fromMs: number;
  readonly shipBy: ShipDay;
  readonly quantity: number;
}
