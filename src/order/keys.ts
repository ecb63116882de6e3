/** Keys of orders, and keys that point at them. */
import type { Key } from "../kernel/key.ts";

/** The value of a key under which an order waits. */
export interface WaitingValue {
  readonly orderId: string;
}

export const orderKeys = {
  /** OrderDocument (`document.ts`). */
  order: (orderId: string): Key => ["order", orderId],
  /** ReferenceDocument: the capture reference, one order for each (channel, externalId). */
  reference: (channel: string, externalId: string): Key => ["reference", channel, externalId],
  /** WaitingValue: a line of this SKU waits for stock. Ranks and ids sort as orders are served (`rank.ts`). */
  backordered: (sku: string, rank: string, orderId: string): Key => [
    "backordered",
    sku,
    rank,
    orderId,
  ],
  /** WaitingValue: units of this SKU wait and are promised nothing. Without a rank: what all of a SKU begin with. */
  unpromised: (sku: string, ...place: readonly [rank: string, orderId: string] | []): Key => [
    "unpromised",
    sku,
    ...place,
  ],
  /** WaitingValue: units of the order are promised of this supply. */
  pegged: (supplyId: string, rank: string, orderId: string): Key => [
    "pegged",
    supplyId,
    rank,
    orderId,
  ],
  /** ProviderCall: the provider is called, or asked, about the transaction at that time. */
  providerCall: (dueMs: number, transactionId: string): Key => [
    "provider_call",
    dueMs,
    transactionId,
  ],
} as const;
