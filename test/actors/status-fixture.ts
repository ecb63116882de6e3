/** The status of a log as a process follows it, for tests of what it shows and of what it streams. */
import { Context, Effect, Layer } from "effect";
import { TestClock } from "effect/testing";
import { subjectServices } from "../../actors/engine.ts";
import { Indexes } from "../../actors/index/indexes.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { Status } from "../../actors/status/status.ts";
import { StoreHealth } from "../../actors/status/store-health.ts";
import type { ShownStatus } from "../../api/status/shown.ts";
import { KvStore } from "../../src/store/kv.ts";
import { startMs } from "./log-fixture.ts";

const kv = KvStore.layer({ path: ":memory:" }).pipe(
  Layer.provideMerge(TestClock.layer()),
  Layer.provideMerge(subjectServices()),
);
export const consumer = Layer.fresh(
  Status.layer.pipe(
    Layer.provideMerge(Indexes.layer),
    Layer.provideMerge(LogTail.layer),
    Layer.provideMerge(StoreHealth.layer),
  ),
);
export type Services = Status | Indexes | LogTail;

export const run = <A, E>(test: Effect.Effect<A, E, Layer.Success<typeof kv>>): Promise<A> =>
  Effect.runPromise(Effect.provide(Effect.andThen(TestClock.setTime(startMs), test), kv));

/** Lets what waits for the store go on. */
export const answers = Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 0)));

/** The snapshot once everything up to a position is counted and indexed. */
export const snapshotAt = Effect.fnUntraced(function* (
  services: Context.Context<Services>,
  position: string,
) {
  const logTail = Context.get(services, LogTail);
  logTail.committed(position);
  logTail.rested();
  const status = Context.get(services, Status);
  const indexes = Context.get(services, Indexes);
  while (status.position() < position || indexes.position() < position) {
    yield* Effect.raceFirst(indexes.passed(position), answers);
    yield* answers;
  }
  const snapshot: ShownStatus = yield* status.snapshot({});
  return snapshot;
});
