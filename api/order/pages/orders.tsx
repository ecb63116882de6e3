/** The list of orders, with a search by the ids and references that people know. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import { indexLimits } from "../../../src/store/limits.ts";
import { epochMsOf, type Instant, instantOf } from "../../../src/kernel/instant.ts";
import { localDay } from "../../../src/kernel/local-day.ts";
import { orderStatuses } from "../../../src/order/order.ts";
import { orderIdOfFulfillmentOrder, orderIdOfShipment } from "../../../src/order/ids.ts";
import type { ApiPage, SessionApi } from "../../dashboard/calls.ts";
import { csvDownload, type CsvList } from "../../dashboard/csv.tsx";
import { show } from "../../dashboard/layout.tsx";
import { locationChoices } from "../../catalog/pages/choices.ts";
import { codesIn, HeldMark } from "./holds.tsx";
import {
  Amount,
  type Choice,
  Empty,
  ExportLink,
  Field,
  Live,
  Pager,
  Refusal,
  Select,
  Table,
  When,
  words,
} from "../../dashboard/parts.tsx";
import { type Dashboard, given, path, type Visit, withQuery } from "../../dashboard/visit.ts";
import { listOrders, type OrderView } from "./operations.ts";
import { StatusBadge } from "./status-badge.tsx";

const searches: readonly Choice[] = [
  { value: "any", text: "Anything below" },
  { value: "externalId", text: "External id" },
  { value: "id", text: "Id of an order, fulfillment order or shipment" },
  { value: "customerId", text: "Customer id" },
  { value: "trackingNumber", text: "Tracking number" },
  { value: "sku", text: "SKU" },
];

const filterNames = ["q", "in", "status", "channel", "locationId", "from", "to", "cursor"];

const kinds = ["externalId", "customerId", "trackingNumber", "sku"] as const;
const searched: ReadonlySet<string> = new Set(kinds);

type Filters = Readonly<Record<string, string>>;

/** A moment before: the API leaves out the moment itself. */
const justBefore = (instant: Instant): Instant => instantOf(epochMsOf(instant) - 1);

/** What of a day, where one is said, the API is asked for. */
const placedIn = (filters: Filters, timeZone: string) => {
  const day = (name: string) => {
    const text = filters[name];
    return text === undefined ? null : localDay(text, timeZone);
  };
  const [from, to] = [day("from"), day("to")];
  return {
    placedAfter: from === null ? undefined : justBefore(from.start),
    placedBefore: to?.end,
  };
};

const queryOf = (filters: Filters, { timeZone }: Visit): Readonly<Record<string, string>> => {
  const { q, status, channel, locationId, cursor } = filters;
  const search = filters["in"] ?? "any";
  const named: Readonly<Record<string, string | undefined>> = {
    status,
    channel,
    locationId,
    cursor,
    ...placedIn(filters, timeZone),
    // A text that no kind of search has found is looked for as an external id, and not found.
    ...(q === undefined ? {} : { [searched.has(search) ? search : "externalId"]: q }),
    limit: String(dashboardLimits.rowsPerPage),
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
};

/** The order that an id of it or of one of its parts names. */
export const orderIdIn = (id: string): string | null =>
  id.startsWith("ord_") ? id : orderIdOfFulfillmentOrder(id) ?? orderIdOfShipment(id);

const isAnything = (filters: Filters): boolean =>
  filters["q"] !== undefined && (filters["in"] ?? "any") === "any";

/** The first kind of search that finds something; undefined when none does. */
const kindOf = async (calls: SessionApi, q: string): Promise<string | undefined> => {
  const told = await Promise.all(
    kinds.map((kind) => calls.ask(listOrders, { query: { [kind]: q, limit: "1" } })),
  );
  return kinds.find((_, index) => {
    const answer = told[index];
    return answer?.ok === true && answer.value.data.length > 0;
  });
};

const Search = (
  { visit, filters, locations }: {
    readonly visit: Visit;
    readonly filters: Filters;
    readonly locations: readonly Choice[];
  },
) => (
  <form
    method="get"
    action="/orders"
    class="filters card"
    role="search"
    aria-label="Orders"
    data-zone={visit.timeZone}
  >
    <Field label="Search for" name="q" type="search" value={filters["q"]} />
    <Select label="In" name="in" value={filters["in"]} choices={searches} />
    <Select
      label="Status"
      name="status"
      value={filters["status"]}
      all="All"
      choices={orderStatuses.map((status) => ({ value: status, text: words(status) }))}
    />
    <Field label="Channel" name="channel" value={filters["channel"]} />
    <Select
      label="Location"
      name="locationId"
      value={filters["locationId"]}
      all="All"
      choices={locations}
    />
    <Field
      label={`Placed from (${visit.timeZone})`}
      name="from"
      type="date"
      value={filters["from"]}
    />
    <Field label={`Placed to (${visit.timeZone})`} name="to" type="date" value={filters["to"]} />
    <button type="submit" class="main">Show</button>
    <a href="/orders">Clear</a>
  </form>
);

const unitsOf = ({ lines }: OrderView): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

const Row = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => (
  <tr id={order.id}>
    <td>
      <a href={path("orders", order.id)}>{order.externalId}</a>
      <br />
      <span class="code muted wide">{order.id}</span>
      <span class="muted compact">
        {order.customer.name}, <When at={order.placedAt} visit={visit} />
      </span>
    </td>
    <td>
      <StatusBadge status={order.status} /> <HeldMark codes={codesIn(order)} />
    </td>
    <td class="wide">{order.channel}</td>
    <td class="wide">{order.customer.name}</td>
    <td class="number wide">
      {visit.format.number(unitsOf(order))}
    </td>
    <td class="number">
      <Amount of={order.totals.total} visit={visit} />
    </td>
    <td class="wide">
      <When at={order.placedAt} visit={visit} />
    </td>
  </tr>
);

const Found = ({ visit, page, filters }: {
  readonly visit: Visit;
  readonly page: ApiPage<OrderView>;
  readonly filters: Filters;
}) => (
  <section class="card" aria-label="Orders found">
    <ExportLink target="/orders.csv" query={filters} />
    {page.data.length === 0
      ? (
        <Empty>
          {isAnything(filters)
            ? (
              <>
                No order has this id, external id or customer, and none of the newest{" "}
                {visit.format.number(indexLimits.documentsScannedPerPage)} has this SKU.{" "}
                <a href={withQuery("/orders", { ...filters, in: "sku" })}>
                  Look for the SKU in older orders
                </a>
              </>
            )
            : page.nextCursor === null
            ? "There are no such orders."
            : "None among the orders looked at: go on with older ones."}
        </Empty>
      )
      : (
        <Table
          label="Orders, newest first"
          head={[
            { text: "Order" },
            { text: "Status" },
            { text: "Channel", wide: true },
            { text: "Customer", wide: true },
            { text: "Units", number: true, wide: true },
            { text: "Total", number: true },
            { text: "Placed", wide: true },
          ]}
        >
          {page.data.map((order) => <Row order={order} visit={visit} />)}
        </Table>
      )}
    <Pager target="/orders" query={filters} next={page.nextCursor} />
  </section>
);

const csvOfOrders = (visit: Visit, filters: Filters): CsvList<OrderView> => ({
  name: "orders",
  section: "Orders",
  heading: [
    ...["id", "externalId", "channel", "status", "holds", "customerId", "customer", "units"],
    ...["currency", "subtotal", "discount", "tax", "shipping", "total"],
    ...["locations", "placedAt", "updatedAt"],
  ],
  cells: (order) => {
    const { totals, customer } = order;
    const places = new Set(order.fulfillmentOrders.map(({ locationId }) => locationId ?? ""));
    return [
      order.id,
      order.externalId,
      order.channel,
      order.status,
      codesIn(order).join(" "),
      "id" in customer ? customer.id : undefined,
      customer.name,
      unitsOf(order),
      order.currency,
      totals.subtotal.amount,
      totals.discount.amount,
      totals.tax.amount,
      totals.shipping.amount,
      totals.total.amount,
      [...places].join(" ").trim(),
      order.placedAt,
      order.updatedAt,
    ];
  },
  page: (query) => visit.calls.ask(listOrders, { query: { ...queryOf(filters, visit), ...query } }),
});

export const orderListPages = (app: Dashboard): void => {
  app.get("/orders.csv", (c) => {
    const { cursor: _, ...filters } = given(c, filterNames);
    return csvDownload(
      c,
      csvOfOrders(c.get("visit"), filters),
    );
  });

  app.get("/orders", async (c) => {
    const visit = c.get("visit");
    const filters = given(c, filterNames);
    const { q, channel, locationId } = filters;
    const search = filters["in"] ?? "any";
    if (q !== undefined && (search === "any" || search === "id")) {
      const orderId = orderIdIn(q);
      if (orderId !== null) return c.redirect(path("orders", orderId), 303);
      const kind = search === "any" ? await kindOf(visit.calls, q) : undefined;
      if (kind !== undefined) {
        return c.redirect(withQuery("/orders", { ...filters, in: kind }), 303);
      }
    }
    const page = {
      title: "Orders",
      section: "Orders",
      live: {
        ...(channel === undefined ? {} : { channel }),
        ...(locationId === undefined ? {} : { locationId }),
      },
    };
    const [told, locations] = await Promise.all([
      visit.calls.ask(listOrders, { query: queryOf(filters, visit) }),
      locationChoices(visit.calls),
    ]);
    return show(
      c,
      page,
      <>
        <Search visit={visit} filters={filters} locations={locations} />
        {!told.ok
          ? <Refusal refused={told} />
          : (
            <Live id="found" calm url={withQuery("/orders", filters)}>
              <Found visit={visit} page={told.value} filters={filters} />
            </Live>
          )}
      </>,
      told.ok ? 200 : told.status,
    );
  });
};
