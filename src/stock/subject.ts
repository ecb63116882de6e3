/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { stockBalance } from "./balance.ts";
import { stockRecords } from "./record.ts";
import { stockSections } from "./status-section.ts";

export const stock: Subject = {
  name: "stock",
  balances: [stockBalance],
  records: [stockRecords],
  status: [stockSections],
};
