/** Rows that fill the window of an import: as many orders of one row before them are placed as are sent with them. */
import { importLimits } from "../../src/import/limits.ts";

const rowsEach = importLimits.rowsPerOrder;

/** Of orders that are placed only when more rows follow; `row` makes one of an external id. */
export const fillingRows = (row: (externalId: string) => string): string =>
  Array.from({ length: importLimits.windowRows }, (_, n) => row(`fill-${Math.floor(n / rowsEach)}`))
    .join("");
