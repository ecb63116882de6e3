/** The order in bodies of webhooks: as `GET /v1/orders/{id}` shows it, and its personal data apart. */
import type { OrderViews } from "../../actors/webhook/webhook-sink.ts";
import { orderView } from "../order/views.ts";

export const orderInWebhooks: OrderViews = {
  order: (document) => {
    const { customer: _, shippingAddress: __, billingAddress: ___, note: ____, ...order } =
      orderView(document);
    return order;
  },
  personal: (document) => {
    const { customer, shippingAddress, billingAddress, note } = orderView(document);
    return { customer, shippingAddress, billingAddress, note };
  },
};
