/**
 * Answers reads that are asked for at once by one call of the store. Deno KV takes ten keys for the price of
 * one, and under load many requests each want a key.
 */
import { Context, Effect, Exit, FiberSet, Layer } from "effect";
import { storeLimits } from "./limits.ts";
import { type Entry, Store, StoreError } from "./store.ts";
import { type Key } from "../kernel/key.ts";

interface WaitingRead {
  readonly key: Key;
  readonly resume: (entry: Effect.Effect<Entry, StoreError>) => void;
}

const refused = (key: Key, detail: string): StoreError =>
  new StoreError({
    operation: "get",
    detail: `${detail} Key: ${JSON.stringify(key)}.`,
    cause: null,
  });

export class BatchReader extends Context.Service<BatchReader, {
  /** The entry as it stands in the store at some time after the call. */
  readonly get: (key: Key) => Effect.Effect<Entry, StoreError>;
}>()("allot/BatchReader") {
  static readonly layer: Layer.Layer<BatchReader, never, Store> = Layer.effect(
    BatchReader,
    Effect.gen(function* () {
      const store = yield* Store;
      let waiting: WaitingRead[] = [];
      let readers = 0;
      let closed = false;

      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          closed = true;
          for (const { key, resume } of waiting) {
            resume(Effect.fail(refused(key, "The store is closing.")));
          }
          waiting = [];
        })
      );
      const fork = yield* FiberSet.makeRuntime();

      const readBatch = (batch: readonly WaitingRead[]): Effect.Effect<void> =>
        store.getMany(batch.map(({ key }) => key)).pipe(
          Effect.exit,
          Effect.map((exit) => {
            batch.forEach(({ key, resume }, index) => {
              const entry = Exit.isSuccess(exit) ? exit.value[index] : undefined;
              if (entry !== undefined) resume(Effect.succeed(entry));
              else if (Exit.isFailure(exit)) resume(Effect.failCause(exit.cause));
              else resume(Effect.fail(refused(key, "The store left out an entry.")));
            });
          }),
          Effect.onInterrupt(() =>
            Effect.sync(() => {
              for (const { key, resume } of batch) {
                resume(Effect.fail(refused(key, "The store is closing.")));
              }
            })
          ),
        );

      /** Reads batch after batch until nothing waits; while one is under way the next gathers. */
      const drain = Effect.gen(function* () {
        yield* Effect.yieldNow;
        while (waiting.length > 0) {
          yield* readBatch(waiting.splice(0, storeLimits.joinedReads));
        }
      }).pipe(Effect.ensuring(Effect.sync(() => void readers--)));

      return BatchReader.of({
        get: (key) =>
          Effect.callback((resume) => {
            if (closed) return resume(Effect.fail(refused(key, "The store is closing.")));
            if (waiting.length >= storeLimits.waitingReads) {
              return resume(Effect.fail(refused(key, "Too many reads wait.")));
            }
            waiting.push({ key, resume });
            if (readers >= storeLimits.joinedCalls) return;
            readers++;
            fork(drain);
          }),
      });
    }),
  );
}
