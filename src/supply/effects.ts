/** Changes of supply and of stock, as one event brings them: one for each row. */
import { inStock, stockBalance } from "../stock/balance.ts";
import type { StockDelta } from "../stock/stock.ts";
import { type BalanceDeltas, inBalance } from "../subject/balance.ts";
import { supplyBalance } from "./balance.ts";

export type SupplyDelta = ReturnType<typeof supplyBalance.delta>;

export const inSupplyAndStock = (
  supply: readonly SupplyDelta[],
  stock: readonly StockDelta[],
): readonly BalanceDeltas[] => [
  ...inBalance(supplyBalance, supplyBalance.merge(supply)),
  ...inStock(stockBalance.merge(stock)),
];
