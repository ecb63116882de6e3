/** Orders' documents as they come from the store. */
import type { Effect } from "effect";
import type { OrderDocument } from "../../src/order/document.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { unpackOrderDocument } from "../../src/order/order-codec.ts";
import type { Entry, Store, StoreError } from "../../src/store/store.ts";
import { readValue, type StoredValue, valueOf } from "../../src/store/values.ts";

/** The document in an entry that was read already; null where there is none. */
export const orderDocumentIn = (
  entry: Entry,
): Effect.Effect<StoredValue<OrderDocument> | null, StoreError, Store> =>
  valueOf(entry, unpackOrderDocument);

export const readOrderDocument = (
  orderId: string,
): Effect.Effect<StoredValue<OrderDocument> | null, StoreError, Store> =>
  readValue(orderKeys.order(orderId), unpackOrderDocument);
