/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { lotBalance, lotSums, lotTotalBalance, serialBalance } from "./balance.ts";
import { lotRecords } from "./record.ts";
import { lotTrace } from "./trace.ts";

/** `stock` is the name of the balance that lots are parts of. */
export const lotSubject = (stock: string): Subject => ({
  name: "lot",
  balances: [lotBalance, lotTotalBalance, serialBalance],
  sums: lotSums(stock),
  records: [lotRecords],
  reactors: [lotTrace],
});
