/** Keys of orders, and keys that point at them. */
import type { Key } from "../kernel/key.ts";

export const orderKeys = {
  /** OrderDocument (`document.ts`). */
  order: (orderId: string): Key => ["order", orderId],
  /** ReferenceDocument: the capture reference, one order for each (channel, externalId). */
  reference: (channel: string, externalId: string): Key => ["reference", channel, externalId],
  /** {orderId}: a line of this SKU waits for stock. Order ids sort by time: first come, first served. */
  backorder: (sku: string, orderId: string): Key => ["backorder", sku, orderId],
  /** ProviderCall: the provider is called, or asked, about the transaction at that time. */
  providerCall: (dueMs: number, transactionId: string): Key => [
    "provider_call",
    dueMs,
    transactionId,
  ],
} as const;
