/** Returns in a list, with the field into which a desk's scanner types what is on the parcel. */
import { returnStatuses } from "../../../src/order/return.ts";
import { openReturnStatuses } from "../../../src/order/return-status.ts";
import { locationChoices } from "../../catalog/pages/choices.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { show } from "../../dashboard/layout.tsx";
import {
  type Choice,
  Empty,
  Field,
  FormSecrets,
  Live,
  Pager,
  Refusal,
  Select,
  Table,
  When,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  given,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import type { ReturnView } from "../return-schemas.ts";
import { getReturn, listOrders, listReturns } from "./operations.ts";
import { StatusBadge } from "./status-badge.tsx";

export const returnsPath = "/returns";

/** The choice that is no single status. */
const everyStatus = "all";

const Scan = (
  { visit, missed }: { readonly visit: Visit; readonly missed: string | undefined },
) => (
  <form method="post" action={`${returnsPath}/scan`} class="filters card">
    <FormSecrets visit={visit} />
    <Field
      label="Scan or type a return's id, or the number of an order or a parcel"
      name="code"
      id="scan"
      focus
      scan
      required
    />
    <button type="submit" class="main">Open</button>
    {missed === undefined ? null : (
      <p class="message bad" role="alert">
        No return, order or parcel is called “{missed}”.
      </p>
    )}
  </form>
);

const unitsOf = ({ lines }: ReturnView, unit: "quantity" | "awaitingInspection"): number =>
  lines.reduce((sum, line) => sum + line[unit], 0);

const Row = ({ each, visit }: { readonly each: ReturnView; readonly visit: Visit }) => (
  <tr id={each.id} role="row">
    <td role="cell">
      <a href={path("returns", each.id)}>{each.externalId}</a>
    </td>
    <td role="cell">
      <StatusBadge status={each.status} />
    </td>
    <td role="cell">{each.locationId ?? "–"}</td>
    <td role="cell" class="number">{visit.format.number(unitsOf(each, "quantity"))}</td>
    <td role="cell" class="number wide">
      {visit.format.number(unitsOf(each, "awaitingInspection"))}
    </td>
    <td role="cell" class="wide">
      <When at={each.createdAt} visit={visit} />
    </td>
  </tr>
);

const Filters = ({ locations, status, locationId }: {
  readonly locations: readonly Choice[];
  readonly status: string | undefined;
  readonly locationId: string | undefined;
}) => (
  <form method="get" action={returnsPath} class="filters card" aria-label="Returns">
    <Select
      label="Location"
      name="locationId"
      value={locationId}
      all="All"
      choices={locations}
    />
    <Select
      label="Status"
      name="status"
      value={status}
      all="Open"
      choices={[
        ...returnStatuses.map((value) => ({ value, text: words(value) })),
        { value: everyStatus, text: "Every status" },
      ]}
    />
    <button type="submit" class="main">Show</button>
    <a href={returnsPath}>Clear</a>
  </form>
);

const returnsPage = async (c: PageContext) => {
  const visit = c.get("visit");
  const filters = given(c, ["locationId", "status", "cursor"]);
  const { status, locationId } = filters;
  const { status: _chosen, ...rest } = filters;
  const [told, locations] = await Promise.all([
    visit.calls.ask(listReturns, {
      query: {
        ...rest,
        ...(status === everyStatus ? {} : { status: status ?? openReturnStatuses.join(",") }),
        limit: String(dashboardLimits.rowsPerPage),
      },
    }),
    locationChoices(visit.calls),
  ]);
  const page = {
    title: "Returns",
    section: "Returns",
    live: locationId === undefined ? {} : { locationId },
  };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { data, nextCursor } = told.value;
  return show(
    c,
    page,
    <>
      <Scan visit={visit} missed={c.req.query("missed")} />
      <Filters locations={locations} status={status} locationId={locationId} />
      <Live id="returns" calm url={withQuery(returnsPath, filters)}>
        <section class="card" aria-label="Returns">
          {data.length === 0 ? <Empty>Nothing is to come back.</Empty> : (
            <Table
              label="Returns, newest orders first"
              stacked
              head={[
                { text: "Order" },
                { text: "Status" },
                { text: "To" },
                { text: "Units", number: true },
                { text: "To inspect", number: true, wide: true },
                { text: "Asked for", wide: true },
              ]}
            >
              {data.map((each) => <Row each={each} visit={visit} />)}
            </Table>
          )}
          <Pager target={returnsPath} query={filters} next={nextCursor} begin="First" go="Next" />
        </section>
      </Live>
    </>,
  );
};

/** The page that a code on a parcel leads to: of a return, or of the last one of its order, or of the order. */
const pageOf = async (visit: Visit, code: string): Promise<string | undefined> => {
  const direct = await visit.calls.ask(getReturn, { params: { returnId: code } });
  if (direct.ok) return path("returns", direct.value.id);
  const first = async (query: Readonly<Record<string, string>>) => {
    const found = await visit.calls.ask(listOrders, { query: { ...query, limit: "1" } });
    return found.ok ? found.value.data[0] : undefined;
  };
  const order = await first({ externalId: code }) ?? await first({ trackingNumber: code });
  if (order === undefined) return undefined;
  const last = order.returns?.at(-1);
  return last === undefined ? path("orders", order.id) : path("returns", last.id);
};

export const returnListPages = (app: Dashboard): void => {
  app.get(returnsPath, returnsPage);
  app.post(`${returnsPath}/scan`, async (c) => {
    const code = field(c.get("fields"), "code");
    const to = await pageOf(c.get("visit"), code);
    return c.redirect(to ?? withQuery(returnsPath, { missed: code }), 303);
  });
};
