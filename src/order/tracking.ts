/** Carrier events of a shipment, in the order in which they happened, however late and often they come. */
import type { Shipment, TrackingEvent, TrackingStatus } from "./order.ts";
import { trackingStatuses } from "./order.ts";

const progressOf = (status: TrackingStatus): number => trackingStatuses.indexOf(status);

/** By time of the event; events of one moment by progress, so that the order of arrival never matters. */
const compareTracking = (a: TrackingEvent, b: TrackingEvent): number => {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  if (a.status !== b.status) return progressOf(a.status) - progressOf(b.status);
  const [x, y] = [a.description ?? "", b.description ?? ""];
  return x === y ? 0 : x < y ? -1 : 1;
};

/**
 * The shipment with one more carrier event. A delivered shipment stays delivered, whatever the carrier says
 * later.
 */
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
