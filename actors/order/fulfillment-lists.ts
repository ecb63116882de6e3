/** The posting lists of fulfillment orders by status: of all, or of some locations. */
import { fulfillmentLists, locationStatusOf } from "../../src/order/lists.ts";
import type { FulfillmentOrderStatus } from "../../src/order/order.ts";
import { type PostingList, postingList } from "../../src/store/postings.ts";

export const fulfillmentListsOf = (
  statuses: readonly FulfillmentOrderStatus[],
  locationIds: readonly string[] | undefined,
): readonly PostingList[] =>
  statuses.flatMap((status) =>
    locationIds === undefined
      ? [postingList(fulfillmentLists.status, status)]
      : locationIds.map((id) =>
        postingList(fulfillmentLists.locationStatus, locationStatusOf(id, status))
      )
  );
