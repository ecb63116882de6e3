/** A fulfillment order: the part of an order that one location fulfills by one method. */
import type { Instant } from "../kernel/instant.ts";
import type { PickedLot } from "../lot/lot.ts";
import type { GoodsDates } from "./goods-dates.ts";
import type { FulfillmentMethod, LineId } from "./order.ts";

/** `waiting`: its goods are kept for the customer, and are no work of the location yet. */
export const fulfillmentOrderStatuses = [
  "waiting",
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
  /** Of a part, where the parts of a kit are apart: then its SKU and units are the component's. */
  readonly lineId: LineId;
  readonly sku: string;
  /** Units to fulfill here; a cancellation lowers it. */
  readonly quantity: number;
  readonly picked: number;
  /** Units that left: shipped, collected or digitally delivered. */
  readonly shipped: number;
  /** The lots of its picked units, those that left included; only where its item is tracked. */
  readonly lots?: readonly PickedLot[];
}

export interface Package {
  readonly reference?: string;
  readonly weightGrams?: number;
}

/** The part of an order that one location fulfills by one method. */
export interface FulfillmentOrder extends GoodsDates {
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

/** A fulfillment order that holds no stock any more. */
export const hasEnded = ({ status }: Pick<FulfillmentOrder, "status">): boolean =>
  status === "shipped" || status === "collected" || status === "delivered" ||
  status === "rejected" || status === "cancelled";
