/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { orderDimensions } from "./lists.ts";
import { orderRecords } from "./record-kind.ts";
import { orderSections } from "./status-sections.ts";

export const order: Subject = {
  name: "order",
  records: [orderRecords],
  dimensions: orderDimensions,
  status: [orderSections],
};
