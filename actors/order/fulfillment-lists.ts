/** The posting lists of fulfillment orders by status: of all, or of one location. */
import { fulfillmentLists, locationStatusOf } from "../../src/order/lists.ts";
import type { FulfillmentOrderStatus } from "../../src/order/order.ts";
import { type PostingList, postingList } from "../../src/store/postings.ts";

export const fulfillmentList = (
  status: FulfillmentOrderStatus,
  locationId: string | undefined,
): PostingList =>
  locationId === undefined
    ? postingList(fulfillmentLists.status, status)
    : postingList(fulfillmentLists.locationStatus, locationStatusOf(locationId, status));
