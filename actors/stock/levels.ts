/** Stock rows as people are shown them. */
import type { Buckets } from "../../src/stock/buckets.ts";
import { availableUnits, claimedUnits, type StockRow } from "../../src/stock/stock.ts";

/** A stock row with the units that may be promised of it now, less the holds of this process. */
export interface StockLevel extends StockRow {
  readonly claimed: number;
  readonly buckets: Buckets;
  readonly available: number;
}

/** A row after changes that are committed or about to be, less the holds of others. */
export const levelOf = (row: StockRow, held: number): StockLevel => ({
  ...row,
  claimed: claimedUnits(row),
  buckets: row.buckets ?? noBuckets,
  available: availableUnits(row) - held,
});

const noBuckets: Buckets = {};
