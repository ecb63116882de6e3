/**
 * An aggregate: a thing with an id that changes by commands, one at a time. Its definition is everything that
 * differs between an order, a purchase order and a quote; actors, units of work, log records, lists, status
 * counts, streams, histories, timers, verify and the generic tests are made from it.
 */
import type { Result } from "effect";
import type { IdKind } from "../kernel/ids.ts";
import type { Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import type { BalanceDeltas } from "./balance.ts";
import type { Link } from "./link.ts";
import type { RecordKind } from "./record.ts";

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

/**
 * What a decision may ask about the world beside its aggregate. All of it is in memory when the decision is
 * made; what is not is noted, loaded, and the decision made again: so that decisions stay pure and take
 * one tick.
 */
export interface Look {
  readonly now: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
  /** Units of a balance that may be promised now: less than what is there, by what others hold. */
  available(balance: string, space: string, row: string): number;
  /** A field of a balance's row, as committed. */
  value(balance: string, space: string, row: string, field: string): number;
  /** A reference document; null where there is none. */
  reference<A>(name: string, id: string): A | null;
  /** All documents of a reference that is kept in memory as a whole, by id. */
  references<A>(name: string): readonly A[];
  /** Spaces of balances that one commit may touch: each has a fence, and a store allows only so many checks. */
  readonly spacesPerCommit: number;
}

/** A document as it is stored: the state, what the law may ask to erase, and the log positions that made it. */
export interface AggregateDocument<State, Personal> {
  readonly state: State;
  /** Kept out of the log; null when there is none. */
  readonly personal: Personal;
  /** Log positions of earlier commits, oldest first; the last is the versionstamp of the document. */
  readonly history: readonly string[];
}

/** How documents are stored. An aggregate without a form of its own has JSON. */
export interface DocumentCodec<State, Personal> {
  pack(document: AggregateDocument<State, Personal>): string;
  unpack(stored: string): AggregateDocument<State, Personal>;
}

/** Operator's choices that links depend on. */
export type SubjectSettings = Readonly<Record<string, number>>;

/**
 * Methods, not function values: so that the definition of one aggregate is one of aggregates in general.
 * None of them reads a clock or a store.
 */
export interface Aggregate<
  State extends AggregateState = AggregateState,
  Command extends AggregateCommand = AggregateCommand,
  Event extends AggregateEvent = AggregateEvent,
  Facts = unknown,
  Rejection = unknown,
  Personal = unknown,
> {
  /** The first word of its documents' keys, and what it is called in log records and messages. */
  readonly name: string;
  readonly ids: IdKind;
  key(id: string): Key;
  /** Families of keys that only its links use, beside timers. */
  readonly linkFamilies: readonly string[];
  readonly statuses: readonly string[];
  /** The events of a command, or why not. Never throws. None: there is nothing to commit. */
  decide(state: State, command: Command, facts: Facts): Result.Result<readonly Event[], Rejection>;
  /** The state after an event. `version` stays: the machine counts it, once a commit. */
  evolve(state: State | null, event: Event, at: Instant): State;
  /** The status is nothing but a function of the rest. */
  statusOf(state: State): string;
  /** The event that makes it; it alone has the whole first state in it. */
  created(state: State): Event;
  facts(look: Look): Facts;
  /** Whether the decision came out as it did for want of units: then other processes' changes are looked at. */
  isShort(decided: Result.Result<readonly Event[], Rejection>): boolean;
  scopeOf(state: State): Scoped;
  listsOf(state: State): readonly ListEntry[];
  partsOf(state: State): readonly Part[];
  linksOf(state: State, settings: SubjectSettings): readonly Link[];
  /** What an event does to balances; `before` is null for the first. */
  effectsOf(before: State | null, event: Event): readonly BalanceDeltas[];
  /** What all its events together must have done to balances, by its state alone: laws and verify compare. */
  claimsOf(state: State): readonly BalanceDeltas[];
  /** Texts that may not be in the log. */
  personalTexts(personal: Personal, state: State): readonly string[];
  /** What is wrong with a state by itself; empty when nothing is. */
  faultsOf(state: State): readonly { readonly invariant: string; readonly detail: string }[];
  readonly codec: DocumentCodec<State, Personal>;
  readonly record: RecordKind;
}

/** A definition as the machine handles it. */
export const eraseAggregate = <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  F,
  R,
  P,
>(
  definition: Aggregate<S, C, E, F, R, P>,
): Aggregate => definition as unknown as Aggregate;
