/** Entries of the log that a consumer cannot handle, whatever it tries. */
import assert from "node:assert/strict";
import { Cause, Context, Effect, Fiber, Layer, Logger } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { fenceValue, findOutcome, makePartition } from "../../actors/ledger/fences.ts";
import { Indexes } from "../../actors/index/indexes.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { whatFailed } from "../../actors/log/set-aside.ts";
import { Status } from "../../actors/status/status.ts";
import { StoreHealth } from "../../actors/status/store-health.ts";
import { Overloaded } from "../../actors/ledger/unit.ts";
import { logLimits } from "../../src/store/limits.ts";
import { StatusCounters } from "../../src/status/counters.ts";
import { keys } from "../../src/store/keys.ts";
import { KvStore } from "../../src/store/kv.ts";
import { beginning, type LogEntry, type Position } from "../../src/store/log.ts";
import { type LogRecord } from "../../src/subject/record.ts";
import { type Commit, Store, StoreError } from "../../src/store/store.ts";
import { assertIndexed } from "./index-fixture.ts";
import { catalogRecord } from "../support/catalog-record.ts";
import { subjects } from "../../src/subjects.ts";
import { subjectServices } from "../../actors/engine.ts";
import type { ShownStatus } from "../../api/status/shown.ts";
import type { OrderRecord } from "../../src/order/record.ts";
import { commitRecords, commitSteps, startMs, type Step, step, World } from "./log-fixture.ts";

const broken = (detail: string, cause: unknown = new Error(detail)) =>
  new StoreError({ operation: "commit", detail, cause });

/** A store that fails when it is told to. */
class Faults {
  everything = false;
  commit: (commit: Commit) => boolean = () => false;

  readonly layer = Layer.effect(
    Store,
    Effect.map(Store, (store) => {
      const unless = <A>(is: () => boolean, effect: Effect.Effect<A, StoreError>) =>
        Effect.suspend(() => is() ? Effect.fail(broken("connection reset")) : effect);
      return Store.of({
        ...store,
        get: (key) => unless(() => this.everything, store.get(key)),
        getMany: (all) => unless(() => this.everything, store.getMany(all)),
        list: (range) => unless(() => this.everything, store.list(range)),
        commit: (commit) =>
          unless(() => this.everything || this.commit(commit), store.commit(commit)),
      });
    }),
  ).pipe(
    Layer.provide(KvStore.layer({ path: ":memory:" })),
    Layer.provideMerge(TestClock.layer()),
    Layer.provideMerge(subjectServices()),
    // It fails all the time here.
    Layer.provideMerge(Logger.layer([])),
  );
}

type Handed = Store | Layer.Success<ReturnType<typeof subjectServices>>;

const run = <A, E>(
  test: Effect.Effect<A, E, Handed>,
  faults: Faults = new Faults(),
): Promise<A> =>
  Effect.runPromise(Effect.provide(Effect.andThen(TestClock.setTime(startMs), test), faults.layer));

/** The longest wait between two tries passes, and the store may answer. */
const tick = Effect.andThen(
  TestClock.adjust(logLimits.retryBackoff.capMs),
  Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 0))),
);

const until = Effect.fnUntraced(function* (condition: () => boolean, ticks = 500) {
  for (let n = 0; n < ticks && !condition(); n++) yield* tick;
  assert.ok(condition(), "it did not come to that");
});

const record = (id: string): LogRecord =>
  catalogRecord({
    type: "item.saved",
    at: "2026-01-01T00:00:00.000Z",
    by: "system",
    id,
  });

const commitMany = (count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => n),
    (n) => commitRecords([record(`item ${n}`)]),
  );

const withTail = <A, E>(
  test: Effect.Effect<A, E, LogTail | Handed>,
  faults?: Faults,
): Promise<A> => run(Effect.provide(test, LogTail.layer), faults);

type Failing = (position: Position) => Effect.Effect<void, StoreError | Overloaded>;

/** Follows into a list, in which an entry stands once it is handled; `fails` says which ones are not. */
const collect = Effect.fnUntraced(function* (name: string, fails: Failing) {
  const tail = yield* LogTail;
  const handled: Position[] = [];
  let tries = 0;
  yield* tail.follow(name, beginning, (entries: readonly LogEntry[]) =>
    Effect.suspend(() => {
      tries++;
      return Effect.forEach(entries, ({ position }) =>
        Effect.andThen(
          fails(position),
          Effect.sync(() => void handled.push(position)),
        ));
    }).pipe(Effect.asVoid));
  return { handled, tries: () => tries };
});

const ways: Readonly<Record<string, Effect.Effect<void, StoreError>>> = {
  "a defect": Effect.sync(() => {
    throw new TypeError("Ada Example is not iterable");
  }),
  "an error of the store": Effect.fail(broken("Value too large")),
};

for (const [name, failure] of Object.entries(ways)) {
  Deno.test(`what always fails by ${name} is set aside, all else is handled, and others go on`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(89), { minLength: 1, maxLength: 4 }),
        (poisoned) =>
          withTail(Effect.scoped(Effect.gen(function* () {
            const tail = yield* LogTail;
            const positions = yield* commitMany(90);
            const poison = new Set(poisoned.map((n) => positions[n] ?? ""));
            const patient = yield* collect(
              "patient",
              (position) => poison.has(position) ? failure : Effect.void,
            );
            const other = yield* collect("other", () => Effect.void);
            const last = positions.at(-1) ?? "";
            tail.committed(last);
            tail.rested();
            // Without a clock that moves, nobody who waits for another try would go on.
            while (other.handled.length < positions.length) {
              yield* Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 0)));
            }
            yield* until(() => tail.followers().get("patient") === last);
            assert.deepEqual(other.handled, positions);
            // An entry that stands before a poisoned one may be handed over again with it.
            const once = [...new Set(patient.handled)];
            assert.deepEqual(once, positions.filter((position) => !poison.has(position)));
            const aside = yield* tail.setAside;
            assert.deepEqual(aside.map(({ position }) => position).toSorted(), [...poison].sort());
            for (const { consumer, tries, error } of aside) {
              assert.deepEqual([consumer, tries], ["patient", logLimits.poisonTries]);
              assert.doesNotMatch(error, /Ada/);
            }
          }))),
      ),
      { numRuns: 6 },
    ));
}

const passing: Readonly<Record<string, StoreError | Overloaded>> = {
  "too much to do": new Overloaded({ what: "orders", retryAfterSeconds: 1 }),
  "a full disk": new StoreError({ operation: "commit", detail: "", reason: "full", cause: null }),
  "a locked store": new StoreError({
    operation: "commit",
    detail: "",
    reason: "locked",
    cause: null,
  }),
};

for (const [name, failure] of Object.entries(passing)) {
  Deno.test(`${name} says nothing of an entry, however long it lasts`, () =>
    withTail(Effect.scoped(Effect.gen(function* () {
      const tail = yield* LogTail;
      const positions = yield* commitMany(3);
      let lasts = true;
      const { handled, tries } = yield* collect(
        "patient",
        () => lasts ? Effect.fail(failure) : Effect.void,
      );
      yield* until(() => tries() > 10 * logLimits.poisonTries);
      assert.deepEqual(yield* tail.setAside, []);
      lasts = false;
      yield* until(() => handled.length === positions.length);
      assert.deepEqual(handled, positions);
    }))));
}

Deno.test("a store that does not answer is waited for, however long it takes", () => {
  const faults = new Faults();
  return withTail(
    Effect.scoped(Effect.gen(function* () {
      const tail = yield* LogTail;
      const store = yield* Store;
      const positions = yield* commitMany(3);
      let breaks = true;
      const { handled, tries } = yield* collect("patient", () => {
        faults.everything ||= breaks;
        return Effect.asVoid(store.get(keys.meta()));
      });
      yield* until(() => tries() > 10 * logLimits.poisonTries);
      breaks = false;
      faults.everything = false;
      assert.deepEqual(yield* tail.setAside, []);
      yield* until(() => handled.length >= positions.length);
      assert.deepEqual(handled, positions);
    })),
    faults,
  );
});

const consumers = Layer.fresh(
  Status.layer.pipe(
    Layer.provideMerge(Indexes.layer),
    Layer.provideMerge(LogTail.layer),
    Layer.provideMerge(StoreHealth.layer),
  ),
);

type Consumers = Context.Context<Status | Indexes | LogTail>;

const passed = (services: Consumers, position: Position) =>
  until(() =>
    Context.get(services, Status).position() >= position &&
    Context.get(services, Indexes).position() >= position
  );

/** What the counters would be had they counted everything that can be counted. */
const recount = (world: World) => {
  const counts: Record<string, number> = {};
  for (const { status } of world.orders.values()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const assertCounted = Effect.fnUntraced(function* (services: Consumers, world: World) {
  const { orders, units }: ShownStatus = yield* Context.get(services, Status).snapshot({});
  const found = Object.entries(orders?.byStatus ?? {}).filter(([, count]) => count !== 0);
  assert.deepEqual(Object.fromEntries(found), recount(world));
  const reserved = [...world.orders.values()]
    .flatMap(({ fulfillmentOrders }) => fulfillmentOrders.flatMap(({ lines }) => lines))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  assert.equal(units?.reserved ?? 0, reserved);
});

const junk = fc.constantFrom<unknown>(null, 5, {}, [null]);

/** An entry as no engine writes it: a record of an order that is not there, with something wrong in it. */
const poisonousRecord = (value: unknown, n: number): LogRecord => {
  const made = new World().take({
    order: 1_000 + n,
    status: "allocated",
    location: 1,
    fulfillment: "open",
    units: 1,
  });
  const poisonous: OrderRecord = { ...made, fulfillment: value as never };
  return poisonous;
};

Deno.test("the counters and lists hold all that is sound in a log with whatever else in it", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(step(20), { minLength: 1, maxLength: 20 }), junk), {
        minLength: 1,
        maxLength: 3,
      }),
      (parts) =>
        run(Effect.scoped(Effect.gen(function* () {
          const world = new World();
          let last = beginning;
          for (const [n, [steps, value]] of parts.entries()) {
            yield* commitSteps(world, steps);
            last = yield* commitRecords([poisonousRecord(value, n)]);
          }
          const services = yield* Layer.build(consumers);
          yield* passed(services, last);
          yield* assertCounted(services, world);
          yield* assertIndexed(world);
          yield* TestClock.adjust(logLimits.checkpointMs);
          const { consumers: shown } = yield* Context.get(services, Status).snapshot({});
          for (const name of ["status", "indexes"]) {
            assert.equal(shown?.find((each) => each.name === name)?.setAside, parts.length, name);
          }
        }))),
    ),
    { numRuns: 6 },
  ));

const encoder = new TextEncoder();
/** The first byte says in which form a value is stored: what follows is not in that form. */
const spoiledValues = [
  ...[2, 1, 3].map((mark) => Uint8Array.of(mark, 7, 7, 7)),
  encoder.encode('{"at":"2026'),
  encoder.encode('{"at":"yesterday","records":[]}'),
  encoder.encode("null"),
  new Uint8Array(),
];

/** The values of some entries are overwritten, as by a fault of the disk; answers with how to mend them. */
const spoil = Effect.fnUntraced(function* (positions: readonly Position[]) {
  const store = yield* Store;
  const entries = yield* store.getMany(positions.map(keys.log));
  const write = (valueOf: (n: number) => Uint8Array) =>
    store.commit({
      checks: [],
      mutations: entries.map(({ key }, n) => ({ type: "set", key, value: valueOf(n) })),
    });
  yield* write((n) => spoiledValues[n % spoiledValues.length] ?? new Uint8Array());
  return write((n) => entries[n]?.value ?? new Uint8Array());
});

Deno.test("what could not be read is left out, and counted and listed when it can be", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step(15), { minLength: 30, maxLength: 60 }),
      fc.uniqueArray(fc.nat(29), { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      (steps, spoiled, inNewProcess) =>
        run(Effect.scoped(Effect.gen(function* () {
          const world = new World();
          const positions: Position[] = [];
          for (const each of steps) positions.push(yield* commitSteps(world, [each]));
          const last = positions.at(-1) ?? "";
          const mend = yield* spoil(spoiled.map((n) => positions[n] ?? ""));
          const asideOf = (services: Consumers) => Context.get(services, LogTail).setAside;
          yield* Effect.scoped(Effect.gen(function* () {
            const services = yield* Layer.build(consumers);
            yield* passed(services, last);
            assert.equal((yield* asideOf(services)).length, 2 * spoiled.length);
            if (inNewProcess) return;
            yield* mend;
            const retrying = yield* Effect.forkChild(
              Context.get(services, LogTail).retrySetAside,
            );
            yield* until(() => retrying.pollUnsafe() !== undefined);
            assert.deepEqual(yield* Fiber.join(retrying), { handled: 2 * spoiled.length, left: 0 });
            yield* assertCounted(services, world);
          }));
          yield* mend;
          const services = yield* Layer.build(consumers);
          yield* passed(services, last);
          for (let n = 0; (yield* asideOf(services)).length > 0 && n < 100; n++) yield* tick;
          assert.deepEqual(yield* asideOf(services), []);
          yield* assertCounted(services, world);
          yield* assertIndexed(world);
        }))),
    ),
    { numRuns: 10 },
  ));

/** Later lists are filled for the first time while the orders of entries that were set aside are listed. */
const listedWhileFilled: [boolean, Step[]][] = [
  [true, [
    {
      ...{ order: 0, status: "held", location: null, fulfillment: "open", units: 1 },
      shipment: { n: 1, status: "exception" },
    },
    {
      ...{ order: 1, status: "held", location: null, fulfillment: "open", units: 3 },
      shipment: { n: 1, status: "shipped" },
    },
  ]],
  [true, [{
    ...{ order: 1, status: "shipped", location: 0, fulfillment: "accepted", units: 1 },
    shipment: { n: 1, status: "exception" },
  }]],
];

Deno.test("orders that were not listed are listed again as they have become since", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.boolean(), fc.array(step(8), { minLength: 1, maxLength: 6 })), {
        minLength: 2,
        maxLength: 6,
      }),
      (parts) => {
        const faults = new Faults();
        return run(
          Effect.scoped(Effect.gen(function* () {
            const world = new World();
            const services = yield* Layer.build(consumers);
            const tail = Context.get(services, LogTail);
            for (const [fails, steps] of parts) {
              faults.commit = ({ mutations }) =>
                fails && mutations.some(({ key }) => key[0] === "posting");
              const position = yield* commitSteps(world, steps);
              tail.committed(position);
              tail.rested();
              yield* passed(services, position);
            }
            faults.commit = () => false;
            const retried = yield* Effect.forkChild(tail.retrySetAside);
            yield* until(() => retried.pollUnsafe() !== undefined);
            assert.equal((yield* Fiber.join(retried)).left, 0);
            yield* assertIndexed(world);
            yield* assertCounted(services, world);
          })),
          faults,
        );
      },
    ),
    { numRuns: 8, examples: [[listedWhileFilled]] },
  ));

Deno.test("a commit of unclear answer is found behind entries that cannot be read", () =>
  run(Effect.gen(function* () {
    const store = yield* Store;
    const positions = yield* commitMany(spoiledValues.length);
    yield* spoil(positions);
    const position = yield* commitRecords([record("ours")]);
    const entry = yield* store.get(keys.log(position));
    const { commitId } = JSON.parse(new TextDecoder().decode(entry.value ?? new Uint8Array()));
    // Others have written here so often since that the fence names neither ours nor the one before.
    const partition = { ...makePartition("shelf:0", false), version: "0", commits: ["long ago"] };
    yield* store.commit({
      checks: [],
      mutations: [{
        type: "set",
        key: keys.fence(partition.name),
        value: fenceValue({ ...partition, commits: [] }, "another"),
      }],
    });
    const outcome = yield* findOutcome(commitId, [partition]);
    assert.deepEqual(outcome, { _tag: "Committed", versionstamp: position });
  })));

Deno.test("an entry that cannot be counted is counted in no part", () => {
  fc.assert(fc.property(fc.array(step(10), { maxLength: 20 }), junk, (steps, value) => {
    const world = new World();
    const counters = new StatusCounters(subjects);
    const entry = (n: number, records: readonly LogRecord[]): LogEntry => ({
      position: String(n).padStart(20, "0"),
      commitId: "",
      at: "2026-01-01T00:00:00.000Z",
      records,
    });
    const take = (each: Step) => world.take(each);
    for (const [n, each] of steps.entries()) counters.apply(entry(n, [take(each)]));
    const before = counters.save();
    const first: Step = {
      order: 0,
      status: "held",
      location: 0,
      fulfillment: "open",
      units: 1,
    };
    assert.throws(() => counters.apply(entry(99, [take(first), poisonousRecord(value, 0)])));
    assert.deepEqual(counters.save(), before);
  }));
});

Deno.test("what failed is told without what it failed on", () => {
  const thrown = (run: () => unknown): unknown => {
    try {
      run();
    } catch (error) {
      return error;
    }
  };
  const error = thrown(() => JSON.parse("Ada Example, Main Street 1"));
  assert.match(String(error), /Ada/);
  assert.match(whatFailed(Cause.die(error)), /^SyntaxError in actors\/poison_test\.ts:\d+$/);
  assert.equal(whatFailed(Cause.die("Ada Example")), "Something was thrown that is no error.");
  const ours = thrown(() =>
    new StatusCounters(subjects).apply({ records: [{ kind: "order" }] } as never)
  );
  assert.match(whatFailed(Cause.die(ours)), /^TypeError in src\/order\/record-kind\.ts:\d+$/);
  assert.equal(whatFailed(Cause.fail(broken("Value too large"))), "commit: Value too large");
});
