/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { providers } from "./references.ts";

export const payment: Subject = {
  name: "payment",
  references: [providers],
  families: ["provider_claim"],
};
