/** What overselling is: counted from stock rows, whoever read them. */
import type { StockRow } from "../src/stock/stock.ts";

/** Units promised beyond what each row has; no row makes up for another. */
export const oversoldUnits = (rows: readonly StockRow[]): number =>
  rows.reduce(
    (sum, { onHand, reserved, unavailable }) => sum + Math.max(0, reserved - onHand + unavailable),
    0,
  );
