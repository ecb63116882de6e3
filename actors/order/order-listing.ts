/** In which lists an order and its parts stand, by its document. */
import { Effect } from "effect";
import { listsOf, partsOf } from "../../src/order/lists.ts";
import type { ListedNow } from "../index/listing.ts";
import { readOrderDocument } from "./order-documents.ts";

export const orderListedNow: ListedNow = (orderId) =>
  Effect.map(readOrderDocument(orderId), (stored) => {
    if (stored === null) return null;
    const { order } = stored.value;
    return [{ id: order.id, lists: listsOf(order) }, ...partsOf(order)];
  });
