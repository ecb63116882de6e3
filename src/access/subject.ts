/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { accessFamilies } from "./keys.ts";
import { apiKeys } from "./references.ts";

export const access: Subject = {
  name: "access",
  references: [apiKeys],
  families: accessFamilies,
};
