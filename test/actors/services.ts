/** The services below the API on a real store, for tests that do not need orders. */
import { Effect, Layer, Schedule } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import { KvStore } from "../../src/store/kv.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { Access } from "../../actors/access/access.ts";
import { Catalog } from "../../actors/catalog/catalog.ts";
import { Idempotency } from "../../actors/command/idempotency.ts";
import { Identifiers } from "../../actors/ledger/identifiers.ts";
import { Ledger } from "../../actors/ledger/ledger.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { Books } from "../../actors/balance/books.ts";
import { References } from "../../actors/reference/references.ts";
import { subjectServices } from "../../actors/engine.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { subjects } from "../../src/subjects.ts";

/** One process's services. Two of them on one file are two processes, as far as the store can tell. */
export const services = (
  path = ":memory:",
  list: SubjectList = subjects,
  store: Layer.Layer<Store, StoreError> = KvStore.layer({ path }),
) =>
  Layer.mergeAll(Catalog.layer, Access.layer, Idempotency.layer).pipe(
    Layer.provideMerge(References.layer),
    Layer.provideMerge(Ledger.layer),
    Layer.provideMerge(Layer.mergeAll(
      Books.layer,
      Identifiers.layer,
      LogTail.layer,
      BatchReader.layer,
      StoreMeta.layer({ shelves: 2 }),
    )),
    Layer.provideMerge(subjectServices(list)),
    Layer.provideMerge(store),
    Layer.fresh,
  );

export const bySystem = { by: systemPrincipal };

/** Runs a test with a file that is gone afterwards. */
export const withFile = <A, E>(test: (path: string) => Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.scoped(
    Effect.flatMap(
      Effect.acquireRelease(
        Effect.promise(() => Deno.makeTempDir({ prefix: "allot-" })),
        (folder) => Effect.promise(() => Deno.remove(folder, { recursive: true })),
      ),
      (folder) => test(`${folder}/store.sqlite3`),
    ),
  ));

/** Asks until it is so, as tests of what another process sees must. Bounded, so that it cannot hang. */
export const eventually = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  isSo: (value: A) => boolean,
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => effect).pipe(
    Effect.repeat({ until: isSo, schedule: Schedule.spaced("20 millis") }),
    Effect.timeout("20 seconds"),
    Effect.catchTag("TimeoutError", Effect.die),
    Effect.flatMap(() => effect),
  );
