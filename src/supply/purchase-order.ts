/** Purchase orders: what they are, what may be asked of them, and what happens to them. Pure. */
import type { Instant } from "../kernel/instant.ts";
import type { AggregateState } from "../subject/state.ts";
import type { Move, MovedUnits, PendingLine } from "./moves.ts";

export const purchaseOrderStatuses = [
  "open",
  /** Units have come, or will not, that orders are promised: these are told, in further commits. */
  "changing",
  "partially_received",
  "received",
  "closed",
  "cancelled",
] as const;
export type PurchaseOrderStatus = (typeof purchaseOrderStatuses)[number];

/** A line; its id names its row of supply. */
export interface PurchaseOrderLine extends PendingLine {
  readonly sku: string;
  readonly ordered: number;
  /** Units that have come, those unfit for sale among them. */
  readonly received: number;
  /** Units that have come and are unfit for sale. */
  readonly rejected: number;
  /** Units that were given up when the order was closed or cancelled. */
  readonly cancelled: number;
  readonly expectedAt: Instant;
}

export interface PurchaseOrderReceiptLine {
  readonly lineId: string;
  /** Units that came, all of them. */
  readonly quantity: number;
  /** Of these, units that are unfit for sale. */
  readonly rejected: number;
  /** What is wrong with them: a bucket of the stock that is not for sale. */
  readonly bucket?: string | undefined;
}

/** One delivery. */
export interface PurchaseOrderReceipt {
  readonly id: string;
  /** The sender's name of it, such as the number of a delivery note. */
  readonly reference?: string | undefined;
  readonly by: string;
  readonly lines: readonly PurchaseOrderReceiptLine[];
}

export interface PurchaseOrder extends AggregateState {
  readonly status: PurchaseOrderStatus;
  readonly externalId?: string | undefined;
  readonly supplierId?: string | undefined;
  readonly channel?: string | undefined;
  /** Where it goes to. */
  readonly locationId: string;
  readonly lines: readonly PurchaseOrderLine[];
  readonly receipts: readonly (PurchaseOrderReceipt & { readonly at: Instant })[];
  /** Units beyond those ordered that may come, in percent of them. */
  readonly overReceiptPercent: number;
  /** Set when nothing more is to come. */
  readonly ended?: "closed" | "cancelled" | undefined;
  /** Tells a repeat of the request that made it from another with its reference. */
  readonly fingerprint?: string | undefined;
}

export interface PurchaseOrderLineChange {
  readonly lineId: string;
  /** Units ordered in all. */
  readonly quantity?: number | undefined;
  readonly expectedAt?: Instant | undefined;
}

export interface NewPurchaseOrderLine {
  readonly sku: string;
  readonly quantity: number;
  readonly expectedAt: Instant;
}

/** `moves` says which units move together with the orders that are promised them; see `moves.ts`. */
interface WithMoves {
  readonly moves?: readonly Move[] | undefined;
}

export type PurchaseOrderCommand =
  | { readonly type: "place" }
  | WithMoves & {
    readonly type: "change";
    readonly lines?: readonly PurchaseOrderLineChange[] | undefined;
    readonly add?: readonly NewPurchaseOrderLine[] | undefined;
    /** Of all lines of which units are still to come, but for those that are named. */
    readonly expectedAt?: Instant | undefined;
    readonly overReceiptPercent?: number | undefined;
  }
  | WithMoves & {
    readonly type: "receive";
    readonly reference?: string | undefined;
    /** Absent: all that is still to come. */
    readonly lines?: readonly PurchaseOrderReceiptLine[] | undefined;
  }
  | WithMoves & { readonly type: "close"; readonly reason?: string | undefined }
  | WithMoves & { readonly type: "cancel"; readonly reason?: string | undefined }
  | WithMoves & { readonly type: "settle" };

/** From what to what. */
interface Changed<Value> {
  readonly from: Value;
  readonly to: Value;
}

export interface ChangedPurchaseOrderLine {
  readonly lineId: string;
  readonly ordered?: Changed<number> | undefined;
  readonly expectedAt?: Changed<Instant> | undefined;
}

export interface LineUnits {
  readonly lineId: string;
  readonly quantity: number;
}

export type PurchaseOrderEvent =
  | { readonly type: "purchase_order.placed"; readonly order: PurchaseOrder }
  | {
    readonly type: "purchase_order.changed";
    readonly lines: readonly ChangedPurchaseOrderLine[];
    readonly added: readonly PurchaseOrderLine[];
    readonly overReceiptPercent?: Changed<number> | undefined;
  }
  | { readonly type: "purchase_order.received"; readonly receipt: PurchaseOrderReceipt }
  /** Units have left the rows of supply: those that arrived are on the shelf now. */
  | { readonly type: "purchase_order.moved"; readonly lines: readonly MovedUnits[] }
  | {
    readonly type: "purchase_order.closed" | "purchase_order.cancelled";
    /** Units that are given up. */
    readonly lines: readonly LineUnits[];
    readonly reason?: string | undefined;
  };
