/** Transfers in a list. */
import { transferStatuses } from "../../../src/supply/transfer.ts";
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
import { importPages } from "./import.tsx";
import { importTransfers, listTransfers, type TransferShown } from "./operations.ts";
import { Due, SupplyStatus } from "./parts.tsx";

export const transfersPath = "/transfers";
export const transfersSection = "Transfers";

const openStatuses = [
  ...["requested", "partially_shipped", "in_transit", "changing", "partially_received"],
].join(",");
/** The choice that is no single status. */
const everyStatus = "all";
const dueChoices: readonly Choice[] = [{ value: "late", text: "Late" }];

const Filters = ({ filters, locations }: {
  readonly filters: Readonly<Record<string, string>>;
  readonly locations: readonly Choice[];
}) => (
  <form
    method="get"
    action={transfersPath}
    class="filters card"
    role="search"
    aria-label="Transfers"
  >
    <Field label="SKU" name="sku" value={filters["sku"]} maxLength={textLimits.sku} />
    <Select label="From" name="from" value={filters["from"]} all="All" choices={locations} />
    <Select label="To" name="to" value={filters["to"]} all="All" choices={locations} />
    <Select
      label="Status"
      name="status"
      value={filters["status"]}
      all="Open"
      choices={[
        ...transferStatuses.map((value) => ({ value, text: words(value) })),
        { value: everyStatus, text: "Every status" },
      ]}
    />
    <Select label="Due" name="due" value={filters["due"]} all="Any time" choices={dueChoices} />
    <button type="submit" class="main">Show</button>
    <a href={transfersPath}>Clear</a>
  </form>
);

/** Units that have not left, and units that are on their way. */
export const openUnitsOf = ({ lines }: TransferShown) => ({
  leaving: lines.reduce(
    (sum, { quantity, shipped, released }) => sum + quantity - shipped - released,
    0,
  ),
  coming: lines.reduce((sum, { inTransit }) => sum + inTransit, 0),
});

const Row = ({ each, visit }: { readonly each: TransferShown; readonly visit: Visit }) => {
  const { leaving, coming } = openUnitsOf(each);
  return (
    <tr id={each.id} role="row">
      <td role="cell">
        <a href={transfersPath + path(each.id)}>{each.externalId ?? each.id}</a>
      </td>
      <td role="cell">
        <SupplyStatus status={each.status} />
      </td>
      <td role="cell">{each.from}</td>
      <td role="cell">{each.to}</td>
      <td role="cell" class="number">{visit.format.number(leaving)}</td>
      <td role="cell" class="number">{visit.format.number(coming)}</td>
      <td role="cell">
        <Due at={each.expectedAt} isOpen={leaving + coming > 0} visit={visit} />
      </td>
    </tr>
  );
};

const listPage = async (c: PageContext) => {
  const visit = c.get("visit");
  const filters = given(c, ["sku", "from", "to", "status", "due", "cursor"]);
  const { status, due, ...rest } = filters;
  const [told, locations] = await Promise.all([
    visit.calls.ask(listTransfers, {
      query: {
        ...rest,
        ...(status === everyStatus ? {} : { status: status ?? openStatuses }),
        ...(due === "late" ? { expectedBefore: new Date(visit.nowMs).toISOString() } : {}),
        limit: String(dashboardLimits.rowsPerPage),
      },
    }),
    locationChoices(visit.calls),
  ]);
  const page = { title: "Transfers", section: transfersSection, live: {} };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { data, nextCursor } = told.value;
  return show(
    c,
    page,
    <>
      <Filters filters={filters} locations={locations} />
      {visit.calls.may(importTransfers)
        ? <a href={`${transfersPath}/import`} class="button">Import…</a>
        : null}
      <Live id="transfers" calm url={withQuery(transfersPath, filters)}>
        <section class="card" aria-label="Transfers">
          {data.length === 0 ? <Empty>Nothing is on its way.</Empty> : (
            <Table
              label="Transfers, newest first"
              stacked
              head={[
                { text: "Transfer" },
                { text: "Status" },
                { text: "From" },
                { text: "To" },
                { text: "To leave", number: true },
                { text: "On their way", number: true },
                { text: "Due" },
              ]}
            >
              {data.map((each) => <Row each={each} visit={visit} />)}
            </Table>
          )}
          <Pager target={transfersPath} query={filters} next={nextCursor} />
        </section>
      </Live>
    </>,
  );
};

export const transferListPages = (app: Dashboard): void => {
  app.get(transfersPath, listPage);
  importPages(app, {
    target: transfersPath,
    section: transfersSection,
    title: "Import transfers",
    operation: importTransfers,
    heading: "externalId,from,to,sku,quantity,expectedAt",
  });
};
