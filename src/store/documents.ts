/** Shapes of the values that the machine itself keeps in the store. */
import type { Instant } from "../kernel/instant.ts";

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
