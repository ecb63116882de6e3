/** Purchase orders in a list. */
import { purchaseOrderStatuses } from "../../../src/supply/purchase-order.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { locationChoices } from "../../catalog/pages/choices.ts";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import {
  type Choice,
  Empty,
  Field,
  Live,
  Pager,
  Refusal,
  Select,
  Table,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  given,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import { importPurchaseOrders, listPurchaseOrders, type PurchaseOrderShown } from "./operations.ts";
import { importPages } from "./import.tsx";
import { Due, SupplyStatus } from "./parts.tsx";

export const purchaseOrdersPath = "/purchase-orders";
export const purchaseOrdersSection = "Purchase orders";

const openStatuses = ["open", "changing", "partially_received"].join(",");
/** The choice that is no single status. */
const everyStatus = "all";
const dueChoices: readonly Choice[] = [{ value: "late", text: "Late" }];

const Filters = ({ filters, locations }: {
  readonly filters: Readonly<Record<string, string>>;
  readonly locations: readonly Choice[];
}) => (
  <form
    method="get"
    action={purchaseOrdersPath}
    class="filters card"
    role="search"
    aria-label="Purchase orders"
  >
    <Field label="SKU" name="sku" value={filters["sku"]} maxLength={textLimits.sku} />
    <Field
      label="Supplier"
      name="supplierId"
      value={filters["supplierId"]}
      maxLength={textLimits.id}
    />
    <Select
      label="Location"
      name="locationId"
      value={filters["locationId"]}
      all="All"
      choices={locations}
    />
    <Select
      label="Status"
      name="status"
      value={filters["status"]}
      all="Open"
      choices={[
        ...purchaseOrderStatuses.map((value) => ({ value, text: words(value) })),
        { value: everyStatus, text: "Every status" },
      ]}
    />
    <Select label="Due" name="due" value={filters["due"]} all="Any time" choices={dueChoices} />
    <button type="submit" class="main">Show</button>
    <a href={purchaseOrdersPath}>Clear</a>
  </form>
);

/** Its lines of which units are still to come, the earliest first. */
export const openLines = ({ lines }: PurchaseOrderShown) =>
  lines.filter(({ expected }) => expected > 0)
    .toSorted((one, other) => one.expectedAt < other.expectedAt ? -1 : 1);

const Row = ({ each, visit }: { readonly each: PurchaseOrderShown; readonly visit: Visit }) => {
  const open = openLines(each);
  const [first] = open;
  return (
    <tr id={each.id} role="row">
      <td role="cell">
        <a href={purchaseOrdersPath + path(each.id)}>{each.externalId ?? each.id}</a>
      </td>
      <td role="cell">
        <SupplyStatus status={each.status} />
      </td>
      <td role="cell">{each.supplierId ?? "–"}</td>
      <td role="cell">{each.locationId}</td>
      <td role="cell" class="number">
        {visit.format.number(open.reduce((sum, { expected }) => sum + expected, 0))}
      </td>
      <td role="cell">
        {first === undefined ? "–" : <Due at={first.expectedAt} isOpen visit={visit} />}
      </td>
    </tr>
  );
};

const listPage = async (c: PageContext) => {
  const visit = c.get("visit");
  const filters = given(c, ["sku", "supplierId", "locationId", "status", "due", "cursor"]);
  const { status, due, ...rest } = filters;
  const [told, locations] = await Promise.all([
    visit.calls.ask(listPurchaseOrders, {
      query: {
        ...rest,
        ...(status === everyStatus ? {} : { status: status ?? openStatuses }),
        ...(due === "late" ? { expectedBefore: new Date(visit.nowMs).toISOString() } : {}),
        limit: String(dashboardLimits.rowsPerPage),
      },
    }),
    locationChoices(visit.calls),
  ]);
  const page = { title: "Purchase orders", section: purchaseOrdersSection, live: {} };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { data, nextCursor } = told.value;
  return show(
    c,
    page,
    <>
      <Filters filters={filters} locations={locations} />
      {visit.calls.may(importPurchaseOrders)
        ? <a href={`${purchaseOrdersPath}/import`} class="button">Import…</a>
        : null}
      <Live id="purchase-orders" calm url={withQuery(purchaseOrdersPath, filters)}>
        <section class="card" aria-label="Purchase orders">
          {data.length === 0 ? <Empty>Nothing is to come.</Empty> : (
            <Table
              label="Purchase orders, newest first"
              stacked
              head={[
                { text: "Purchase order" },
                { text: "Status" },
                { text: "Supplier" },
                { text: "To" },
                { text: "Units to come", number: true },
                { text: "Next due" },
              ]}
            >
              {data.map((each) => <Row each={each} visit={visit} />)}
            </Table>
          )}
          <Pager target={purchaseOrdersPath} query={filters} next={nextCursor} />
        </section>
      </Live>
    </>,
  );
};

export const purchaseOrderListPages = (app: Dashboard): void => {
  app.get(purchaseOrdersPath, listPage);
  importPages(app, {
    target: purchaseOrdersPath,
    section: purchaseOrdersSection,
    title: "Import purchase orders",
    operation: importPurchaseOrders,
    heading: "externalId,supplierId,locationId,sku,quantity,expectedAt",
  });
};
