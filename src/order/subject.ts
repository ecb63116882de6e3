/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { orders } from "./definition.ts";
import { orderDimensions } from "./lists.ts";
import { orderSections } from "./status-sections.ts";

export const order: Subject = {
  name: "order",
  aggregates: [orders],
  dimensions: orderDimensions,
  status: [orderSections],
};
