/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { webhookOutbox } from "./outbox.ts";
import { webhooks } from "./references.ts";

export const webhook: Subject = {
  name: "webhook",
  references: [webhooks],
  reactors: [webhookOutbox],
};
