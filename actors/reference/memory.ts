/** Keeps values that were read from the store lately, until they change there or more are read than fit. */
import { Deferred, Effect } from "effect";
import type { StoreError } from "../../src/store/store.ts";

/**
 * A map that holds at most `capacity` entries and drops those not asked for the longest. Two generations: an
 * entry that is asked for moves to the young one. When the young one fills half of the capacity, the old one
 * is dropped.
 */
export class RecentMap<A> {
  private young = new Map<string, A>();
  private old = new Map<string, A>();

  constructor(readonly capacity: number) {}

  get(key: string): A | undefined {
    const found = this.young.get(key);
    if (found !== undefined) return found;
    const older = this.old.get(key);
    if (older !== undefined) {
      this.old.delete(key);
      this.set(key, older);
    }
    return older;
  }

  set(key: string, value: A): void {
    this.young.set(key, value);
    if (this.young.size * 2 < this.capacity) return;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  *[Symbol.iterator](): IterableIterator<[string, A]> {
    yield* this.old;
    yield* this.young;
  }
}

export interface Memory<A> {
  /** The known value, without an effect. */
  readonly known: (key: string) => A | undefined;
  /** Known or loaded; callers that ask for one key at once share one load. */
  readonly get: (key: string) => Effect.Effect<A, StoreError>;
  /** Forgets the known value, and the value that a load under way will bring. */
  readonly forget: (key: string) => void;
  readonly forgetAll: () => void;
}

export const makeMemory = <A>(options: {
  readonly capacity: number;
  readonly load: (key: string) => Effect.Effect<A, StoreError>;
}): Memory<A> => {
  const recent = new RecentMap<A>(options.capacity);
  const loads = new Map<string, Deferred.Deferred<A, StoreError>>();

  /** Uninterruptible: others may have joined the load. */
  const load = (key: string): Effect.Effect<A, StoreError> => {
    const joined = Deferred.makeUnsafe<A, StoreError>();
    loads.set(key, joined);
    return Effect.uninterruptible(Effect.onExit(options.load(key), (exit) => {
      if (loads.get(key) === joined) {
        loads.delete(key);
        if (exit._tag === "Success") recent.set(key, exit.value);
      }
      return Deferred.done(joined, exit);
    }));
  };

  return {
    known: (key) => recent.get(key),
    get: (key) =>
      Effect.suspend(() => {
        const known = recent.get(key);
        if (known !== undefined) return Effect.succeed(known);
        const joined = loads.get(key);
        return joined === undefined ? load(key) : Deferred.await(joined);
      }),
    forget: (key) => {
      recent.delete(key);
      loads.delete(key);
    },
    forgetAll: () => {
      recent.clear();
      loads.clear();
    },
  };
};
