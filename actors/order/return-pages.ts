/** Lists of returns, newest first, over the posting lists that the index keeps of them. */
import { type Context, Effect } from "effect";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { returnIds } from "../../src/order/ids.ts";
import { type Return, type ReturnStatus, returnStatuses } from "../../src/order/return.ts";
import { returnLists, returnPlaceOf } from "../../src/order/return-record.ts";
import { returnsOf } from "../../src/order/return-units.ts";
import { type PostingList, postingList } from "../../src/store/postings.ts";
import type { Listing } from "../index/listing.ts";
import { type AnyOf, isAnyOf, type UpdatedSpan, updatedWithin } from "./query-values.ts";

export interface ReturnQuery extends UpdatedSpan {
  readonly status?: AnyOf<ReturnStatus>;
  /** Where the goods are to go, or have come to. */
  readonly locationId?: AnyOf<string>;
  /** Binds the orders that a channel's key may see. */
  readonly channel?: AnyOf<string>;
  readonly cursor?: string | undefined;
}

export interface ReturnOf {
  readonly document: OrderDocument;
  readonly found: Return;
}

const listsOf = ({ status, locationId }: ReturnQuery): readonly PostingList[] =>
  locationId === undefined
    ? (status ?? returnStatuses).map((each) => postingList(returnLists.status, each))
    : status === undefined
    ? locationId.map((id) => postingList(returnLists.location, id))
    : locationId.flatMap((id) =>
      status.map((each) => postingList(returnLists.locationStatus, returnPlaceOf(id, each)))
    );

/** Those of an order that match, the newest first. */
export const returnsIn = (query: ReturnQuery) => {
  const isUpdated = updatedWithin(query);
  return (document: OrderDocument) =>
    isAnyOf(query.channel, document.state.channel)
      ? returnsOf(document.state)
        .filter(({ status, locationId, updatedAt }) =>
          isAnyOf(query.status, status) && isUpdated(updatedAt) &&
          (query.locationId === undefined ||
            (locationId !== undefined && query.locationId.includes(locationId)))
        )
        .map((found) => ({ id: found.id, value: { document, found } }))
        .sort((one, other) => one.id < other.id ? 1 : -1)
      : [];
};

export const returnPages = Effect.fnUntraced(function* (
  listing: Context.Service.Shape<typeof Listing>,
  query: ReturnQuery,
  isCursor: (text: string) => boolean,
) {
  yield* listing.upToDate;
  const select = returnsIn(query);
  return listing.pages<OrderDocument, ReturnOf>({
    source: listing.inWalks(orders, [listing.anyOf(listsOf(query))], returnIds.ownerIn),
    ...{ cursor: query.cursor, isCursor },
    select: ({ id, document }) => select(document).filter((each) => each.id === id),
  });
});
