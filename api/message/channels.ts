/** What messages of each channel are like: whether its customers are told, by whom, and in which language. */
import { Effect, Schema } from "effect";
import { mailboxIn } from "../../actors/message/mail-settings.ts";
import { References } from "../../actors/reference/references.ts";
import { Identifier, sentText, TimeZone } from "../../src/kernel/vocabulary.ts";
import {
  type MessageChannel as MessageChannelOf,
  messageChannels,
} from "../../src/message/channel.ts";
import { messageLimits } from "../../src/message/limits.ts";
import { command, noContent } from "../http/answer.ts";
import { getRoute, listRoute, type ReferenceApi, saveRoute } from "../http/reference.ts";
import { route } from "../http/registry.ts";
import { time } from "../http/schemas.ts";
import { Language, messagesTag, unscoped } from "./template-parts.ts";

const Mailbox = sentText(messageLimits.fromLength).check(
  Schema.makeFilter((value: string) =>
    mailboxIn(value) !== null || "must be an address, such as `Shop <orders@shop.example>`"
  ),
).annotate({
  identifier: "Mailbox",
  description: "The sender, such as `Shop <orders@shop.example>`; that of the settings when absent",
});

const settings = {
  from: Schema.optionalKey(Mailbox),
  shopName: Schema.optionalKey(
    sentText(messageLimits.shopNameLength).annotate({
      description: "What the shop is called in messages; the sender's name when absent",
    }),
  ),
  language: Schema.optionalKey(
    Language.annotate({
      description:
        "Of orders whose metadata has neither `language` nor `locale`; English when absent",
    }),
  ),
  timeZone: Schema.optionalKey(
    TimeZone.annotate({ description: "Of dates in messages; UTC when absent" }),
  ),
};

const MessageChannelRequest = Schema.Struct({
  enabled: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Whether its customers are told. True by default" }),
  ),
  ...settings,
}).annotate({
  identifier: "MessageChannelRequest",
  examples: [{
    from: "Nordlicht <orders@nordlicht.example>",
    language: "de",
    timeZone: "Europe/Berlin",
  }],
});

const MessageChannel = Schema.Struct({
  channel: Schema.String,
  enabled: Schema.Boolean,
  from: Schema.optionalKey(Schema.String),
  shopName: Schema.optionalKey(Schema.String),
  language: Schema.optionalKey(Schema.String),
  timeZone: Schema.optionalKey(Schema.String),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "MessageChannel" });

const channelApi: ReferenceApi<MessageChannelOf, typeof MessageChannelRequest.Type> = {
  path: "/v1/messages/channels",
  parameter: "channel",
  id: Identifier,
  body: MessageChannelRequest,
  schema: MessageChannel,
  document: (channel, body) => ({ enabled: true, ...body, channel }),
  tags: [messagesTag],
  read: "messages:read",
  write: "messages:manage",
};

export const saveMessageChannel = saveRoute(messageChannels, channelApi, {
  operationId: "saveMessageChannel",
  summary: "Say whether, by whom and in which language a channel's customers are told",
  description:
    "Where nobody has said, customers are told by the sender of the settings, except those of marketplaces: " +
    "of channels such as `amazon` or `ebay-de`, which forbid it.",
});

export const listMessageChannels = listRoute(messageChannels, channelApi, {
  operationId: "listMessageChannels",
  summary: "Channels with settings of their own for messages",
});

export const getMessageChannel = getRoute(messageChannels, channelApi, {
  operationId: "getMessageChannel",
  summary: "A channel's own settings for messages",
});

export const removeMessageChannel = route({
  method: "DELETE",
  path: "/v1/messages/channels/{channel}",
  operationId: "removeMessageChannel",
  summary: "Take back a channel's own settings for messages",
  tags: [messagesTag],
  permission: "messages:manage",
  scopes: unscoped,
  params: Schema.Struct({ channel: Identifier }),
  responses: { 204: { description: "They are gone" } },
  handler: Effect.fnUntraced(function* (request) {
    const references = yield* References;
    return yield* command(
      request,
      (context) => references.remove(messageChannels, request.params.channel, context),
      noContent,
    );
  }),
});

export const channelRoutes = [
  saveMessageChannel,
  listMessageChannels,
  getMessageChannel,
  removeMessageChannel,
];
