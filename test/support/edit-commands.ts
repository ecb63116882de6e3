/** Edits that may be asked of an order, made of two numbers; some of them are refused. */
import { formatAmount } from "../../src/kernel/money.ts";
import type { EditChange, EditCommand } from "../../src/order/edit.ts";
import type { Order } from "../../src/order/order.ts";

const skus = ["set", "cup", "mug", "rare", "song"] as const;

const changeOf = (order: Order, which: number, units: number): EditChange => {
  const money = (minorUnits: number) => ({
    amount: formatAmount(minorUnits, order.currency),
    currency: order.currency,
  });
  const line = order.lines[which % order.lines.length];
  const lineId = line?.id ?? "1";
  const left = line === undefined ? 0 : line.quantity - line.cancelled;
  switch ((which + units) % 7) {
    case 0:
      return { type: "add-line", sku: skus[which % 5], quantity: units, unitPrice: money(units) };
    case 1:
      return { type: "add-line", basedOn: lineId, quantity: units, tax: money(units) };
    case 2:
      return { type: "set-quantity", lineId, quantity: left + units };
    case 3:
      return { type: "set-quantity", lineId, quantity: Math.max(0, left - units) };
    case 4:
      return { type: "set-price", lineId, unitPrice: money(units * 100), tax: money(which) };
    case 5:
      return { type: "set-discount", lineId, discount: money(units), tax: money(which) };
    default:
      return { type: "set-shipping", amount: money(100 * units), discount: money(units) };
  }
};

/** An edit of an order, with one change or two. */
export const editCommand = (order: Order, which: number, units: number): EditCommand => ({
  type: "edit",
  reason: "the customer called",
  changes: which % 2 === 0
    ? [changeOf(order, which, units)]
    : [changeOf(order, which, units), changeOf(order, which + 1, units + 1)],
});
