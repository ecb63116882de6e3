/** A client that was not answered asks again, and must be told what became of its first request. */
import assert from "node:assert/strict";
import { Effect, Schedule } from "effect";
import { Catalog } from "../../actors/catalog.ts";
import { Orders } from "../../actors/orders.ts";
import { bySystem, location, request, stockUp, withEngine } from "../support/engine.ts";

Deno.test("an order that took the last units is found when it is placed again", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 3 } });
    const orders = yield* Orders;
    const first = yield* orders.place(request("only", { mug: 3 }), bySystem);
    const again = yield* orders.place(request("only", { mug: 3 }), bySystem);
    assert.equal(again.created, false);
    assert.equal(again.document.order.id, first.document.order.id);
    const refused = yield* Effect.flip(orders.place(request("next", { mug: 1 }), bySystem));
    assert.equal(refused._tag, "Refused");
  })));

Deno.test("a location that opens again serves those who wait for what it has", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 1 }, ber: { mug: 5 } });
    const catalog = yield* Catalog;
    const orders = yield* Orders;
    yield* catalog.saveLocation({ ...location("ber"), active: false }, bySystem);
    const placed = yield* orders.place(
      request("waits", { mug: 4 }, { onShortage: "backorder" }),
      bySystem,
    );
    assert.equal(placed.document.order.status, "partially_allocated");
    yield* catalog.saveLocation(location("ber"), bySystem);
    const filled = yield* orders.get(placed.document.order.id).pipe(
      Effect.repeat({
        until: ({ order }) => order.status === "allocated",
        schedule: Schedule.spaced("10 millis"),
      }),
      Effect.timeout("20 seconds"),
    );
    assert.deepEqual(
      filled.order.fulfillmentOrders.map(({ locationId }) => locationId),
      ["ams", "ber"],
    );
  })));
