/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { stockBalance } from "./balance.ts";

export const stock: Subject = { name: "stock", balances: [stockBalance] };
