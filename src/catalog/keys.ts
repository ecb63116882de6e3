/** Keys of locations and items, and the partition that guards what people describe. */
import type { Key } from "../kernel/key.ts";

export const catalogKeys = {
  /** Location. */
  location: (locationId: string): Key => ["location", locationId],
  /** Item. */
  item: (sku: string): Key => ["item", sku],
} as const;

/** One fence guards locations, items, import mappings and API keys: all change seldom. */
export const catalogPartition = "catalog";
