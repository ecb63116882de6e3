/** The chapter of payment providers. */
import type { Tag } from "../http/registry.ts";

export const providersTag: Tag = {
  name: "Payment providers",
  description: "Who is called for payments, and what each of them can do",
};
