import assert from "node:assert/strict";
import { Context, Effect, Layer } from "effect";
import { TestClock } from "effect/testing";
import fc from "fast-check";
import { Status } from "../../actors/status/status.ts";
import type { ShownStatus } from "../../api/status/shown.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { logLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { Store } from "../../src/store/store.ts";
import { commitSteps, idOf, locationName, startMs, step, World } from "./log-fixture.ts";
import { answers, consumer, run, snapshotAt } from "./status-fixture.ts";

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

const assertCounts = (snapshot: ShownStatus, world: World): void => {
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
    const channel: ShownStatus = yield* status.snapshot({ channel: "web" });
    assert.deepEqual(
      Object.keys(channel).sort(),
      ["aggregates", "at", "orders", "payments", "position"],
    );
    assert.equal(
      channel.orders?.total,
      [...world.orders.values()].filter(({ channel }) => channel === "web").length,
    );
    const location: ShownStatus = yield* status.snapshot({ locationId: locationName(1) });
    assert.deepEqual(
      Object.keys(location).sort(),
      ["at", "fulfillmentOrders", "position", "returns", "shipments", "units"],
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
