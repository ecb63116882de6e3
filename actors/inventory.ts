import { Context, Data, type Effect } from "effect";
import type { StockRow } from "../src/inventory/stock.ts";
import type { StoreError } from "../src/store/store.ts";
import type { CommandContext, CommandFailure, NotFound } from "./command.ts";

export interface Adjustment {
  readonly locationId: string;
  readonly reason: string;
  readonly reference?: string | undefined;
  readonly changes: readonly {
    readonly sku: string;
    /** Units on hand, more or less. */
    readonly delta: number;
    /** Units made unavailable (or available again) out of those on hand. */
    readonly unavailable?: number | undefined;
  }[];
}

export interface Count {
  readonly locationId: string;
  readonly reference?: string | undefined;
  readonly counts: readonly {
    readonly sku: string;
    readonly onHand: number;
    readonly expected?: number | undefined;
  }[];
}

export interface SafetyStock {
  readonly locationId: string;
  readonly levels: readonly { readonly sku: string; readonly safetyStock: number }[];
}

/** A change would leave less than what is reserved, or below zero. Nothing was changed. */
export class BelowZeroAvailable extends Data.TaggedError("BelowZeroAvailable")<{
  readonly locationId: string;
  readonly shortages: readonly {
    readonly pointer: string;
    readonly sku: string;
    readonly requested: number;
    readonly available: number;
  }[];
}> {}

/** `expected` was not what is there. Nothing was changed. */
export class CountMismatch extends Data.TaggedError("CountMismatch")<{
  readonly locationId: string;
  readonly mismatches: readonly {
    readonly pointer: string;
    readonly sku: string;
    readonly expected: number;
    readonly actual: number;
  }[];
}> {}

/** A stock row with what may be promised of it now, holds of this process taken off. */
export interface StockLevel extends StockRow {
  readonly available: number;
}

export class Inventory extends Context.Service<Inventory, {
  readonly adjust: (
    adjustment: Adjustment,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<readonly StockLevel[], NotFound | BelowZeroAvailable | CommandFailure>;
  readonly count: (
    count: Count,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<
    readonly StockLevel[],
    NotFound | BelowZeroAvailable | CountMismatch | CommandFailure
  >;
  readonly setSafetyStock: (
    levels: SafetyStock,
    context: CommandContext<readonly StockLevel[]>,
  ) => Effect.Effect<readonly StockLevel[], NotFound | CommandFailure>;
  /** Rows by location and SKU, ascending, after the cursor's row. */
  readonly levels: (query: {
    readonly sku?: string | undefined;
    readonly locationId?: string | undefined;
    readonly after?: { readonly locationId: string; readonly sku: string } | undefined;
    readonly limit: number;
  }) => Effect.Effect<readonly StockLevel[], StoreError>;
}>()("allot/Inventory") {}
