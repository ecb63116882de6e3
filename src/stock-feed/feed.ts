/**
 * Stock feeds: URLs that are told how many units of each SKU are available over some locations, whenever that
 * changes. Only how it is now is told; what it was in between is of no use to anybody.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Signing } from "../outbound/signing.ts";
import type { Saved } from "../subject/reference.ts";

/** Because it said so, or nobody was there for five days; by hand; or because its key was revoked. */
export const feedDisabledCodes = ["gone", "silent", "by_hand", "key_revoked"] as const;
export type FeedDisabledCode = (typeof feedDisabledCodes)[number];

export interface StockFeed extends Saved, Signing {
  readonly id: string;
  readonly url: string;
  /** The locations whose units it tells of, as one sum. */
  readonly locationIds: readonly string[];
  /** Units of each SKU that are kept back. */
  readonly buffer: number;
  /** How long a rise waits, so that several are told at once; a fall is told at once. */
  readonly minIntervalMs: number;
  /** SKUs that one request tells of at most. */
  readonly batchSize: number;
  readonly description: string;
  readonly enabled: boolean;
  readonly disabled: {
    readonly code: FeedDisabledCode;
    readonly reason: string;
    readonly at: Instant;
  } | null;
  /** The key that saved it last: it lives no longer than that. */
  readonly madeBy: string;
}

/** The types of log records about it. */
export const feedRecords = {
  saved: "stock_feed.saved",
  removed: "stock_feed.removed",
  disabled: "stock_feed.disabled",
  /** Somebody has all SKUs told of. */
  resynced: "stock_feed.resync_requested",
} as const;

export const feedRecordKind = "stock_feed";

/** The type of the record of a change. */
export const recordTypeOf = (before: StockFeed | null, after: StockFeed): string =>
  before !== null && before.enabled && !after.enabled ? feedRecords.disabled : feedRecords.saved;

/** The feed, disabled. */
export const disabledFor = (
  feed: StockFeed,
  code: FeedDisabledCode,
  reason: string,
  at: Instant,
): StockFeed => ({ ...feed, enabled: false, disabled: { code, reason, at } });
