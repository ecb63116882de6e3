/** Stock feeds as the API shows them. */
import type { FeedLane, SavedFeed } from "../../actors/stock-feed/stock-feeds.ts";
import type { StockFeed } from "../../src/stock-feed/feed.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Waiting } from "../../src/outbound/message.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { json } from "../http/answer.ts";
import { liveTag } from "../http/live-tag.ts";

const resyncOf = ({ sweep }: FeedLane) =>
  sweep === null ? null : {
    startedAt: instantOf(sweep.startedAtMs),
    endedAt: sweep.endedAtMs === null ? null : instantOf(sweep.endedAtMs),
    skus: sweep.keys,
    differed: sweep.differed,
  };

/** A feed, with how its lane does. */
export const feedView = (feed: StockFeed, lane: FeedLane) => {
  const { enabled, disabled } = feed;
  const reason = disabled?.reason ?? lane.reason;
  return {
    id: feed.id,
    url: feed.url,
    locationIds: feed.locationIds,
    buffer: feed.buffer,
    minIntervalMs: feed.minIntervalMs,
    batchSize: feed.batchSize,
    description: feed.description,
    status: enabled ? lane.status : "disabled" as const,
    ...(reason === null ? {} : { reason }),
    ...(disabled === null ? {} : { disabled }),
    ...(enabled && lane.failingSinceMs !== null
      ? { failingSince: instantOf(lane.failingSinceMs) }
      : {}),
    lastSuccessAt: lane.deliveredAtMs === null ? null : instantOf(lane.deliveredAtMs),
    waiting: lane.messages,
    secondsBehind: lane.secondsBehind,
    resync: resyncOf(lane),
    madeBy: feed.madeBy,
    secrets: feed.secrets.map(({ createdAt, endsAt }) => ({ createdAt, endsAt })),
    createdAt: feed.createdAt,
    updatedAt: feed.updatedAt,
    version: feed.version,
  };
};

export type FeedView = ReturnType<typeof feedView>;

/** SKUs that it has not taken. */
export const troublesView = (troubles: readonly Waiting[]) =>
  troubles.map(({ key, attempts, nextAtMs, reason }) => ({
    ...{ sku: key, attempts, nextAt: instantOf(nextAtMs), reason: reason ?? "" },
  }));

export type FeedDetails = FeedView & { readonly troubles: ReturnType<typeof troublesView> };

export const feedAnswer = (
  status: number,
  feed: StockFeed,
  lane: FeedLane,
  more: object = {},
): StoredResponse => {
  const view = { ...feedView(feed, lane), ...more };
  return json(status, view, { etag: liveTag(view) });
};

/** With its secret, which only the first answer has. */
export const savedAnswer = (
  { feed, created }: SavedFeed,
  secret: string | null,
  lane: FeedLane,
): StoredResponse => {
  const view = feedView(feed, lane);
  return json(created ? 201 : 200, { ...view, secret }, { etag: liveTag(view) });
};
