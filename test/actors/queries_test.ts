import { Listing, type Page } from "../../actors/index/listing.ts";
import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import fc from "fast-check";
import { Indexes } from "../../actors/index/indexes.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import {
  type FulfillmentOrderQuery,
  type OrderQuery,
  Queries,
} from "../../actors/order/queries.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { indexLimits } from "../../src/store/limits.ts";
import type { Order } from "../../src/order/order.ts";
import { KvStore } from "../../src/store/kv.ts";
import type { StoreError } from "../../src/store/store.ts";
import { subjectServices } from "../../actors/engine.ts";
import {
  commitSteps,
  idOf,
  locationName,
  placedAtMs,
  type Step,
  step,
  World,
} from "./log-fixture.ts";

const layer = Queries.layer.pipe(Layer.provideMerge(Listing.layer)).pipe(
  Layer.provideMerge(Indexes.layer),
  Layer.provideMerge(LogTail.layer),
  Layer.provideMerge(KvStore.layer({ path: ":memory:" })),
  Layer.provideMerge(subjectServices()),
);

/** Just when an order was placed, or days and years from it. */
const placed = fc.tuple(fc.nat(60), fc.oneof(fc.constantFrom(0, -1, 1), fc.nat(900)))
  .map(([order, days]) => new Date(placedAtMs(order) - days * 86_400_000 / 2).toISOString());

const some = <const Value extends string>(...values: readonly Value[]): fc.Arbitrary<Value[]> =>
  fc.subarray([...values], { minLength: 1 });

const orderFilter = fc.record({
  status: some("held", "allocated", "closed"),
  channel: some("web", "shop", "nowhere"),
  customerId: some("customer-0", "customer-3", "nobody"),
  externalId: fc.nat(50).map((n) => `external-${n % 7}-${n}`),
  locationId: some(...[0, 1, 2, 3].map(locationName)),
  placedAfter: placed,
  placedBefore: placed,
  updatedBefore: placed,
}, { requiredKeys: [] }) satisfies fc.Arbitrary<OrderQuery>;

const fulfillmentFilter = fc.record({
  status: some("open", "packed", "cancelled"),
  locationId: some(...[0, 1, 2, 3].map(locationName)),
  channel: some("web", "shop", "nowhere"),
}, { requiredKeys: [] }) satisfies fc.Arbitrary<FulfillmentOrderQuery>;

const isAny = (values: readonly string[] | undefined, value: string | null | undefined): boolean =>
  values === undefined || (typeof value === "string" && values.includes(value));

const isOrderOf = (query: OrderQuery) => (order: Order): boolean =>
  isAny(query.status, order.status) &&
  isAny(query.channel, order.channel) &&
  isAny(query.customerId, order.customerId) &&
  (query.externalId === undefined || order.externalId === query.externalId) &&
  (query.locationId === undefined ||
    order.fulfillmentOrders.some(({ locationId }) => isAny(query.locationId, locationId))) &&
  (query.updatedBefore === undefined || order.updatedAt < query.updatedBefore) &&
  (query.placedAfter === undefined || order.placedAt > query.placedAfter) &&
  (query.placedBefore === undefined || order.placedAt < query.placedBefore);

const dayMs = 86_400_000;

const descending = (ids: readonly string[]): readonly string[] => ids.toSorted().reverse();

/** All pages of a list; each page but the last is full, or says where it stopped. */
const allPages = Effect.fnUntraced(function* <A>(
  list: (cursor: string | undefined) => Effect.Effect<Page<A>, StoreError>,
  limit: number,
) {
  const data: A[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<A> = yield* list(cursor);
    assert.ok(page.data.length <= limit);
    data.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return data;
});

const withSteps = <A, E>(
  steps: readonly Step[],
  test: (world: World) => Effect.Effect<A, E, Queries>,
): Promise<A> =>
  Effect.runPromise(Effect.provide(
    Effect.gen(function* () {
      const world = new World();
      const position = yield* commitSteps(world, steps);
      const logTail = yield* LogTail;
      logTail.committed(position);
      logTail.rested();
      return yield* test(world);
    }),
    Layer.fresh(layer),
  ));

Deno.test("a list has exactly the orders of its filters, newest first, in pages of any size", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step(60), { minLength: 1, maxLength: 200 }),
      fc.array(fc.tuple(orderFilter, fc.integer({ min: 1, max: 20 })), { minLength: 12 }),
      (steps, queries) =>
        withSteps(steps, (world) =>
          Effect.gen(function* () {
            const service = yield* Queries;
            for (const [filter, limit] of queries) {
              const found = yield* allPages(
                (cursor) =>
                  Effect.flatMap(service.orders({ ...filter, cursor }), (page) => page(limit)),
                limit,
              );
              const expected = [...world.orders.values()].filter(isOrderOf(filter));
              const ids = descending(expected.map(({ id }) => id));
              assert.deepEqual(found.map(({ state: order }) => order.id), ids);
              // Parts of a page are read one after another, without a cursor.
              const read = yield* service.orders(filter);
              const parts = yield* allPages(() => read(1 + ids.length % 3), limit + 3);
              assert.deepEqual(parts.map(({ state: order }) => order.id), ids);
            }
          })),
    ),
    { numRuns: 12 },
  ));

Deno.test("a list of fulfillment orders has exactly those of its filters, newest first", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step(60), { minLength: 1, maxLength: 200 }),
      fc.array(fc.tuple(fulfillmentFilter, fc.integer({ min: 1, max: 20 })), { minLength: 8 }),
      (steps, queries) =>
        withSteps(steps, (world) =>
          Effect.gen(function* () {
            const service = yield* Queries;
            for (const [filter, limit] of queries) {
              const found = yield* allPages(
                (cursor) =>
                  Effect.flatMap(
                    service.fulfillmentOrders({ ...filter, cursor }),
                    (page) => page(limit),
                  ),
                limit,
              );
              const expected = [...world.orders.values()]
                .filter(({ channel }) => isAny(filter.channel, channel))
                .flatMap(({ fulfillmentOrders }) => fulfillmentOrders)
                .filter(({ status, locationId }) =>
                  isAny(filter.status, status) && isAny(filter.locationId, locationId)
                );
              assert.deepEqual(
                found.map(({ fulfillmentOrder }) => fulfillmentOrder.id),
                descending(expected.map(({ id }) => id)),
              );
            }
          })),
    ),
    { numRuns: 12 },
  ));

Deno.test("a queue has exactly what still needs work, longest waiting first", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step(60), { minLength: 1, maxLength: 200 }),
      fc.array(fc.tuple(fulfillmentFilter, fc.integer({ min: 1, max: 20 })), { minLength: 8 }),
      (steps, queries) =>
        withSteps(steps, (world) =>
          Effect.gen(function* () {
            const service = yield* Queries;
            for (const [filter, limit] of queries) {
              const found = yield* allPages(
                (cursor) =>
                  Effect.flatMap(
                    service.fulfillmentOrders({ ...filter, queue: true, cursor }),
                    (page) => page(limit),
                  ),
                limit,
              );
              const expected = [...world.orders.values()]
                .filter(({ channel }) => isAny(filter.channel, channel))
                .flatMap(({ fulfillmentOrders }) => fulfillmentOrders)
                .filter(({ status, locationId }) =>
                  ["open", "accepted", "packed"].includes(status) &&
                  isAny(filter.status, status) && isAny(filter.locationId, locationId)
                );
              assert.deepEqual(
                found.map(({ fulfillmentOrder }) => fulfillmentOrder.id),
                expected.map(({ id }) => id).sort(),
              );
            }
          })),
    ),
    { numRuns: 12 },
  ));

Deno.test("a request that finds little answers with a short page and where to go on", () => {
  const orders = indexLimits.documentsScannedPerPage + 300;
  const steps = Array.from({ length: orders }, (_, order): Step => ({
    order,
    status: "allocated",
    location: null,
    fulfillment: "open",
    units: 1,
  }));
  return withSteps(steps, (world) =>
    Effect.gen(function* () {
      const { orders } = yield* Queries;
      const page = (query: OrderQuery) => Effect.flatMap(orders(query), (read) => read(50));
      const query = { sku: "sold to nobody" };
      const first = yield* page(query);
      assert.deepEqual(first.data, []);
      assert.ok(first.nextCursor !== null);
      assert.ok(world.orders.has(first.nextCursor), "it goes on below the last that was looked at");
      const second = yield* page({ ...query, cursor: first.nextCursor });
      assert.deepEqual(second, { data: [], nextCursor: null });
      // By the time they were placed, the oldest are found at once, however many came after them.
      const days = { placedBefore: instantOf(placedAtMs(9) + 1) };
      const placed = yield* page({ ...days, placedAfter: instantOf(placedAtMs(0) - 1) });
      assert.deepEqual(
        placed.data.map(({ state: order }) => order.id).filter((id) => id <= idOf(9)),
        [idOf(9), idOf(5), idOf(0)],
      );
      assert.equal(placed.nextCursor, null);
    }));
});

Deno.test("of a span without a beginning, the one old order is found at once, whatever came from files since", () => {
  // The first was placed years before it was made, all others some weeks.
  const old = 8;
  const others = Array.from(
    { length: indexLimits.documentsScannedPerPage + 300 },
    (_, n) => 13 + 10 * n,
  );
  const steps = [old, ...others].map((order): Step => ({
    ...{ order, status: "allocated", location: null, fulfillment: "open", units: 1 },
  }));
  return withSteps(steps, () =>
    Effect.gen(function* () {
      const { orders } = yield* Queries;
      const placedBefore = instantOf(placedAtMs(old) + dayMs);
      const found = yield* (yield* orders({ placedBefore }))(50);
      assert.deepEqual(found.data.map(({ state }) => state.id), [idOf(old)]);
      assert.equal(found.nextCursor, null);
    }));
});

Deno.test("a cursor that is none gives an empty page", () =>
  withSteps([], () =>
    Effect.gen(function* () {
      const { orders } = yield* Queries;
      for (const cursor of ["", "nonsense", "ord_", "\uffff\uffff"]) {
        const page = yield* (yield* orders({ cursor }))(10);
        assert.deepEqual(page, { data: [], nextCursor: null });
      }
    })));
