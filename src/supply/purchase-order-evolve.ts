/** The fold of purchase orders: the next state after an event. It decides nothing. */
import type { Instant } from "../kernel/instant.ts";
import { changedLines, isPending, movedLines } from "./moves.ts";
import type {
  ChangedPurchaseOrderLine,
  PurchaseOrder,
  PurchaseOrderEvent,
  PurchaseOrderLine,
  PurchaseOrderStatus,
} from "./purchase-order.ts";
import { openUnits, withCancelled, withOrdered, withReceived } from "./purchase-order-lines.ts";

/** Units are to be moved still; or it has ended; or something is to come; or it tells what has come. */
export const statusOf = ({ lines, receipts, ended }: PurchaseOrder): PurchaseOrderStatus => {
  if (isPending(lines)) return "changing";
  if (ended !== undefined) return ended;
  const isOpen = lines.some((line) => openUnits(line) > 0);
  if (receipts.length === 0) return isOpen ? "open" : "cancelled";
  return isOpen ? "partially_received" : "received";
};

const withChange = (
  line: PurchaseOrderLine,
  { ordered, expectedAt }: ChangedPurchaseOrderLine,
): PurchaseOrderLine => {
  const next = ordered === undefined ? line : withOrdered(line, ordered.to);
  return expectedAt === undefined ? next : { ...next, expectedAt: expectedAt.to };
};

const changed = (
  order: PurchaseOrder,
  event: Exclude<PurchaseOrderEvent, { readonly type: "purchase_order.placed" }>,
  at: Instant,
): PurchaseOrder => {
  const { lines } = order;
  switch (event.type) {
    case "purchase_order.changed": {
      const { overReceiptPercent = { to: order.overReceiptPercent } } = event;
      return {
        ...order,
        lines: [
          ...changedLines<PurchaseOrderLine, ChangedPurchaseOrderLine>(
            lines,
            event.lines,
            withChange,
          ),
          ...event.added,
        ],
        overReceiptPercent: overReceiptPercent.to,
      };
    }
    case "purchase_order.received":
      return {
        ...order,
        lines: changedLines(lines, event.receipt.lines, withReceived),
        receipts: [...order.receipts, { ...event.receipt, at }],
      };
    case "purchase_order.moved":
      return { ...order, lines: movedLines(lines, event.lines) };
    case "purchase_order.closed":
    case "purchase_order.cancelled":
      return {
        ...order,
        ended: event.type === "purchase_order.closed" ? "closed" : "cancelled",
        lines: changedLines(
          lines,
          event.lines,
          (line, { quantity }: { readonly quantity: number }) => withCancelled(line, quantity),
        ),
      };
  }
};

/** Throws when the first event is not that which makes it. */
export const evolve = (
  order: PurchaseOrder | null,
  event: PurchaseOrderEvent,
  at: Instant,
): PurchaseOrder => {
  if (event.type === "purchase_order.placed") return event.order;
  if (order === null) throw new TypeError(`A purchase order cannot begin with ${event.type}.`);
  const next = changed(order, event, at);
  return { ...next, status: statusOf(next), updatedAt: at };
};
