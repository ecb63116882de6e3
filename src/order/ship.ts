/** Shipping: goods leave by carrier, and the carrier reports on them. */
import { Result } from "effect";
import { shipmentIdOf } from "./ids.ts";
import { orderLimits } from "./limits.ts";
import { actOn, someLinesOf } from "./fulfill.ts";
import type { Order, OrderCommand, OrderEvent, OrderFacts, TrackingEvent } from "./order.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder, invalid } from "./refusals.ts";
import { hasArrived, withTracking } from "./tracking.ts";

type Ship = Extract<OrderCommand, { readonly type: "ship" }>;
type Track = Extract<OrderCommand, { readonly type: "track" }>;

/** Makes a shipment of some lines, or of all that is left: its units leave the stock. */
export const ship = (order: Order, command: Ship, facts: OrderFacts): OrderDecision => {
  const { fulfillmentOrderId, carrier, trackingNumber } = command;
  const found = actOn(order, fulfillmentOrderId, "ship");
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const { locationId, lines } = found.success;
  if (locationId === null) return illegalForOrder("ship", order, "Digital goods are not shipped.");
  if (order.shipments.length >= orderLimits.shipments) {
    return illegalForOrder(
      "ship",
      order,
      `An order has at most ${orderLimits.shipments} shipments.`,
    );
  }
  const skus = new Map(lines.map(({ lineId, sku }) => [lineId, sku]));
  return Result.map(
    someLinesOf(
      found.success,
      command.lines,
      ({ quantity, shipped }) => quantity - shipped,
      "left to ship",
    ),
    (chosen) => [{
      type: "shipment.created",
      shipment: {
        id: shipmentIdOf(order.id, order.shipments.length + 1),
        fulfillmentOrderId,
        locationId,
        status: "shipped",
        carrier,
        ...(trackingNumber === undefined ? {} : { trackingNumber }),
        lines: chosen.map(({ lineId, quantity }) => ({
          lineId,
          sku: skus.get(lineId) ?? "",
          quantity,
        })),
        tracking: [],
        shippedAt: facts.now,
      },
    }],
  );
};

/** Records a carrier event; one that is known already is no event. */
export const track = (order: Order, command: Track, facts: OrderFacts): OrderDecision => {
  const { shipmentId, status, occurredAt, description } = command;
  const shipment = order.shipments.find(({ id }) => id === shipmentId);
  if (shipment === undefined) return Result.fail({ _tag: "UnknownShipment", shipmentId });
  const known = shipment.tracking.some((event) =>
    event.status === status && event.occurredAt === occurredAt && event.description === description
  );
  if (known) return Result.succeed([]);
  // The first delivery is never turned away: the order could not end without it.
  const full = shipment.tracking.length >= orderLimits.trackingEventsPerShipment;
  if (full && (status !== "delivered" || shipment.status === "delivered")) {
    return invalid(
      "",
      `A shipment has at most ${orderLimits.trackingEventsPerShipment} tracking events.`,
    );
  }
  const tracking: TrackingEvent = {
    status,
    occurredAt,
    ...(description === undefined ? {} : { description }),
    recordedAt: facts.now,
  };
  const events: OrderEvent[] = [{ type: "shipment.tracked", shipmentId, tracking }];
  const { fulfillmentOrderId } = shipment;
  const shipments = order.shipments.map((other) =>
    other === shipment ? withTracking(shipment, tracking) : other
  );
  const fulfillmentOrder = order.fulfillmentOrders.find(({ id }) => id === fulfillmentOrderId);
  if (fulfillmentOrder?.status === "shipped" && hasArrived(shipments, fulfillmentOrderId)) {
    events.push({ type: "fulfillment_order.delivered", fulfillmentOrderId });
  }
  return Result.succeed(events);
};
