/** The operations about stock that pages ask for, and what they answer. */
import type { StockLevel } from "../../../actors/stock/inventory.ts";
import type { Page } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as inventory from "../inventory.ts";

type ChangedRows = { readonly data: readonly StockLevel[] };

export const listStock = operation<Page<StockLevel>>(inventory.listStock);
export const adjustStock = operation<ChangedRows>(inventory.adjustStock);
export const countStock = operation<ChangedRows>(inventory.countStock);
