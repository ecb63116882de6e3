/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { items, locations } from "./references.ts";

export const catalog: Subject = {
  name: "catalog",
  references: [locations, items],
};
