import assert from "node:assert/strict";
import { Effect, Layer, Logger } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import { Timers } from "../../actors/aggregate/timers.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { timerLimits } from "../../actors/aggregate/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { bySystem, request, stockUp, testEngineLayer } from "../support/engine.ts";

const quiet = Logger.layer([]);

Deno.test("timers that nobody can carry out keep no other from firing", () =>
  Effect.runPromise(Effect.provide(
    Effect.gen(function* () {
      const store = yield* Store;
      const orders = yield* Orders;
      yield* stockUp({ ams: { mug: 1 } });
      const { document } = yield* orders.place(request("1", { mug: 1 }), bySystem);
      const { id } = document.state;
      const strange = new TextEncoder().encode("{");
      for (let n = 0; n <= timerLimits.timersRead; n++) {
        yield* store.commit({
          checks: [],
          mutations: [
            { type: "set", key: keys.timer(n, "strange"), value: strange },
            { type: "set", key: keys.timer(n, "unknown"), value: encodeJson({ orderId: "none" }) },
          ],
        });
      }
      yield* store.commit({
        checks: [],
        mutations: [{
          type: "set",
          key: keys.timer(timerLimits.timersRead + 1, id),
          value: encodeJson({
            orderId: id,
            command: { type: "hold", reason: "the timer" },
            due: instantOf(timerLimits.timersRead + 1),
          }),
        }],
      });
      yield* (yield* Timers).fireDue;
      assert.equal((yield* orders.get(id)).state.status, "held");
    }),
    testEngineLayer().pipe(Layer.provideMerge(quiet)),
  )));
