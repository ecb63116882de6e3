/** Lists of what was changed within a span of time, read from the log. */
import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import fc from "fast-check";
import type { ChangedPage } from "../../actors/index/changed.ts";
import { Indexes } from "../../actors/index/indexes.ts";
import { changedLimits } from "../../actors/index/limits.ts";
import { Listing } from "../../actors/index/listing.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { subjectServices } from "../../actors/engine.ts";
import { Queries } from "../../actors/order/queries.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Order } from "../../src/order/order.ts";
import type { OrderRecord } from "../../src/order/record.ts";
import { KvStore } from "../../src/store/kv.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { commitRecords, idOf, startMs, type Step, step, World } from "./log-fixture.ts";

const layer = Queries.layer.pipe(Layer.provideMerge(Listing.layer)).pipe(
  Layer.provideMerge(Indexes.layer),
  Layer.provideMerge(LogTail.layer),
  Layer.provideMerge(KvStore.layer({ path: ":memory:" })),
  Layer.provideMerge(subjectServices()),
);

const hourMs = 3_600_000;

interface Change extends Step {
  readonly atMs: number;
}

/** The order as the change leaves it, with the time of the change. */
const take = (world: World, change: Change): { record: OrderRecord; order: Order } => {
  const record = world.take(change);
  const at = instantOf(change.atMs);
  const made = world.orders.get(record.orderId) ?? assert.fail();
  const order: Order = {
    ...made,
    updatedAt: at,
    fulfillmentOrders: made.fulfillmentOrders.map((each) => ({ ...each, updatedAt: at })),
  };
  world.orders.set(order.id, order);
  return { record: { ...record, at }, order };
};

/** Commits changes in entries of a few; answers with the ids of the orders by their last change. */
const commitChanges = Effect.fnUntraced(function* (
  world: World,
  entries: readonly (readonly Change[])[],
) {
  const last = new Map<string, number>();
  let n = 0;
  for (const changes of entries) {
    const taken = changes.map((change) => take(world, change));
    for (const { order: { id } } of taken) last.set(id, n++);
    const orders = new Map(taken.map(({ order }) => [order.id, order]));
    yield* commitRecords(taken.map(({ record }) => record), {
      atMs: Math.max(...changes.map(({ atMs }) => atMs)),
      orders: [...orders.values()],
    });
  }
  return [...last].sort(([, one], [, other]) => other - one).map(([id]) => id);
});

const allPages = Effect.fnUntraced(function* <A>(
  list: (cursor: string | undefined) => Effect.Effect<ChangedPage<A>, StoreError>,
  limit: number,
) {
  const data: A[] = [];
  let cursor: string | undefined;
  do {
    const page: ChangedPage<A> = yield* list(cursor);
    assert.ok(page.data.length <= limit);
    data.push(...page.data.map(({ value }) => value));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return data;
});

const withChanges = <A, E>(
  entries: readonly (readonly Change[])[],
  test: (world: World, byLastChange: readonly string[]) => Effect.Effect<A, E, Queries | Store>,
): Promise<A> =>
  Effect.runPromise(Effect.provide(
    Effect.gen(function* () {
      const world = new World();
      return yield* test(world, yield* commitChanges(world, entries));
    }),
    Layer.fresh(layer),
  ));

/** Time goes on between entries, sometimes for long; what is committed together was decided just before. */
const history = fc.array(
  fc.tuple(
    fc.oneof(fc.nat(3_000), fc.nat(5 * hourMs)),
    fc.array(fc.tuple(step(25), fc.nat(2_000)), { minLength: 1, maxLength: 4 }),
  ),
  { minLength: 1, maxLength: 60 },
).map((entries) => {
  let nowMs = startMs;
  return entries.map(([pauseMs, steps]) => {
    nowMs += pauseMs;
    return steps.map(([each, agoMs]): Change => ({ ...each, atMs: nowMs - agoMs }));
  });
});

const moment = fc.integer({ min: -hourMs, max: 60 * 3 * hourMs }).map((ms) =>
  instantOf(startMs + ms)
);

const queries = fc.array(
  fc.record({
    after: moment,
    updatedBefore: moment,
    status: fc.subarray(["held", "allocated", "closed"] as const, { minLength: 1 }),
    limit: fc.integer({ min: 1, max: 12 }),
  }, { requiredKeys: ["after", "limit"] }),
  { minLength: 8, maxLength: 8 },
);

/** One order twice in one entry, the second time a little earlier by the clock. */
const clockSetBack: [
  readonly (readonly Change[])[],
  readonly { readonly after: string; readonly limit: number }[],
] = [
  [[0, 1].map((agoMs): Change => ({
    ...{ order: 5, status: "held", location: null, fulfillment: "open", units: 1 },
    atMs: startMs - agoMs,
  }))],
  [{ after: instantOf(startMs - 1), limit: 1 }],
];

Deno.test("a list of changes has the orders of its span and filters, by their last change, in pages of any size", () =>
  fc.assert(
    fc.asyncProperty(
      history,
      queries,
      (entries, asked) =>
        withChanges(entries, (world, byLastChange) =>
          Effect.gen(function* () {
            const service = yield* Queries;
            for (const { after, limit, ...filter } of asked) {
              const isWithin = (at: string) =>
                at > after && (filter.updatedBefore === undefined || at < filter.updatedBefore);
              const wanted = byLastChange.flatMap((id) => world.orders.get(id) ?? [])
                .filter(({ status }) =>
                  filter.status === undefined ||
                  (filter.status as readonly string[]).includes(status)
                );
              const found = yield* allPages(
                (cursor) =>
                  Effect.flatMap(
                    service.changedOrders({ ...filter, cursor }, after),
                    (page) => page(limit),
                  ),
                limit,
              );
              assert.deepEqual(
                found.map(({ state }) => state.id),
                wanted.filter(({ updatedAt }) => isWithin(updatedAt)).map(({ id }) => id),
              );
              const parts = yield* allPages(
                (cursor) =>
                  Effect.flatMap(
                    service.changedFulfillmentOrders({
                      ...{ updatedAfter: after, updatedBefore: filter.updatedBefore, cursor },
                    }, after),
                    (page) => page(limit),
                  ),
                limit,
              );
              assert.deepEqual(
                parts.map(({ fulfillmentOrder }) => fulfillmentOrder.id),
                byLastChange.flatMap((id) =>
                  (world.orders.get(id)?.fulfillmentOrders ?? [])
                    .filter(({ updatedAt }) => isWithin(updatedAt))
                    .map(({ id }) => id).sort().reverse()
                ),
              );
            }
          })),
    ),
    { numRuns: 40, examples: [clockSetBack] },
  ));

const plain = (order: number, atMs: number): Change => ({
  ...{ order, atMs, status: "allocated", location: null, fulfillment: "open", units: 1 },
});

Deno.test("a span of yesterday is found without reading what happened since, or before", () => {
  // A minute apart: a day of them.
  const entries = Array.from({ length: 1_440 }, (_, n) => [plain(n, startMs + n * 60_000)]);
  return withChanges(entries, () =>
    Effect.gen(function* () {
      const { changedOrders } = yield* Queries;
      const minute = (n: number) => instantOf(startMs + n * 60_000);
      const query = { updatedBefore: minute(705) };
      const found = yield* (yield* changedOrders(query, minute(700)))(50);
      assert.deepEqual(
        found.data.map(({ value }) => value.state.id),
        [704, 703, 702, 701].map(idOf),
      );
      assert.equal(found.nextCursor, null);
      const last = yield* (yield* changedOrders({}, minute(1_437)))(50);
      assert.deepEqual(last.data.map(({ value }) => value.state.id), [1_439, 1_438].map(idOf));
      assert.equal(last.nextCursor, null);
    }));
});

Deno.test("what a process with a slow clock writes in between hides nobody else's changes", () => {
  const { olderEntries } = changedLimits;
  const since = startMs + 24 * hourMs;
  const late = Array.from(
    { length: olderEntries - 1 },
    (_, n) => [plain(1_000 + n, since - 5 * hourMs + n)],
  );
  const entries = [[plain(1, since + 1_000)], ...late, [plain(2, since + 2_000)], ...late];
  return withChanges(entries, () =>
    Effect.gen(function* () {
      const { changedOrders } = yield* Queries;
      const found = yield* (yield* changedOrders({}, instantOf(since)))(50);
      assert.deepEqual(found.data.map(({ value }) => value.state.id), [2, 1].map(idOf));
    }));
});

Deno.test("a cursor of another list gives an empty page of changes", () =>
  withChanges([[plain(1, startMs)]], () =>
    Effect.gen(function* () {
      const { changedOrders } = yield* Queries;
      for (const cursor of ["", "nonsense", idOf(1), "0".repeat(20) + ".x.y"]) {
        assert.deepEqual(yield* (yield* changedOrders({ cursor }, instantOf(0)))(10), {
          data: [],
          nextCursor: null,
        });
      }
    })));
