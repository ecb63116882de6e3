/** What the customer of an order was told, and what became of it. */
import { Effect, Schema } from "effect";
import { MessageRecords } from "../../actors/message/message-records.ts";
import { Orders } from "../../actors/order/orders.ts";
import { References } from "../../actors/reference/references.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { messageChannels } from "../../src/message/channel.ts";
import { messageOutcomes, type MessageRecord } from "../../src/message/record.ts";
import { unwantedBecause, unwantedReasons } from "../../src/message/wanted.ts";
import { json } from "../http/answer.ts";
import { route } from "../http/registry.ts";
import { count, time } from "../http/schemas.ts";
import { visible } from "../order/visible.ts";
import { messagesTag } from "./template-parts.ts";

const OrderMessage = Schema.Struct({
  kind: Schema.String.annotate({ description: "Such as `shipped`" }),
  part: Schema.NullOr(Schema.String).annotate({
    description: "The part of the order that it is about, such as a shipment; null: the order",
  }),
  outcome: Schema.Literals(messageOutcomes).annotate({
    identifier: "MessageOutcome",
    description:
      "`waiting`: it is tried again. `sending`: it is being handed to the mail server. `sent`: the mail " +
      "server has it. `rejected`: the mail server will never take it. `expired`: when it could be sent, it was " +
      "no news any more. `ambiguous`: it was handed over, and nobody knows whether it was taken; it is not sent " +
      "again. `failed`: no template makes a message of it",
  }),
  at: time.annotate({ description: "When it came to that" }),
  attempts: count,
  language: Schema.NullOr(Schema.String).annotate({ description: "Of the template" }),
  addressHash: Schema.NullOr(Schema.String).annotate({
    description:
      "A keyed hash of the address: the same one for the same address. The address is not kept",
  }),
  reason: Schema.NullOr(Schema.String).annotate({
    description: "The mail server's words, or Allot's",
  }),
}).annotate({ identifier: "OrderMessage" });

const notTold = [...unwantedReasons, "not_set_up"] as const;

const OrderMessages = Schema.Struct({
  notTold: Schema.NullOr(
    Schema.Literals(notTold).annotate({ identifier: "NotToldReason" }),
  ).annotate({
    description:
      "Why the customer is told nothing more; null: is told. `history`: the order was placed more than a day " +
      "before it came here. `silent`: its metadata says so. `channel`: others tell the channel's customers. " +
      "`no_address`: there is none, or it was erased. `not_set_up`: there is no mail server",
  }),
  data: Schema.Array(OrderMessage).annotate({ description: "In the order of their times" }),
}).annotate({ identifier: "OrderMessages" });

export type OrderMessagesView = typeof OrderMessages.Type;

const viewOf = (
  { kind, part, outcome, at, attempts, language, addressHash, reason }: MessageRecord,
): typeof OrderMessage.Type => ({
  ...{ kind, part, outcome, at, attempts, language, addressHash, reason },
});

export const listOrderMessages = route({
  method: "GET",
  path: "/v1/orders/{orderId}/messages",
  operationId: "listOrderMessages",
  summary: "What an order's customer was told by mail, and what became of it",
  tags: [messagesTag],
  permission: "messages:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: Schema.Struct({ orderId: Identifier }),
  responses: { 200: { description: "All of its messages", schema: OrderMessages } },
  handler: Effect.fnUntraced(function* ({ params, by }) {
    const orders = yield* Orders;
    const references = yield* References;
    const records = yield* MessageRecords;
    const document = yield* visible(by, yield* orders.get(params.orderId));
    const channel = yield* references.find(messageChannels, document.state.channel);
    const view: OrderMessagesView = {
      notTold: records.isSetUp ? unwantedBecause(document, channel) : "not_set_up",
      data: (yield* records.of(document.state.id)).map(viewOf),
    };
    return json(200, view);
  }),
});
