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

/** Documents name a method by its place in this list: new ones go to its end. */
export const fulfillmentMethods = ["ship", "pickup", "digital"] as const;
export type FulfillmentMethod = (typeof fulfillmentMethods)[number];

/** The ways to go on without enough stock: the channel chooses one with each order. */
export const shortagePolicies = ["reject", "backorder", "partial", "hold"] as const;
export type ShortagePolicy = (typeof shortagePolicies)[number];

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
 * A line keeps only the units that nothing else tells. Allocated, shipped and delivered units stand in the
 * fulfillment orders and shipments (`quantities.ts`), and the units left over are pending.
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

/** By progress: of two carrier events of one moment the later of these counts. */
export const trackingStatuses = [
  "in_transit",
  "out_for_delivery",
  "exception",
  "delivered",
] as const;
export type TrackingStatus = (typeof trackingStatuses)[number];

export interface TrackingEvent {
  readonly status: TrackingStatus;
  readonly occurredAt: Instant;
  readonly description?: string;
  readonly recordedAt: Instant;
}

export const shipmentStatuses = ["shipped", ...trackingStatuses] as const;
export type ShipmentStatus = (typeof shipmentStatuses)[number];

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

/** `hold-codes.ts` says of each what it blocks, and who may place and release it. */
export const holdCodes = [
  "manual",
  "shortage",
  "fraud",
  "payment",
  "address",
  "price",
  "totals",
  "tax",
  "credit",
  "terms",
  "approval",
  "duplicate",
  "mapping",
  "review",
] as const;
export type HoldCode = (typeof holdCodes)[number];

/** `all`: the order gets no stock and nothing of it is fulfilled. `fulfillment`: it gets its stock. */
export const holdBlocks = ["all", "fulfillment"] as const;
export type HoldBlocks = (typeof holdBlocks)[number];

/** Why an order waits until somebody releases it. What is allocated stays allocated. */
export interface Hold {
  readonly code: HoldCode;
  readonly reason: string;
  /** Since when it stands. */
  readonly at: Instant;
  /** Who gave the reason. */
  readonly by: string;
  readonly blocks: HoldBlocks;
}

/** Minor units of the order's currency. total = subtotal - discount + tax + shipping. */
export interface Totals {
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly shipping: number;
  readonly total: number;
}

/** The part of the address that routing needs: not personal data. */
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
  /** In the order in which they were placed; at most one of each code. */
  readonly holds: readonly Hold[];
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

/** Kept beside the order and out of the log, since the law may ask us to erase it. */
export interface Contact {
  readonly customer: { readonly name: string; readonly email?: string; readonly phone?: string };
  readonly shippingAddress?: Address;
  readonly billingAddress?: Address;
  /** In the customer's words. */
  readonly note?: string;
}

export interface LineQuantity {
  readonly lineId: LineId;
  readonly quantity: number;
}

/** Some lines of a fulfillment order, or all that is left when absent. */
export type SomeLines = readonly LineQuantity[] | undefined;

export type OrderCommand =
  /** The first command of every order: makes it, and allocates its lines. */
  | { readonly type: "place" }
  /** Allocates pending units by the order's shortage policy, and goes on with a large order. */
  | { readonly type: "allocate" }
  /**
   * Gives arrived stock to backordered lines; does nothing when there is none. With the location where it
   * arrived, locations that rejected the order before get it again only if they are that one.
   */
  | { readonly type: "fill"; readonly locationId?: string | undefined }
  /** The code is `manual` when absent. */
  | { readonly type: "hold"; readonly code?: HoldCode | undefined; readonly reason: string }
  /** Ends the holds of these codes, or all when absent. */
  | {
    readonly type: "release";
    readonly codes?: readonly HoldCode[] | undefined;
    readonly reason?: string | undefined;
  }
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

/** The actions of a location on a fulfillment order. */
export const fulfillmentActions = [
  "accept",
  "reject",
  "pick",
  "pack",
  "ship",
  "ready-for-pickup",
  "collect",
] as const;
export type FulfillmentAction = (typeof fulfillmentActions)[number];

export type OrderEvent =
  | { readonly type: "order.placed"; readonly order: Order }
  /** The order is large: its allocation goes on in further commits. */
  | { readonly type: "order.allocating" }
  | {
    readonly type: "order.allocated";
    readonly fulfillmentOrders: readonly FulfillmentOrder[];
    /** The allocated units that were backordered until now. */
    readonly filled: readonly LineQuantity[];
    /** True when nothing of a large order's allocation is left to do. */
    readonly complete: boolean;
  }
  | { readonly type: "order.backordered"; readonly lines: readonly LineQuantity[] }
  | { readonly type: "order.shorted"; readonly lines: readonly LineQuantity[] }
  | {
    readonly type: "order.held";
    readonly code: HoldCode;
    readonly reason: string;
    readonly by: string;
    /** `all` when absent. */
    readonly blocks?: HoldBlocks;
  }
  /** Without a code all holds end: so the log of earlier versions has it. */
  | {
    readonly type: "order.released";
    readonly code?: HoldCode;
    readonly reason?: string;
  }
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
    /** The action that was asked for, as the client named it. */
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
  /** False for a closed location: no order is sent there by itself. */
  readonly active: boolean;
  readonly latitude?: number;
  readonly longitude?: number;
}

/** The facts beside the order that a decision may know: they are handed in, so that it can be replayed. */
export interface OrderFacts {
  readonly now: Instant;
  /** The id of the API key that asks, or `system`. */
  readonly by: string;
  /** In the order of the location list. */
  readonly locations: readonly RoutingLocation[];
  /** Units that may be promised now: on hand less reserved, unavailable, safety stock and holds. */
  readonly available: (locationId: string, sku: string) => number;
  /** Stock rows that one commit may touch; more is allocated in several. */
  readonly stockRowsPerCommit: number;
  /** Locations that one commit may touch: each has a fence, and a store allows only so many checks. */
  readonly locationsPerCommit: number;
  /** Bytes of keys of stock, of waiting lines and of locations' fences in one commit. */
  readonly keyBytesPerCommit: number;
}
