/** The quantities of a transfer's line, and what becomes of them. */
import { pendingUnits } from "./moves.ts";
import type {
  EndedTransferLine,
  LineQuantity,
  TransferLine,
  TransferReceiptLine,
} from "./transfer.ts";

/** Units that are claimed at the source until they leave. */
export const unshippedUnits = (
  { quantity, shipped, released }: Pick<TransferLine, "quantity" | "shipped" | "released">,
): number => quantity - shipped - released;

/** Units that have left and of which nothing was heard since. */
export const unitsInTransit = (line: TransferLine): number =>
  line.shipped - line.received - line.damaged - line.lost - line.returned;

/** What its row of supply counts as expected. */
export const expectedUnits = (line: TransferLine): number =>
  unitsInTransit(line) + pendingUnits(line);

export const withShipped = (line: TransferLine, { quantity }: LineQuantity): TransferLine => ({
  ...line,
  shipped: line.shipped + quantity,
});

/** What came for sale waits to be put on the shelf; what did not come so leaves the row of supply. */
export const withReceived = (
  line: TransferLine,
  { quantity, damaged, lost }: Omit<TransferReceiptLine, "lineId">,
): TransferLine => ({
  ...line,
  received: line.received + quantity - damaged,
  damaged: line.damaged + damaged,
  lost: line.lost + lost,
  arriving: line.arriving + quantity - damaged,
  cutting: line.cutting + damaged + lost,
});

export const withEnded = (
  line: TransferLine,
  { released, returned, lost }: Omit<EndedTransferLine, "lineId">,
): TransferLine => ({
  ...line,
  released: line.released + released,
  returned: line.returned + returned,
  lost: line.lost + lost,
  cutting: line.cutting + returned + lost,
});
