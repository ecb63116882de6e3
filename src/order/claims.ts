/** An order's claims on stock, by its document alone: units that it reserves, and units that left shelves. */
import { stockBalance } from "../stock/balance.ts";
import { type StockDelta, stockDelta, sumByRow } from "../stock/stock.ts";
import { type BalanceDeltas, inBalance } from "../subject/balance.ts";
import { asGoods, kitsOf } from "./kits.ts";
import { lotClaims } from "./lots.ts";
import type { Order } from "./order.ts";
import { promiseClaims } from "./promised.ts";
import { hasEnded } from "./quantities.ts";
import { returnClaims } from "./return-stock.ts";

/** The sum of all that the order's events did to stock, by its state alone. */
export const claimsOf = (order: Order): readonly BalanceDeltas[] => {
  const deltas: StockDelta[] = [];
  const kits = kitsOf(order);
  for (const fulfillmentOrder of order.fulfillmentOrders) {
    const { locationId, lines } = fulfillmentOrder;
    if (locationId === null) continue;
    const isOpen = !hasEnded(fulfillmentOrder);
    if (kits === null) {
      for (const { sku, quantity, shipped } of lines) {
        const reserved = isOpen ? quantity - shipped : 0;
        deltas.push(stockDelta(locationId, sku, { reserved, onHand: -shipped }));
      }
      continue;
    }
    const left = lines.map((line) => ({ ...line, quantity: line.quantity - line.shipped }));
    const gone = lines.map((line) => ({ ...line, quantity: line.shipped }));
    for (const { sku, quantity } of isOpen ? asGoods(kits, left) : []) {
      deltas.push(stockDelta(locationId, sku, { reserved: quantity }));
    }
    for (const { sku, quantity } of asGoods(kits, gone)) {
      deltas.push(stockDelta(locationId, sku, { onHand: -quantity }));
    }
  }
  for (const each of order.returns ?? []) deltas.push(...returnClaims(each, kits));
  const stock = inBalance(stockBalance, sumByRow(deltas));
  const promised = promiseClaims(order);
  const lots = lotClaims(order);
  return promised.length + lots.length === 0 ? stock : [...stock, ...promised, ...lots];
};
