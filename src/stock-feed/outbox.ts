/** Lanes of stock feeds, as the machine knows them. */
import { isRevocationOf, revokedReason } from "../access/revocation.ts";
import { type DocumentOutbox, documentOutbox } from "../subject/reactor.ts";
import { disabledFor, type StockFeed } from "./feed.ts";
import { levelLimits } from "./limits.ts";
import { isSweepDue, marksOf } from "./marks.ts";
import { stockFeeds } from "./references.ts";

export const feedLanes: DocumentOutbox<StockFeed> = {
  type: "document outbox",
  name: "stock_feed",
  reference: stockFeeds,
  isOpen: ({ enabled }) => enabled,
  // What it has not told of by then is told of all the same.
  startOf: () => 0,
  messageOf: () => null,
  endedBy: ({ madeBy }, record) =>
    isRevocationOf(madeBy, record) ? { code: "withdrawn", reason: revokedReason } : null,
  closed: (feed, { code, reason }, at) =>
    feed.enabled
      ? disabledFor(feed, code === "withdrawn" ? "key_revoked" : code, reason, at)
      : null,
  retryAfterMs: levelLimits.retryAfterMs,
  latest: { marksOf, batchOf: ({ batchSize }) => batchSize, isSweepDue },
};

export const feedOutbox = documentOutbox(feedLanes);
