/** The fold: the next order after an event. It decides nothing, so that any history can be replayed. */
import type { Instant } from "../kernel/instant.ts";
import type {
  CancelledLine,
  FulfillmentLine,
  FulfillmentOrder,
  FulfillmentOrderStatus,
  LineQuantity,
  Order,
  OrderEvent,
  OrderLine,
  OrderStatus,
  Shipment,
  ShipmentEvent,
} from "./order.ts";
import { withEdit } from "./edit.ts";
import { invoicesOf } from "./invoice.ts";
import { withExchange } from "./exchange.ts";
import { noHolds, withHold, withoutHold } from "./hold-codes.ts";
import { settlementAfter } from "./payment-evolve.ts";
import { withinBackordered, withPromises } from "./promised.ts";
import { isPartId, partIdOf } from "./parts.ts";
import { type LineLots, withoutLots, withPickedLots, withShippedLots } from "./lots.ts";
import { lineIndexOf } from "./quantities.ts";
import { isReturnEvent, type ReturnEvent } from "./return.ts";
import { withReturn } from "./return-evolve.ts";
import { statusOf } from "./status.ts";
import { withCorrection, withTracking } from "./tracking.ts";
import { numbersOf } from "./tracking-numbers.ts";

/** An event about an order that was never placed: the history is not one. */
const notPlaced = (type: string): never => {
  throw new Error(`the event ${type} is about no order`);
};

const withLines = <By extends { readonly lineId: string }>(
  order: Order,
  changes: readonly By[],
  change: (line: OrderLine, by: By) => OrderLine,
): readonly OrderLine[] => {
  if (changes.length === 0) return order.lines;
  const lines = [...order.lines];
  for (const by of changes) {
    const index = lineIndexOf(order, by.lineId);
    const line = lines[index];
    if (line !== undefined) lines[index] = change(line, by);
  }
  return lines;
};

/** Lines of which parts began to wait for stock, or wait no more. */
const withWaitingParts = (
  lines: readonly OrderLine[],
  changes: readonly LineQuantity[],
  sign: 1 | -1,
): readonly OrderLine[] => {
  if (!changes.some(({ lineId }) => isPartId(lineId))) return lines;
  return lines.map((line) => {
    const { components = [], waitingParts: before, ...rest } = line;
    const waitingParts = components.map((_, n) => {
      const partId = partIdOf(line.id, n);
      return changes.reduce(
        (units, { lineId, quantity }) => lineId === partId ? units + sign * quantity : units,
        before?.[n] ?? 0,
      );
    });
    return components.length === 0
      ? line
      : waitingParts.some((units) => units !== 0)
      ? { ...rest, components, waitingParts }
      : { ...rest, components };
  });
};

const withFulfillmentOrder = (
  order: Order,
  fulfillmentOrderId: string,
  at: Instant,
  change: (fulfillmentOrder: FulfillmentOrder) => FulfillmentOrder,
): Order => ({
  ...order,
  fulfillmentOrders: order.fulfillmentOrders.map((fulfillmentOrder) =>
    fulfillmentOrder.id === fulfillmentOrderId
      ? { ...change(fulfillmentOrder), updatedAt: at }
      : fulfillmentOrder
  ),
});

const withStatus = (
  order: Order,
  fulfillmentOrderId: string,
  at: Instant,
  status: FulfillmentOrderStatus,
): Order =>
  withFulfillmentOrder(
    order,
    fulfillmentOrderId,
    at,
    (fulfillmentOrder) => ({ ...fulfillmentOrder, status }),
  );

const addUnits = (
  lines: readonly FulfillmentLine[],
  added: readonly LineQuantity[],
  field: "picked" | "shipped",
): readonly FulfillmentLine[] => {
  const units = new Map(added.map(({ lineId, quantity }) => [lineId, quantity]));
  return lines.map((line) => {
    const more = units.get(line.lineId);
    return more === undefined ? line : { ...line, [field]: line[field] + more };
  });
};

/** Changes the lots of the lines that have some; most have none. */
const withLots = (
  lines: readonly FulfillmentLine[],
  changes: readonly LineLots[],
  change: (line: FulfillmentLine, lots: LineLots["lots"]) => FulfillmentLine,
): readonly FulfillmentLine[] =>
  changes.every(({ lots }) => lots === undefined)
    ? lines
    : lines.map((line) => change(line, changes.find(({ lineId }) => lineId === line.lineId)?.lots));

const withPicked = (
  fulfillmentOrder: FulfillmentOrder,
  picked: readonly LineLots[],
): FulfillmentOrder => {
  const lines = withLots(
    addUnits(fulfillmentOrder.lines, picked, "picked"),
    picked,
    withPickedLots,
  );
  return {
    ...fulfillmentOrder,
    lines,
    status: lines.every((line) => line.picked === line.quantity) ? "picked" : "partially_picked",
  };
};

const withShipment = (
  fulfillmentOrder: FulfillmentOrder,
  { lines: shipped }: Shipment,
): FulfillmentOrder => {
  const lines = withLots(
    addUnits(fulfillmentOrder.lines, shipped, "shipped"),
    shipped,
    withShippedLots,
  );
  return {
    ...fulfillmentOrder,
    lines,
    status: lines.every((line) => line.shipped === line.quantity) ? "shipped" : "partially_shipped",
  };
};

/** All of it is with the customer. */
const withAllGone = (
  fulfillmentOrder: FulfillmentOrder,
  status: "collected" | "delivered",
  lots: readonly LineLots[] = [],
): FulfillmentOrder => ({
  ...fulfillmentOrder,
  status,
  lines: withLots(
    fulfillmentOrder.lines.map((line) => ({ ...line, shipped: line.quantity })),
    lots,
    withShippedLots,
  ),
});

/** Fewer units to fulfill: with none left it is cancelled, and the units left may be done already. */
const withoutUnits = (
  fulfillmentOrder: FulfillmentOrder,
  taken: ReadonlyMap<string, number>,
  reason: string,
  at: Instant,
): FulfillmentOrder => {
  const lines = fulfillmentOrder.lines.map((line): FulfillmentLine => {
    const quantity = line.quantity - (taken.get(line.lineId) ?? 0);
    const picked = Math.min(line.picked, quantity);
    return withoutLots({ ...line, quantity, picked }, picked - line.shipped);
  });
  if (lines.every(({ quantity }) => quantity === 0)) {
    return { ...fulfillmentOrder, lines, status: "cancelled", reason, updatedAt: at };
  }
  const { status } = fulfillmentOrder;
  const next = status === "partially_shipped" &&
      lines.every((line) => line.shipped === line.quantity)
    ? "shipped"
    : status === "partially_picked" && lines.every((line) => line.picked === line.quantity)
    ? "picked"
    : status;
  return { ...fulfillmentOrder, lines, status: next, updatedAt: at };
};

const withoutCancelling = (order: Order): Order => {
  const { cancelling: _cancelling, ...rest } = order;
  return rest;
};

const cancelledBy = (
  order: Order,
  reason: string,
  cancelled: readonly CancelledLine[],
  complete: boolean,
  at: Instant,
): Order => {
  const taken = new Map<string, Map<string, number>>();
  for (const { lineId, allocated } of cancelled) {
    for (const { fulfillmentOrderId, quantity, partId = lineId } of allocated) {
      const lines = taken.get(fulfillmentOrderId) ?? new Map<string, number>();
      taken.set(fulfillmentOrderId, lines.set(partId, quantity));
    }
  }
  const left = withLines(order, cancelled, (line, by) => ({
    ...line,
    backordered: line.backordered - by.backordered,
    cancelled: line.cancelled + by.quantity,
  }));
  const lines = withWaitingParts(left, cancelled.flatMap((by) => by.waitingParts ?? []), -1);
  const next: Order = {
    ...order,
    lines,
    fulfillmentOrders: order.fulfillmentOrders.map((fulfillmentOrder) => {
      const units = taken.get(fulfillmentOrder.id);
      return units ? withoutUnits(fulfillmentOrder, units, reason, at) : fulfillmentOrder;
    }),
  };
  if (!complete) return { ...next, holds: noHolds, allocating: true, cancelling: reason };
  if (lines.some((line) => line.cancelled < line.quantity)) return next;
  return {
    ...withoutCancelling(next),
    holds: noHolds,
    allocating: false,
    cancelReason: reason,
  };
};

const withShipmentOf = (
  order: Order,
  shipmentId: string,
  change: (shipment: Shipment) => Shipment,
): Order => ({
  ...order,
  shipments: order.shipments.map((shipment) =>
    shipment.id === shipmentId ? change(shipment) : shipment
  ),
});

const withNumbers = (
  { trackingNumber: _one, moreTrackingNumbers: _more, ...shipment }: Shipment,
  carrier: string,
  numbers: readonly string[],
): Shipment => ({ ...shipment, carrier, ...numbersOf(numbers) });

const changedShipment = (shipment: Shipment, event: ShipmentEvent, at: Instant): Shipment => {
  switch (event.type) {
    case "shipment.tracked":
      return withTracking(shipment, event.tracking);
    case "shipment.tracking_corrected":
      return withCorrection(shipment, event.was, event.becomes);
    case "shipment.numbered":
      return withNumbers(shipment, event.carrier, event.trackingNumbers);
    case "shipment.noted": {
      const { text, by } = event;
      return { ...shipment, notes: [...shipment.notes ?? [], { text, at, by }] };
    }
    case "shipment.replaced":
      return { ...shipment, status: "replaced", replacedReason: event.reason };
  }
};

const changed = (order: Order, event: Exclude<OrderEvent, ReturnEvent>, at: Instant): Order => {
  switch (event.type) {
    case "order.placed":
      return event.order;
    case "order.allocating":
      return { ...order, allocating: true };
    case "order.allocated":
      return {
        ...order,
        allocating: order.allocating && !event.complete,
        fulfillmentOrders: event.fulfillmentOrders.length === 0
          ? order.fulfillmentOrders
          : [...order.fulfillmentOrders, ...event.fulfillmentOrders],
        lines: withWaitingParts(
          withLines(order, event.filled, (line, { quantity }) => ({
            ...line,
            backordered: line.backordered - quantity,
          })),
          event.filled,
          -1,
        ),
      };
    case "order.backordered":
      return {
        ...order,
        lines: withWaitingParts(
          withLines(order, event.lines, (line, { quantity }) => ({
            ...line,
            backordered: line.backordered + quantity,
          })),
          event.lines,
          1,
        ),
      };
    case "order.promised":
      return { ...order, lines: withPromises(order, event.lines) };
    case "order.shorted":
      return {
        ...order,
        lines: withLines(order, event.lines, (line, { quantity }) => ({
          ...line,
          cancelled: line.cancelled + quantity,
          short: line.short + quantity,
        })),
      };
    case "order.held": {
      const { code, reason, by, blocks = "all" } = event;
      return {
        ...order,
        allocating: order.allocating && blocks !== "all",
        holds: withHold(order.holds, { code, reason, at, by, blocks }),
      };
    }
    case "order.released":
      return { ...order, holds: withoutHold(order.holds, event.code) };
    case "order.cancelled":
      return cancelledBy(order, event.reason, event.lines, event.complete, at);
    case "fulfillment_order.accepted":
      return withStatus(order, event.fulfillmentOrderId, at, "accepted");
    case "fulfillment_order.rejected":
      return withFulfillmentOrder(order, event.fulfillmentOrderId, at, (fulfillmentOrder) => ({
        ...fulfillmentOrder,
        status: "rejected",
        reason: event.reason,
        lines: fulfillmentOrder.lines.map((line) => withoutLots(line, 0)),
      }));
    case "fulfillment_order.picked":
      return withFulfillmentOrder(
        order,
        event.fulfillmentOrderId,
        at,
        (fulfillmentOrder) => withPicked(fulfillmentOrder, event.lines),
      );
    case "fulfillment_order.packed":
      return withFulfillmentOrder(order, event.fulfillmentOrderId, at, (fulfillmentOrder) => ({
        ...fulfillmentOrder,
        status: "packed",
        packages: event.packages,
      }));
    case "fulfillment_order.ready_for_pickup":
      return withStatus(order, event.fulfillmentOrderId, at, "ready_for_pickup");
    case "fulfillment_order.collected":
      return withFulfillmentOrder(
        order,
        event.fulfillmentOrderId,
        at,
        (fulfillmentOrder) => withAllGone(fulfillmentOrder, "collected", event.lots),
      );
    case "fulfillment_order.delivered":
      return withFulfillmentOrder(
        order,
        event.fulfillmentOrderId,
        at,
        (fulfillmentOrder) => withAllGone(fulfillmentOrder, "delivered"),
      );
    case "fulfillment_order.undelivered":
      return withStatus(order, event.fulfillmentOrderId, at, "shipped");
    case "shipment.created":
      return {
        ...withFulfillmentOrder(
          order,
          event.shipment.fulfillmentOrderId,
          at,
          (fulfillmentOrder) => withShipment(fulfillmentOrder, event.shipment),
        ),
        shipments: [...order.shipments, event.shipment],
      };
    case "shipment.tracked":
    case "shipment.tracking_corrected":
    case "shipment.numbered":
    case "shipment.noted":
    case "shipment.replaced":
      return withShipmentOf(
        order,
        event.shipmentId,
        (shipment) => changedShipment(shipment, event, at),
      );
    case "payment.added":
    case "payment.requested":
    case "payment.succeeded":
    case "payment.failed":
    case "payment.unresolved":
    case "payment.expired":
    case "payment.observed":
    case "order.credited":
      return { ...order, settlement: settlementAfter(order.settlement, event, at) };
    case "order.edited":
      return withEdit(order, event, at);
    case "order.invoiced":
      return { ...order, invoices: [...invoicesOf(order), { ...event.invoice, at }] };
    case "order.exchanged":
      return withExchange(order, event, at);
    case "order.reopened":
      return { ...order, closed: false };
    case "fulfillment_order.released":
      return withStatus(order, event.fulfillmentOrderId, at, "open");
    case "order.closed":
      return { ...order, closed: true };
  }
};

/** Notes since when the order is delivered: it closes so long after, whatever else becomes of it. */
const withArrival = (order: Order, status: OrderStatus, at: Instant): Order => {
  if (status === "delivered") return { ...order, deliveredAt: at };
  if (order.deliveredAt === undefined) return order;
  const { deliveredAt: _, ...rest } = order;
  return rest;
};

/**
 * The order after an event at a time. `version` stays: each commit counts it once. Throws when the first event
 * of an order is not `order.placed`.
 */
export const evolve = (order: Order | null, event: OrderEvent, at: Instant): Order => {
  if (event.type === "order.placed") return event.order;
  if (order === null) return notPlaced(event.type);
  const then = isReturnEvent(event) ? withReturn(order, event, at) : changed(order, event, at);
  const next = then.lines === order.lines ? then : withinBackordered(then);
  const status = statusOf(next);
  return status === order.status
    ? { ...next, status, updatedAt: at }
    : { ...withArrival(next, status, at), status, updatedAt: at };
};
