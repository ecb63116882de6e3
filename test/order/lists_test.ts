import assert from "node:assert/strict";
import fc from "fast-check";
import { listChangesOf, listsOf, orderDimensions, partsOf } from "../../src/order/lists.ts";
import type { Order } from "../../src/order/order.ts";
import { step, World } from "../actors/log-fixture.ts";

const placesOf = (order: Order): readonly string[] =>
  [{ id: order.id, lists: listsOf(order) }, ...partsOf(order)].flatMap(({ id, lists }) =>
    lists.map(([dimension, value]) => JSON.stringify([dimension, value, id]))
  );

Deno.test("an order's records put it into the lists that its document names, and no others", () => {
  fc.assert(fc.property(fc.array(step(12), { minLength: 1, maxLength: 80 }), (steps) => {
    const world = new World();
    const listed = new Set<string>();
    for (const each of steps) {
      for (const { dimension, value, id, present } of listChangesOf(world.take(each))) {
        const place = JSON.stringify([dimension, value, id]);
        if (present) listed.add(place);
        else assert.ok(listed.delete(place), `${place} is left without having been entered`);
      }
    }
    const expected = [...world.orders.values()].flatMap(placesOf);
    assert.deepEqual([...listed].sort(), [...expected].sort());
  }));
});

Deno.test("each list of an order is one of a dimension that orders declare", () => {
  const names = new Set(orderDimensions.map(({ name }) => name));
  fc.assert(fc.property(fc.array(step(12), { minLength: 1, maxLength: 20 }), (steps) => {
    for (const each of steps) {
      const world = new World();
      for (const { dimension } of listChangesOf(world.take(each))) assert.ok(names.has(dimension));
    }
  }));
});
