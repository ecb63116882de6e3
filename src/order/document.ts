/** What stands in the store of an order: its document, the reference that finds it, and its timers. */
import type { Instant } from "../kernel/instant.ts";
import type { Contact, Order, OrderCommand } from "./order.ts";

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

/** Something to do to an order at a time. */
export interface OrderTimer {
  readonly orderId: string;
  readonly command: OrderCommand;
  readonly due: Instant;
}
