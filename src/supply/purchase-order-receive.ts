/** Receives units of a purchase order: what has come before counts, and what is unfit for sale is told. */
import { Result } from "effect";
import { illegal, invalid, overReceipt, type SupplyFacts, type SupplyRejection } from "./facts.ts";
import { purchaseOrderReceiptIds } from "./ids.ts";
import { supplyLimits } from "./limits.ts";
import type {
  PurchaseOrder,
  PurchaseOrderCommand,
  PurchaseOrderEvent,
  PurchaseOrderReceiptLine,
} from "./purchase-order.ts";
import { mostReceived, openUnits, withReceived } from "./purchase-order-lines.ts";
import { repeated, tooManyReceipts } from "./receipts.ts";

export type PurchaseOrderDecision = Result.Result<readonly PurchaseOrderEvent[], SupplyRejection>;

type Receive = Extract<PurchaseOrderCommand, { readonly type: "receive" }>;

/** Why the units cannot have come, or null. A line may be named several times. */
const wrongLines = (
  order: PurchaseOrder,
  received: readonly PurchaseOrderReceiptLine[],
): Result.Result<never, SupplyRejection> | null => {
  const lines = new Map(order.lines.map((line) => [line.id, line]));
  for (const [n, each] of received.entries()) {
    const { lineId, quantity, rejected } = each;
    const line = lines.get(lineId);
    if (line === undefined) {
      return invalid(`/lines/${n}/lineId`, `The purchase order has no line ${lineId}.`);
    }
    if (rejected > quantity) {
      const detail = `Of ${quantity} units, ${rejected} cannot be unfit for sale.`;
      return invalid(`/lines/${n}/rejected`, detail);
    }
    const most = mostReceived(line, order.overReceiptPercent);
    if (line.received + quantity > most) {
      const expected = line.ordered - line.cancelled;
      return overReceipt(
        { lineId, sku: line.sku, expected },
        { received: line.received, quantity, most },
      );
    }
    lines.set(lineId, withReceived(line, each));
  }
  return null;
};

/** All that is still to come. */
const restOf = ({ lines }: PurchaseOrder): readonly PurchaseOrderReceiptLine[] =>
  lines.flatMap((line) => {
    const quantity = openUnits(line);
    return quantity === 0 ? [] : [{ lineId: line.id, quantity, rejected: 0 }];
  });

export const receive = (
  order: PurchaseOrder,
  { reference, lines: named }: Receive,
  { by }: SupplyFacts,
): PurchaseOrderDecision => {
  const before = repeated(order.receipts, reference, named);
  if (before !== null) return before;
  if (order.ended !== undefined) return illegal("receive", order.status);
  const lines = named ?? restOf(order);
  if (lines.length === 0) return illegal("receive", order.status, "Nothing is still to come.");
  const wrong = tooManyReceipts(order.receipts, lines.length, supplyLimits) ??
    wrongLines(order, lines);
  if (wrong !== null) return wrong;
  const id = purchaseOrderReceiptIds.of(order.id, order.receipts.length + 1);
  const receipt = { id, ...(reference === undefined ? {} : { reference }), by, lines };
  return Result.succeed([{ type: "purchase_order.received", receipt }]);
};
