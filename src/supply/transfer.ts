/** Transfers of goods from one location to another: what they are, and what happens to them. Pure. */
import type { Instant } from "../kernel/instant.ts";
import type { AggregateState } from "../subject/state.ts";
import type { Move, MovedUnits, PendingLine } from "./moves.ts";

export const transferStatuses = [
  "requested",
  "partially_shipped",
  "in_transit",
  /** Units have come, or will not, that orders are promised: these are told, in further commits. */
  "changing",
  "partially_received",
  "received",
  "closed",
  "cancelled",
] as const;
export type TransferStatus = (typeof transferStatuses)[number];

/** A line; its id names its row of supply at the target. */
export interface TransferLine extends PendingLine {
  readonly sku: string;
  /** Units that were requested: those that have not left are claimed at the source. */
  readonly quantity: number;
  readonly shipped: number;
  /** Units that came and are for sale. */
  readonly received: number;
  /** Units that came and are not for sale. */
  readonly damaged: number;
  readonly lost: number;
  /** Units that went back to the source. */
  readonly returned: number;
  /** Units that will not leave the source. */
  readonly released: number;
}

export interface LineQuantity {
  readonly lineId: string;
  readonly quantity: number;
}

export interface TransferShipment {
  readonly id: string;
  readonly reference?: string | undefined;
  readonly by: string;
  readonly lines: readonly LineQuantity[];
}

export interface TransferReceiptLine {
  readonly lineId: string;
  /** Units that came, all of them. */
  readonly quantity: number;
  /** Of these, units that are not for sale. */
  readonly damaged: number;
  /** The bucket of the stock that is not for sale. */
  readonly bucket?: string | undefined;
  /** Units that will not come. */
  readonly lost: number;
}

export interface TransferReceipt {
  readonly id: string;
  readonly reference?: string | undefined;
  readonly by: string;
  readonly lines: readonly TransferReceiptLine[];
}

export interface Transfer extends AggregateState {
  readonly status: TransferStatus;
  readonly externalId?: string | undefined;
  readonly channel?: string | undefined;
  /** The location that the goods leave. */
  readonly from: string;
  /** The location that they go to. */
  readonly to: string;
  readonly expectedAt: Instant;
  /** The order that they are for, as somebody has said. */
  readonly forOrderId?: string | undefined;
  readonly lines: readonly TransferLine[];
  readonly shipments: readonly (TransferShipment & { readonly at: Instant })[];
  readonly receipts: readonly (TransferReceipt & { readonly at: Instant })[];
  /** Set when nothing more leaves or comes. */
  readonly ended?: "closed" | "cancelled" | undefined;
  readonly fingerprint?: string | undefined;
}

/** `moves` says which units move together with the orders that are promised them; see `moves.ts`. */
interface WithMoves {
  readonly moves?: readonly Move[] | undefined;
}

/** What becomes of units that are on their way when a transfer is cancelled. */
export const restRules = ["return", "lost"] as const;
export type RestRule = (typeof restRules)[number];

export type TransferCommand =
  | { readonly type: "request" }
  | {
    readonly type: "ship";
    readonly reference?: string | undefined;
    readonly expectedAt?: Instant | undefined;
    /** Absent: all that have not left. */
    readonly lines?: readonly LineQuantity[] | undefined;
  }
  | { readonly type: "change"; readonly expectedAt: Instant }
  | WithMoves & {
    readonly type: "receive";
    readonly reference?: string | undefined;
    /** Absent: all that is on its way. */
    readonly lines?: readonly TransferReceiptLine[] | undefined;
  }
  | WithMoves & { readonly type: "close"; readonly reason?: string | undefined }
  | WithMoves & {
    readonly type: "cancel";
    readonly rest: RestRule;
    readonly reason?: string | undefined;
  }
  | WithMoves & { readonly type: "settle" };

/** What becomes of the rest of a line when its transfer ends. */
export interface EndedTransferLine {
  readonly lineId: string;
  /** Units that never left: the source has them for others. */
  readonly released: number;
  readonly returned: number;
  readonly lost: number;
}

export type TransferEvent =
  | { readonly type: "transfer.requested"; readonly transfer: Transfer }
  | { readonly type: "transfer.shipped"; readonly shipment: TransferShipment }
  | {
    readonly type: "transfer.changed";
    readonly expectedAt: { readonly from: Instant; readonly to: Instant };
  }
  | { readonly type: "transfer.received"; readonly receipt: TransferReceipt }
  /** Units have left the rows of supply: those that arrived are on the shelf now. */
  | { readonly type: "transfer.moved"; readonly lines: readonly MovedUnits[] }
  | {
    readonly type: "transfer.closed" | "transfer.cancelled";
    readonly lines: readonly EndedTransferLine[];
    readonly reason?: string | undefined;
  };
