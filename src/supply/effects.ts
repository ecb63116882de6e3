/** Changes of supply and of stock, as one event brings them: one for each row. */
import { inStock, stockBalance } from "../stock/balance.ts";
import { type Buckets, inBucket } from "../stock/buckets.ts";
import type { StockDelta } from "../stock/stock.ts";
import { type BalanceDeltas, inBalance } from "../subject/balance.ts";
import { supplyBalance } from "./balance.ts";

/** Units that are not for sale, in the bucket that their receipt names; undefined without one. */
export const bucketsOf = (
  { bucket }: { readonly bucket?: string | undefined },
  units: number,
): Buckets | undefined => bucket === undefined ? undefined : inBucket(bucket, units);

export type SupplyDelta = ReturnType<typeof supplyBalance.delta>;

export const inSupplyAndStock = (
  supply: readonly SupplyDelta[],
  stock: readonly StockDelta[],
): readonly BalanceDeltas[] => [
  ...inBalance(supplyBalance, supplyBalance.merge(supply)),
  ...inStock(stockBalance.merge(stock)),
];
