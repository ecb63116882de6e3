/** The stored values of an order: its document, and the reference that finds it. */
import type { AggregateDocument } from "../subject/aggregate.ts";
import type { Contact, Order } from "./order.ts";

export type OrderDocument = AggregateDocument<Order, Contact>;

export interface ReferenceDocument {
  readonly orderId: string;
  readonly fingerprint: string;
}
