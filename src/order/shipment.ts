/** A shipment: goods that left by carrier, and what is reported and known of them since. */
import type { Instant } from "../kernel/instant.ts";
import type { LotUnits } from "../lot/lot.ts";

/** By progress: of two carrier events of one moment the later of these counts. */
export const trackingStatuses = [
  "in_transit",
  "out_for_delivery",
  "exception",
  "delivered",
] as const;
export type TrackingStatus = (typeof trackingStatuses)[number];

/** What a carrier reports. Carriers number their reports in no common way, so this is all that tells them apart. */
export interface TrackingReport {
  readonly status: TrackingStatus;
  readonly occurredAt: Instant;
  readonly description?: string;
}

export interface TrackingEvent extends TrackingReport {
  readonly recordedAt: Instant;
}

/** `replaced`: given up, and its units are fulfilled once more. */
export const shipmentStatuses = ["shipped", ...trackingStatuses, "replaced"] as const;
export type ShipmentStatus = (typeof shipmentStatuses)[number];

export interface ShipmentLine {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  /** Only where its item is tracked. */
  readonly lots?: readonly LotUnits[];
}

/** What somebody who looks after a shipment wants others to know. */
export interface ShipmentNote {
  readonly text: string;
  readonly at: Instant;
  readonly by: string;
}

export interface Shipment {
  readonly id: string;
  readonly fulfillmentOrderId: string;
  readonly locationId: string;
  readonly status: ShipmentStatus;
  readonly carrier: string;
  readonly trackingNumber?: string;
  /** Those of its further parcels. */
  readonly moreTrackingNumbers?: readonly string[];
  readonly lines: readonly ShipmentLine[];
  /** By `occurredAt`, not by arrival: carriers report late and twice. */
  readonly tracking: readonly TrackingEvent[];
  readonly shippedAt: Instant;
  readonly deliveredAt?: Instant;
  /** Oldest first. */
  readonly notes?: readonly ShipmentNote[];
  readonly replacedReason?: string;
}

/** What is asked of a shipment. */
export type ShipmentCommand =
  | {
    readonly type: "track";
    readonly shipmentId: string;
    readonly status: TrackingStatus;
    readonly occurredAt: Instant;
    readonly description?: string | undefined;
  }
  /** A report that was wrong: what it should have said, or that there should have been none. */
  | {
    readonly type: "correct-tracking";
    readonly shipmentId: string;
    readonly was: TrackingReport;
    readonly becomes?: TrackingReport | undefined;
    readonly reason: string;
  }
  /** All tracking numbers of a shipment, in place of those before; the carrier stays when absent. */
  | {
    readonly type: "set-tracking-numbers";
    readonly shipmentId: string;
    readonly carrier?: string | undefined;
    readonly trackingNumbers: readonly string[];
  }
  | { readonly type: "note"; readonly shipmentId: string; readonly text: string }
  /** Gives a shipment up: its units are promised and fulfilled once more. */
  | { readonly type: "reship"; readonly shipmentId: string; readonly reason: string };

/** What happens to a shipment after it was made. */
export type ShipmentEvent =
  | {
    readonly type: "shipment.tracked";
    readonly shipmentId: string;
    readonly tracking: TrackingEvent;
  }
  | {
    readonly type: "shipment.tracking_corrected";
    readonly shipmentId: string;
    readonly was: TrackingReport;
    /** Null: there is none in its place. */
    readonly becomes: TrackingEvent | null;
    readonly reason: string;
  }
  | {
    readonly type: "shipment.numbered";
    readonly shipmentId: string;
    readonly carrier: string;
    readonly trackingNumbers: readonly string[];
  }
  | {
    readonly type: "shipment.noted";
    readonly shipmentId: string;
    readonly text: string;
    readonly by: string;
  }
  | {
    readonly type: "shipment.replaced";
    readonly shipmentId: string;
    readonly reason: string;
  };
