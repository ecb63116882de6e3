/**
 * The order: its state, the commands it takes, the events it makes and the reasons for which it refuses.
 * Read this first; the other files of the folder are a stage each, and `decide.ts` is the one switch.
 *
 * Nothing here or beside it reads a clock, a store or a random number: they are handed in.
 */
import type { KitComponent } from "../catalog/kit.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Money } from "../kernel/money.ts";
import type { Address } from "../kernel/vocabulary.ts";
import type { TaxRate, TaxRounding } from "../money/tax.ts";
import type { Edit, EditCommand, OrderEdited } from "./edit.ts";
import type { Invoice, OrderInvoiced } from "./invoice.ts";
import type { ExchangeEvent } from "./exchange.ts";
import type { LineLots, PickedLine } from "./lots.ts";
import type { LotRejection, NamedLine } from "../lot/naming.ts";
import type { FulfillmentOrder, FulfillmentOrderStatus, Package } from "./fulfillment-order.ts";
import type {
  Return,
  ReturnCommand,
  ReturnEvent,
  ReturnRejection,
  ReturnStatus,
} from "./return.ts";
import type {
  PaymentCommand,
  PaymentEvent,
  PaymentRejection,
  PaymentStatus,
  Settlement,
} from "./payment.ts";
import type { LinePromise, OrderPromised, PromiseCommand } from "./line-promise.ts";
import type { Shipment, ShipmentCommand, ShipmentEvent, ShipmentStatus } from "./shipment.ts";

export type {
  Shipment,
  ShipmentEvent,
  ShipmentLine,
  ShipmentNote,
  ShipmentStatus,
  TrackingEvent,
  TrackingReport,
  TrackingStatus,
} from "./shipment.ts";
export { shipmentStatuses, trackingStatuses } from "./shipment.ts";
export type {
  FulfillmentLine,
  FulfillmentOrder,
  FulfillmentOrderStatus,
  Package,
} from "./fulfillment-order.ts";
export { fulfillmentOrderStatuses } from "./fulfillment-order.ts";
export type { OrderFacts, RoutingLocation } from "./facts.ts";
export type { LinePromise, LinePromises, MovedPromise } from "./line-promise.ts";

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
  /** Minor units for the whole line, its share of the order's discounts included. */
  readonly discount: number;
  /** Minor units for the whole line. Part of the price where the order's prices include tax. */
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
  /** What the channel calls the line: one SKU may stand on two lines. */
  readonly externalId?: string;
  readonly taxRate?: TaxRate;
  /** Of the discount, what was spread over the lines when the order was placed. Never spread again. */
  readonly orderDiscount?: number;
  /** The line that an edit made more units of with this one. */
  readonly basedOn?: LineId;
  /** When the customer needs the units. */
  readonly neededAt?: Instant;
  /** Of the backordered units, those that supply on its way is promised for; absent without any. */
  readonly promises?: readonly LinePromise[];
  /** The goods of one unit, where the item was a kit when the line came: a later recipe is not theirs. */
  readonly components?: readonly KitComponent[];
  /** The goods of one kit may come from several locations. */
  readonly shipsSeparately?: true;
  /** By component, units of kits that are begun and wait for stock, beside whole kits. Absent without any. */
  readonly waitingParts?: readonly number[];
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

/**
 * Minor units of the order's currency. `discount` and `tax` are those of lines, `shipping` is without its
 * discount. `charges.ts` says how they make the total.
 */
export interface Totals {
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly shipping: number;
  readonly total: number;
}

/** An amount off the order as a whole. */
export interface OrderDiscount {
  readonly code?: string;
  readonly amount: number;
}

/** A charge beside goods and shipping. Only one for rounding may be negative. */
export interface Fee {
  readonly code: string;
  readonly amount: number;
  readonly tax: number;
}

/** How the money of an order differs from plain prices with tax on top; absent where it does not. */
export interface Charges {
  /** Whether tax is a part of all prices, and so adds nothing to the total. */
  readonly taxesIncluded: boolean;
  readonly taxRounding: TaxRounding;
  /** Spread over the lines' discounts. */
  readonly discounts: readonly OrderDiscount[];
  readonly shippingDiscount: number;
  readonly shippingTax: number;
  readonly shippingTaxRate?: TaxRate;
  readonly fees: readonly Fee[];
  /** What the channel asked its customer for: compared with the total, and never believed. */
  readonly channelTotal?: number;
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
  /** Present when it gets all of its goods at once, or none. */
  readonly shipComplete?: true;
  /** 0 to 9: who waits with a higher one is served first. Absent is 0. */
  readonly priority?: number;
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
  readonly charges?: Charges;
  readonly settlement?: Settlement;
  readonly fulfillmentOrders: readonly FulfillmentOrder[];
  readonly shipments: readonly Shipment[];
  /** Absent without any. */
  readonly returns?: readonly Return[];
  /** Oldest first; absent without any. */
  readonly edits?: readonly Edit[];
  /** Since when all of it has arrived; only while that is so, and absent in documents of before. */
  readonly deliveredAt?: Instant;
  /** Oldest first; absent without any, and for what left before there were invoices. */
  readonly invoices?: readonly Invoice[];
  readonly cancelReason?: string;
  /** The reservation that it was placed with. */
  readonly reservation?: UsedReservation;
  readonly placedAt: Instant;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Counts commits of this order from 1; the entity tag. */
  readonly version: number;
}

/** A reservation that an order was placed with. */
export interface UsedReservation {
  readonly id: string;
  /** False where it had ended before, or the order took nothing: it kept no units for the order. */
  readonly used: boolean;
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
  | PromiseCommand
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
    readonly code?: CancelCode | undefined;
    /** Kept of what is cancelled: it is owed, and no more than that. */
    readonly fee?: Money | undefined;
    /** Gives back what is owed for shipping, though units have left, or are going to. */
    readonly refundShipping?: boolean | undefined;
  }
  | EditCommand
  | { readonly type: "accept"; readonly fulfillmentOrderId: string }
  | { readonly type: "reject"; readonly fulfillmentOrderId: string; readonly reason: string }
  | {
    readonly type: "pick";
    readonly fulfillmentOrderId: string;
    readonly lines?: readonly PickedLine[] | undefined;
    readonly named?: readonly NamedLine[] | undefined;
  }
  | {
    readonly type: "pack";
    readonly fulfillmentOrderId: string;
    readonly packages?: readonly Package[] | undefined;
  }
  | {
    readonly type: "ship";
    readonly fulfillmentOrderId: string;
    readonly carrier: string;
    /** One for each parcel. */
    readonly trackingNumbers?: readonly string[] | undefined;
    readonly lines?: SomeLines;
    readonly named?: readonly NamedLine[] | undefined;
  }
  | { readonly type: "ready-for-pickup"; readonly fulfillmentOrderId: string }
  | {
    readonly type: "collect";
    readonly fulfillmentOrderId: string;
    readonly named?: readonly NamedLine[] | undefined;
  }
  | ShipmentCommand
  | ReturnCommand
  | PaymentCommand
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
  | OrderPromised
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
    readonly code?: CancelCode;
    readonly lines: readonly CancelledLine[];
    /** False when the order is too large to be cancelled in one commit: the rest follows. */
    readonly complete: boolean;
  }
  | OrderEdited
  | OrderInvoiced
  | ExchangeEvent
  | { readonly type: "fulfillment_order.accepted"; readonly fulfillmentOrderId: string }
  | {
    readonly type: "fulfillment_order.rejected";
    readonly fulfillmentOrderId: string;
    readonly reason: string;
  }
  | {
    readonly type: "fulfillment_order.picked";
    readonly fulfillmentOrderId: string;
    readonly lines: readonly LineLots[];
  }
  | {
    readonly type: "fulfillment_order.packed";
    readonly fulfillmentOrderId: string;
    readonly packages: readonly Package[];
  }
  | { readonly type: "fulfillment_order.ready_for_pickup"; readonly fulfillmentOrderId: string }
  | {
    readonly type: "fulfillment_order.collected";
    readonly fulfillmentOrderId: string;
    /** Of lines of tracked items; absent without any. */
    readonly lots?: readonly LineLots[];
  }
  | { readonly type: "fulfillment_order.delivered"; readonly fulfillmentOrderId: string }
  /** A report of its delivery was wrong. */
  | { readonly type: "fulfillment_order.undelivered"; readonly fulfillmentOrderId: string }
  | { readonly type: "shipment.created"; readonly shipment: Shipment }
  | ShipmentEvent
  | ReturnEvent
  | PaymentEvent
  | { readonly type: "order.closed" };

/** Why something is cancelled, in a word for statistics. */
export const cancelCodes = [
  "customer",
  "inventory",
  "fraud",
  "payment",
  "duplicate",
  "mistake",
  "other",
] as const;
export type CancelCode = (typeof cancelCodes)[number];

/** A cancelled part of a line, and out of which of its parts the units come: pending is the rest. */
export interface CancelledLine {
  readonly lineId: LineId;
  readonly quantity: number;
  readonly backordered: number;
  readonly allocated: readonly {
    readonly fulfillmentOrderId: string;
    readonly quantity: number;
    /** Where a part of the line is given up: its id, and so units of its component. */
    readonly partId?: LineId;
  }[];
  /** The same of parts that wait for stock. */
  readonly waitingParts?: readonly LineQuantity[];
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
    /** The status that stands in the way: of the order, or of the part of it that is named. */
    readonly status:
      | OrderStatus
      | FulfillmentOrderStatus
      | ShipmentStatus
      | PaymentStatus
      | ReturnStatus;
    readonly fulfillmentOrderId?: string;
    readonly shipmentId?: string;
    readonly paymentId?: string;
    readonly returnId?: string;
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
  /** It would leave a part of a kit without the rest. */
  | { readonly _tag: "KitIncomplete"; readonly lineId: LineId; readonly detail: string }
  | { readonly _tag: "UnknownShipment"; readonly shipmentId: string }
  | LotRejection
  | ReturnRejection
  | PaymentRejection;
