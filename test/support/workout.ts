/**
 * What a test must know of an aggregate beside its definition to exercise it: how one is made, and what may be
 * asked of one. The laws, the simulation and the crash sweep exercise every aggregate through it.
 */
import type { Making } from "../../actors/aggregate/aggregates.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import type { BalanceDeltas } from "../../src/subject/balance.ts";
import type { Chance } from "../sim/random.ts";

/** How a new aggregate is made, and what a test must know of it. */
export interface WorkoutMaking<State, Command, Personal>
  extends Making<State, Command, Personal, never> {
  /** Texts that may be nowhere in the log, by who asks for it, not by the definition. */
  readonly privateTexts?: readonly string[];
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
  /** How a new one is made. `name` is nobody else's; now and then a key may be one of before. */
  making(chance: Chance, name: string): WorkoutMaking<State, Command, Personal>;
  /** Anything that may be asked of it, mostly where it makes sense, sometimes where not. */
  command(chance: Chance, state: State): Command;
  /** The same for what goes along with an order that is placed; absent where nothing does. */
  alongside?(chance: Chance, state: State): Command;
  /** Types of commands that may find nothing to do: their repeats, say. */
  readonly mayDoNothing?: readonly Command["type"][];
  /** What clients call it, the same whatever id it got. */
  nameOf(state: State): string;
}

/** A workout as tests of all aggregates handle it. */
export const workout = <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  P,
>(of: Workout<S, C, E, P>): Workout => of as unknown as Workout;
