/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { orders } from "./definition.ts";
import { orderDimensions } from "./lists.ts";
import { returnPolicies } from "./return-policy.ts";
import { returnSections } from "./return-status.ts";
import { orderSections } from "./status-sections.ts";

export const order: Subject = {
  name: "order",
  aggregates: [orders],
  references: [returnPolicies],
  dimensions: orderDimensions,
  status: [orderSections, returnSections],
};
