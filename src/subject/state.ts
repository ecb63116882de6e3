/** What all aggregates have in common: states, events, commands, and what one commit does to them. */
import type { Instant } from "../kernel/instant.ts";
import type { BalanceDeltas } from "./balance.ts";

/** What every aggregate's state has. */
export interface AggregateState {
  readonly id: string;
  readonly status: string;
  /** Counts commits from 1; the entity tag. */
  readonly version: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** What every event has. */
export interface AggregateEvent {
  readonly type: string;
}

/** What every command has. */
export interface AggregateCommand {
  readonly type: string;
}

/** Why a command is refused: a tag, and fields that say more. */
export interface AggregateRejection {
  readonly _tag: string;
}

/** Whom it concerns: who sees it in lists, by id and in the stream. */
export interface Scoped {
  readonly channel?: string | undefined;
  readonly locationIds?: readonly string[];
}

/** A list in which an id stands: a dimension and a value in it, such as `order_status` and `held`. */
export type ListEntry = readonly [dimension: string, value: string];

/** Something with an id of its own inside an aggregate: a fulfillment order, a shipment, a return. */
export interface Part {
  readonly id: string;
  readonly lists: readonly ListEntry[];
}

/** What one commit did to an aggregate: what its log record is made of. */
export interface AggregateChange<State, Event> {
  /** Null for a new one. */
  readonly before: State | null;
  readonly after: State;
  readonly events: readonly Event[];
  readonly balances: readonly BalanceDeltas[];
  readonly at: Instant;
  readonly by: string;
}
