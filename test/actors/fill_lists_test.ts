/** Lists that came when there were stores already. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import fc from "fast-check";
import { Listing } from "../../actors/index/listing.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Queries } from "../../actors/order/queries.ts";
import { below } from "../../src/kernel/key.ts";
import { shipmentLists } from "../../src/order/lists.ts";
import { keys } from "../../src/store/keys.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { Store } from "../../src/store/store.ts";
import type { TrackingStatus } from "../../src/order/order.ts";
import { verify } from "../../src/verify/verify.ts";
import { bySystem, request, stockUp, withEngine } from "../support/engine.ts";
import { withFile } from "../support/files.ts";

const says = ["in_transit", "exception", "delivered"] as const;

/** Ships an order of its own, and has the carrier say something of it. */
const ship = Effect.fnUntraced(function* (externalId: string, status: TrackingStatus) {
  const orders = yield* Orders;
  const { document } = yield* orders.place(request(externalId, { mug: 1 }), bySystem);
  const { id, fulfillmentOrders } = document.state;
  const fulfillmentOrderId = fulfillmentOrders[0]?.id ?? "";
  for (const type of ["accept", "pick", "pack"] as const) {
    yield* orders.command(id, { type, fulfillmentOrderId }, bySystem);
  }
  const { state } = yield* orders.command(
    id,
    { type: "ship", fulfillmentOrderId, carrier: "DHL" },
    bySystem,
  );
  const shipmentId = state.shipments[0]?.id ?? "";
  yield* say(id, shipmentId, status);
  return { id, shipmentId, status };
});

const say = Effect.fnUntraced(function* (id: string, shipmentId: string, status: TrackingStatus) {
  const orders = yield* Orders;
  const { state } = yield* orders.get(id);
  const n = state.shipments[0]?.tracking.length ?? 0;
  const occurredAt = `2020-01-0${n + 1}T00:00:00.000Z`;
  yield* orders.command(id, { type: "track", shipmentId, status, occurredAt }, bySystem);
});

/** Takes away what a store of before this list has not. */
const unlist = Effect.gen(function* () {
  const store = yield* Store;
  const { name } = shipmentLists.exception;
  const pages = yield* store.list({ ...below(["posting", name]), limit: 1_000 });
  yield* store.commit({
    checks: [],
    mutations: [...pages.map(({ key }) => key), keys.filledLists(name)]
      .map((key) => ({ type: "delete", key })),
  });
});

const isFilled = Effect.gen(function* () {
  const store = yield* Store;
  return (yield* store.get(keys.filledLists(shipmentLists.exception.name))).value !== null;
});

const untilFilled = Effect.gen(function* () {
  while (!(yield* isFilled)) yield* Effect.sleep(5);
});

const listed = Effect.gen(function* () {
  const { exceptions } = yield* Queries;
  const { data } = yield* (yield* exceptions({}))(200);
  return data.map(({ shipment }) => shipment.id);
});

Deno.test("a list that a store had not is filled once, whatever changes meanwhile", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...says), { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.nat({ max: 5 }), fc.constantFrom(...says)), { maxLength: 6 }),
      (before, meanwhile) =>
        withFile(async (path) => {
          const shipments = await withEngine(
            Effect.gen(function* () {
              yield* stockUp({ ams: { mug: 9 } });
              const made = yield* Effect.forEach(
                before,
                (status, n) => ship(`${n}`, status),
              );
              const { upToDate } = yield* Listing;
              yield* untilFilled;
              yield* upToDate;
              yield* unlist;
              return made;
            }),
            { path },
          );
          await withEngine(
            Effect.gen(function* () {
              const now = new Map(shipments.map((each) => [each.shipmentId, each.status]));
              for (const [n, status] of meanwhile) {
                const shipment = shipments[n % shipments.length];
                if (shipment === undefined) continue;
                yield* say(shipment.id, shipment.shipmentId, status);
                const was = now.get(shipment.shipmentId);
                now.set(shipment.shipmentId, was === "delivered" ? was : status);
              }
              yield* untilFilled;
              const expected = [...now].flatMap(([id, status]) =>
                status === "exception" ? [id] : []
              );
              assert.deepEqual(yield* listed, expected.sort());
              const { violations } = yield* verify();
              assert.deepEqual(violations, []);
            }),
            { path },
          );
        }),
    ),
    { numRuns: 20 },
  ));

Deno.test("more documents than are read at once are all looked at", () =>
  withFile(async (path) => {
    const count = indexLimits.documentsPerFill + 5;
    const ids = await withEngine(
      Effect.gen(function* () {
        yield* stockUp({ ams: { mug: count } });
        const made = yield* Effect.forEach(
          Array.from({ length: count }, (_, n) => n),
          (n) => ship(`${n}`, n % 50 === 0 || n === count - 1 ? "exception" : "in_transit"),
          { concurrency: 10 },
        );
        const { upToDate } = yield* Listing;
        yield* untilFilled;
        yield* upToDate;
        yield* unlist;
        return made.flatMap(({ shipmentId, status }) => status === "exception" ? [shipmentId] : []);
      }),
      { path },
    );
    await withEngine(
      Effect.gen(function* () {
        yield* untilFilled;
        assert.deepEqual(yield* listed, ids.sort());
      }),
      { path },
    );
  }));

Deno.test("a list that is not filled yet is no finding, and one that lacks something is", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 9 } });
    yield* ship("1", "exception");
    const store = yield* Store;
    const { upToDate } = yield* Listing;
    yield* untilFilled;
    yield* upToDate;
    yield* unlist;
    assert.deepEqual((yield* verify()).violations, []);
    const { name } = shipmentLists.exception;
    yield* store.commit({
      checks: [],
      mutations: [{
        ...{ type: "set", key: keys.filledLists(name) },
        value: new TextEncoder().encode(`{"at":"2026-01-01T00:00:00.000Z"}`),
      }],
    });
    const { violations } = yield* verify();
    assert.ok(violations.some(({ invariant }) => invariant === "lists"));
  })));
