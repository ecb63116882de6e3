/**
 * The live actors of one kind, by key. An actor here is its mailbox (a bounded queue of turns, first come
 * first served) and the state that it keeps between turns; it exists from its first message until its mailbox
 * is empty. A turn runs in its caller's fiber, one at a time for each key.
 *
 * Why not Effect's `RcMap` with a `Queue` and a fiber for each order: every new order is a new key, and that
 * costs about 45 microseconds and several kilobytes for each, most of what the whole order costs. Locations,
 * which are few and stay, do use it (`actors/stock/location-actors.ts`).
 */
import { Effect } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { Overloaded } from "../ledger/unit.ts";

interface Actor<State> {
  readonly state: State;
  readonly mailbox: (() => void)[];
}

export interface Directory<State> {
  /** Runs `turn` when all turns that were asked for before have ended. */
  readonly ask: <A, E, R>(
    key: string,
    turn: (state: State) => Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E | Overloaded, R>;
  /** Takes the turns of several actors at once. Keys are sorted, so that two such requests never wait in a circle. */
  readonly askAll: <A, E, R>(
    keys: readonly string[],
    turn: (states: ReadonlyMap<string, State>) => Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E | Overloaded, R>;
  /** Actors that exist now. */
  readonly size: () => number;
}

export const makeDirectory = <State>(options: {
  /** The mailbox's name in an overloaded answer. */
  readonly name: string;
  /** Turns that may wait for one actor. */
  readonly mailbox: number;
  readonly initial: (key: string) => State;
}): Directory<State> => {
  const actors = new Map<string, Actor<State>>();

  const full = (key: string): Overloaded =>
    new Overloaded({
      what: `${options.name} ${key}`,
      retryAfterSeconds: requestLimits.retryAfterSeconds,
    });

  const leave = (key: string, actor: Actor<State>): void => {
    const next = actor.mailbox.shift();
    if (next === undefined) actors.delete(key);
    else next();
  };

  const takeTurn = <A, E, R>(
    key: string,
    actor: Actor<State>,
    turn: (state: State) => Effect.Effect<A, E, R>,
  ) =>
    Effect.onExit(
      Effect.suspend(() => turn(actor.state)),
      () => Effect.sync(() => leave(key, actor)),
    );

  const ask = <A, E, R>(
    key: string,
    turn: (state: State) => Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | Overloaded, R> =>
    // A turn that began is finished: a caller that hangs up must not tear a command apart.
    Effect.uninterruptible(Effect.suspend((): Effect.Effect<A, E | Overloaded, R> => {
      const actor = actors.get(key);
      if (actor === undefined) {
        const created: Actor<State> = { state: options.initial(key), mailbox: [] };
        actors.set(key, created);
        return takeTurn(key, created, turn);
      }
      if (actor.mailbox.length >= options.mailbox) return Effect.fail(full(key));
      const called = Effect.callback<void>((resume) => {
        actor.mailbox.push(() => resume(Effect.void));
      });
      return Effect.flatMap(called, () => takeTurn(key, actor, turn));
    }));

  const askAll: Directory<State>["askAll"] = (keys, turn) => {
    const sorted = [...new Set(keys)].sort();
    const states = new Map<string, State>();
    const take = (index: number): ReturnType<typeof turn> => {
      const key = sorted[index];
      return key === undefined ? turn(states) : ask(key, (state) => {
        states.set(key, state);
        return take(index + 1);
      }) as ReturnType<typeof turn>;
    };
    return take(0);
  };

  return { ask, askAll, size: () => actors.size };
};
