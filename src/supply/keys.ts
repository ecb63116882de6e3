/** Keys by which supply that is on its way is found. */
import { below } from "../kernel/key.ts";
import type { Key } from "../kernel/key.ts";

/** The value of a supply's link. */
export interface SupplyLink {
  /** The id of the line that it is a row of. */
  readonly supplyId: string;
  readonly sku: string;
  /** Where it goes to. */
  readonly locationId: string;
  /** Epoch milliseconds. */
  readonly dueMs: number;
}

const dueDigits = 15;

export const supplyFamily = "supply";

/** Supply of a SKU, wherever it goes to. */
export const supplyOf = (sku: string): Key => [supplyFamily, sku];

/** SupplyLink: for each supply that is expected. */
export const supplyKey = ({ supplyId, sku, locationId, dueMs }: SupplyLink): Key => [
  supplyFamily,
  sku,
  locationId,
  String(dueMs).padStart(dueDigits, "0"),
  supplyId,
];

/** All supply of a SKU that goes to a location, the earliest first. */
export const supplyAt = (sku: string, locationId: string) => below([supplyFamily, sku, locationId]);
