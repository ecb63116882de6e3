/** What messages of a channel are like, as people save it; and channels whose customers others tell. */
import { Schema } from "effect";
import { reference, type Saved, savedFields } from "../subject/reference.ts";
import { messageLimits } from "./limits.ts";

export interface MessageChannel extends Saved {
  readonly channel: string;
  /** Whether its customers are told. */
  readonly enabled: boolean;
  /** The sender, such as `Shop <orders@shop.example>`; that of the settings when absent. */
  readonly from?: string;
  /** What the shop is called in messages; the sender's name when absent. */
  readonly shopName?: string;
  /** Of orders that name none. */
  readonly language?: string;
  /** Of dates in messages, from the IANA database. */
  readonly timeZone?: string;
}

export const messageChannels = reference<MessageChannel>({
  name: "message_channel",
  idOf: ({ channel }) => channel,
  schema: Schema.Struct({
    channel: Schema.String,
    enabled: Schema.Boolean,
    from: Schema.optionalKey(Schema.String),
    shopName: Schema.optionalKey(Schema.String),
    language: Schema.optionalKey(Schema.String),
    timeZone: Schema.optionalKey(Schema.String),
    ...savedFields,
  }),
  limit: messageLimits.channels,
  memory: { type: "all" },
});

/** Marketplaces tell their buyers themselves, and forbid others to. */
const marketplaces: ReadonlySet<string> = new Set([
  ...["aliexpress", "allegro", "amazon", "bol", "cdiscount", "ebay", "etsy", "kaufland"],
  ...["mercadolibre", "otto", "rakuten", "shein", "temu", "walmart", "zalando"],
]);

/** By a word of its name: `amazon`, `amazon-de`, `eBay UK`. */
export const isMarketplace = (channel: string): boolean =>
  channel.toLowerCase().split(/[^a-z]+/).some((word) => marketplaces.has(word));

/** Whether a channel's customers are told, where nobody has said. */
export const isToldByDefault = (channel: string): boolean => !isMarketplace(channel);

export const defaultTimeZone = "UTC";
