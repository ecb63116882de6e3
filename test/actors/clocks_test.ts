/** Processes whose clocks are days apart: what one has begun, another ends, and nobody is served by his clock. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { Orders } from "../../actors/order/orders.ts";
import type { Order } from "../../src/order/order.ts";
import { bySystem, request, startEngine, stockUp } from "../support/engine.ts";
import { clockOff } from "../support/clock.ts";
import { faultyStore } from "../support/faulty-store.ts";
import { withFile } from "../support/files.ts";

const daysMs = (days: number): number => days * 24 * 3_600_000;

type Engine = ReturnType<typeof startEngine>;

const orderOf = (engine: Engine, id: string): Promise<Order> =>
  engine.runPromise(
    Effect.map(Effect.flatMap(Orders, (orders) => orders.get(id)), ({ state }) => state),
  );

const untilSo = async <A>(look: () => Promise<A>, isSo: (found: A) => boolean): Promise<A> => {
  const deadlineMs = performance.now() + 20_000;
  let found = await look();
  while (!isSo(found) && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    found = await look();
  }
  return found;
};

for (const days of [3, -3]) {
  Deno.test(`a large order that a process with a clock ${days} days ahead began is ended by another`, () =>
    withFile(async (path) => {
      let commits = Number.POSITIVE_INFINITY;
      const checks = 10;
      const wrong = startEngine({
        path,
        clock: clockOff(daysMs(days)),
        // After its first commit the process does nothing any more.
        faults: faultyStore({ checks, faultOf: () => commits-- > 0 ? null : "throw-before" }),
      });
      const right = startEngine({ path, faults: faultyStore({ checks, faultOf: () => null }) });
      try {
        const places = Array.from({ length: 12 }, (_, n) => `place-${n + 10}`);
        await right.runPromise(stockUp(Object.fromEntries(places.map((id) => [id, { mug: 1 }]))));
        commits = 1;
        const { document } = await wrong.runPromise(Effect.flatMap(
          Orders,
          (orders) => orders.place(request("large", { mug: places.length }), bySystem),
        ));
        assert.ok(document.state.allocating);
        const ended = await untilSo(
          () => orderOf(right, document.state.id),
          ({ allocating }) => !allocating,
        );
        assert.equal(ended.status, "allocated");
        assert.equal(ended.fulfillmentOrders.length, places.length);
      } finally {
        await Promise.all([wrong.dispose(), right.dispose()]);
      }
    }));
}
