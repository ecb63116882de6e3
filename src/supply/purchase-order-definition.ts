/** The purchase order's definition: all that the machine asks about purchase orders, in one value. */
import { recordsWithStock } from "../stock/record.ts";
import { aggregate, type Fault } from "../subject/aggregate.ts";
import { type SupplyFacts, supplyFacts, type SupplyRejection } from "./facts.ts";
import { purchaseOrderIds, purchaseOrderLineIds, purchaseOrderReceiptIds } from "./ids.ts";
import { supplyFamily } from "./keys.ts";
import { referenceLinks, settleLinks, supplyLinks } from "./links.ts";
import { inList, purchaseOrderLists, skuLists } from "./lists.ts";
import {
  type PurchaseOrder,
  type PurchaseOrderCommand,
  type PurchaseOrderEvent,
  type PurchaseOrderLine,
  purchaseOrderStatuses,
} from "./purchase-order.ts";
import { decide } from "./purchase-order-decide.ts";
import { claimsOf, effectsOf } from "./purchase-order-effects.ts";
import { purchaseOrderEventTypes } from "./purchase-order-events.ts";
import { evolve, statusOf } from "./purchase-order-evolve.ts";
import { expectedUnits, openUnits } from "./purchase-order-lines.ts";

export const purchaseOrderReferences = "purchase_order_reference";

const invariants: Readonly<Record<string, string>> = {
  [supplyFamily]: "supply-is-open",
  [purchaseOrderReferences]: "one-purchase-order-per-reference",
};

/** The units of a line that its receipts name. */
const receivedOf = ({ receipts }: PurchaseOrder, { id }: PurchaseOrderLine) =>
  receipts.flatMap(({ lines }) => lines).filter(({ lineId }) => lineId === id)
    .reduce((sum, { quantity, rejected }) => ({
      received: sum.received + quantity,
      rejected: sum.rejected + rejected,
    }), { received: 0, rejected: 0 });

const faultOf = (order: PurchaseOrder, line: PurchaseOrderLine): string | null => {
  const { ordered, received, rejected, cancelled, arriving, cutting } = line;
  if (Math.min(ordered, received, rejected, cancelled, arriving, cutting) < 0) {
    return "has a count below zero";
  }
  const told = receivedOf(order, line);
  if (told.received !== received || told.rejected !== rejected) {
    return "has received other units than its receipts say";
  }
  if (cancelled > 0 && ordered - cancelled < received) return "has given up units that came";
  if (order.ended !== undefined && openUnits(line) > 0) return "waits for units, and has ended";
  return arriving > received ? "has more units on their way to the shelf than came" : null;
};

const faultsOf = (order: PurchaseOrder): readonly Fault[] =>
  order.lines.flatMap((line) => {
    const fault = faultOf(order, line);
    const detail = `Line ${line.id} ${fault}.`;
    return fault === null ? [] : [{ invariant: "supply-is-open", detail }];
  });

const named = {
  name: "purchase_order",
  plural: "purchase_orders",
  statuses: purchaseOrderStatuses,
} as const;

export const purchaseOrders = aggregate<
  PurchaseOrder,
  PurchaseOrderCommand,
  PurchaseOrderEvent,
  SupplyFacts,
  SupplyRejection
>({
  ...named,
  ids: purchaseOrderIds,
  partIds: [purchaseOrderLineIds, purchaseOrderReceiptIds],
  linkFamilies: [purchaseOrderReferences, supplyFamily],
  linkInvariant: (family) => invariants[family] ?? "links",
  decide,
  evolve,
  statusOf,
  createdType: "purchase_order.placed",
  record: recordsWithStock({ ...named, events: purchaseOrderEventTypes }),
  facts: supplyFacts,
  scopeOf: ({ channel, locationId }) => ({
    ...(channel === undefined ? {} : { channel }),
    locationIds: [locationId],
  }),
  listsOf: ({ status, locationId, supplierId, lines }) => [
    inList(purchaseOrderLists.status, status),
    inList(purchaseOrderLists.location, locationId),
    ...(supplierId === undefined ? [] : [inList(purchaseOrderLists.supplier, supplierId)]),
    ...skuLists(purchaseOrderLists.sku, lines),
  ],
  linksOf: (order) => [
    ...referenceLinks(purchaseOrderReferences, order),
    ...supplyLinks(order.lines, order.locationId, {
      expected: expectedUnits,
      expectedAt: ({ expectedAt }) => expectedAt,
    }),
    ...settleLinks(order.lines),
  ],
  effectsOf,
  claimsOf,
  faultsOf,
  measuresOf: ({ lines }) => ({
    unitsExpected: lines.reduce((sum, line) => sum + expectedUnits(line), 0),
  }),
});
