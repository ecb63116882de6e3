/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { channels } from "./references.ts";

export const channel: Subject = {
  name: "channel",
  references: [channels],
};
