/** Changes that people make to stock: adjustments, counts, safety levels. Pure. */
import { Result } from "effect";
import { claimedUnits, type StockDelta, stockDelta, type StockRow } from "./stock.ts";

/** A row, and the units of it that this process has promised but not yet committed. */
export interface HeldRow {
  readonly row: StockRow;
  readonly held: number;
}

export type RowOf = (sku: string) => HeldRow;

export interface BelowZero {
  readonly pointer: string;
  readonly sku: string;
  /** Units that the change would take. */
  readonly requested: number;
  /** Units that may be taken. */
  readonly available: number;
  /** Units that orders were promised, and that are set aside; absent where it is these that are too few. */
  readonly promised?: number;
  readonly setAside?: number;
  /** Of these together, the units for which nothing would be left. */
  readonly excess?: number;
}

export interface Mismatch {
  readonly pointer: string;
  readonly sku: string;
  readonly expected: number;
  readonly actual: number;
}

/** Units that may leave without touching reserved, unavailable or held ones. Safety stock may leave. */
const free = ({ row, held }: HeldRow): number =>
  row.onHand - row.reserved - claimedUnits(row) - row.unavailable - held;

/** A change that would take more than is free of a row. */
const takesTooMuch = (
  pointer: string,
  held: HeldRow,
  requested: number,
): BelowZero => ({
  pointer,
  sku: held.row.sku,
  requested,
  available: free(held),
  promised: held.row.reserved + claimedUnits(held.row) + held.held,
  setAside: held.row.unavailable,
  excess: requested - free(held),
});

export interface AdjustedStock {
  readonly sku: string;
  readonly delta: number;
  readonly unavailable?: number | undefined;
}

/** All changes or none. Several changes of one SKU count together, whatever their order. */
export const adjust = (
  locationId: string,
  changes: readonly AdjustedStock[],
  rowOf: RowOf,
): Result.Result<readonly StockDelta[], readonly BelowZero[]> => {
  const sums = new Map<string, { readonly delta: StockDelta; readonly index: number }>();
  for (const [index, { sku, delta, unavailable = 0 }] of changes.entries()) {
    const before = sums.get(sku)?.delta ?? stockDelta(locationId, sku, {});
    const sum = stockDelta(locationId, sku, {
      onHand: before.onHand + delta,
      unavailable: before.unavailable + unavailable,
    });
    sums.set(sku, { delta: sum, index });
  }
  const shortages: BelowZero[] = [];
  for (const { delta: { sku, onHand, unavailable }, index } of sums.values()) {
    const held = rowOf(sku);
    const pointer = `/changes/${index}`;
    if (free(held) + onHand - unavailable < 0) {
      shortages.push(takesTooMuch(`${pointer}/delta`, held, unavailable - onHand));
    } else if (held.row.unavailable + unavailable < 0) {
      shortages.push({
        pointer: `${pointer}/unavailable`,
        sku,
        requested: -unavailable,
        available: held.row.unavailable,
      });
    }
  }
  if (shortages.length > 0) return Result.fail(shortages);
  return Result.succeed(
    [...sums.values()].map(({ delta }) => delta)
      .filter(({ onHand, unavailable }) => onHand !== 0 || unavailable !== 0),
  );
};

export interface CountedStock {
  readonly sku: string;
  readonly onHand: number;
  readonly expected?: number | undefined;
}

export type CountRefusal =
  | { readonly _tag: "BelowZero"; readonly shortages: readonly BelowZero[] }
  | { readonly _tag: "Mismatch"; readonly mismatches: readonly Mismatch[] };

/** Sets the units on hand; `expected` must be the number there. Each SKU may come only once. */
export const count = (
  locationId: string,
  counts: readonly CountedStock[],
  rowOf: RowOf,
): Result.Result<readonly StockDelta[], CountRefusal> => {
  const mismatches: Mismatch[] = [];
  const shortages: BelowZero[] = [];
  const deltas: StockDelta[] = [];
  for (const [index, { sku, onHand, expected }] of counts.entries()) {
    const held = rowOf(sku);
    const pointer = `/counts/${index}`;
    const delta = onHand - held.row.onHand;
    if (expected !== undefined && expected !== held.row.onHand) {
      mismatches.push({
        pointer: `${pointer}/expected`,
        sku,
        expected,
        actual: held.row.onHand,
      });
    }
    if (free(held) + delta < 0) shortages.push(takesTooMuch(`${pointer}/onHand`, held, -delta));
    if (delta !== 0) deltas.push(stockDelta(locationId, sku, { onHand: delta }));
  }
  if (mismatches.length > 0) return Result.fail({ _tag: "Mismatch", mismatches });
  if (shortages.length > 0) return Result.fail({ _tag: "BelowZero", shortages });
  return Result.succeed(deltas);
};

/**
 * Sets safety levels. They bind promises to come; reserved units stay reserved. Each SKU may come only once.
 */
export const setSafetyStock = (
  locationId: string,
  levels: readonly { readonly sku: string; readonly safetyStock: number }[],
  rowOf: RowOf,
): readonly StockDelta[] =>
  levels
    .map(({ sku, safetyStock }) =>
      stockDelta(locationId, sku, { safetyStock: safetyStock - rowOf(sku).row.safetyStock })
    )
    .filter((delta) => delta.safetyStock !== 0);
