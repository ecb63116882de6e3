/** The stored values of an order: its document, and the reference that finds it. */
import type { Contact, Order } from "./order.ts";

export interface OrderDocument {
  readonly order: Order;
  readonly contact: Contact;
  /**
   * Log positions of the order's earlier commits, oldest first; the last one is the versionstamp of the
   * document itself. So an order's history is found without an index.
   */
  readonly history: readonly string[];
}

export interface ReferenceDocument {
  readonly orderId: string;
  readonly fingerprint: string;
}
