/** Bugs of those that invoice what leaves, and credit, keep and take back what does not stay. */
import type { Canary } from "./canary.ts";

const invoice = (name: string) => ({ file: "test/order/invoice_test.ts", name });
const cancel = (name: string) => ({ file: "test/order/cancel_money_test.ts", name });
const restock = (name: string) => ({ file: "test/order/restock_test.ts", name });

export const invoiceCanaries: readonly Canary[] = [
  {
    name: "shipping is invoiced with each shipment",
    file: "src/order/invoice-due.ts",
    find: "contentOf(order, id, cause, units, !hasInvoicedUnits(order)),",
    replace: "contentOf(order, id, cause, units, true),",
    test: invoice("what leaves is invoiced by its shares"),
  },
  {
    name: "the discount of invoiced units is worked out by itself, and the last cent is lost",
    file: "src/order/invoice.ts",
    find: "  discount: part(line.discount, line.quantity, from, to),",
    replace: "  discount: Math.round(line.discount * (to - from) / line.quantity),",
    test: invoice("what leaves is invoiced by its shares"),
  },
  {
    name: "a parcel that is sent once more is invoiced once more",
    file: "src/order/invoice-due.ts",
    find: "    const [line, from = 0] = [order.lines[index], done[index]];",
    replace:
      "    const [line, from = 0] = [order.lines[index], Math.min(done[index] ?? 0, shipped - 1)];",
    test: invoice("whatever is cancelled, edited, sent, sent again"),
  },
  {
    name: "what was invoiced and is cancelled is not credited",
    file: "src/order/invoice-due.ts",
    find: "  if (invoicesOf(order).length > 0) creditWhatIsCancelled(unfolding);",
    replace: "",
    test: invoice("what is sent once more is not invoiced once more"),
  },
  {
    name: "a line of which a lost parcel was invoiced gets another price",
    file: "src/order/edit-draft.ts",
    find: "invoicedUnits(order)[index] ?? 0) > 0",
    replace: "0) > 0",
    test: invoice("what is sent once more is not invoiced once more"),
  },
  {
    name: "nobody sees that more is credited than was invoiced",
    file: "src/order/invoice-faults.ts",
    find: "    if (credited + both > units) {",
    replace: "    if (credited + both > line.quantity + units) {",
    test: invoice("an invoice that is not what left"),
  },
  {
    name: "a fee is kept of more than is cancelled",
    file: "src/order/cancel-money.ts",
    find: "  if (amount.success > most) return exceeded(before, most);",
    replace: "",
    test: cancel("a fee is kept of what is cancelled"),
  },
  {
    name: "an authorization is voided while the fee of its order is captured",
    file: "src/order/pay-follow.ts",
    find: "    if (capturable === 0 || endsByCapture(payment)) continue;",
    replace: "    if (capturable === 0) continue;",
    test: cancel("a fee of an order that was authorized"),
  },
  {
    name: "cancelled units are put on their shelf, on which they are",
    file: "src/order/stock-effects.ts",
    find: "sku, reserved: -quantity, onHand: 0 }",
    replace: "sku, reserved: -quantity, onHand: quantity }",
    test: restock("what is cancelled is on its shelf"),
  },
  {
    name: "shipping is credited in parts without an end",
    file: "src/order/credit-units.ts",
    find: "  const [price, gone] = [shippingPrice(order), shippingCredited(order)];",
    replace: "  const [price, gone] = [shippingPrice(order), { amount: 0, tax: 0 }];",
    test: restock("goods, their tax, shipping and its tax"),
  },
];
