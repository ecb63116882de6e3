/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { calendars, carriers } from "./references.ts";

export const calendar: Subject = {
  name: "calendar",
  references: [calendars, carriers],
};
