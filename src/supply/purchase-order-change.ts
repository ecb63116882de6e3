/** Changes a purchase order: quantities, dates and further lines; and ends it. */
import { Result } from "effect";
import { illegal, invalid, type SupplyRejection } from "./facts.ts";
import { purchaseOrderLineIds } from "./ids.ts";
import { supplyLimits } from "./limits.ts";
import type {
  ChangedPurchaseOrderLine,
  LineUnits,
  NewPurchaseOrderLine,
  PurchaseOrder,
  PurchaseOrderCommand,
  PurchaseOrderLine,
  PurchaseOrderLineChange,
} from "./purchase-order.ts";
import { openUnits } from "./purchase-order-lines.ts";
import type { PurchaseOrderDecision } from "./purchase-order-receive.ts";

type Change = Extract<PurchaseOrderCommand, { readonly type: "change" }>;

/** The n-th line of an order, of which nothing has come. */
export const newLine = (
  orderId: string,
  n: number,
  { sku, quantity, expectedAt }: NewPurchaseOrderLine,
): PurchaseOrderLine => ({
  ...{ id: purchaseOrderLineIds.of(orderId, n), sku, ordered: quantity, expectedAt },
  ...{ received: 0, rejected: 0, cancelled: 0, arriving: 0, cutting: 0 },
});

const lineChange = (
  line: PurchaseOrderLine,
  quantity: number | undefined,
  expectedAt: string | undefined,
): readonly ChangedPurchaseOrderLine[] => {
  const ordered = quantity === undefined || quantity === line.ordered
    ? {}
    : { ordered: { from: line.ordered, to: quantity } };
  const date = expectedAt === undefined || expectedAt === line.expectedAt
    ? {}
    : { expectedAt: { from: line.expectedAt, to: expectedAt } };
  const change = { lineId: line.id, ...ordered, ...date };
  return Object.keys(change).length === 1 ? [] : [change];
};

/** Why a line cannot be changed so, or null. */
const wrongChange = (
  order: PurchaseOrder,
  changes: readonly PurchaseOrderLineChange[],
): Result.Result<never, SupplyRejection> | null => {
  const named = new Set<string>();
  for (const [n, { lineId, quantity }] of changes.entries()) {
    const line = order.lines.find(({ id }) => id === lineId);
    if (line === undefined) {
      return invalid(`/lines/${n}/lineId`, `The purchase order has no line ${lineId}.`);
    }
    if (named.has(lineId)) return invalid(`/lines/${n}/lineId`, `Line ${lineId} is named twice.`);
    named.add(lineId);
    if (quantity !== undefined && quantity < line.received) {
      const detail = `${line.received} units of line ${lineId} have come already.`;
      return invalid(`/lines/${n}/quantity`, detail);
    }
  }
  return null;
};

export const change = (
  order: PurchaseOrder,
  { lines: changes = [], add = [], expectedAt, overReceiptPercent }: Change,
): PurchaseOrderDecision => {
  if (order.ended !== undefined) return illegal("change", order.status);
  if (order.lines.length + add.length > supplyLimits.lines) {
    return invalid("/add", `A purchase order has ${supplyLimits.lines} lines at most.`);
  }
  const wrong = wrongChange(order, changes);
  if (wrong !== null) return wrong;
  const named = new Map(changes.map((each) => [each.lineId, each]));
  const lines = order.lines.flatMap((line) => {
    const asked = named.get(line.id);
    const date = asked?.expectedAt ?? (openUnits(line) > 0 ? expectedAt : undefined);
    return lineChange(line, asked?.quantity, date);
  });
  const added = add.map((each, n) => newLine(order.id, order.lines.length + n + 1, each));
  const before = order.overReceiptPercent;
  const percent = overReceiptPercent === undefined || overReceiptPercent === before
    ? {}
    : { overReceiptPercent: { from: before, to: overReceiptPercent } };
  const isNothing = lines.length + added.length + Object.keys(percent).length === 0;
  return Result.succeed(
    isNothing ? [] : [{ type: "purchase_order.changed", lines, added, ...percent }],
  );
};

/** Units that are still to come. */
const restOf = ({ lines }: PurchaseOrder): readonly LineUnits[] =>
  lines.flatMap((line) => {
    const quantity = openUnits(line);
    return quantity === 0 ? [] : [{ lineId: line.id, quantity }];
  });

/** Gives up what has not come. */
export const close = (order: PurchaseOrder, reason: string | undefined): PurchaseOrderDecision =>
  order.ended !== undefined ? illegal("close", order.status) : Result.succeed([{
    ...{ type: "purchase_order.closed", lines: restOf(order) },
    ...(reason === undefined ? {} : { reason }),
  }]);

/** Gives up all of it, before anything has come. */
export const cancel = (order: PurchaseOrder, reason: string | undefined): PurchaseOrderDecision => {
  if (order.ended !== undefined) return illegal("cancel", order.status);
  if (order.receipts.length > 0) {
    return illegal("cancel", order.status, "Units have come already: close it instead.");
  }
  return Result.succeed([{
    ...{ type: "purchase_order.cancelled", lines: restOf(order) },
    ...(reason === undefined ? {} : { reason }),
  }]);
};
