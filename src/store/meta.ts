/** Facts that a store is made with and keeps for its life. */
import { Clock, Context, Effect, Layer, Random } from "effect";
import { idAlphabet } from "../kernel/ids.ts";
import { type Instant, instantOf } from "../kernel/instant.ts";
import { keys } from "./keys.ts";
import { Store, StoreError } from "./store.ts";
import { encodeJson, readValue } from "./values.ts";

interface MetaDocument {
  readonly shelves: number;
  readonly createdAt: Instant;
  /** Stores of earlier versions get theirs when they are next opened. */
  readonly id?: string;
}

const idLength = 20;

const newId = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, idAlphabet.length - 1), idLength),
  (digits) => `sto_${digits.map((digit) => idAlphabet.charAt(digit)).join("")}`,
);

/** The document in the store, or the one that it is to get: there, without an id, or made now. */
const wanted = Effect.fnUntraced(function* (found: MetaDocument | null, shelves: number) {
  const { id = yield* newId } = found ?? {};
  if (found !== null) return { ...found, id };
  return { shelves, createdAt: instantOf(yield* Clock.currentTimeMillis), id };
});

export class StoreMeta extends Context.Service<StoreMeta, {
  /** Names the store to others, for its life: a copy that is put back is the same store. */
  readonly id: string;
  /**
   * Partitions that orders, references and idempotency keys are spread over. One is right for one process;
   * more let several processes commit without disturbing each other. Fixed when the store is made.
   */
  readonly shelves: number;
}>()("allot/StoreMeta") {
  static readonly layer = (options: { readonly shelves: number }) =>
    Layer.effect(
      StoreMeta,
      Effect.gen(function* () {
        const store = yield* Store;
        let found = yield* readValue<MetaDocument>(keys.meta());
        if (found?.value.id === undefined) {
          const document = yield* wanted(found?.value ?? null, options.shelves);
          yield* store.commit({
            checks: [{ key: keys.meta(), versionstamp: found?.versionstamp ?? null }],
            mutations: [{ type: "set", key: keys.meta(), value: encodeJson(document) }],
          });
          // Another process may have been first: the document in the store counts.
          found = yield* readValue<MetaDocument>(keys.meta());
        }
        if (found?.value.id === undefined) {
          return yield* new StoreError({
            operation: "open",
            detail: "The store lost its description.",
            cause: null,
          });
        }
        return StoreMeta.of({ id: found.value.id, shelves: found.value.shelves });
      }),
    );
}
