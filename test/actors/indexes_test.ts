import assert from "node:assert/strict";
import { Context, Effect, Layer } from "effect";
import fc from "fast-check";
import { Indexes } from "../../actors/index/indexes.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { KvStore } from "../../src/store/kv.ts";
import type { Position } from "../../src/store/log.ts";
import { postingList } from "../../src/store/postings.ts";
import { Store, StoreError } from "../../src/store/store.ts";
import { assertIndexed, idsOf } from "./index-fixture.ts";
import { orderLists } from "../../src/order/lists.ts";
import { subjectServices } from "../../actors/engine.ts";
import { commitRecords, commitSteps, locationName, step, World } from "./log-fixture.ts";

const kv = KvStore.layer({ path: ":memory:" }).pipe(Layer.provideMerge(subjectServices()));

/** A consumer with its own tail, as each process has. */
const consumer = Layer.fresh(Indexes.layer.pipe(Layer.provideMerge(LogTail.layer)));

const indexed = Effect.fnUntraced(function* (
  services: Context.Context<Indexes | LogTail>,
  position: Position,
) {
  const logTail = Context.get(services, LogTail);
  logTail.committed(position);
  logTail.rested();
  const indexes = Context.get(services, Indexes);
  while (indexes.position() < position) yield* indexes.passed(position);
});

Deno.test("the lists hold what the orders are, after any lives of them and any restarts", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step(60), { minLength: 1, maxLength: 150 }), {
        minLength: 1,
        maxLength: 3,
      }),
      (runs) =>
        Effect.runPromise(Effect.provide(
          Effect.gen(function* () {
            const world = new World();
            for (const steps of runs) {
              const position = yield* commitSteps(world, steps);
              yield* Effect.scoped(
                Effect.flatMap(Layer.build(consumer), (services) => indexed(services, position)),
              );
            }
            yield* assertIndexed(world);
          }),
          kv,
        )),
    ),
    { numRuns: 15 },
  ));

Deno.test("two processes that index the same log count each entry once", () =>
  Effect.runPromise(Effect.provide(
    Effect.scoped(Effect.gen(function* () {
      const world = new World();
      const one = yield* Layer.build(consumer);
      const other = yield* Layer.build(consumer);
      for (const steps of fc.sample(fc.array(step(40), { minLength: 20, maxLength: 60 }), 8)) {
        const position = yield* commitSteps(world, steps);
        yield* Effect.all([indexed(one, position), indexed(other, position)], {
          concurrency: "unbounded",
        });
      }
      yield* assertIndexed(world);
    })),
    kv,
  )));

Deno.test("a commit that the store took and did not confirm is not counted twice", () => {
  let failures = 0;
  const faulty = Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        commit: (commit) =>
          Effect.flatMap(store.commit(commit), (result) =>
            commit.log === undefined && failures++ % 2 === 0
              ? Effect.fail(new StoreError({ operation: "commit", detail: "gone", cause: null }))
              : Effect.succeed(result)),
      })),
  ).pipe(Layer.provideMerge(kv));
  return Effect.runPromise(Effect.provide(
    Effect.scoped(Effect.gen(function* () {
      const world = new World();
      const services = yield* Layer.build(consumer);
      const [steps = []] = fc.sample(fc.array(step(40), { minLength: 60, maxLength: 60 }), 1);
      yield* indexed(services, yield* commitSteps(world, steps));
      yield* assertIndexed(world);
    })),
    faulty,
  ));
});

Deno.test("what is too much for one commit goes in several, within the store's limits", () => {
  const small = KvStore.layer({
    path: ":memory:",
    limits: { commitBytes: 12_000, keyBytesPerCommit: 6_000, mutations: 60 },
  }).pipe(Layer.provideMerge(subjectServices()));
  return Effect.runPromise(Effect.provide(
    Effect.scoped(Effect.gen(function* () {
      const world = new World();
      const services = yield* Layer.build(consumer);
      const steps = Array.from({ length: 400 }, (_, order) => ({
        order,
        status: "allocated" as const,
        location: order % 3,
        fulfillment: "open" as const,
        units: 1,
      }));
      yield* indexed(services, yield* commitSteps(world, steps, 200));
      yield* assertIndexed(world);
    })),
    small,
  ));
});

Deno.test("waiting for the index ends when it has passed, without its usual pause", () =>
  Effect.runPromise(Effect.provide(
    Effect.scoped(Effect.gen(function* () {
      const world = new World();
      const services = yield* Layer.build(consumer);
      for (let n = 0; n < 5; n++) {
        const position = yield* commitRecords(
          [world.take({
            order: n,
            status: "allocated",
            location: 0,
            fulfillment: "open",
            units: 1,
          })],
        );
        yield* indexed(services, position);
        assert.equal(
          (yield* idsOf(postingList(orderLists.location, locationName(0)))).length,
          n + 1,
        );
      }
      assert.ok(indexLimits.commitEveryMs < indexLimits.waitMs);
    })),
    kv,
  )));
