/**
 * Members of the status that subjects read from the store, beside those that they make of the counters. The
 * engine hands them in, since the status knows no subject.
 */
import { Context, type Effect } from "effect";
import type { Store, StoreError } from "../../src/store/store.ts";

export interface StatusLook {
  /** The member's name. */
  readonly name: string;
  /** Shown before the first look. */
  readonly before: unknown;
  readonly look: (nowMs: number) => Effect.Effect<unknown, StoreError, Store>;
  /** How long the longest of each kind has waited, in seconds, by what a look found; for the metrics. */
  readonly waitingSeconds?: (found: unknown) => Readonly<Record<string, number>>;
}

export class StatusLooks
  extends Context.Service<StatusLooks, readonly StatusLook[]>()("allot/StatusLooks") {}
