/**
 * What a test must know of an aggregate beside its definition to exercise it: how one is made, and what may be
 * asked of one. The laws, the simulation and the crash sweep exercise every aggregate through it.
 */
import type { Aggregate } from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import type { BalanceDeltas } from "../../src/subject/balance.ts";
import type { Chance } from "../sim/random.ts";

/** A new aggregate, before any command. */
export interface Captured<State, Command, Personal> {
  /** Names its shelf: a unique key of it. */
  readonly reference: string;
  readonly state: State;
  readonly personal: Personal;
  /** Texts that may be nowhere in the log, by who asks for it, not by the definition. */
  readonly privateTexts?: readonly string[];
  /** What is asked of it in the commit that makes it. */
  readonly opening: Command;
}

export interface Workout<
  State extends AggregateState = AggregateState,
  Command extends AggregateCommand = AggregateCommand,
  Event extends AggregateEvent = AggregateEvent,
  Personal = unknown,
> {
  readonly definition: Aggregate<State, Command, Event, unknown, AggregateRejection, Personal>;
  /** What the world has before anything happens: rows of balances, as deltas. */
  readonly supplies: readonly BalanceDeltas[];
  /** Reference documents that decisions may ask for, by the reference's name. */
  readonly documents: Readonly<Record<string, readonly object[]>>;
  /** A new one. `n` counts them, for keys that must differ; now and then a key may be one of before. */
  make(
    chance: Chance,
    id: string,
    now: string,
    n: number,
  ): Captured<State, Command, Personal>;
  /** Anything that may be asked of it, mostly where it makes sense, sometimes where not. */
  command(chance: Chance, state: State): Command;
}

/** A workout as tests of all aggregates handle it. */
export const workout = <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  P,
>(of: Workout<S, C, E, P>): Workout => of as unknown as Workout;
