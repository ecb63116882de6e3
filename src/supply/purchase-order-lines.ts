/** The quantities of a purchase order's line, and what becomes of them. */
import { pendingUnits } from "./moves.ts";
import type { PurchaseOrderLine, PurchaseOrderReceiptLine } from "./purchase-order.ts";

/** Units that are still to come. None when more has come than was ordered. */
export const openUnits = (
  { ordered, received, cancelled }: Pick<PurchaseOrderLine, "ordered" | "received" | "cancelled">,
): number => Math.max(0, ordered - cancelled - received);

/** What its row of supply counts as expected. */
export const expectedUnits = (line: PurchaseOrderLine): number =>
  openUnits(line) + pendingUnits(line);

/** The line with another number of units ordered: units that are cut off wait to be moved, and may come back. */
export const withOrdered = (line: PurchaseOrderLine, ordered: number): PurchaseOrderLine => {
  const more = openUnits({ ...line, ordered }) - openUnits(line);
  const cutting = more < 0 ? line.cutting - more : line.cutting - Math.min(line.cutting, more);
  return { ...line, ordered, cutting };
};

/** Where the units of a receipt go to. */
export interface ReceivedUnits {
  /** For sale and expected: they move from the row of supply to the shelf. */
  readonly arrived: number;
  /** Expected, and unfit for sale: they leave the row of supply, and nobody gets them. */
  readonly unfit: number;
  /** For sale, and nobody expected them. */
  readonly surplus: number;
}

export const receivedUnits = (
  line: PurchaseOrderLine,
  { quantity, rejected }: Pick<PurchaseOrderReceiptLine, "quantity" | "rejected">,
): ReceivedUnits => {
  const open = openUnits(line);
  const fit = quantity - rejected;
  const arrived = Math.min(fit, open);
  return { arrived, unfit: Math.min(rejected, open - arrived), surplus: fit - arrived };
};

export const withReceived = (
  line: PurchaseOrderLine,
  receipt: Pick<PurchaseOrderReceiptLine, "quantity" | "rejected">,
): PurchaseOrderLine => {
  const { arrived, unfit } = receivedUnits(line, receipt);
  return {
    ...line,
    received: line.received + receipt.quantity,
    rejected: line.rejected + receipt.rejected,
    arriving: line.arriving + arrived,
    cutting: line.cutting + unfit,
  };
};

/** The line after units of it were given up. */
export const withCancelled = (line: PurchaseOrderLine, quantity: number): PurchaseOrderLine => ({
  ...line,
  cancelled: line.cancelled + quantity,
  cutting: line.cutting + quantity,
});

/** Units that may have come in all, with those beyond the ones ordered that are allowed for. */
export const mostReceived = (
  { ordered, cancelled }: Pick<PurchaseOrderLine, "ordered" | "cancelled">,
  overReceiptPercent: number,
): number => Math.floor((ordered - cancelled) * (100 + overReceiptPercent) / 100);
