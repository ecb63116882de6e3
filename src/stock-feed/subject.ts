/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { feedOutbox } from "./outbox.ts";
import { stockFeeds } from "./references.ts";

export const stockFeed: Subject = {
  name: "stock feed",
  references: [stockFeeds],
  reactors: [feedOutbox],
};
