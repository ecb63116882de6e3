/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { supplyBalance } from "./balance.ts";
import { supplyDimensions } from "./lists.ts";
import { purchaseOrders } from "./purchase-order-definition.ts";
import { transfers } from "./transfer-definition.ts";

export const supply: Subject = {
  name: "supply",
  aggregates: [purchaseOrders, transfers],
  balances: [supplyBalance],
  dimensions: supplyDimensions,
};
