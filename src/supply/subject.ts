/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { supplyBalance } from "./balance.ts";

export const supply: Subject = {
  name: "supply",
  balances: [supplyBalance],
};
