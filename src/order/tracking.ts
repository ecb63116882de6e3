/** A shipment's carrier events: in the order in which they happened, whenever and however often they come. */
import type { Shipment, TrackingEvent, TrackingStatus } from "./order.ts";

const trackingOrder: Readonly<Record<TrackingStatus, number>> = {
  in_transit: 0,
  out_for_delivery: 1,
  exception: 2,
  delivered: 3,
};

/** By time of the event; events of one moment by progress, so that the order of arrival never matters. */
const compareTracking = (a: TrackingEvent, b: TrackingEvent): number => {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  if (a.status !== b.status) return trackingOrder[a.status] - trackingOrder[b.status];
  const [x, y] = [a.description ?? "", b.description ?? ""];
  return x === y ? 0 : x < y ? -1 : 1;
};

/** The shipment with one more carrier event. What was delivered stays delivered, whatever is said later. */
export const withTracking = (shipment: Shipment, added: TrackingEvent): Shipment => {
  const tracking = [...shipment.tracking, added].sort(compareTracking);
  const delivered = tracking.find(({ status }) => status === "delivered");
  return {
    ...shipment,
    tracking,
    status: delivered?.status ?? tracking.at(-1)?.status ?? shipment.status,
    ...(delivered === undefined ? {} : { deliveredAt: delivered.occurredAt }),
  };
};

/** Whether all of a shipped fulfillment order has arrived. */
export const hasArrived = (
  shipments: readonly Shipment[],
  fulfillmentOrderId: string,
): boolean =>
  shipments.every((shipment) =>
    shipment.fulfillmentOrderId !== fulfillmentOrderId || shipment.status === "delivered"
  );
