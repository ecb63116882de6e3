/** An order's claims on stock, by its document alone: units that it reserves, and units that left shelves. */
import { stockBalance } from "../stock/balance.ts";
import { type StockDelta, stockDelta, sumByRow } from "../stock/stock.ts";
import { type BalanceDeltas, inBalance } from "../subject/balance.ts";
import { lotClaims } from "./lots.ts";
import type { Order } from "./order.ts";
import { hasEnded } from "./quantities.ts";
import { returnClaims } from "./return-stock.ts";

/** The sum of all that the order's events did to stock, by its state alone. */
export const claimsOf = (order: Order): readonly BalanceDeltas[] => {
  const deltas: StockDelta[] = [];
  for (const fulfillmentOrder of order.fulfillmentOrders) {
    const { locationId, lines } = fulfillmentOrder;
    if (locationId === null) continue;
    const isOpen = !hasEnded(fulfillmentOrder);
    for (const { sku, quantity, shipped } of lines) {
      const reserved = isOpen ? quantity - shipped : 0;
      deltas.push(stockDelta(locationId, sku, { reserved, onHand: -shipped }));
    }
  }
  for (const each of order.returns ?? []) deltas.push(...returnClaims(each));
  const stock = inBalance(stockBalance, sumByRow(deltas));
  const lots = lotClaims(order);
  return lots.length === 0 ? stock : [...stock, ...lots];
};
