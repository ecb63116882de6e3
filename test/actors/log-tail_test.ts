import assert from "node:assert/strict";
import { Deferred, Effect, Exit, Fiber, Layer, Scope } from "effect";
import { TestClock } from "effect/testing";
import { LogTail } from "../../actors/log/log-tail.ts";
import { logLimits } from "../../src/store/limits.ts";
import { KvStore } from "../../src/store/kv.ts";
import { beginning, type LogEntry, type Position } from "../../src/store/log.ts";
import { type LogRecord } from "../../src/subject/record.ts";
import { Store, StoreError } from "../../src/store/store.ts";
import { subjectServices } from "../../actors/engine.ts";
import { catalogRecord } from "../support/catalog-record.ts";
import { commitRecords } from "./log-fixture.ts";

const layer = LogTail.layer.pipe(
  Layer.provideMerge(KvStore.layer({ path: ":memory:" })),
  Layer.provideMerge(subjectServices()),
  Layer.provideMerge(TestClock.layer()),
);

const withTail = <A, E>(test: Effect.Effect<A, E, LogTail | Store | Scope.Scope>): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.provide(test, layer)));

/** A poll's time passes, and the store may answer. */
const tick = Effect.andThen(
  TestClock.adjust(logLimits.pollMs),
  Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 0))),
);

const record = (id: string): LogRecord =>
  catalogRecord({
    type: "item.saved",
    at: "2026-01-01T00:00:00.000Z",
    by: "system",
    id,
  });

const commitMany = (count: number, prefix = "item") =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => n),
    (n) => commitRecords([record(`${prefix} ${n}`)]),
  );

/** Follows into a list; `reached` waits for a position. */
const collect = Effect.fnUntraced(function* (
  name: string,
  after: Position,
  before: Effect.Effect<void, StoreError> = Effect.void,
) {
  const tail = yield* LogTail;
  const positions: Position[] = [];
  const waiting: { readonly position: Position; readonly done: Deferred.Deferred<void> }[] = [];
  yield* tail.follow(name, after, (entries: readonly LogEntry[]) =>
    Effect.andThen(
      before,
      Effect.suspend(() => {
        positions.push(...entries.map(({ position }) => position));
        const last = positions.at(-1) ?? beginning;
        return Effect.forEach(
          waiting.filter(({ position }) => position <= last),
          ({ done }) => Deferred.succeed(done, undefined),
          { discard: true },
        );
      }),
    ));
  const reached = Effect.fnUntraced(function* (position: Position) {
    if ((positions.at(-1) ?? beginning) >= position) return;
    const done = yield* Deferred.make<void>();
    waiting.push({ position, done });
    yield* Deferred.await(done);
  });
  return { positions, reached };
});

Deno.test("a follower gets what is in the store and what comes, each once and in order", () =>
  withTail(Effect.gen(function* () {
    const tail = yield* LogTail;
    const early = yield* commitMany(logLimits.entriesPerRead + 30);
    const { positions, reached } = yield* collect("one", beginning);
    const late: Position[] = [];
    for (let n = 0; n < 40; n++) {
      const position = yield* commitRecords([record(`late ${n}`)]);
      tail.committed(position);
      tail.rested();
      late.push(position);
    }
    yield* reached(late.at(-1) ?? beginning);
    assert.deepEqual(positions, [...early, ...late]);
    assert.equal(tail.position(), late.at(-1));
  })));

Deno.test("a follower begins after its position", () =>
  withTail(Effect.gen(function* () {
    const positions = yield* commitMany(20);
    const follower = yield* collect("one", positions[11] ?? beginning);
    const logTail = yield* LogTail;
    logTail.committed(positions[19] ?? beginning);
    logTail.rested();
    yield* follower.reached(positions[19] ?? beginning);
    assert.deepEqual(follower.positions, positions.slice(12));
  })));

Deno.test("commits of other processes are found by polling", () =>
  withTail(Effect.gen(function* () {
    const { positions, reached } = yield* collect("one", beginning);
    const committed = yield* commitMany(3);
    const done = yield* Effect.forkChild(reached(committed[2] ?? beginning));
    while (positions.length < 3) yield* tick;
    yield* Fiber.join(done);
    assert.deepEqual(positions, committed);
  })));

/** A store that says how often the log is read. */
const counting = (reads: { count: number }) =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        list: (range) =>
          Effect.suspend(() => {
            if (range.start?.[0] === "log") reads.count++;
            return store.list(range);
          }),
      })),
  ).pipe(Layer.provide(KvStore.layer({ path: ":memory:" })));

Deno.test("commits that follow each other at once are read together, and all of them when they end", () => {
  const reads = { count: 0 };
  return Effect.runPromise(Effect.scoped(Effect.provide(
    Effect.gen(function* () {
      const tail = yield* LogTail;
      const { positions, reached } = yield* collect("one", beginning);
      const first = yield* commitRecords([record("first")]);
      tail.committed(first);
      tail.rested();
      yield* reached(first);
      reads.count = 0;
      const written: Position[] = [];
      const commits = 20 * logLimits.commitsPerRead + 1;
      for (let n = 0; n < commits; n++) {
        const position = yield* commitRecords([record(`${n}`)]);
        written.push(position);
        tail.committed(position);
      }
      const together = reads.count;
      tail.rested();
      yield* reached(written.at(-1) ?? beginning);
      assert.deepEqual(positions, [first, ...written]);
      assert.ok(together < commits / 2, `${together} reads of ${commits} commits`);
      // Whoever asks for the newest wants to read it.
      const last = yield* commitRecords([record("last")]);
      tail.committed(last);
      assert.equal(tail.committedPosition(), last);
      yield* reached(last);
    }),
    LogTail.layer.pipe(
      Layer.provideMerge(counting(reads)),
      Layer.provideMerge(subjectServices()),
      Layer.provideMerge(TestClock.layer()),
    ),
  )));
});

Deno.test("a slow follower loses nothing and holds up nobody", () =>
  withTail(Effect.gen(function* () {
    const tail = yield* LogTail;
    const gate = yield* Deferred.make<void>();
    const slow = yield* collect("slow", beginning, Deferred.await(gate));
    const fast = yield* collect("fast", beginning);
    const positions: Position[] = [];
    for (let n = 0; n < logLimits.waitingEntries * 3; n++) {
      const position = yield* commitRecords([record(`item ${n}`)]);
      positions.push(position);
      tail.committed(position);
      tail.rested();
      yield* fast.reached(position);
    }
    const last = positions.at(-1) ?? beginning;
    assert.equal(slow.positions.length, 0);
    const lag = tail.lags().find(({ name }) => name === "slow");
    assert.ok(lag !== undefined && lag.entriesBehind >= positions.length - 1);
    yield* Deferred.succeed(gate, undefined);
    yield* slow.reached(last);
    assert.deepEqual(slow.positions, positions);
    assert.deepEqual(fast.positions, positions);
  })));

Deno.test("a batch whose handling fails is handed over again", () =>
  withTail(Effect.gen(function* () {
    const committed = yield* commitMany(2);
    let failures = 3;
    const failing = Effect.suspend(() =>
      failures-- > 0
        ? Effect.fail(new StoreError({ operation: "commit", detail: "not now", cause: null }))
        : Effect.void
    );
    const { positions, reached } = yield* collect("one", beginning, failing);
    const done = yield* Effect.forkChild(reached(committed[1] ?? beginning));
    while (failures >= 0) yield* tick;
    yield* Fiber.join(done);
    assert.deepEqual(positions, committed);
  })));

Deno.test("a follower ends with its scope", () =>
  withTail(Effect.gen(function* () {
    const tail = yield* LogTail;
    const scope = yield* Scope.make();
    yield* Scope.provide(collect("one", beginning), scope);
    assert.deepEqual([...tail.followers().keys()], ["one"]);
    yield* Scope.close(scope, Exit.void);
    assert.deepEqual([...tail.followers().keys()], []);
  })));

Deno.test("an entry too large for one value is read whole", () =>
  withTail(Effect.gen(function* () {
    const records = Array.from({ length: 2_000 }, (_, n) => record(`${n} ${crypto.randomUUID()}`));
    const position = yield* commitRecords(records);
    const tail = yield* LogTail;
    const [entry] = yield* tail.read(beginning, 10);
    assert.deepEqual(entry?.records, records);
    assert.deepEqual((yield* tail.entry(position))?.records, records);
    assert.equal(yield* tail.entry("0".repeat(20)), null);
  })));
