/** All routes of webhook endpoints. */
import {
  disableWebhook,
  dismissDeliveries,
  enableWebhook,
  redeliverWebhook,
  rotateWebhookSecret,
  testWebhook,
} from "./actions.ts";
import { listDeliveries } from "./deliveries.ts";
import { createWebhook, getWebhook, listWebhooks, removeWebhook, saveWebhook } from "./webhooks.ts";

export const webhookRoutes = [
  createWebhook,
  listWebhooks,
  getWebhook,
  saveWebhook,
  removeWebhook,
  rotateWebhookSecret,
  testWebhook,
  enableWebhook,
  disableWebhook,
  listDeliveries,
  redeliverWebhook,
  dismissDeliveries,
];
