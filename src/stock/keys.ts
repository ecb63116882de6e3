/** Keys of stock rows, and the partitions that guard them. */
import type { Key } from "../kernel/key.ts";
import { rowKey, spacePartition } from "../subject/balance.ts";
import { stockBalance } from "./balance.ts";

/** StockRow. */
export const stockKey = (locationId: string, sku: string): Key =>
  rowKey(stockBalance, locationId, sku);

/** One fence guards all stock of a location. */
export const locationPartition = (locationId: string): string =>
  spacePartition(stockBalance, locationId);
