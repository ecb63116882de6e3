/**
 * Whether the store takes commits. A read does not tell: of a full disk, or of a file that may not be written,
 * one reads as ever. So commits are watched as they pass; after one that failed the store is tried, until it
 * takes a commit again. Where none has passed for a while, a check tries one. A store that answers nothing, or
 * whose file is another one, is found out without a commit.
 */
import { Clock, Context, Effect, Exit, Latch, Layer, Metric } from "effect";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import { storeLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { probe } from "../../src/store/probe.ts";
import { Store, type StoreError } from "../../src/store/store.ts";

export interface StoreFailing {
  readonly since: Instant;
  readonly error: StoreError;
}

export class StoreHealth extends Context.Service<StoreHealth, {
  /** Null while commits succeed, as far as is known. */
  readonly failing: () => StoreFailing | null;
  /** Fails when the store does not answer, or did not take the last commit that was tried. */
  readonly check: Effect.Effect<void, StoreError>;
}>()("allot/StoreHealth") {
  /** Stands between the engine and its store. */
  static readonly layer: Layer.Layer<Store | StoreHealth, never, Store> = Layer.effectContext(
    Effect.suspend(() => makeStoreHealth),
  );
}

const takesCommits = Metric.gauge("allot_store_takes_commits", {
  description: "1 while the store takes commits, 0 while it does not",
});

const storeBytes = Metric.gauge("allot_store_bytes", {
  description: "Bytes of the store's files: of the database, and of its log of commits (wal)",
});

/** Shows the sizes of the files whenever the metrics are read. */
const showSizes = Effect.fnUntraced(function* ({ sizes }: Store["Service"]) {
  if (sizes === undefined) return;
  const context = yield* Effect.context<never>();
  const shown = Object.keys(sizes()).map((file) =>
    Metric.registerUnsafe(Metric.withAttributes(storeBytes, { file }), context, {
      get: () => ({ value: sizes()[file] ?? 0 }),
      update: () => undefined,
      modify: () => undefined,
    })
  );
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const registration of shown) registration.remove();
    })
  );
});

const makeStoreHealth = Effect.gen(function* () {
  const store = yield* Store;
  yield* showSizes(store);
  let failing: StoreFailing | null = null;
  /** Commits that failed. */
  let failures = 0;
  /** Failures before the store was last found well. */
  let forgiven = 0;
  /** When the store last took a commit. */
  let takenMs = -Infinity;
  const clock = yield* Clock.Clock;
  const failed = Latch.makeUnsafe(false);
  /** Closed from a failure until the store was tried. */
  const tried = Latch.makeUnsafe(true);

  const noteFailure = Effect.sync(() => {
    failures++;
    if (failing === null) tried.closeUnsafe();
    failed.openUnsafe();
  });

  /** Notes the failure of a read only where commits would fail, too. */
  const noteReadFailure = ({ reason }: StoreError) =>
    reason === "gone" || reason === "unanswered" ? noteFailure : Effect.void;

  const fails = Effect.fnUntraced(function* (error: StoreError) {
    if (failing === null) {
      failing = { since: instantOf(yield* Clock.currentTimeMillis), error };
      yield* Metric.update(takesCommits, 0);
      yield* Effect.logError("The store takes no commits", error);
    } else failing = { ...failing, error };
    tried.openUnsafe();
    yield* Effect.sleep(storeLimits.probeEveryMs);
  });

  const works = Effect.fnUntraced(function* () {
    tried.openUnsafe();
    if (failing === null) return;
    failing = null;
    yield* Metric.update(takesCommits, 1);
    yield* Effect.logInfo("The store takes commits again");
  });

  const recover = Effect.fnUntraced(function* () {
    while (forgiven < failures) {
      const before = failures;
      const error = yield* Effect.match(probe(store), {
        onSuccess: () => null,
        onFailure: (error) => error,
      });
      if (error !== null) yield* fails(error);
      else {
        forgiven = before;
        yield* works();
      }
    }
  });

  yield* Metric.update(takesCommits, 1);
  yield* Effect.forkScoped(Effect.forever(Effect.gen(function* () {
    yield* failed.await;
    failed.closeUnsafe();
    yield* recover();
  })));

  const { look } = store;
  if (look !== null) {
    const lookOnce = Effect.andThen(
      Effect.sleep(storeLimits.lookEveryMs),
      Effect.catch(look, () => noteFailure),
    );
    yield* Effect.forkScoped(Effect.forever(lookOnce));
  }

  const watched = Store.of({
    ...store,
    get: (key) => Effect.tapError(store.get(key), noteReadFailure),
    getMany: (keys) => Effect.tapError(store.getMany(keys), noteReadFailure),
    list: (range) => Effect.tapError(store.list(range), noteReadFailure),
    commit: (commit) =>
      Effect.onExit(store.commit(commit), (exit) => {
        if (Exit.isFailure(exit)) return noteFailure;
        takenMs = clock.currentTimeMillisUnsafe();
        return Effect.void;
      }),
  });
  const health = StoreHealth.of({
    failing: () => failing,
    check: Effect.gen(function* () {
      if (look !== null) yield* Effect.tapError(look, () => noteFailure);
      yield* tried.await;
      if (failing !== null) return yield* failing.error;
      const unprovenMs = clock.currentTimeMillisUnsafe() - takenMs;
      yield* unprovenMs > storeLimits.provenMs || unprovenMs < 0
        ? probe(watched)
        : store.get(keys.meta());
    }),
  });
  return Context.make(Store, watched).pipe(Context.add(StoreHealth, health));
});
