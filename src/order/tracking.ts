/** Carrier events of a shipment, in the order in which they happened, however late and often they come. */
import { epochMsOf, type Instant } from "../kernel/instant.ts";
import { orderLimits } from "./limits.ts";
import type { Shipment, TrackingEvent, TrackingReport, TrackingStatus } from "./order.ts";
import { trackingStatuses } from "./order.ts";

const progressOf = (status: TrackingStatus): number => trackingStatuses.indexOf(status);

/** By time of the event; events of one moment by progress, so that the order of arrival never matters. */
const compareTracking = (a: TrackingEvent, b: TrackingEvent): number => {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  if (a.status !== b.status) return progressOf(a.status) - progressOf(b.status);
  const [x, y] = [a.description ?? "", b.description ?? ""];
  return x === y ? 0 : x < y ? -1 : 1;
};

/** Whether two reports say the same. */
export const sameReport = (one: TrackingReport, other: TrackingReport): boolean =>
  one.status === other.status && one.occurredAt === other.occurredAt &&
  one.description === other.description;

/** A report without the time at which it came. */
export const reportOf = ({ status, occurredAt, description }: {
  readonly status: TrackingStatus;
  readonly occurredAt: Instant;
  readonly description?: string | undefined;
}): TrackingReport => ({
  status,
  occurredAt,
  ...(description === undefined ? {} : { description }),
});

/** Whether a report is dated so far ahead of a time that it cannot be so. */
export const isTooFarAhead = (occurredAt: Instant, of: Instant): boolean =>
  epochMsOf(occurredAt) - epochMsOf(of) > orderLimits.trackingAheadMs;

/**
 * The shipment with these carrier events, in any order. A delivered shipment stays delivered, whatever the
 * carrier says later, and one that was given up stays so.
 */
const withEvents = (shipment: Shipment, events: readonly TrackingEvent[]): Shipment => {
  const tracking = events.toSorted(compareTracking);
  const delivered = tracking.find(({ status }) => status === "delivered");
  const { deliveredAt: _before, ...rest } = shipment;
  return {
    ...rest,
    tracking,
    status: shipment.status === "replaced"
      ? shipment.status
      : delivered?.status ?? tracking.at(-1)?.status ?? "shipped",
    ...(delivered === undefined ? {} : { deliveredAt: delivered.occurredAt }),
  };
};

/** The shipment with one more carrier event. */
export const withTracking = (shipment: Shipment, added: TrackingEvent): Shipment =>
  withEvents(shipment, [...shipment.tracking, added]);

/** The shipment with another carrier event, or none, in the place of one. */
export const withCorrection = (
  shipment: Shipment,
  was: TrackingReport,
  becomes: TrackingEvent | null,
): Shipment =>
  withEvents(shipment, [
    ...shipment.tracking.filter((event) => !sameReport(event, was)),
    ...(becomes === null ? [] : [becomes]),
  ]);

/** Whether all of a shipped fulfillment order has arrived, but for what was given up. */
export const hasArrived = (
  shipments: readonly Shipment[],
  fulfillmentOrderId: string,
): boolean => {
  const counting = shipments.filter((shipment) =>
    shipment.fulfillmentOrderId === fulfillmentOrderId && shipment.status !== "replaced"
  );
  return counting.length > 0 && counting.every(({ status }) => status === "delivered");
};

/** Why a shipment is not delivered as planned. */
export interface DeliveryException {
  /** When the first of the carrier's reports of it happened that no other has followed. */
  readonly since: Instant;
  /** What the carrier said last. */
  readonly reason?: string;
}

/** The exception in which a shipment is now; null when it is in none. */
export const exceptionOf = ({ status, tracking }: Shipment): DeliveryException | null => {
  if (status !== "exception") return null;
  let since: Instant | null = null;
  let reason: string | undefined;
  for (const event of tracking.toReversed()) {
    if (event.status !== "exception") break;
    since = event.occurredAt;
    reason ??= event.description;
  }
  return since === null ? null : { since, ...(reason === undefined ? {} : { reason }) };
};
