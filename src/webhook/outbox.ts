/** Lanes of webhook endpoints, as the machine knows them. */
import { isRevocationOf, revokedReason } from "../access/revocation.ts";
import { type DocumentOutbox, documentOutbox } from "../subject/reactor.ts";
import { messageOf } from "./events.ts";
import { webhooks } from "./references.ts";
import { disabledFor, type Webhook } from "./webhook.ts";

export const webhookLanes: DocumentOutbox<Webhook> = {
  type: "document outbox",
  name: "webhook",
  reference: webhooks,
  isOpen: ({ enabled }) => enabled,
  startOf: ({ start }) => start,
  messageOf,
  endedBy: (webhook, record) =>
    isRevocationOf(webhook.owner.keyId, record)
      ? { code: "withdrawn", reason: revokedReason }
      : null,
  closed: (webhook, { code, reason }, at) =>
    webhook.enabled
      ? disabledFor(webhook, code === "withdrawn" ? "key_revoked" : code, reason, at)
      : null,
};

export const webhookOutbox = documentOutbox(webhookLanes);
