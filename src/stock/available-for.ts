/** Units of a SKU that somebody outside may promise over some locations. */
import { availableUnits, type StockRow } from "./stock.ts";

/** What is kept back of a sum: so many units, or so many of a hundred. */
export type Buffer = { readonly units: number } | { readonly percent: number };

/** A part of a unit is kept back as a whole one. */
const keptBack = (sum: number, buffer: Buffer): number =>
  "units" in buffer ? buffer.units : Math.ceil(sum * buffer.percent / 100);

/**
 * Whole units, never below 0, of what each location has available. Each counts for itself: one that has
 * promised more than it may does not hide what another has. The buffer is kept back from the sum.
 */
export const availableOver = (available: readonly number[], buffer: Buffer): number => {
  const sum = available.reduce((units, each) => units + Math.max(0, each), 0);
  return Math.max(0, sum - keptBack(sum, buffer));
};

/** The same of rows, and so many units kept back. */
export const availableFor = (rows: readonly StockRow[], units: number): number =>
  availableOver(rows.map(availableUnits), { units });
