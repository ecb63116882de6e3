/** Payments that somebody has to look after, and all others by their status. */
import { paymentStatuses } from "../../../src/order/payment.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { show } from "../../dashboard/layout.tsx";
import {
  Amount,
  Empty,
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
import { listPayments, type PaymentView } from "./operations.ts";
import { StatusBadge } from "./status-badge.tsx";

export const paymentsPath = "/payments";

const Row = ({ each, visit }: { readonly each: PaymentView; readonly visit: Visit }) => (
  <tr id={each.id}>
    <td>
      <a href={`${path("orders", each.orderId)}#payments`}>{each.externalId}</a>
      <br />
      <span class="muted">{each.channel}</span>
    </td>
    <td>
      <StatusBadge status={each.status} />
    </td>
    <td>{each.attention.map((reason) => <p class="urgent">{words(reason)}</p>)}</td>
    <td class="wide">
      {words(each.provider)} <span class="code muted">{each.reference ?? each.id}</span>
    </td>
    <td class="number">
      <Amount of={each.amount} visit={visit} />
    </td>
  </tr>
);

const statuses = paymentStatuses.map((status) => ({ value: status, text: words(status) }));

const paymentsPage = async (c: PageContext) => {
  const visit = c.get("visit");
  const filters = given(c, ["status", "cursor"]);
  // Without a status the page is the list of what is to be done.
  const query = filters.status === undefined ? { ...filters, attention: "true" } : filters;
  const told = await visit.calls.ask(listPayments, {
    query: { ...query, limit: String(dashboardLimits.rowsPerPage) },
  });
  const page = { title: "Payments", section: "Payments", live: {} };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { data, nextCursor } = told.value;
  return show(
    c,
    page,
    <>
      <form method="get" action={paymentsPath} class="filters card" aria-label="Payments">
        <Select
          label="Status"
          name="status"
          value={filters.status}
          all="Somebody has to look"
          choices={statuses}
        />
        <button type="submit" class="main">Show</button>
      </form>
      <Live id="payments" calm url={withQuery(paymentsPath, filters)}>
        <section class="card" aria-label="Payments">
          {data.length === 0 ? <Empty>There is none.</Empty> : (
            <Table
              label="Payments"
              head={[
                { text: "Order" },
                { text: "Status" },
                { text: "To look at" },
                { text: "Provider", wide: true },
                { text: "Amount", number: true },
              ]}
            >
              {data.map((each) => <Row each={each} visit={visit} />)}
            </Table>
          )}
          <Pager
            target={paymentsPath}
            query={filters}
            next={nextCursor}
            begin="First"
            go="Next"
          />
        </section>
      </Live>
    </>,
  );
};

export const paymentPages = (app: Dashboard): void => {
  app.get(paymentsPath, paymentsPage);
};
