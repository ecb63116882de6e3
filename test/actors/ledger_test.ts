/** What the ledger promises whatever the store does: nothing twice, nothing lost, nothing oversold. */
import assert from "node:assert/strict";
import { Effect, Exit, Result } from "effect";
import fc from "fast-check";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { below } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { type Fault, faultyStore } from "../support/faulty-store.ts";
import {
  bySystem,
  request,
  stockUp,
  type TestEngineOptions,
  withEngine,
} from "../support/engine.ts";

const faults: readonly (Fault | null)[] = [
  null,
  null,
  "throw-after",
  "deny-after",
  "throw-before",
  "repeat",
];

/** Places orders of one unit at once; answers how many were accepted and what the store then holds. */
const contend = (clients: number, units: number, options: TestEngineOptions) =>
  withEngine(
    Effect.gen(function* () {
      yield* stockUp({ ams: { mug: units } });
      const orders = yield* Orders;
      const answers = yield* Effect.forEach(
        Array.from({ length: clients }, (_, n) => request(`order-${n}`, { mug: 1 })),
        (each) => Effect.result(orders.place(each, bySystem)),
        { concurrency: "unbounded" },
      );
      const store = yield* Store;
      const stored = yield* store.list({ ...below(["order"]), limit: 1_000 });
      const references = yield* store.list({ ...below(["reference"]), limit: 1_000 });
      const [row] = yield* (yield* Inventory).levels({ limit: 1 });
      const accepted = answers.filter(Result.isSuccess).map(({ success }) =>
        success.document.state
      );
      const refused = answers.filter(Result.isFailure).map(({ failure }) => failure);
      return { accepted, refused, stored, references, row };
    }),
    options,
  );

Deno.test("500 clients at once for 100 units: exactly 100 accepted, 400 refused for want of stock", async () => {
  const { accepted, refused, stored, row } = await contend(500, 100, {});
  assert.equal(accepted.length, 100);
  assert.equal(refused.length, 400);
  for (const failure of refused) {
    assert.equal(failure._tag === "Refused" && failure.rejection._tag, "InsufficientStock");
  }
  assert.equal(stored.length, 100);
  assert.deepEqual([row?.onHand, row?.reserved, row?.available], [100, 100, 0]);
});

Deno.test("nothing is twice and nothing lost when the store lies about its commits", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...faults), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(10, 100),
      async (sequence, clients, units, checks) => {
        const { accepted, stored, references, row } = await contend(clients, units, {
          faults: faultyStore({
            // The faults end, or nothing could ever be confirmed.
            faultOf: (commit) => sequence[commit] ?? null,
            checks,
            shared: true,
          }),
        });
        assert.equal(accepted.length, Math.min(clients, units));
        assert.equal(stored.length, accepted.length);
        assert.equal(references.length, accepted.length);
        assert.equal(new Set(accepted.map(({ id }) => id)).size, accepted.length);
        assert.equal(row?.reserved, accepted.length);
        assert.equal(row?.onHand, units);
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("a store that never confirms makes the command fail as unavailable, and keeps nothing held", async () => {
  let down = false;
  await withEngine(
    Effect.gen(function* () {
      yield* stockUp({ ams: { mug: 5 } });
      const orders = yield* Orders;
      down = true;
      const answer = yield* Effect.exit(orders.place(request("lost", { mug: 5 }), bySystem));
      assert.ok(Exit.isFailure(answer));
      down = false;
      // What was held for the failed order can be sold.
      const placed = yield* orders.place(request("next", { mug: 5 }), bySystem);
      assert.equal(placed.document.state.status, "allocated");
    }),
    { faults: faultyStore({ faultOf: () => (down ? "throw-before" : null) }) },
  );
});

Deno.test("a store that another process keeps locked is not asked again: others wait behind this", async () => {
  let isLocked = false;
  let refused = 0;
  await withEngine(
    Effect.gen(function* () {
      yield* stockUp({ ams: { mug: 5 } });
      const orders = yield* Orders;
      isLocked = true;
      const answer = yield* Effect.result(orders.place(request("late", { mug: 5 }), bySystem));
      assert.ok(Result.isFailure(answer));
      assert.equal(answer.failure._tag, "Unavailable");
      assert.equal(refused, 1);
      isLocked = false;
      const { created } = yield* orders.place(request("late", { mug: 5 }), bySystem);
      assert.ok(created);
    }),
    {
      faults: faultyStore({
        faultOf: () => {
          if (isLocked) refused++;
          return isLocked ? "locked" : null;
        },
      }),
    },
  );
});

Deno.test("an order over more locations than a ten-check store has checks is taken in several commits", async () => {
  const locations = Object.fromEntries(
    Array.from({ length: 14 }, (_, n) => [`loc-${String(n).padStart(2, "0")}`, { mug: 1 }]),
  );
  await withEngine(
    Effect.gen(function* () {
      yield* stockUp(locations);
      const orders = yield* Orders;
      const { document } = yield* orders.place(request("wide", { mug: 14 }), bySystem);
      const finished = yield* Effect.repeat(orders.get(document.state.id), {
        until: ({ state: order }) => !order.allocating,
      });
      assert.equal(finished.state.status, "allocated");
      assert.equal(finished.state.fulfillmentOrders.length, 14);
    }),
    { faults: faultyStore({ faultOf: () => null, checks: 10 }) },
  );
});
