/** Keys of stock rows, and the partitions that guard them. */
import type { Key } from "../kernel/key.ts";

/** StockRow. */
export const stockKey = (locationId: string, sku: string): Key => ["stock", locationId, sku];

/** One fence guards all stock of a location. */
export const locationPartition = (locationId: string): string => `location:${locationId}`;
