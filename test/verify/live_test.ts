import { orderKeys } from "../../src/order/keys.ts";
import assert from "node:assert/strict";
import { Effect, Fiber, Layer } from "effect";
import fc from "fast-check";
import { Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { verify } from "../../src/verify/verify.ts";
import { withFile } from "../actors/services.ts";
import { addLocation, command, engine, place, receive, requestOf, shipFirst } from "./engine.ts";

const lives = ["place", "ship", "deliver", "cancel", "hold", "backorder", "receive"] as const;
type Life = (typeof lives)[number];

/** One thing that goes on in a busy store, in a few commits. Refusals for want of stock are part of it. */
const live = (life: Life, externalId: string) =>
  Effect.gen(function* () {
    if (life === "receive") return yield* receive("berlin", { mug: 3, jug: 1 });
    const onShortage = life === "backorder" ? "backorder" as const : "reject" as const;
    const order = yield* place(requestOf(externalId, { mug: 2, jug: 1 }, { onShortage }));
    if (life === "ship") yield* shipFirst(order);
    if (life === "deliver") {
      const shipped = yield* shipFirst(order);
      yield* command(order.id, {
        type: "track",
        shipmentId: shipped.shipments[0]?.id ?? "",
        status: "delivered",
        occurredAt: shipped.updatedAt,
      });
    }
    if (life === "cancel") yield* command(order.id, { type: "cancel", reason: "no more" });
    if (life === "hold") {
      yield* command(order.id, { type: "hold", reason: "wait" });
      yield* command(order.id, { type: "release" });
    }
  }).pipe(Effect.catchTag("Refused", () => Effect.void));

const busy = (steps: readonly Life[], name: string) =>
  Effect.forEach(steps, (life, n) => live(life, `${name}-${n}`), { concurrency: 8, discard: true });

const steps = fc.array(fc.constantFrom(...lives), { minLength: 60, maxLength: 120 });

const open = Effect.gen(function* () {
  yield* addLocation("berlin");
  yield* addLocation("paris");
  yield* receive("berlin", { mug: 60, jug: 40 });
  yield* receive("paris", { mug: 30, jug: 10 });
});

Deno.test("a store that changes while it is read gives no false alarm", () =>
  fc.assert(
    fc.asyncProperty(steps, (lives) =>
      Effect.runPromise(
        Effect.gen(function* () {
          yield* open;
          const traffic = yield* Effect.forkChild(busy(lives, "here"));
          let during = 0;
          while (traffic.pollUnsafe() === undefined) {
            assert.deepEqual((yield* verify()).violations, []);
            during++;
          }
          yield* Fiber.join(traffic);
          assert.ok(during > 0);
          const after = yield* verify();
          assert.deepEqual(after.violations, []);
          assert.equal(after.unsettled, 0);
        }).pipe(Effect.provide(engine())),
      )),
    { numRuns: 4 },
  ));

Deno.test("nor when two processes change it and a third reads", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const here = yield* Layer.build(engine(path));
      const there = yield* Layer.build(engine(path));
      const reader = yield* Layer.build(engine(path));
      yield* Effect.provideContext(open, here);
      const [lives] = fc.sample(steps, 1);
      const traffic = yield* Effect.forkChild(Effect.all([
        Effect.provideContext(busy(lives ?? [], "here"), here),
        Effect.provideContext(busy(lives ?? [], "there"), there),
      ], { concurrency: "unbounded" }));
      while (traffic.pollUnsafe() === undefined) {
        const report = yield* Effect.provideContext(verify(), reader);
        assert.deepEqual(report.violations, []);
      }
      yield* Fiber.join(traffic);
      const after = yield* Effect.provideContext(verify(), reader);
      assert.deepEqual(after.violations, []);
    }).pipe(Effect.scoped)
  ));

Deno.test("what is wrong is found while the store changes", () =>
  Effect.runPromise(
    Effect.gen(function* () {
      yield* open;
      const store = yield* Store;
      const key = orderKeys.reference("shop", "nobody");
      const value = encodeJson({ orderId: "ord_nobody", fingerprint: "" });
      yield* store.commit({ checks: [], mutations: [{ type: "set", key, value }] });
      const traffic = yield* Effect.forkChild(busy(lives.flatMap((life) => [life, life]), "here"));
      while (traffic.pollUnsafe() === undefined) {
        const { violations } = yield* verify();
        assert.deepEqual(violations.map(({ keys }) => keys[0]), [key]);
      }
      yield* Fiber.join(traffic);
    }).pipe(Effect.provide(engine())),
  ));
