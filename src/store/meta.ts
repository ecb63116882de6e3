/** Facts that a store is made with and keeps for its life. */
import { Clock, Context, Effect, Layer } from "effect";
import { type Instant, instantOf } from "../kernel/instant.ts";
import { keys } from "./keys.ts";
import { Store, StoreError } from "./store.ts";
import { encodeJson, readValue } from "./values.ts";

interface MetaDocument {
  readonly shelves: number;
  readonly createdAt: Instant;
}

export class StoreMeta extends Context.Service<StoreMeta, {
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
        const found = yield* readValue<MetaDocument>(keys.meta());
        if (found !== null) return StoreMeta.of({ shelves: found.value.shelves });
        const document: MetaDocument = {
          shelves: options.shelves,
          createdAt: instantOf(yield* Clock.currentTimeMillis),
        };
        yield* store.commit({
          checks: [{ key: keys.meta(), versionstamp: null }],
          mutations: [{ type: "set", key: keys.meta(), value: encodeJson(document) }],
        });
        // Another process may have been first: the document in the store counts.
        const stored = yield* readValue<MetaDocument>(keys.meta());
        if (stored === null) {
          return yield* new StoreError({
            operation: "open",
            detail: "The store lost its description.",
            cause: null,
          });
        }
        return StoreMeta.of({ shelves: stored.value.shelves });
      }),
    );
}
