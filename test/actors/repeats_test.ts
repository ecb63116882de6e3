/** A client that was not answered asks again, and must be told what became of its first request. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import { bySystem, request, stockUp, withEngine } from "../support/engine.ts";

Deno.test("an order that took the last units is found when it is placed again", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { mug: 3 } });
    const orders = yield* Orders;
    const first = yield* orders.place(request("only", { mug: 3 }), bySystem);
    const again = yield* orders.place(request("only", { mug: 3 }), bySystem);
    assert.equal(again.created, false);
    assert.equal(again.document.state.id, first.document.state.id);
    const refused = yield* Effect.flip(orders.place(request("next", { mug: 1 }), bySystem));
    assert.equal(refused._tag, "Refused");
  })));
