/** Units of a SKU that somebody outside may promise over some locations. */
import { availableUnits, type StockRow } from "./stock.ts";

/**
 * Whole units, never below 0. Each location counts for itself: one that has promised more than it may does not
 * hide what another has. `buffer` is kept back from the sum.
 */
export const availableFor = (rows: readonly StockRow[], buffer: number): number =>
  Math.max(0, rows.reduce((sum, row) => sum + Math.max(0, availableUnits(row)), 0) - buffer);
