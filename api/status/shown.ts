/** The status as the dashboard shows it: the machine's own members, with the members of the subjects. */
import type { OrderLooks, OrderSections } from "../../src/order/status-sections.ts";
import type { StatusSnapshot } from "../../src/status/snapshot.ts";
import type { StockSections } from "../../src/stock/status-section.ts";

export type ShownStatus = StatusSnapshot & OrderSections & OrderLooks & StockSections;
