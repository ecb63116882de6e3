/** Everything of one family by its key, from the newest to the oldest: ids begin with their time. */
import { Effect } from "effect";
import type { Key } from "../kernel/key.ts";
import { storeLimits } from "./limits.ts";
import { indexOfBound, type Walk } from "./postings.ts";
import type { Store, StoreError } from "./store.ts";

export class KeyWalk implements Walk {
  #ids: readonly string[] = [];
  #pages = 0;

  constructor(
    private readonly store: Store["Service"],
    private readonly keyOf: (id: string) => Key,
  ) {}

  get pages(): number {
    return this.#pages;
  }

  readonly seek = (bound: string): Effect.Effect<string | null, StoreError> =>
    Effect.suspend(() => {
      const index = indexOfBound(this.#ids, bound);
      const id = this.#ids[index - 1];
      return id !== undefined ? Effect.succeed(id) : this.#read(bound);
    });

  #read(bound: string): Effect.Effect<string | null, StoreError> {
    return Effect.map(
      this.store.list({
        start: this.keyOf(""),
        end: this.keyOf(bound),
        limit: storeLimits.ordersPerRead,
        reverse: true,
      }),
      (entries) => {
        this.#pages++;
        this.#ids = entries.map(({ key }) => String(key[1])).reverse();
        return this.#ids.at(-1) ?? null;
      },
    );
  }
}
