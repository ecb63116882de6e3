/**
 * The order: its state, the commands it takes, the events it makes and the reasons for which it refuses.
 * Read this first; the other files of the folder are a stage each, and `decide.ts` is the one switch.
 *
 * Nothing here or beside it reads a clock, a store or a random number: they are handed in.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Address } from "../kernel/vocabulary.ts";

export type OrderId = string;
export type LineId = string;

export type FulfillmentMethod = "ship" | "pickup" | "digital";

/** What happens when there is not enough stock. Chosen by the channel with each order. */
export type ShortagePolicy = "reject" | "backorder" | "partial" | "hold";

export const orderStatuses = [
  "held",
  "allocating",
  "backordered",
  "partially_allocated",
  "allocated",
  "fulfilling",
  "partially_shipped",
  "shipped",
  "delivered",
  "closed",
  "cancelled",
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/**
 * A line keeps only what nothing else tells. What is allocated, shipped and delivered stands in the
 * fulfillment orders and shipments (`quantities.ts`), and what is then left over is pending.
 */
export interface OrderLine {
  readonly id: LineId;
  readonly sku: string;
  readonly quantity: number;
  /** Minor units of the order's currency for one unit. */
  readonly unitPrice: number;
  /** Minor units for the whole line. */
  readonly discount: number;
  /** Minor units for the whole line. */
  readonly tax: number;
  readonly method: FulfillmentMethod;
  /** The location that the customer chose: always there for pickup, a wish that binds for others. */
  readonly locationId?: string;
  /** False when the item must never be backordered, whatever the order's policy says. */
  readonly mayBackorder: boolean;
  readonly backordered: number;
  /** Units taken out of the order, those of `short` included. */
  readonly cancelled: number;
  /** Units taken out because they could not be had (policy `partial`). */
  readonly short: number;
}

export const fulfillmentOrderStatuses = [
  "open",
  "accepted",
  "partially_picked",
  "picked",
  "packed",
  "ready_for_pickup",
  "partially_shipped",
  "shipped",
  "collected",
  "delivered",
  "rejected",
  "cancelled",
] as const;
export type FulfillmentOrderStatus = (typeof fulfillmentOrderStatuses)[number];

export interface FulfillmentLine {
  readonly lineId: LineId;
  readonly sku: string;
  /** Units to fulfill here; a cancellation lowers it. */
  readonly quantity: number;
  readonly picked: number;
  /** Units that left: shipped, collected or digitally delivered. */
  readonly shipped: number;
}

export interface Package {
  readonly reference?: string;
  readonly weightGrams?: number;
}

/** The part of an order that one location fulfills by one method. */
export interface FulfillmentOrder {
  readonly id: string;
  readonly status: FulfillmentOrderStatus;
  /** Null for digital delivery, which needs no place and no stock. */
  readonly locationId: string | null;
  readonly method: FulfillmentMethod;
  readonly lines: readonly FulfillmentLine[];
  readonly packages: readonly Package[];
  /** Why it was rejected or cancelled. */
  readonly reason?: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export type TrackingStatus = "in_transit" | "out_for_delivery" | "delivered" | "exception";

export interface TrackingEvent {
  readonly status: TrackingStatus;
  readonly occurredAt: Instant;
  readonly description?: string;
  readonly recordedAt: Instant;
}

export type ShipmentStatus = "shipped" | TrackingStatus;

export interface ShipmentLine {
  readonly lineId: LineId;
  readonly sku: string;
  readonly quantity: number;
}

export interface Shipment {
  readonly id: string;
  readonly fulfillmentOrderId: string;
  readonly locationId: string;
  readonly status: ShipmentStatus;
  readonly carrier: string;
  readonly trackingNumber?: string;
  readonly lines: readonly ShipmentLine[];
  /** By `occurredAt`, not by arrival: carriers report late and twice. */
  readonly tracking: readonly TrackingEvent[];
  readonly shippedAt: Instant;
  readonly deliveredAt?: Instant;
}

/** Why an order stands still until somebody releases it. */
export interface Hold {
  readonly code: "manual" | "shortage";
  readonly reason: string;
  readonly at: Instant;
  readonly by: string;
}

/** Minor units of the order's currency. total = subtotal - discount + tax + shipping. */
export interface Totals {
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly shipping: number;
  readonly total: number;
}

/** Where the order goes, as far as routing needs it: not personal data. */
export interface Destination {
  readonly country: string;
  readonly region?: string;
  readonly postalCode?: string;
  /** Degrees, WGS 84. */
  readonly latitude?: number;
  readonly longitude?: number;
}

export type Metadata = Readonly<Record<string, string>>;

export interface Order {
  readonly id: OrderId;
  readonly channel: string;
  readonly externalId: string;
  /** Hash of the request, to tell a repeat of the order from another order with its number. */
  readonly fingerprint: string;
  readonly currency: string;
  readonly customerId?: string;
  readonly destination?: Destination;
  readonly onShortage: ShortagePolicy;
  readonly shippingService?: string;
  readonly metadata: Metadata;
  readonly status: OrderStatus;
  readonly hold?: Hold;
  /**
   * True while an order too large for one commit is being allocated, or cancelled, in several: the command
   * `allocate` goes on with it.
   */
  readonly allocating: boolean;
  /** Why a large order is being cancelled as a whole, until the last of its parts is. */
  readonly cancelling?: string;
  readonly closed: boolean;
  readonly lines: readonly OrderLine[];
  readonly totals: Totals;
  readonly fulfillmentOrders: readonly FulfillmentOrder[];
  readonly shipments: readonly Shipment[];
  readonly cancelReason?: string;
  readonly placedAt: Instant;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Counts commits of this order from 1; the entity tag. */
  readonly version: number;
}

/** Kept beside the order and out of the log: what the law may ask us to erase. */
export interface Contact {
  readonly customer: { readonly name: string; readonly email?: string; readonly phone?: string };
  readonly shippingAddress?: Address;
  readonly billingAddress?: Address;
}

export interface LineQuantity {
  readonly lineId: LineId;
  readonly quantity: number;
}

/** Some lines of a fulfillment order, or all that is left when absent. */
export type SomeLines = readonly LineQuantity[] | undefined;

export type OrderCommand =
  /** Allocates what is pending, by the order's shortage policy. First command of every order; also resumes. */
  | { readonly type: "allocate" }
  /**
   * Gives arrived stock to backordered lines; does nothing when there is none. With the location where it
   * arrived, locations that rejected the order before get it again only if they are that one.
   */
  | { readonly type: "fill"; readonly locationId?: string | undefined }
  | { readonly type: "hold"; readonly reason: string }
  | { readonly type: "release"; readonly reason?: string | undefined }
  | {
    readonly type: "cancel";
    readonly reason: string;
    readonly lines?: readonly LineQuantity[] | undefined;
  }
  | { readonly type: "accept"; readonly fulfillmentOrderId: string }
  | { readonly type: "reject"; readonly fulfillmentOrderId: string; readonly reason: string }
  | { readonly type: "pick"; readonly fulfillmentOrderId: string; readonly lines?: SomeLines }
  | {
    readonly type: "pack";
    readonly fulfillmentOrderId: string;
    readonly packages?: readonly Package[] | undefined;
  }
  | {
    readonly type: "ship";
    readonly fulfillmentOrderId: string;
    readonly carrier: string;
    readonly trackingNumber?: string | undefined;
    readonly lines?: SomeLines;
  }
  | { readonly type: "ready-for-pickup"; readonly fulfillmentOrderId: string }
  | { readonly type: "collect"; readonly fulfillmentOrderId: string }
  | {
    readonly type: "track";
    readonly shipmentId: string;
    readonly status: TrackingStatus;
    readonly occurredAt: Instant;
    readonly description?: string | undefined;
  }
  | { readonly type: "close" };

export type FulfillmentAction =
  | "accept"
  | "reject"
  | "pick"
  | "pack"
  | "ship"
  | "ready-for-pickup"
  | "collect";

export type OrderEvent =
  | { readonly type: "order.placed"; readonly order: Order }
  /** The order is large: its allocation goes on in further commits. */
  | { readonly type: "order.allocating" }
  | {
    readonly type: "order.allocated";
    readonly fulfillmentOrders: readonly FulfillmentOrder[];
    /** Of the allocated units, those that were backordered until now. */
    readonly filled: readonly LineQuantity[];
    /** True when nothing of a large order's allocation is left to do. */
    readonly complete: boolean;
  }
  | { readonly type: "order.backordered"; readonly lines: readonly LineQuantity[] }
  | { readonly type: "order.shorted"; readonly lines: readonly LineQuantity[] }
  | {
    readonly type: "order.held";
    readonly code: Hold["code"];
    readonly reason: string;
    readonly by: string;
  }
  | { readonly type: "order.released"; readonly reason?: string }
  | {
    readonly type: "order.cancelled";
    readonly reason: string;
    readonly lines: readonly CancelledLine[];
    /** False when the order is too large to be cancelled in one commit: the rest follows. */
    readonly complete: boolean;
  }
  | { readonly type: "fulfillment_order.accepted"; readonly fulfillmentOrderId: string }
  | {
    readonly type: "fulfillment_order.rejected";
    readonly fulfillmentOrderId: string;
    readonly reason: string;
  }
  | {
    readonly type: "fulfillment_order.picked";
    readonly fulfillmentOrderId: string;
    readonly lines: readonly LineQuantity[];
  }
  | {
    readonly type: "fulfillment_order.packed";
    readonly fulfillmentOrderId: string;
    readonly packages: readonly Package[];
  }
  | { readonly type: "fulfillment_order.ready_for_pickup"; readonly fulfillmentOrderId: string }
  | { readonly type: "fulfillment_order.collected"; readonly fulfillmentOrderId: string }
  | { readonly type: "fulfillment_order.delivered"; readonly fulfillmentOrderId: string }
  | { readonly type: "shipment.created"; readonly shipment: Shipment }
  | {
    readonly type: "shipment.tracked";
    readonly shipmentId: string;
    readonly tracking: TrackingEvent;
  }
  | { readonly type: "order.closed" };

export type OrderEventType = OrderEvent["type"];

/** A cancelled part of a line, and out of which of its parts the units come: pending is the rest. */
export interface CancelledLine {
  readonly lineId: LineId;
  readonly quantity: number;
  readonly backordered: number;
  readonly allocated: readonly {
    readonly fulfillmentOrderId: string;
    readonly quantity: number;
  }[];
}

export interface Shortage {
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
}

/** Why a command is refused. `api/http/problems.ts` says it to clients. */
export type OrderRejection =
  | { readonly _tag: "InsufficientStock"; readonly shortages: readonly Shortage[] }
  | {
    readonly _tag: "IllegalTransition";
    /** What was asked for, as the client named it. */
    readonly action: string;
    /** The status that stands in the way: of the order, or of the fulfillment order when that is named. */
    readonly status: OrderStatus | FulfillmentOrderStatus;
    readonly fulfillmentOrderId?: string;
    readonly detail: string;
  }
  | {
    /** A well-formed request that does not fit this order: unknown line, more than is left, ... */
    readonly _tag: "InvalidCommand";
    /** JSON pointer into the request body. */
    readonly pointer: string;
    readonly detail: string;
  }
  | { readonly _tag: "UnknownFulfillmentOrder"; readonly fulfillmentOrderId: string }
  | { readonly _tag: "UnknownShipment"; readonly shipmentId: string };

/** A location as routing sees it. */
export interface RoutingLocation {
  readonly id: string;
  /** Where no order is sent by itself: a location that is closed. */
  readonly active: boolean;
  readonly latitude?: number;
  readonly longitude?: number;
}

/** What a decision may know beside the order: all of it handed in, so that a decision can be replayed. */
export interface OrderFacts {
  readonly now: Instant;
  /** Who asks: the id of an API key, or `system`. */
  readonly by: string;
  /** In the order of the location list. */
  readonly locations: readonly RoutingLocation[];
  /** Units that may be promised now: on hand less reserved, unavailable, safety stock and holds. */
  readonly available: (locationId: string, sku: string) => number;
  /** Stock rows that one commit may touch; more is allocated in several. */
  readonly stockRowsPerCommit: number;
  /** Locations that one commit may touch: each has a fence, and a store allows only so many checks. */
  readonly locationsPerCommit: number;
}
