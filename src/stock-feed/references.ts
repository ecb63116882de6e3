/** Stock feeds, as a reference: every process knows them all. */
import { Schema } from "effect";
import type { SealedPlace } from "../kernel/sealed.ts";
import { secretsField, SigningSecretsSchema } from "../outbound/signing.ts";
import { reference, savedFields } from "../subject/reference.ts";
import {
  feedDisabledCodes,
  feedRecordKind,
  feedRecords,
  recordTypeOf,
  type StockFeed,
} from "./feed.ts";
import { levelLimits } from "./limits.ts";

const { saved, removed, disabled, resynced } = feedRecords;

export const stockFeeds = reference<StockFeed>({
  name: "stock_feed",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    url: Schema.String,
    locationIds: Schema.Array(Schema.String),
    buffer: Schema.Int,
    minIntervalMs: Schema.Int,
    batchSize: Schema.Int,
    description: Schema.String,
    enabled: Schema.Boolean,
    disabled: Schema.NullOr(Schema.Struct({
      code: Schema.Literals(feedDisabledCodes),
      reason: Schema.String,
      at: Schema.String,
    })),
    madeBy: Schema.String,
    secrets: SigningSecretsSchema,
    ...savedFields,
  }),
  limit: levelLimits.feeds,
  memory: { type: "all" },
  sealed: [secretsField],
  records: {
    kind: feedRecordKind,
    idMember: "stockFeedId",
    added: saved,
    saved,
    removed,
    savedAs: [disabled],
    concerning: [resynced],
  },
  savedAs: recordTypeOf,
});

/** Where the secrets of a feed are sealed: they open nowhere else. */
export const placeOfFeedSecret = (id: string): SealedPlace => ({
  key: stockFeeds.key(id),
  field: secretsField,
});
