/** The other end of an endpoint's lane: makes the body whole, and posts it. */
import { Effect } from "effect";
import type { OrderDocument } from "../../src/order/document.ts";
import type { Message } from "../../src/outbound/message.ts";
import type { Sealing } from "../../src/secrets/sealing.ts";
import { orderIn, withOrder, withPersonalData } from "../../src/webhook/events.ts";
import { webhookLanes } from "../../src/webhook/outbox.ts";
import { placeOfSecret } from "../../src/webhook/references.ts";
import type { Webhook } from "../../src/webhook/webhook.ts";
import { Orders } from "../order/orders.ts";
import { type Delivery, documentDelivery } from "../outbound/held-lane.ts";
import type { OutboundHttp } from "../outbound/http.ts";
import { signedPost } from "../outbound/signed-post.ts";

/** How an order is shown in bodies: without personal data, and its personal data. */
export interface OrderViews {
  readonly order: (document: OrderDocument) => object;
  readonly personal: (document: OrderDocument) => object;
}

/** The delivery of the lanes of endpoints. */
export const webhookDelivery = Effect.fnUntraced(function* (
  views: OrderViews,
): Effect.fn.Return<Delivery, never, OutboundHttp | Sealing | Orders> {
  const post = yield* signedPost;
  const orders = yield* Orders;

  /** The order that a body tells of; null where there is none, and where it cannot be read now. */
  const orderOf = (body: string): Effect.Effect<OrderDocument | null> => {
    const id = orderIn(body);
    return id === null
      ? Effect.succeed(null)
      : Effect.match(orders.get(id), { onSuccess: (order) => order, onFailure: () => null });
  };

  const complete = Effect.fnUntraced(function* ({ body }: Message, _: Webhook) {
    const order = yield* orderOf(body);
    return order === null
      ? orderIn(body) === null ? body : null
      : withOrder(body, views.order(order));
  });

  /** What is added at each attempt, so that it is stored nowhere. */
  const bodyToSend = Effect.fnUntraced(function* ({ body }: Message, { include }: Webhook) {
    if (!include.includes("personalData")) return body;
    const order = yield* orderOf(body);
    return order === null ? body : withPersonalData(body, views.personal(order));
  });

  const send = Effect.fnUntraced(function* (message: Message, webhook: Webhook) {
    const body = yield* bodyToSend(message, webhook);
    const { id, url } = webhook;
    return yield* post({ url, id: message.id, body, signing: webhook, place: placeOfSecret(id) });
  });

  return documentDelivery(webhookLanes, {
    send,
    complete,
    completes: ({ include }) => include.length > 0,
  });
});
