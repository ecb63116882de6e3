/** The operations about stock that pages ask for, and what they answer. */
import type { StockLevel } from "../../../actors/stock/inventory.ts";
import type { StockHistoryEntry } from "../../../actors/stock/stock-history.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as inventory from "../inventory.ts";

type ChangedRows = { readonly data: readonly StockLevel[] };

export interface StockHistory extends ApiPage<StockHistoryEntry> {
  readonly entries: number;
}

export const listStockChanges = operation<StockHistory>(inventory.listStockChanges);
export const listStock = operation<ApiPage<StockLevel>>(inventory.listStock);
export const adjustStock = operation<ChangedRows>(inventory.adjustStock);
export const moveStock = operation<ChangedRows>(inventory.moveStock);
export const countStock = operation<ChangedRows>(inventory.countStock);
