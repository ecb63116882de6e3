/** The chapter of purchase orders and transfers. */
import type { Tag } from "../http/registry.ts";

export const supplyTag: Tag = {
  name: "Supply",
  description: "What is on its way: purchase orders, and transfers from one location to another",
};
