/** Orders that are promised supply, and get stock before it comes: they give up what they were promised. */
import assert from "node:assert/strict";
import { Effect, Schedule } from "effect";
import { References } from "../../../actors/reference/references.ts";
import { Orders } from "../../../actors/order/orders.ts";
import { Inventory } from "../../../actors/stock/inventory.ts";
import { Supply } from "../../../actors/supply/supply.ts";
import { locations } from "../../../src/catalog/references.ts";
import { purchaseOrders } from "../../../src/supply/purchase-order-definition.ts";
import { purchaseOrderMaking } from "../../../src/supply/purchase-order-making.ts";
import { verify } from "../../../src/verify/verify.ts";
import { bySystem, location, request, stockUp, withEngine } from "../../support/engine.ts";

const soon = "2099-03-01T00:00:00.000Z";

const ordered = (locationId: string, quantity: number) =>
  Effect.flatMap(Supply, (supply) =>
    supply.make(
      purchaseOrders,
      purchaseOrderMaking({ locationId, lines: [{ sku: "mug", quantity, expectedAt: soon }] }),
      bySystem,
    ));

const place = (name: string, quantity: number) =>
  Effect.flatMap(Orders, (orders) =>
    Effect.map(
      orders.place(request(name, { mug: quantity }, { onShortage: "backorder" }), bySystem),
      ({ document }) => document.state,
    ));

const promised = (id: string) =>
  Effect.flatMap(
    Orders,
    (orders) =>
      Effect.map(orders.get(id), ({ state }) =>
        state.lines.flatMap(({ promises = [] }) => promises)
          .reduce((sum, { quantity }) => sum + quantity, 0)),
  );

/** Asks until it is so; bounded, so that it cannot hang. */
const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>, until: (value: A) => boolean) =>
  effect.pipe(
    Effect.repeat({ until, schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("30 seconds"),
  );

const setOpen = (id: string, active: boolean) =>
  Effect.flatMap(
    References,
    (references) => references.save(locations, { ...location(id), active }, bySystem),
  );

const proved = Effect.gen(function* () {
  const report = yield* verify();
  assert.deepEqual(report.violations, []);
});

for (const locationId of ["ams", "ber"]) {
  Deno.test(`what arrives by itself ends promises of supply to ${locationId}, and frees it for others`, () =>
    withEngine(Effect.gen(function* () {
      yield* stockUp({ ams: {}, ber: {} });
      yield* ordered(locationId, 5);
      const { id } = yield* place("first", 5);
      assert.equal(yield* promised(id), 5);
      const inventory = yield* Inventory;
      const changes = [{ sku: "mug", delta: 3 }];
      yield* inventory.adjust({ locationId: "ams", reason: "received", changes }, bySystem);
      assert.equal(yield* promised(id), 2);
      yield* proved;
      assert.equal(yield* promised((yield* place("second", 4)).id), 3);
      yield* proved;
    })));
}

Deno.test("who is released is promised what came to be ordered while it was held", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    const orders = yield* Orders;
    const { id } = yield* place("held", 2);
    yield* orders.command(id, { type: "hold", reason: "somebody looks" }, bySystem);
    yield* ordered("ams", 5);
    // Its turn has come and gone once another, who came after it, has what it needs.
    const { id: other } = yield* place("other", 3);
    yield* eventually(promised(other), (units) => units === 3);
    assert.equal(yield* promised(id), 0);
    yield* orders.command(id, { type: "release" }, bySystem);
    yield* eventually(promised(id), (units) => units === 2);
    yield* proved;
  })));

Deno.test("a location that opens again has its supply promised to who waits", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {}, ber: {} });
    yield* setOpen("ber", false);
    const { id } = yield* place("waits", 2);
    yield* ordered("ber", 5);
    yield* ordered("ams", 1);
    yield* eventually(promised(id), (units) => units === 1);
    yield* setOpen("ber", true);
    yield* eventually(promised(id), (units) => units === 2);
    yield* proved;
  })));
