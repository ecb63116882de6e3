/** What a carrier reports of a shipment, and what was wrong about it. */
import { Result } from "effect";
import { orderLimits } from "./limits.ts";
import type {
  Order,
  OrderCommand,
  OrderEvent,
  OrderFacts,
  OrderRejection,
  Shipment,
  TrackingEvent,
} from "./order.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder, invalid } from "./refusals.ts";
import {
  hasArrived,
  isTooFarAhead,
  reportOf,
  sameReport,
  withCorrection,
  withTracking,
} from "./tracking.ts";

type Track = Extract<OrderCommand, { readonly type: "track" }>;
type Correct = Extract<OrderCommand, { readonly type: "correct-tracking" }>;

/** The shipment of an order, or that there is none. */
export const shipmentOf = (
  order: Order,
  shipmentId: string,
): Result.Result<Shipment, OrderRejection> => {
  const found = order.shipments.find(({ id }) => id === shipmentId);
  return found === undefined
    ? Result.fail({ _tag: "UnknownShipment", shipmentId })
    : Result.succeed(found);
};

/** What it means for its fulfillment order that a shipment is another one now. */
export const arrivalOf = (order: Order, changed: Shipment): readonly OrderEvent[] => {
  const { fulfillmentOrderId } = changed;
  const shipments = order.shipments.map((other) => other.id === changed.id ? changed : other);
  const arrived = hasArrived(shipments, fulfillmentOrderId);
  const status = order.fulfillmentOrders.find(({ id }) => id === fulfillmentOrderId)?.status;
  if (status === "shipped" && arrived) {
    return [{ type: "fulfillment_order.delivered", fulfillmentOrderId }];
  }
  return status === "delivered" && !arrived
    ? [{ type: "fulfillment_order.undelivered", fulfillmentOrderId }]
    : [];
};

const tooFarAhead = (pointer: string, occurredAt: string, { now }: OrderFacts): OrderDecision =>
  invalid(
    pointer,
    `A report cannot be dated more than a day ahead: it says ${occurredAt}, and now is ${now}.`,
  );

const dated = "It was dated more than a day ahead of when it came, and counts from then.";

type Corrected = Extract<OrderEvent, { readonly type: "shipment.tracking_corrected" }>;

/** The correction of a report; none of two reports that say the same. */
const correction = (
  shipment: Shipment,
  was: TrackingEvent,
  becomes: TrackingEvent | null,
  reason: string,
): Corrected => {
  const isThere = becomes !== null &&
    shipment.tracking.some((event) => event !== was && sameReport(event, becomes));
  return {
    type: "shipment.tracking_corrected",
    shipmentId: shipment.id,
    was: reportOf(was),
    becomes: isThere ? null : becomes,
    reason,
  };
};

/** Earlier versions took reports of any date: one from far ahead would hide all that came after it. */
const corrections = (shipment: Shipment): readonly Corrected[] => {
  const events: Corrected[] = [];
  let left = shipment;
  for (const event of shipment.tracking) {
    if (!isTooFarAhead(event.occurredAt, event.recordedAt)) continue;
    const next = correction(left, event, { ...event, occurredAt: event.recordedAt }, dated);
    events.push(next);
    left = withCorrection(left, event, next.becomes);
  }
  return events;
};

/** Records a carrier event; one that is known already is no event. */
export const track = (order: Order, command: Track, facts: OrderFacts): OrderDecision => {
  const { shipmentId, status, occurredAt } = command;
  const found = shipmentOf(order, shipmentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const shipment = found.success;
  const report = reportOf(command);
  if (shipment.tracking.some((event) => sameReport(event, report))) return Result.succeed([]);
  if (isTooFarAhead(occurredAt, facts.now)) return tooFarAhead("/occurredAt", occurredAt, facts);
  // The first delivery is never turned away: the order could not end without it.
  const full = shipment.tracking.length >= orderLimits.trackingEventsPerShipment;
  if (full && (status !== "delivered" || shipment.status === "delivered")) {
    return invalid(
      "",
      `A shipment has at most ${orderLimits.trackingEventsPerShipment} tracking events.`,
    );
  }
  const corrected = corrections(shipment);
  const before = corrected.reduce(
    (each, { was, becomes }) => withCorrection(each, was, becomes),
    shipment,
  );
  const tracking: TrackingEvent = { ...report, recordedAt: facts.now };
  return Result.succeed([
    ...corrected,
    { type: "shipment.tracked", shipmentId, tracking },
    ...arrivalOf(order, withTracking(before, tracking)),
  ]);
};

/**
 * Puts right what was reported wrongly, or takes it back. What followed from it follows no more: an order that
 * was delivered by mistake is on its way again, unless it was closed by then.
 */
export const correctTracking = (
  order: Order,
  { shipmentId, was, becomes, reason }: Correct,
  facts: OrderFacts,
): OrderDecision => {
  const found = shipmentOf(order, shipmentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const shipment = found.success;
  const wrong = shipment.tracking.find((event) => sameReport(event, was));
  if (wrong === undefined) {
    return invalid("/was", "The shipment has no such report: name one as it is told, in full.");
  }
  if (becomes !== undefined && sameReport(becomes, was)) return Result.succeed([]);
  if (becomes !== undefined && isTooFarAhead(becomes.occurredAt, facts.now)) {
    return tooFarAhead("/becomes/occurredAt", becomes.occurredAt, facts);
  }
  const event = correction(
    shipment,
    wrong,
    becomes === undefined ? null : { ...reportOf(becomes), recordedAt: facts.now },
    reason,
  );
  const followed = arrivalOf(order, withCorrection(shipment, event.was, event.becomes));
  return order.closed && followed.length > 0
    ? illegalForOrder("correct-tracking", order)
    : Result.succeed([event, ...followed]);
};
