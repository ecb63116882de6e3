/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { messageChannels } from "./channel.ts";
import { messageFamily } from "./keys.ts";
import type { MessageKind } from "./kind.ts";
import { messageOutbox } from "./outbox.ts";
import { messageTemplates } from "./template.ts";

export const messageSubject = (kinds: readonly MessageKind[]): Subject => ({
  name: "message",
  references: [messageTemplates, messageChannels],
  reactors: [messageOutbox(kinds)],
  families: [messageFamily],
});
