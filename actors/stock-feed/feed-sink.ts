/** The other end of a feed's lane: reads how many units are available, and posts that. */
import { Clock, Effect, Result } from "effect";
import type { StockFeed } from "../../src/stock-feed/feed.ts";
import { feedLanes } from "../../src/stock-feed/outbox.ts";
import { placeOfFeedSecret } from "../../src/stock-feed/references.ts";
import { bodyOf, outcomeOfAnswer } from "../../src/stock-feed/told.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Outcome } from "../../src/outbound/message.ts";
import type { Sealing } from "../../src/secrets/sealing.ts";
import type { Store } from "../../src/store/store.ts";
import type { Books } from "../balance/books.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import type { LogTail } from "../log/log-tail.ts";
import { type Delivery, latestDelivery } from "../outbound/held-lane.ts";
import type { OutboundHttp } from "../outbound/http.ts";
import { signedPost } from "../outbound/signed-post.ts";
import { levelsReader } from "./levels-reader.ts";

/** Hands a body over, whatever is between here and the other side. */
export type Hand = (
  feed: StockFeed,
  request: { readonly id: string; readonly body: string; readonly isSwept: boolean },
) => Effect.Effect<Outcome>;

/** The delivery of the lanes of feeds, over any way to the other side. */
export const feedDeliveryBy = Effect.fnUntraced(function* (
  hand: Hand,
): Effect.fn.Return<Delivery, never, Store | LogTail | Books | Identifiers> {
  const reader = yield* levelsReader;
  const identifiers = yield* Identifiers;
  return latestDelivery(feedLanes, {
    tell: Effect.fnUntraced(function* ({ keys, isSwept }, feed) {
      const read = yield* Effect.result(reader.levels(feed, keys));
      if (Result.isFailure(read)) return null;
      const at = instantOf(yield* Clock.currentTimeMillis);
      // No request has the words of another: each says how things are when it is made.
      const id = `lvl_${identifiers.commitId()}`;
      return yield* hand(feed, { id, body: bodyOf(feed.id, read.success, isSwept, at), isSwept });
    }),
    isUrgent: (sku, feed) => reader.isKnownEmpty(feed, sku),
    keysAfter: reader.skusAfter,
  });
});

/** The same over HTTP. */
export const feedDelivery: Effect.Effect<
  Delivery,
  never,
  Store | LogTail | Books | Identifiers | OutboundHttp | Sealing
> = Effect.flatMap(
  signedPost,
  (post) =>
    feedDeliveryBy((feed, { id, body, isSwept }) =>
      post(
        { url: feed.url, id, body, signing: feed, place: placeOfFeedSecret(feed.id) },
        outcomeOfAnswer(isSwept),
      )
    ),
);
