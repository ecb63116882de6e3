/** Finds the orders and fulfillment orders that have waited longest, at the oldest ends of posting lists. */
import { Effect } from "effect";
import { epochMsOf, type Instant } from "../../src/kernel/instant.ts";
import { statusLimits } from "../../src/status/limits.ts";
import { orderIdOfFulfillmentOrder } from "../../src/order/ids.ts";
import { orderLists } from "../../src/order/lists.ts";
import type { Order } from "../../src/order/order.ts";
import type { LongestWaiting, Oldest } from "../../src/order/status-sections.ts";
import { openFulfillmentStatuses } from "../../src/order/status.ts";
import { decodePage, pagesOf, type PostingList, postingList } from "../../src/store/postings.ts";
import { Store } from "../../src/store/store.ts";
import type { StatusLook } from "../status/looks.ts";
import { fulfillmentListsOf } from "./fulfillment-lists.ts";
import { orders } from "../../src/order/definition.ts";
import { readValue } from "../../src/store/values.ts";

interface WaitingSince {
  readonly locationId?: string | null;
  readonly since: Instant;
}

/** The first ids of a list; the list's first page may be empty, the second then is not. */
const firstIds = Effect.fnUntraced(function* (list: PostingList) {
  const store = yield* Store;
  const pages = yield* store.list({ ...pagesOf(list), limit: 2 });
  return pages
    .flatMap(({ value }) => value === null ? [] : decodePage(value))
    .slice(0, statusLimits.oldestCandidates);
});

/** The lists trail the orders by a moment, so each candidate's order is asked. */
const firstOf = Effect.fnUntraced(function* (
  lists: readonly PostingList[],
  orderIdOf: (id: string) => string | null,
  look: (order: Order, id: string) => WaitingSince | null,
  nowMs: number,
) {
  const ids = (yield* Effect.forEach(lists, firstIds)).flat().sort();
  for (const id of ids.slice(0, statusLimits.oldestCandidates)) {
    const orderId = orderIdOf(id);
    const stored = orderId === null
      ? null
      : yield* readValue(orders.key(orderId), orders.codec.unpack);
    const found = stored === null ? null : look(stored.value.state, id);
    if (found === null) continue;
    const waitingSeconds = Math.max(0, Math.floor((nowMs - epochMsOf(found.since)) / 1_000));
    return { id, ...found, waitingSeconds } satisfies LongestWaiting;
  }
  return null;
});

const open: readonly string[] = openFulfillmentStatuses;

const oldestOpenIn = (lists: readonly PostingList[], nowMs: number) =>
  firstOf(
    lists,
    orderIdOfFulfillmentOrder,
    ({ fulfillmentOrders }, id) => {
      const found = fulfillmentOrders.find((each) => each.id === id);
      return found === undefined || !open.includes(found.status)
        ? null
        : { since: found.createdAt, locationId: found.locationId };
    },
    nowMs,
  );

/** By the age of the order: ids sort by time. */
const findOldest = Effect.fnUntraced(function* (nowMs: number) {
  const same = (id: string) => id;
  const oldest: Oldest = {
    held: yield* firstOf(
      [postingList(orderLists.status, "held")],
      same,
      ({ status, holds, createdAt }) =>
        status === "held" ? { since: holds[0]?.at ?? createdAt } : null,
      nowMs,
    ),
    backordered: yield* firstOf(
      [postingList(orderLists.status, "backordered")],
      same,
      (order) => order.status === "backordered" ? { since: order.createdAt } : null,
      nowMs,
    ),
    openFulfillmentOrder: yield* oldestOpenIn(
      fulfillmentListsOf(openFulfillmentStatuses, undefined),
      nowMs,
    ),
  };
  return oldest;
});

const nothingWaits: Oldest = { held: null, backordered: null, openFulfillmentOrder: null };

/** Who waits for nothing has waited for no time. */
const waitingSeconds = (found: unknown) => {
  const { held, backordered, openFulfillmentOrder } = found as Oldest;
  return {
    held: held?.waitingSeconds ?? 0,
    backordered: backordered?.waitingSeconds ?? 0,
    open_fulfillment_order: openFulfillmentOrder?.waitingSeconds ?? 0,
  };
};

/** The longest waiting as a member of the status. */
export const oldestLook: StatusLook = {
  name: "oldest",
  before: nothingWaits,
  look: findOldest,
  waitingSeconds,
};
