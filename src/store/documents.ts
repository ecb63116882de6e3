/** What the machine itself keeps in the store: the shapes of the values. */
import type { Instant } from "../kernel/instant.ts";
import type { OrderCommand } from "../order/order.ts";

/** A response as it was sent, kept for repeats. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IdempotencyRecord {
  readonly fingerprint: string;
  readonly at: Instant;
  readonly response: StoredResponse;
}

/** A log entry that a consumer could not handle, however often it tried. */
export interface SetAside {
  readonly consumer: string;
  readonly position: string;
  /** Without anything of the data. */
  readonly error: string;
  readonly tries: number;
  readonly at: Instant;
}

/** Something to do to an order at a time. */
export interface Timer {
  readonly orderId: string;
  readonly command: OrderCommand;
  readonly due: Instant;
}
