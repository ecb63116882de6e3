/** The operations of webhook endpoints that pages ask for, and their answers. */
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as actions from "../actions.ts";
import * as deliveries from "../deliveries.ts";
import type { DeliveryView, WebhookView } from "../views.ts";
import * as webhooks from "../webhooks.ts";

/** With the secret that was made now; null when the form was sent twice. */
export type NewSecret = WebhookView & { readonly secret: string | null };

export type DeliveryRow = DeliveryView & {
  readonly nextAt?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly answer?: string;
  readonly tookMs?: number;
};

export const listWebhooks = operation<ApiPage<WebhookView>>(webhooks.listWebhooks);
export const getWebhook = operation<WebhookView>(webhooks.getWebhook);
export const createWebhook = operation<NewSecret>(webhooks.createWebhook);
export const removeWebhook = operation<null>(webhooks.removeWebhook);
export const rotateWebhookSecret = operation<NewSecret>(actions.rotateWebhookSecret);
export const testWebhook = operation<WebhookView>(actions.testWebhook);
export const enableWebhook = operation<WebhookView>(actions.enableWebhook);
export const disableWebhook = operation<WebhookView>(actions.disableWebhook);
export const redeliverWebhook = operation<{ readonly id: string }>(actions.redeliverWebhook);
export const dismissDeliveries = operation<{ readonly id: string }>(actions.dismissDeliveries);
export const listDeliveries = operation<ApiPage<DeliveryRow>>(deliveries.listDeliveries);
