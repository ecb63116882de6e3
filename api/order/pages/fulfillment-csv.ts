/** Fulfillment orders as a file: of all locations that a key sees, or of one. */
import { csvDownload, type CsvList } from "../../dashboard/csv.tsx";
import { type Dashboard, given, type Visit } from "../../dashboard/visit.ts";
import { type FulfillmentOrderView, listFulfillmentOrders } from "./operations.ts";

const sumOf = (
  { lines }: FulfillmentOrderView,
  units: "quantity" | "picked" | "shipped",
): number => lines.reduce((sum, line) => sum + line[units], 0);

const listOf = (
  { calls }: Visit,
  filters: Readonly<Record<string, string>>,
): CsvList<FulfillmentOrderView> => ({
  name: "fulfillment-orders",
  section: "Fulfillment",
  heading: [
    ...["id", "orderId", "externalId", "channel", "locationId", "status", "holds", "method"],
    ...["recipient", "units", "picked", "shipped", "createdAt", "updatedAt"],
  ],
  cells: (each) => [
    each.id,
    each.orderId,
    each.externalId,
    each.channel,
    each.locationId ?? undefined,
    each.status,
    each.holds.join(" "),
    each.method,
    each.recipient.name,
    sumOf(each, "quantity"),
    sumOf(each, "picked"),
    sumOf(each, "shipped"),
    each.createdAt,
    each.updatedAt,
  ],
  page: (query) => calls.ask(listFulfillmentOrders, { query: { ...filters, ...query } }),
});

export const fulfillmentCsv = (app: Dashboard): void => {
  app.get("/fulfillment-orders.csv", (c) => {
    const filters = given(c, ["locationId", "status", "queue"]);
    return csvDownload(c, listOf(c.get("visit"), filters));
  });
};
