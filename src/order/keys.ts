/** Keys of orders, and keys that point at them. */
import type { Key } from "../kernel/key.ts";

/** The value of a key under which an order waits. */
export interface WaitingValue {
  readonly orderId: string;
}

/**
 * Keys under which orders wait for something of a name: ranks and ids sort as they are served (`rank.ts`). Without a
 * place: what all who wait for it begin with.
 */
const queueOf =
  (family: string) =>
  (name: string, ...place: readonly [rank: string, orderId: string] | []): Key => [
    family,
    name,
    ...place,
  ];

export const orderKeys = {
  /** OrderDocument (`document.ts`). */
  order: (orderId: string): Key => ["order", orderId],
  /** ReferenceDocument: the capture reference, one order for each (channel, externalId). */
  reference: (channel: string, externalId: string): Key => ["reference", channel, externalId],
  /** WaitingValue: a line of this SKU waits for stock. */
  backordered: queueOf("backordered"),
  /** WaitingValue: units of this SKU wait and are promised nothing. */
  unpromised: queueOf("unpromised"),
  /** WaitingValue: units of the order are promised of this supply. */
  pegged: queueOf("pegged"),
  /** ProviderCall: the provider is called, or asked, about the transaction at that time. */
  providerCall: (dueMs: number, transactionId: string): Key => [
    "provider_call",
    dueMs,
    transactionId,
  ],
} as const;
