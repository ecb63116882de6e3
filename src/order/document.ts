/** The stored values of an order: its document, and the reference that finds it. */
import type { AggregateDocument } from "../subject/aggregate.ts";
import type { Contact, Order } from "./order.ts";

export type OrderDocument = AggregateDocument<Order, Contact>;

/** A provider is to be called, or asked, about a transaction of this order. */
export interface ProviderCall {
  readonly orderId: string;
  readonly provider: string;
}

export interface ReferenceDocument {
  readonly orderId: string;
  readonly fingerprint: string;
}
