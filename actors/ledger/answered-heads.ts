/** Heads of parcels that nobody needs any more: the next offer deletes them, or a fiber in a while. */
import { Effect, type Scope } from "effect";
import type { Key } from "../../src/kernel/key.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import type { Mutation, Store } from "../../src/store/store.ts";

const deletionOf = (key: Key): Mutation => ({ type: "delete", key });

export class AnsweredHeads {
  readonly #heads: Key[] = [];
  #cleaning = false;

  constructor(
    private readonly store: Store["Service"],
    private readonly scope: Scope.Scope,
  ) {}

  /** Some of them, for an offer to delete along. */
  some(): readonly Key[] {
    return this.#heads.slice(0, parcelLimits.headsPerLook);
  }

  deletions(heads: readonly Key[]): readonly Mutation[] {
    return heads.map(deletionOf);
  }

  /** An offer has deleted these. */
  deleted(heads: readonly Key[]): void {
    for (const head of heads) {
      const index = this.#heads.indexOf(head);
      if (index >= 0) this.#heads.splice(index, 1);
    }
  }

  /** Adds a head. The store itself drops heads that were forgotten here. */
  readonly add = Effect.fnUntraced(function* (this: AnsweredHeads, key: Key) {
    this.#heads.push(key);
    if (this.#heads.length > parcelLimits.remembered) this.#heads.shift();
    if (this.#cleaning) return;
    this.#cleaning = true;
    yield* Effect.forkIn(this.#cleanLater(), this.scope);
  });

  /** Deletes all; the store itself drops those that are not deleted now. */
  readonly clean: Effect.Effect<void> = Effect.suspend(() => {
    const heads = this.#heads.splice(0);
    if (heads.length === 0) return Effect.void;
    return Effect.asVoid(Effect.result(
      this.store.commit({ checks: [], mutations: heads.map(deletionOf) }),
    ));
  });

  #cleanLater(): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      yield* Effect.sleep(parcelLimits.cleanMs);
      this.#cleaning = false;
      yield* this.clean;
    });
  }
}
