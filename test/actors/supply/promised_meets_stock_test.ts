/** Orders that are promised supply, and get stock before it comes: they give up what they were promised. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { Orders } from "../../../actors/order/orders.ts";
import { Inventory } from "../../../actors/stock/inventory.ts";
import { Supply } from "../../../actors/supply/supply.ts";
import { purchaseOrders } from "../../../src/supply/purchase-order-definition.ts";
import { purchaseOrderMaking } from "../../../src/supply/purchase-order-making.ts";
import { verify } from "../../../src/verify/verify.ts";
import { bySystem, request, stockUp, withEngine } from "../../support/engine.ts";

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
