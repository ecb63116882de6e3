/** Stock feeds as the API takes them and answers with them. */
import { Schema } from "effect";
import { feedDisabledCodes } from "../../src/stock-feed/feed.ts";
import { levelLimits } from "../../src/stock-feed/limits.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { anyText, Identifier } from "../../src/kernel/vocabulary.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { secretFault } from "../../src/outbound/signature.ts";
import { laneStatuses } from "../../src/outbound/state.ts";
import { count, time } from "../http/schemas.ts";

/** As Standard Webhooks has them; how many bytes they stand for is said by what reads them. */
const secretPattern = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

const Secret = Schema.String.check(
  Schema.makeFilter(
    (value: string) => secretPattern.test(value) ? secretFault(value) ?? true : badSecret,
    { toJsonSchema: () => ({ pattern: secretPattern.source }) },
  ),
).annotate({ identifier: "SigningSecret" });

const badSecret = "must be `whsec_` and the base64 of 24 to 64 random bytes";

const eachOnce = Schema.makeFilter((ids: readonly string[]) =>
  ids.flatMap((id, n) => ids.indexOf(id) === n ? [] : [{ path: [n], issue: "comes twice" }])
);

const whole = (minimum: number, maximum: number) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum }));

const { minIntervalMs, mostMinIntervalMs, batchSize, mostBatchSize } = levelLimits;

export const StockFeedRequest = Schema.Struct({
  url: Schema.String.check(Schema.isMaxLength(outboundLimits.urlLength)).annotate({
    description: "Where levels are posted to: https, and on the public internet",
  }),
  locationIds: Schema.Array(Identifier).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(levelLimits.locations),
    eachOnce,
  ).annotate({ description: "The locations whose available units it tells of, as one sum" }),
  buffer: Schema.optionalKey(
    whole(0, levelLimits.buffer).annotate({
      description: "Units of each SKU that are kept back from the sum. Default 0",
    }),
  ),
  minIntervalMs: Schema.optionalKey(
    whole(0, mostMinIntervalMs).annotate({
      description: "How long a rise may wait, so that several are told at once. A fall does not " +
        `wait. Default ${minIntervalMs}`,
    }),
  ),
  batchSize: Schema.optionalKey(
    whole(1, mostBatchSize).annotate({
      description: `SKUs that one request tells of at most. Default ${batchSize}`,
    }),
  ),
  description: Schema.optionalKey(anyText(textLimits.description)),
  enabled: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "False: it is told nothing. Default true" }),
  ),
  secret: Schema.optionalKey(
    Secret.annotate({
      description: "What signs from now on; the one before it signs beside it for " +
        `${levelLimits.keepOldHours} hours. Left out, it stays, and a new feed gets one of its own`,
    }),
  ),
}).annotate({
  identifier: "StockFeedRequest",
  examples: [{
    url: "https://shop.example.com/stock",
    locationIds: ["ams"],
    buffer: 2,
    minIntervalMs: 5_000,
  }],
});

const Resync = Schema.Struct({
  startedAt: time,
  endedAt: Schema.NullOr(time).annotate({ description: "Null while it is under way" }),
  skus: count.annotate({ description: "SKUs that it has told of" }),
  differed: count.annotate({
    description: "How many of them the other side had otherwise, by its own answers",
  }),
}).annotate({ identifier: "StockFeedResync" });

const Trouble = Schema.Struct({
  sku: Schema.String,
  attempts: count,
  nextAt: time,
  reason: Schema.String,
}).annotate({ identifier: "StockFeedTrouble" });

const fields = {
  id: Schema.String,
  url: Schema.String,
  locationIds: Schema.Array(Schema.String),
  buffer: Schema.Int,
  minIntervalMs: Schema.Int,
  batchSize: Schema.Int,
  description: Schema.String,
  status: Schema.Literals(laneStatuses).annotate({
    description: "`failing`: nobody answers there; it is told how things are once somebody does",
  }),
  reason: Schema.optionalKey(Schema.String.annotate({ description: "Why it is not active" })),
  disabled: Schema.optionalKey(
    Schema.Struct({ code: Schema.Literals(feedDisabledCodes), reason: Schema.String, at: time }),
  ),
  failingSince: Schema.optionalKey(time),
  lastSuccessAt: Schema.NullOr(time).annotate({
    description: "When it last took something; null for never",
  }),
  waiting: count.annotate({ description: "SKUs that it is to be told of, as far as is known" }),
  secondsBehind: Schema.Finite.annotate({ description: "How far behind the log it is" }),
  resync: Schema.NullOr(Resync).annotate({
    description: "The resync under way, or the last one; null where there was none",
  }),
  madeBy: Schema.String.annotate({
    description: "The key that saved it last: when that is revoked, the feed is disabled",
  }),
  secrets: Schema.Array(Schema.Struct({ createdAt: time, endsAt: Schema.NullOr(time) })).annotate({
    description: "The secrets that sign, the newest first; they are never shown again",
  }),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
};

export const StockFeed = Schema.Struct(fields).annotate({ identifier: "StockFeed" });

export const StockFeedWithTroubles = Schema.Struct({
  ...fields,
  troubles: Schema.Array(Trouble).annotate({
    description:
      `SKUs that it has not taken, ${levelLimits.troubles} of them; they are tried again`,
  }),
}).annotate({ identifier: "StockFeedWithTroubles" });

export const StockFeedWithSecret = Schema.Struct({
  ...fields,
  secret: Schema.NullOr(Schema.String).annotate({
    description: "The one that was made for a new feed: shown this once. Null in other answers",
  }),
}).annotate({ identifier: "StockFeedWithSecret" });
