import assert from "node:assert/strict";
import { Context, Effect, Layer, Result } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { Indexes } from "../../actors/index/indexes.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { Status } from "../../actors/status/status.ts";
import { StoreHealth } from "../../actors/status/store-health.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { logLimits, statusLimits, streamLimits } from "../../src/kernel/limits.ts";
import { StatusCounters } from "../../src/status/counters.ts";
import type { StatusSnapshot } from "../../src/status/snapshot.ts";
import { KvStore } from "../../src/store/kv.ts";
import { beginning, type LogEntry, type LogRecord } from "../../src/store/log.ts";
import { keys } from "../../src/store/keys.ts";
import { Store } from "../../src/store/store.ts";
import {
  commitRecords,
  commitSteps,
  idOf,
  locationName,
  startMs,
  step,
  World,
} from "./log-fixture.ts";

const kv = KvStore.layer({ path: ":memory:" }).pipe(Layer.provideMerge(TestClock.layer()));
const consumer = Layer.fresh(
  Status.layer.pipe(
    Layer.provideMerge(Indexes.layer),
    Layer.provideMerge(LogTail.layer),
    Layer.provideMerge(StoreHealth.layer),
  ),
);
type Services = Status | Indexes | LogTail;

const run = <A, E>(test: Effect.Effect<A, E, Store>): Promise<A> =>
  Effect.runPromise(Effect.provide(Effect.andThen(TestClock.setTime(startMs), test), kv));

const answers = Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 0)));

/** The snapshot once everything up to a position is counted and indexed. */
const snapshotAt = Effect.fnUntraced(function* (
  services: Context.Context<Services>,
  position: string,
) {
  Context.get(services, LogTail).committed(position);
  const status = Context.get(services, Status);
  const indexes = Context.get(services, Indexes);
  while (status.position() < position || indexes.position() < position) {
    yield* Effect.raceFirst(indexes.passed(position), answers);
    yield* answers;
  }
  return yield* status.snapshot({});
});

const expectedCounts = (world: World) => {
  const orders = new Map<string, number>();
  const open = new Map<string, number>();
  const exceptions = new Map<string, number>();
  const closed = ["shipped", "cancelled"];
  for (const order of world.orders.values()) {
    orders.set(order.status, (orders.get(order.status) ?? 0) + 1);
    for (const { locationId, status } of order.fulfillmentOrders) {
      const key = locationId ?? "";
      open.set(key, (open.get(key) ?? 0) + (closed.includes(status) ? 0 : 1));
    }
    for (const { locationId, status } of order.shipments) {
      if (status !== "exception") continue;
      exceptions.set(locationId, (exceptions.get(locationId) ?? 0) + 1);
    }
  }
  return { orders, open, exceptions };
};

const assertCounts = (snapshot: StatusSnapshot, world: World): void => {
  const { orders, open, exceptions } = expectedCounts(world);
  assert.equal(snapshot.orders?.total, world.orders.size);
  for (const [status, count] of Object.entries(snapshot.orders?.byStatus ?? {})) {
    assert.equal(count, orders.get(status) ?? 0, status);
  }
  const found = (snapshot.fulfillmentOrders?.byLocation ?? [])
    .map(({ locationId, open }) => [locationId, open] as const);
  for (const [locationId, count] of found) {
    assert.equal(count, open.get(locationId ?? "") ?? 0, locationId ?? "digital");
  }
  assert.equal(
    snapshot.fulfillmentOrders?.open,
    [...open.values()].reduce((sum, count) => sum + count, 0),
  );
  assert.deepEqual(snapshot.shipments, {
    exception: [...exceptions.values()].reduce((sum, count) => sum + count, 0),
    byLocation: [...exceptions].sort().map(([locationId, exception]) => ({
      locationId,
      exception,
    })),
  });
};

Deno.test("the counters equal a recount, after any lives of orders and any restarts", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step(40), { minLength: 1, maxLength: 80 }), {
        minLength: 1,
        maxLength: 3,
      }),
      (runs) =>
        run(Effect.gen(function* () {
          const world = new World();
          let units = 0;
          for (const steps of runs) {
            const made = new Map(world.orders);
            const position = yield* commitSteps(world, steps);
            const replay = new World();
            for (const [id, order] of made) replay.orders.set(id, order);
            for (const each of steps) {
              units += replay.take(each).stock.reduce((sum, { reserved }) => sum + reserved, 0);
            }
            // Each run starts from what the one before saved when it ended.
            yield* Effect.scoped(Effect.gen(function* () {
              const services = yield* Layer.build(consumer);
              const snapshot = yield* snapshotAt(services, position);
              assertCounts(snapshot, world);
              assert.equal(snapshot.units?.reserved ?? 0, units);
              assert.equal(snapshot.units?.onHand ?? 0, units * 2);
              assert.equal(snapshot.units?.available ?? 0, units);
            }));
          }
        })),
    ),
    { numRuns: 15 },
  ));

Deno.test("a saved state counts on exactly as if it had never been saved", () => {
  fc.assert(fc.property(
    fc.array(step(30), { minLength: 1, maxLength: 60 }),
    fc.nat(60),
    (steps, cut) => {
      const world = new World();
      const entries = steps.map((each, n): LogEntry => ({
        position: n.toString(16).padStart(20, "0"),
        commitId: String(n),
        at: instantOf(startMs + n * 700),
        records: [world.take(each)],
      }));
      const whole = new StatusCounters();
      for (const entry of entries) whole.apply(entry);
      const before = new StatusCounters();
      for (const entry of entries.slice(0, cut)) before.apply(entry);
      const after = StatusCounters.from(JSON.parse(JSON.stringify(before.save())));
      for (const entry of entries.slice(cut)) after.apply(entry);
      assert.deepEqual(after.save(), whole.save());
    },
  ));
});

Deno.test("counters and records of earlier versions say nothing of exceptions: one that ends hides no later one", () => {
  const { exceptions: _exceptions, ...earlier } = new StatusCounters().save();
  const counters = StatusCounters.from(JSON.parse(JSON.stringify(earlier)));
  const world = new World();
  const entryOf = (n: number, order: number, status: "exception" | "in_transit"): LogEntry => ({
    position: n.toString(16).padStart(20, "0"),
    commitId: String(n),
    at: instantOf(startMs),
    records: [world.take({
      order,
      status: "shipped",
      location: 0,
      fulfillment: "shipped",
      units: 1,
      shipment: { n: 1, status },
    })],
  });
  const [old] = entryOf(1, 1, "exception").records;
  assert.ok(old?.kind === "order");
  const { shipments: _shipments, ...untold } = old;
  counters.apply({ ...entryOf(1, 2, "in_transit"), records: [untold] });
  assert.deepEqual([...counters.exceptions], []);
  counters.apply(entryOf(2, 1, "in_transit"));
  assert.deepEqual([...counters.exceptions], []);
  counters.apply(entryOf(3, 2, "exception"));
  assert.deepEqual([...counters.exceptions], [[locationName(1), 1]]);
});

Deno.test("the state is saved while it changes, and a new process begins there", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const store = yield* Store;
    const services = yield* Layer.build(consumer);
    const world = new World();
    const [steps = []] = fc.sample(fc.array(step(20), { minLength: 30, maxLength: 30 }), 1);
    yield* snapshotAt(services, yield* commitSteps(world, steps));
    assert.equal((yield* store.get(keys.cursor("status"))).value, null);
    yield* TestClock.adjust(logLimits.checkpointMs);
    while ((yield* store.get(keys.cursor("status"))).value === null) yield* answers;
    const second = yield* Layer.build(consumer);
    const position = Context.get(services, Status).position();
    assert.equal(Context.get(second, Status).position(), position);
    assertCounts(yield* Context.get(second, Status).snapshot({}), world);
  }))));

Deno.test("rates count whole seconds before now", () => {
  const counters = new StatusCounters();
  const world = new World();
  for (let n = 0; n < 120; n++) {
    counters.apply({
      position: n.toString(16).padStart(20, "0"),
      commitId: String(n),
      at: instantOf(startMs + n * 500),
      records: [
        world.take({ order: n, status: "allocated", location: 0, fulfillment: "open", units: 1 }),
      ],
    });
  }
  const nowMs = startMs + 60_000;
  assert.deepEqual(counters.rates(nowMs, 10), {
    placed: 2,
    allocated: 2,
    shipped: 0,
    cancelled: 0,
  });
  assert.equal(counters.rates(nowMs, 60).placed, 2);
  assert.equal(counters.rates(nowMs + 5_000, 10).placed, 1);
  assert.equal(counters.rates(nowMs + 3_600_000, 60).placed, 0);
});

Deno.test("a position is too old only when more came after it than a reader may resume over", () => {
  const counters = new StatusCounters();
  const positionOf = (n: number) => n.toString(16).padStart(20, "0");
  const at = instantOf(startMs);
  const count = streamLimits.resumeEntries + 3 * statusLimits.entriesPerMark;
  for (let n = 0; n < count; n++) {
    counters.apply({ position: positionOf(n), commitId: "", at, records: [] });
  }
  assert.ok(counters.isTooOld(positionOf(0)));
  assert.ok(counters.isTooOld(positionOf(2 * statusLimits.entriesPerMark - 1)));
  assert.ok(!counters.isTooOld(positionOf(count - streamLimits.resumeEntries)));
});

Deno.test("the longest waiting is the oldest order that still waits", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const at = { location: null, fulfillment: "open", units: 1 } as const;
    const position = yield* commitSteps(world, [
      { ...at, order: 1, status: "held" },
      { ...at, order: 2, status: "held" },
      { ...at, order: 3, status: "backordered" },
      { ...at, order: 4, status: "allocated", location: 1 },
      { ...at, order: 5, status: "allocated", location: 2 },
      { ...at, order: 1, status: "allocated" },
      { ...at, order: 4, status: "shipped", fulfillment: "shipped" },
    ]);
    yield* TestClock.adjust(60_000);
    const { oldest } = yield* snapshotAt(services, position);
    assert.deepEqual(oldest?.held, {
      id: idOf(2),
      since: instantOf(startMs + 2_000),
      waitingSeconds: 58,
    });
    assert.equal(oldest?.backordered?.id, idOf(3));
    assert.equal(oldest?.openFulfillmentOrder?.locationId, locationName(2));
  }))));

Deno.test("a key of a channel or a location sees only what is its own", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const [steps = []] = fc.sample(fc.array(step(30), { minLength: 60, maxLength: 60 }), 1);
    yield* snapshotAt(services, yield* commitSteps(world, steps));
    const status = Context.get(services, Status);
    const channel = yield* status.snapshot({ channel: "web" });
    assert.deepEqual(Object.keys(channel).sort(), ["at", "orders", "position"]);
    assert.equal(
      channel.orders?.total,
      [...world.orders.values()].filter(({ channel }) => channel === "web").length,
    );
    const location = yield* status.snapshot({ locationId: locationName(1) });
    assert.deepEqual(
      Object.keys(location).sort(),
      ["at", "fulfillmentOrders", "position", "shipments", "units"],
    );
    assert.ok(
      location.shipments?.byLocation.every(({ locationId }) => locationId === locationName(1)),
    );
    assert.ok(
      location.fulfillmentOrders?.byLocation.every(({ locationId }) =>
        locationId === locationName(1)
      ),
    );
  }))));

interface Message {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const messagesOf = (text: string): readonly Message[] =>
  text.split("\n\n").slice(0, -1).map((block) => {
    const fields = new Map(
      block.split("\n").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const [id, event, data] = [fields.get("id"), fields.get("event"), fields.get("data")];
    return {
      ...(id === undefined ? {} : { id }),
      ...(event === undefined ? {} : { event }),
      ...(data === undefined ? {} : { data: JSON.parse(data) }),
    };
  });

/** Reads a stream until it has so many messages of a kind, or ends. */
const readUntil = (
  body: ReadableStream<Uint8Array>,
  enough: (messages: readonly Message[]) => boolean,
) =>
  Effect.promise(async () => {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    while (!enough(messagesOf(text))) {
      const { value, done } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    reader.releaseLock();
    return messagesOf(text);
  });

const everything = { filter: { access: true }, keyId: "key_first", scope: {} };
const changeIds = (messages: readonly Message[]) =>
  messages.flatMap(({ id, event }) => event === "change" && id !== undefined ? [id] : []);

/** The ids of all changes in the log, in order. */
const idsInLog = Effect.fnUntraced(function* (services: Context.Context<Services>) {
  const entries = yield* Context.get(services, LogTail).read(beginning, 1_000);
  return entries.flatMap(({ position, records }) => {
    const count = records.reduce(
      (sum, record) => sum + (record.kind === "order" ? record.events.length : 1),
      0,
    );
    return Array.from({ length: count }, (_, n) => `${position}.${n}`);
  });
});

const placedSteps = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    order: from + n,
    status: "allocated" as const,
    location: (from + n) % 3,
    fulfillment: "open" as const,
    units: 1,
  }));

Deno.test("a new reader gets a snapshot first, and then each change once", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const before = yield* commitSteps(world, placedSteps(0, 10));
    yield* snapshotAt(services, before);
    const earlier = yield* idsInLog(services);
    const { body } = yield* Context.get(services, Status).stream(everything);
    const after = yield* commitSteps(world, placedSteps(10, 20), 3);
    Context.get(services, LogTail).committed(after);
    const expected = (yield* idsInLog(services)).slice(earlier.length);
    const messages = yield* readUntil(
      body,
      (all) => changeIds(all).length >= expected.length,
    );
    assert.deepEqual(messages.map(({ event }) => event).slice(0, 3), [
      undefined,
      "snapshot",
      "change",
    ]);
    assert.equal(messages[1]?.id, before);
    assert.deepEqual(changeIds(messages), expected);
    const placed = messages[2]?.data ?? {};
    assert.equal(placed.type, "order.placed");
    assert.equal(placed.orderId, idOf(10));
    assert.deepEqual(placed.status, { from: null, to: "allocated" });
  }))));

Deno.test("a reader that resumes at any change gets all later ones, each once", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    yield* snapshotAt(services, yield* commitSteps(world, placedSteps(0, 30), 4));
    const known = yield* idsInLog(services);
    const status = Context.get(services, Status);
    const readers = yield* Effect.forEach(
      known,
      (after) => status.stream({ ...everything, after }),
    );
    Context.get(services, LogTail).committed(yield* commitSteps(world, placedSteps(30, 10), 4));
    const all = yield* idsInLog(services);
    for (const [n, { body }] of readers.entries()) {
      const expected = all.slice(n + 1);
      const messages = yield* readUntil(
        body,
        (found) => changeIds(found).length >= expected.length,
      );
      assert.deepEqual(changeIds(messages), expected);
      assert.equal(messages[1]?.event, "snapshot");
      assert.equal(messages[1]?.id, undefined);
    }
  }))));

Deno.test("a position that nobody knows gets a reset, and the stream begins anew", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const position = yield* commitSteps(world, placedSteps(0, 3));
    yield* snapshotAt(services, position);
    const status = Context.get(services, Status);
    for (const after of ["nonsense", "f".repeat(20), `${position}.999`, `${position}.`]) {
      const { body } = yield* status.stream({ ...everything, after });
      const messages = yield* readUntil(body, (all) => all.length >= 3);
      assert.deepEqual(messages.map(({ event }) => event), [undefined, "reset", "snapshot"]);
    }
  }))));

Deno.test("filters and roles let through what they name and nothing else", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const world = new World();
    const status = Context.get(services, Status);
    const key: LogRecord = {
      kind: "access",
      type: "key.created",
      at: instantOf(startMs),
      by: "system",
      keyId: "key_1",
    };
    const filters = [
      { access: false },
      { access: true, type: "key.created" },
      { access: false, channel: "web" },
      { access: false, locationId: locationName(2) },
      { access: false, orderId: idOf(4), type: "order.placed" },
      { access: false, channel: "web", locationId: locationName(1) },
    ];
    const readers = yield* Effect.forEach(
      filters,
      (filter) => status.stream({ filter, keyId: "key_first", scope: {} }),
    );
    yield* commitSteps(world, placedSteps(0, 9));
    // The last change is one that every reader sees, so that each knows when to stop reading.
    const end = yield* commitRecords([key]);
    yield* snapshotAt(services, end);
    status.closeStreams();
    const seen = yield* Effect.forEach(readers, ({ body }) => readUntil(body, () => false));
    const orders = seen.map((
      messages,
    ) => [
      ...new Set(messages.flatMap(({ data }) => data?.orderId === undefined ? [] : [data.orderId])),
    ]);
    const ids = (numbers: readonly number[]) => numbers.map(idOf);
    assert.deepEqual(orders, [
      ids([0, 1, 2, 3, 4, 5, 6, 7, 8]),
      [],
      ids([0, 3, 6]),
      ids([2, 5, 8]),
      ids([4]),
      [],
    ]);
    assert.deepEqual(
      seen.map((messages) => messages.some(({ data }) => data?.type === "key.created")),
      [false, true, false, false, false, false],
    );
    assert.equal(changeIds(seen[4] ?? []).length, 1);
  }))));

Deno.test("snapshots and heartbeats come in their time", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const { body } = yield* Context.get(services, Status).stream(everything);
    yield* readUntil(body, (all) => all.length >= 2);
    const rest: Message[] = [];
    for (let atMs = 0; atMs < streamLimits.heartbeatMs; atMs += streamLimits.snapshotMs) {
      yield* TestClock.adjust(streamLimits.snapshotMs);
      // Nothing else goes on, so each round ends with its snapshot.
      rest.push(...yield* readUntil(body, (all) => all.some(({ event }) => event === "snapshot")));
    }
    const snapshots = rest.filter(({ event }) => event === "snapshot");
    assert.equal(snapshots.length, streamLimits.heartbeatMs / streamLimits.snapshotMs);
    assert.deepEqual(rest.filter(({ event }) => event === undefined), [{}]);
  }))));

Deno.test("a reader that does not read is dropped, and the others go on", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const status = Context.get(services, Status);
    const slow = yield* status.stream(everything);
    const records = Array.from({ length: 1_500 }, (_, n): LogRecord => ({
      kind: "catalog",
      type: "item.saved",
      at: instantOf(startMs),
      by: "system",
      id: String(n),
    }));
    const entries = Math.ceil(streamLimits.waitingMessages / records.length) + 1;
    for (let n = 0; n < entries; n++) yield* snapshotAt(services, yield* commitRecords(records));
    yield* Effect.promise(() => assert.rejects(slow.body.getReader().read(), /too slow/));
    const { stream } = yield* status.snapshot({});
    assert.deepEqual(stream, { readers: 0 });
    const next = yield* status.stream(everything);
    assert.equal((yield* readUntil(next.body, (all) => all.length >= 2)).length, 2);
  }))));

Deno.test("more readers than allowed are refused, and a place is free when one goes", () =>
  run(Effect.scoped(Effect.gen(function* () {
    const services = yield* Layer.build(consumer);
    const status = Context.get(services, Status);
    const first = yield* status.stream(everything);
    const other = { ...everything, keyId: "key_other" };
    const isRefused = Effect.fnUntraced(function* (reader: typeof everything) {
      const refused = yield* Effect.result(status.stream(reader));
      return Result.isFailure(refused) && refused.failure._tag === "Overloaded";
    });
    for (let n = 1; n < streamLimits.readersPerKey; n++) yield* status.stream(everything);
    assert.ok(yield* isRefused(everything), "no key has all of them");
    for (let n = streamLimits.readersPerKey; n < streamLimits.readers; n++) {
      yield* status.stream(other);
    }
    assert.ok(yield* isRefused(other));
    yield* Effect.promise(() => first.body.cancel());
    yield* status.stream(other);
    status.closeStreams();
    assert.ok(Result.isFailure(yield* Effect.result(status.stream(everything))));
  }))));
