/**
 * The cursor of a reactor: its place in the log, one for all processes. It moves in the commit that writes
 * the reactor's results, and that commit checks it. So only one of several processes counts an entry, and a
 * process that slept through another's move can write nothing any more.
 */
import { Effect, Latch } from "effect";
import { keys } from "../../src/store/keys.ts";
import { beginning, type Position } from "../../src/store/log.ts";
import type { Mutation, Store, StoreError, Versionstamp } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";

/** The place of a cursor, as it is stored. */
export interface CursorPlace {
  /** Up to here everything is done. */
  readonly position: Position;
  /** How many changes of the next entry are done; absent for none. */
  readonly done?: number;
}

const start: CursorPlace = { position: beginning };

export class Cursor<P extends CursorPlace = CursorPlace> {
  readonly #key;
  readonly #moved = Latch.makeUnsafe(false);
  #place: P | null = null;
  #versionstamp: Versionstamp | null = null;
  #known = false;

  constructor(
    private readonly store: Store["Service"],
    readonly name: string,
    /** What a stored place means, with the versionstamp under which it is stored. */
    private readonly meaning: (place: P, versionstamp: Versionstamp) => P = (place) => place,
  ) {
    this.#key = keys.cursor(name);
  }

  /** The place as this process knows it; null before any process moved the cursor. */
  get place(): P | null {
    return this.#place;
  }

  get position(): Position {
    return (this.#place ?? start).position;
  }

  get done(): number {
    return (this.#place ?? start).done ?? 0;
  }

  /** Another one shows that the cursor has moved. */
  get versionstamp(): Versionstamp | null {
    return this.#versionstamp;
  }

  /** False while the store may have another cursor than this process knows. */
  get isKnown(): boolean {
    return this.#known;
  }

  /** Has the cursor read before anything is believed again. */
  doubt(): void {
    this.#known = false;
  }

  readonly read: Effect.Effect<void, StoreError> = Effect.suspend(() => {
    this.#known = false;
    return Effect.flatMap(this.store.get(this.#key), ({ value, versionstamp }) => {
      const place = value === null || versionstamp === null
        ? null
        : this.meaning(decodeJson<P>(value), versionstamp);
      this.#take(place, versionstamp);
      return this.#moved.release;
    });
  });

  /** Moves and writes in one commit. False when another process was first: then nothing is written. */
  readonly move = (
    place: P,
    mutations: readonly Mutation[],
  ): Effect.Effect<boolean, StoreError> =>
    Effect.suspend(() => {
      // Until the store confirms, nothing in memory is to be believed.
      this.#known = false;
      const commit = this.store.commit({
        checks: [{ key: this.#key, versionstamp: this.#versionstamp }],
        mutations: [{ type: "set", key: this.#key, value: encodeJson(place) }, ...mutations],
      });
      return Effect.flatMap(commit, (result) => {
        if (!result.ok) return Effect.succeed(false);
        this.#take(place, result.versionstamp);
        return Effect.as(this.#moved.release, true);
      });
    });

  /** Completes when this process next learns where the cursor is. */
  get moved(): Effect.Effect<void> {
    return this.#moved.await;
  }

  #take(place: P | null, versionstamp: Versionstamp | null): void {
    this.#place = place;
    this.#versionstamp = versionstamp;
    this.#known = true;
  }
}
