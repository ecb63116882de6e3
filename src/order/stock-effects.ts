/** The effects of events on stock: promises reserve, shipping takes off the shelf, giving up gives back. */
import type { StockDelta } from "../stock/stock.ts";
import { stockDelta, sumByRow } from "../stock/stock.ts";
import { asGoods, kitsOf, skuOf } from "./kits.ts";
import type { CancelledLine, Order, OrderEvent } from "./order.ts";
import { isReturnEvent, type ReturnEvent } from "./return.ts";
import { returnStockDeltas } from "./return-stock.ts";

interface UnitMove {
  readonly locationId: string | null;
  readonly sku: string;
  readonly reserved: number;
  readonly onHand: number;
}

/** One delta for each stock row, in the order of their first change; goods without a place have none. */
const merged = (moves: readonly UnitMove[]): readonly StockDelta[] => {
  if (moves.length === 0) return [];
  const deltas: StockDelta[] = [];
  for (const { locationId, sku, reserved, onHand } of moves) {
    if (locationId !== null) deltas.push(stockDelta(locationId, sku, { reserved, onHand }));
  }
  return sumByRow(deltas).filter(({ reserved, onHand }) => reserved !== 0 || onHand !== 0);
};

/** Ends a fulfillment order's promises; units that go to the customer also leave the shelf. */
const leaving = (
  order: Order,
  fulfillmentOrderId: string,
  toCustomer: boolean,
): readonly UnitMove[] => {
  const found = order.fulfillmentOrders.find(({ id }) => id === fulfillmentOrderId);
  if (found === undefined) return [];
  const left = found.lines.map(({ lineId, sku, quantity, shipped }) => ({
    ...{ lineId, sku, quantity: quantity - shipped },
  }));
  return asGoods(kitsOf(order), left).map(({ sku, quantity }) => ({
    locationId: found.locationId,
    sku,
    reserved: -quantity,
    onHand: toCustomer ? -quantity : 0,
  }));
};

/** Ends the promises of units that are taken out. */
const givingUp = (before: Order, lines: readonly CancelledLine[]): readonly UnitMove[] => {
  const places = new Map<string, string | null>();
  for (const { id, locationId } of before.fulfillmentOrders) places.set(id, locationId);
  const skus = new Map<string, string>();
  for (const { id, sku } of before.lines) skus.set(id, sku);
  const units = lines.flatMap(({ lineId, allocated }) =>
    allocated.map(({ fulfillmentOrderId, quantity, partId = lineId }) => ({
      locationId: places.get(fulfillmentOrderId) ?? null,
      ...{ lineId: partId, sku: skus.get(partId) ?? skuOf(before, partId), quantity },
    }))
  );
  return asGoods(kitsOf(before), units).map(({ locationId, sku, quantity }) => ({
    ...{ locationId, sku, reserved: -quantity, onHand: 0 },
  }));
};

const movesOf = (
  before: Order,
  event: Exclude<OrderEvent, ReturnEvent>,
): readonly UnitMove[] => {
  switch (event.type) {
    case "order.allocated": {
      const moves: UnitMove[] = [];
      const kits = kitsOf(before);
      for (const { locationId, lines } of event.fulfillmentOrders) {
        for (const { sku, quantity } of asGoods(kits, lines)) {
          moves.push({ locationId, sku, reserved: quantity, onHand: 0 });
        }
      }
      return moves;
    }
    case "order.cancelled":
      return givingUp(before, event.lines);
    case "fulfillment_order.rejected":
      return leaving(before, event.fulfillmentOrderId, false);
    case "fulfillment_order.collected":
      return leaving(before, event.fulfillmentOrderId, true);
    case "shipment.created":
      return asGoods(kitsOf(before), event.shipment.lines).map(({ sku, quantity }) => ({
        locationId: event.shipment.locationId,
        sku,
        reserved: -quantity,
        onHand: -quantity,
      }));
    case "order.placed":
    case "order.allocating":
    case "order.backordered":
    case "order.promised":
    case "order.shorted":
    case "order.held":
    case "order.released":
    case "fulfillment_order.accepted":
    case "fulfillment_order.picked":
    case "fulfillment_order.packed":
    case "fulfillment_order.ready_for_pickup":
    case "fulfillment_order.delivered":
    case "fulfillment_order.undelivered":
    case "shipment.tracked":
    case "shipment.tracking_corrected":
    case "shipment.numbered":
    case "shipment.noted":
    // Its units have left the shelf; those that replace them are allocated like any others.
    case "shipment.replaced":
    case "payment.added":
    case "payment.requested":
    case "payment.succeeded":
    case "payment.failed":
    case "payment.unresolved":
    case "payment.expired":
    case "payment.observed":
    case "order.credited":
    // What it adds is allocated, and what it takes out is cancelled, by events of their own.
    case "order.edited":
    case "order.invoiced":
    case "order.exchanged":
    case "order.reopened":
    case "fulfillment_order.released":
    case "order.closed":
      return [];
  }
};

/** The moves of stock rows that an event brings to an order as it was before the event. */
export const stockDeltas = (before: Order, event: OrderEvent): readonly StockDelta[] =>
  isReturnEvent(event) ? returnStockDeltas(event, kitsOf(before)) : merged(movesOf(before, event));
