/**
 * A reactor: a consumer of the log whose work one process does for all. The process that moves the cursor
 * owns the work; another that finds the cursor moved steps back and looks on, and takes over when the owner
 * has been silent for a while although there is something to do.
 */
import { Clock, Effect, Latch, Random, type Scope, Semaphore } from "effect";
import { reactorLimits } from "./limits.ts";
import type { SetAside } from "../../src/store/documents.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import type { Cursor } from "./cursor.ts";
import type { HandleFailure } from "./follower.ts";
import { LogTail } from "./log-tail.ts";
import { type Aside, asideInStore, type Note } from "./set-aside.ts";

export interface ReactorWork {
  readonly cursor: Cursor;
  /** How long the owner may be silent. */
  readonly takeOverMs: number;
  /**
   * Does the work that the entries ask for and moves the cursor behind them, at once or soon. False when
   * another process moved it first. After a failure its memory is forgotten before it is called again.
   */
  readonly work: (fresh: readonly LogEntry[]) => Effect.Effect<boolean, HandleFailure>;
  /** Forgets the memory that rests on the cursor as this process knew it. */
  readonly forget: () => void;
  /** Between two batches. */
  readonly rest: Effect.Effect<void>;
  /** Does the work of an entry that was set aside, though later ones are done. */
  readonly again: (entry: LogEntry) => Effect.Effect<void, HandleFailure>;
}

/** Somebody waits: cuts short the pauses of a reactor. */
export class Hurry {
  readonly #latch = Latch.makeUnsafe(false);

  up(): void {
    this.#latch.openUnsafe();
  }

  readonly pause = (ms: number): Effect.Effect<void> =>
    Effect.map(Effect.timeoutOption(this.#latch.await, ms), () => {
      this.#latch.closeUnsafe();
    });
}

/** Decides whether this process does the work or looks on. */
export class Ownership {
  readonly #turn = Semaphore.makeUnsafe(1);
  /** True while another process moves the cursor. */
  #contended = false;
  /** When the other process was last seen to move it, or to have something to do. */
  #heardAtMs = 0;

  constructor(readonly reactor: ReactorWork, readonly hurry: Hurry) {}

  get isContended(): boolean {
    return this.#contended;
  }

  /** One at a time in this process: work that moves the cursor must know its place. */
  readonly alone = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    this.#turn.withPermit(effect);

  /** Completes when all entries are done, by this process or by another. */
  readonly take = Effect.fnUntraced(function* (
    this: Ownership,
    entries: readonly LogEntry[],
  ): Effect.fn.Return<void, HandleFailure> {
    const { cursor, rest } = this.reactor;
    if (this.#contended) this.#heardAtMs = yield* Clock.currentTimeMillis;
    while (true) {
      if (!cursor.isKnown || this.#contended) yield* this.alone(this.#look());
      const fresh = entries.filter((entry) => entry.position > cursor.position);
      if (fresh.length === 0) break;
      if (this.#contended) {
        yield* this.hurry.pause(reactorLimits.lookMs * (0.5 + 0.5 * (yield* Random.next)));
      } else if (yield* this.alone(this.#work(fresh))) break;
    }
    yield* rest;
  }).bind(this);

  readonly #look = Effect.fnUntraced(
    function* (this: Ownership): Effect.fn.Return<void, StoreError> {
      const { cursor, forget, takeOverMs } = this.reactor;
      const before = cursor.versionstamp;
      forget();
      yield* cursor.read;
      const nowMs = yield* Clock.currentTimeMillis;
      if (before !== cursor.versionstamp || nowMs < this.#heardAtMs) this.#heardAtMs = nowMs;
      this.#contended &&= nowMs - this.#heardAtMs < takeOverMs;
    },
  ).bind(this);

  readonly #work = Effect.fnUntraced(function* (this: Ownership, fresh: readonly LogEntry[]) {
    const { cursor, work } = this.reactor;
    const done = yield* Effect.onError(work(fresh), () => Effect.sync(() => cursor.doubt()));
    if (!done) yield* this.stepBack;
    return done;
  }).bind(this);

  /** Another process has moved the cursor. */
  readonly stepBack: Effect.Effect<void> = Effect.map(Clock.currentTimeMillis, (nowMs) => {
    this.#contended = true;
    this.#heardAtMs = nowMs;
  });
}

/** The cursor goes past the entry in the commit that notes it: no process comes back to it by itself. */
const leaveOut = (
  { cursor, forget }: ReactorWork,
): Aside["add"] =>
  Effect.fnUntraced(function* (setAside: SetAside) {
    const { consumer, position } = setAside;
    while (true) {
      forget();
      yield* cursor.read;
      if (cursor.position >= position) return;
      const note: Note = cursor.done === 0 ? setAside : { ...setAside, done: cursor.done };
      const left = yield* cursor.move({ position }, [
        { type: "set", key: keys.setAside(consumer, position), value: encodeJson(note) },
      ]);
      if (left) return;
      yield* Effect.sleep(reactorLimits.lookMs * (yield* Random.next));
    }
  });

export const react = Effect.fnUntraced(function* (
  reactor: ReactorWork,
  hurry: Hurry,
): Effect.fn.Return<Ownership, StoreError, Store | LogTail | Scope.Scope> {
  const store = yield* Store;
  const tail = yield* LogTail;
  const { cursor, again } = reactor;
  const turns = new Ownership(reactor, hurry);
  yield* cursor.read;
  const add = leaveOut(reactor);
  // In turn with all other work: they share the cursor, and what is in memory before it is committed.
  yield* tail.follow(cursor.name, cursor.position, turns.take, {
    aside: {
      ...asideInStore(store, cursor.name),
      add: (setAside, entry) => turns.alone(add(setAside, entry)),
    },
    again: (entry) => turns.alone(again(entry)),
  });
  return turns;
});
