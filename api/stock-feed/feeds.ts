/** Stock feeds: saved, read, removed, and told of everything anew. */
import { Effect, Schema } from "effect";
import { PreconditionFailed } from "../../actors/command/command.ts";
import { type FeedLane, type SavedFeed, StockFeeds } from "../../actors/stock-feed/stock-feeds.ts";
import type { StockFeed as StockFeedOf } from "../../src/stock-feed/feed.ts";
import { levelLimits } from "../../src/stock-feed/limits.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { noPlace } from "../../src/outbound/place.ts";
import { stateOf } from "../../src/outbound/state.ts";
import { command, noContent } from "../http/answer.ts";
import { versionIn } from "../http/live-tag.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { standingOn } from "../http/reference.ts";
import { emptyBody, jsonBody, route, type Tag } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { secretsKeyMissing, targetNotAllowed } from "../webhook/problems.ts";
import { feedFailures, stockFeedDisabled } from "./problems.ts";
import {
  StockFeed,
  StockFeedRequest,
  StockFeedWithSecret,
  StockFeedWithTroubles,
} from "./schemas.ts";
import { feedAnswer, feedView, savedAnswer, troublesView } from "./views.ts";

const feedsTag: Tag = {
  name: "Stock feeds",
  description: "Available units posted to other systems, whenever they change",
};

const ofFeeds = {
  tags: [feedsTag],
  permission: "stock-feeds:manage",
  scopes: { channel: "refused", location: "refused" },
  failures: feedFailures,
} as const;

const ofOne = {
  ...ofFeeds,
  params: Schema.Struct({ stockFeedId: Identifier }),
} as const;

const itsTag = { etag: "Its version, and how it does" };

/** A lane that is about to begin. */
const beginning: FeedLane = { ...stateOf("", noPlace, null), secondsBehind: 0 };

const settingsOf = (body: typeof StockFeedRequest.Type) => ({
  url: body.url,
  locationIds: body.locationIds,
  buffer: body.buffer ?? 0,
  minIntervalMs: body.minIntervalMs ?? levelLimits.minIntervalMs,
  batchSize: body.batchSize ?? levelLimits.batchSize,
  description: body.description ?? "",
  enabled: body.enabled ?? true,
});

const missing = () => Effect.fail(new PreconditionFailed({ expected: "any", actual: "nothing" }));

export const saveStockFeed = route({
  method: "PUT",
  path: "/v1/stock-feeds/{stockFeedId}",
  operationId: "saveStockFeed",
  summary: "Make or change a stock feed",
  description:
    "It is told of all SKUs at once, and then of each whose available units change. A new feed " +
    "gets a secret where the request has none, which is shown this once.",
  ...ofOne,
  headers: { "if-none-match": "`*` saves only what is not there yet" },
  body: jsonBody(StockFeedRequest),
  responses: {
    200: { description: "The feed as it is now", schema: StockFeedWithSecret, headers: itsTag },
    201: { description: "The new feed", schema: StockFeedWithSecret, headers: itsTag },
  },
  problems: ["limit-reached", targetNotAllowed, secretsKeyMissing],
  handler: Effect.fnUntraced(function* (request) {
    const feeds = yield* StockFeeds;
    const { body, params: { stockFeedId } } = request;
    const existing = Effect.catchTag(feeds.get(stockFeedId), "NotFound", missing);
    const ifMatch = versionIn(yield* standingOn(request, existing));
    const before = (yield* feeds.all).find(({ id }) => id === stockFeedId);
    const lane = before === undefined ? beginning : yield* feeds.lane(before);
    return yield* command(
      { ...request, ifMatch },
      (context) => feeds.save(stockFeedId, settingsOf(body), body.secret, context),
      (saved: SavedFeed) => savedAnswer(saved, saved.secret, lane),
      { keep: (saved) => savedAnswer(saved, null, lane) },
    );
  }),
});

export const listStockFeeds = route({
  method: "GET",
  path: "/v1/stock-feeds",
  operationId: "listStockFeeds",
  summary: "Stock feeds, by id, and how each does",
  ...ofFeeds,
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of feeds", schema: pageOf(StockFeed) } },
  handler: Effect.fnUntraced(function* (request) {
    const feeds = yield* StockFeeds;
    const limit = pageSize(request.query);
    const [after = ""] = (yield* decodeCursor(request.query, 1)) ?? [];
    const rest = (yield* feeds.all).filter(({ id }) => id > after);
    const some = rest.slice(0, limit);
    const views = yield* Effect.forEach(
      some,
      (feed) => Effect.map(feeds.lane(feed), (lane) => feedView(feed, lane)),
    );
    const last = some.at(-1);
    return page(
      request,
      views,
      rest.length > limit && last !== undefined ? encodeCursor([last.id]) : null,
    );
  }),
});

export const getStockFeed = route({
  method: "GET",
  path: "/v1/stock-feeds/{stockFeedId}",
  operationId: "getStockFeed",
  summary: "A stock feed, how it does, and which SKUs it has not taken",
  ...ofOne,
  responses: {
    200: { description: "The feed", schema: StockFeedWithTroubles, headers: itsTag },
  },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* ({ params }) {
    const feeds = yield* StockFeeds;
    const feed = yield* feeds.get(params.stockFeedId);
    const troubles = troublesView(yield* feeds.troubles(feed));
    return feedAnswer(200, feed, yield* feeds.lane(feed), { troubles });
  }),
});

export const removeStockFeed = route({
  method: "DELETE",
  path: "/v1/stock-feeds/{stockFeedId}",
  operationId: "removeStockFeed",
  summary: "Remove a stock feed: it is told nothing more",
  ...ofOne,
  responses: { 204: { description: "It is removed" } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* (request) {
    const feeds = yield* StockFeeds;
    return yield* command(
      { ...request, ifMatch: versionIn(request.ifMatch) },
      (context) => feeds.remove(request.params.stockFeedId, context),
      noContent,
    );
  }),
});

export const resyncStockFeed = route({
  method: "POST",
  path: "/v1/stock-feeds/{stockFeedId}/resync",
  operationId: "resyncStockFeed",
  summary: "Tell it of all SKUs, changed or not",
  description:
    "As each night, and after each save. Requests have the type `stock.resync`; what differed by " +
    "the answers is counted in `resync`.",
  ...ofOne,
  body: emptyBody(),
  responses: { 202: { description: "The feed: it will be done", schema: StockFeed } },
  problems: ["not-found", "limit-reached", stockFeedDisabled],
  handler: Effect.fnUntraced(function* (request) {
    const feeds = yield* StockFeeds;
    const feed = yield* feeds.get(request.params.stockFeedId);
    const lane = yield* feeds.lane(feed);
    return yield* command(
      request,
      (context) => feeds.resync(feed, context),
      (asked: StockFeedOf) => feedAnswer(202, asked, lane),
    );
  }),
});

export const feedRoutes = [
  saveStockFeed,
  listStockFeeds,
  getStockFeed,
  removeStockFeed,
  resyncStockFeed,
];
