/** What all routes of payments share. */
import type { Tag } from "../http/registry.ts";

export const paymentsTag: Tag = {
  name: "Payments",
  description: "What customers pay, what is captured of it, and what is given back",
};

export const ofPayments = {
  tags: [paymentsTag],
  scopes: { channel: "narrowed", location: "refused" },
} as const;
