/** Types that all aggregates share: states, events, commands, and the change that one commit makes. */
import type { Instant } from "../kernel/instant.ts";
import type { BalanceDeltas } from "./balance.ts";

/** The members of every aggregate's state. */
export interface AggregateState {
  readonly id: string;
  readonly status: string;
  /** Counts commits from 1; the entity tag. */
  readonly version: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** The members of every event. */
export interface AggregateEvent {
  readonly type: string;
}

/** The members of every command. */
export interface AggregateCommand {
  readonly type: string;
}

/** Why a command is refused: a tag, and fields that say more. */
export interface AggregateRejection {
  readonly _tag: string;
}

/** The scope of a thing: the keys that see it in lists, by id and in the stream. */
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

/** The change that one commit made to an aggregate. The log record is made of it. */
export interface AggregateChange<State, Event> {
  /** Null for a new one. */
  readonly before: State | null;
  readonly after: State;
  readonly events: readonly Event[];
  readonly balances: readonly BalanceDeltas[];
  readonly at: Instant;
  readonly by: string;
}
