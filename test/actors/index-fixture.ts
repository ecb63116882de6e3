/** What the posting lists must hold, and what they do. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import {
  everything,
  type PostingList,
  postingList,
  PostingWalk,
} from "../../src/store/postings.ts";
import { Store } from "../../src/store/store.ts";
import { fulfillmentLists, locationStatusOf, orderLists } from "../../src/order/lists.ts";
import type { World } from "./log-fixture.ts";

export const idsOf = Effect.fnUntraced(function* (list: PostingList) {
  const walk = new PostingWalk(yield* Store, list);
  const ids: string[] = [];
  for (let id = yield* walk.seek(everything); id !== null; id = yield* walk.seek(id)) ids.push(id);
  return ids;
});

/** Every list that the orders belong in, and exactly what is in it. */
const expectedLists = (world: World): readonly (readonly [PostingList, readonly string[]])[] => {
  const lists = new Map<string, readonly [PostingList, Set<string>]>();
  const add = (list: PostingList, id: string) => {
    const name = `${list.dimension} ${list.value}`;
    const known = lists.get(name);
    if (known === undefined) lists.set(name, [list, new Set([id])]);
    else known[1].add(id);
  };
  for (const order of world.orders.values()) {
    add(postingList(orderLists.channel, order.channel), order.id);
    add(postingList(orderLists.status, order.status), order.id);
    if (order.customerId !== undefined) {
      add(postingList(orderLists.customer, order.customerId), order.id);
    }
    for (const { id, status, locationId } of order.fulfillmentOrders) {
      if (locationId === null) continue;
      add(postingList(orderLists.location, locationId), order.id);
      add(postingList(fulfillmentLists.status, status), id);
      add(postingList(fulfillmentLists.location, locationId), id);
      add(postingList(fulfillmentLists.locationStatus, locationStatusOf(locationId, status)), id);
    }
  }
  return [...lists.values()].map(([list, ids]) => [list, [...ids].sort().reverse()]);
};

export const assertIndexed = Effect.fnUntraced(function* (world: World) {
  for (const [list, ids] of expectedLists(world)) assert.deepEqual(yield* idsOf(list), ids);
  const everyStatus = ["held", "backordered", "allocated", "shipped", "closed", "cancelled"];
  const counts = yield* Effect.forEach(
    everyStatus,
    (status) => Effect.map(idsOf(postingList(orderLists.status, status)), (ids) => ids.length),
  );
  assert.equal(counts.reduce((sum, count) => sum + count, 0), world.orders.size);
});
