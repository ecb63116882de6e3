/** The work of a location: its queue with the oldest first, and the way to each order by scanner. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import type { FulfillmentAction } from "../../../src/order/order.ts";
import { openFulfillmentStatuses } from "../../../src/order/status.ts";
import type { ApiPage, SessionApi } from "../../dashboard/calls.ts";
import { show } from "../../dashboard/layout.tsx";
import { locationChoices } from "../../catalog/pages/choices.ts";
import { isDated } from "../../../src/order/goods-dates.ts";
import { ShipBy } from "./goods-dates.tsx";
import { HeldMark } from "./holds.tsx";
import { orderIdIn } from "./orders.tsx";
import {
  Empty,
  ExportLink,
  Field,
  FormSecrets,
  Live,
  Pager,
  Refusal,
  Table,
  When,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  given,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import {
  type FulfillmentOrderView,
  getFulfillmentOrder,
  getOrder,
  listFulfillmentOrders,
  listOrders,
} from "./operations.ts";
import { getStatus } from "../../status/pages/operations.ts";
import { StatusBadge } from "./status-badge.tsx";

/** The choice of the queue that is no single status. */
const everyStatus = "all";

/** Ways to look at a location's work, each with how much there is of it, where the key may see that. */
const Views = ({ visit, target, chosen, counts }: {
  readonly visit: Visit;
  readonly target: string;
  readonly chosen: string | undefined;
  readonly counts: Readonly<Record<string, number>> | undefined;
}) => {
  const views = [
    {
      value: undefined,
      text: "To do",
      count: counts && openFulfillmentStatuses.reduce((sum, each) => sum + (counts[each] ?? 0), 0),
    },
    ...openFulfillmentStatuses.map((status) => ({
      value: status,
      text: words(status),
      count: counts && (counts[status] ?? 0),
    })),
    { value: everyStatus, text: "Everything, newest first", count: undefined },
  ];
  return (
    <nav aria-label="Work by status">
      <ul class="views">
        {views.filter(({ value, count }) => count !== 0 || value === chosen).map((
          { value, text, count },
        ) => (
          <li>
            <a
              href={withQuery(target, { status: value })}
              aria-current={value === chosen ? "page" : undefined}
            >
              {text}
              {count === undefined ? null : (
                <>
                  {" "}
                  <b data-view={value ?? "todo"}>{visit.format.number(count)}</b>
                </>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

/** The field into which a scanner types the id that it reads on a slip. Enter opens it. */
const Scan = (
  { visit, locationId, missed }: {
    readonly visit: Visit;
    readonly locationId: string;
    readonly missed: string | undefined;
  },
) => (
  <form method="post" action={path("fulfillment", locationId, "scan")} class="filters card">
    <FormSecrets visit={visit} />
    <Field
      label="Scan or type an order's or fulfillment order's id"
      name="code"
      id="scan"
      focus
      scan
      required
    />
    <button type="submit" class="main">Open</button>
    {missed === undefined ? null : (
      <p class="message bad" role="alert">
        Nothing here is called “{missed}”.
      </p>
    )}
  </form>
);

const isForward = (action: FulfillmentAction): boolean => action !== "reject";

const unitsOf = ({ lines }: FulfillmentOrderView): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

const Queue = ({ visit, page, target, query }: {
  readonly visit: Visit;
  readonly page: ApiPage<FulfillmentOrderView>;
  readonly target: string;
  readonly query: Readonly<Record<string, string>>;
}) => (
  <section class="card" aria-label="Queue">
    {page.data.length === 0
      ? (
        <Empty>
          {query["status"] === undefined ? "All done: nothing waits." : "Nothing here."}
        </Empty>
      )
      : (
        <Table
          label="Fulfillment orders"
          head={[
            { text: "Fulfillment order" },
            { text: "Status" },
            { text: "Method", wide: true },
            { text: "For", wide: true },
            { text: "Units", number: true, wide: true },
            { text: "Waiting since", wide: true },
            ...(page.data.some(isDated) ? [{ text: "Ship by" }] : []),
            { text: "Next", wide: true },
          ]}
        >
          {page.data.map((each) => (
            <tr id={each.id}>
              <td>
                <a href={path("fulfillment-orders", each.id)}>{each.externalId}</a>
                <br />
                <span class="code muted wide">{each.id}</span>
                <span class="muted compact">
                  {visit.format.number(unitsOf(each))} for {each.recipient.name},{" "}
                  <When at={each.createdAt} visit={visit} />
                </span>
              </td>
              <td>
                <StatusBadge status={each.status} /> <HeldMark codes={each.holds} />
              </td>
              <td class="wide">{words(each.method)}</td>
              <td class="wide">{each.recipient.name}</td>
              <td class="number wide">{visit.format.number(unitsOf(each))}</td>
              <td class="wide">
                <When at={each.createdAt} visit={visit} />
              </td>
              {page.data.some(isDated)
                ? (
                  <td>
                    <ShipBy of={each} visit={visit} />
                  </td>
                )
                : null}
              <td class="wide">
                {each.supportedActions.filter(isForward).map(words).join(", ") || "–"}
              </td>
            </tr>
          ))}
        </Table>
      )}
    <Pager
      target={target}
      query={query}
      next={page.nextCursor}
      {...(query["status"] === everyStatus ? {} : { begin: "First", go: "Next" })}
    />
  </section>
);

/** What of a location's work is asked for. */
const inQueue = (status: string | undefined): Readonly<Record<string, string>> =>
  status === everyStatus ? {} : { queue: "true", ...(status === undefined ? {} : { status }) };
/** The fulfillment order of a location that a code names, by itself or by its order; null for none. */
const fulfillmentOrderIn = async (
  calls: SessionApi,
  locationId: string,
  code: string,
): Promise<string | null> => {
  if (code.startsWith("ful_")) {
    const told = await calls.ask(getFulfillmentOrder, { params: { fulfillmentOrderId: code } });
    return told.ok ? code : null;
  }
  const orderId = orderIdIn(code);
  const told = orderId === null
    ? await calls.ask(listOrders, { query: { externalId: code } })
    : await calls.ask(getOrder, { params: { orderId } });
  const order = !told.ok ? undefined : "data" in told.value ? told.value.data[0] : told.value;
  return order?.fulfillmentOrders.find((each) => each.locationId === locationId)?.id ?? null;
};

export const queuePages = (app: Dashboard): void => {
  app.get("/fulfillment", async (c) => {
    const visit = c.get("visit");
    const own = visit.by.scope.locationId;
    if (own !== undefined) return c.redirect(path("fulfillment", own), 303);
    const asked = c.req.query("locationId");
    if (asked !== undefined && asked !== "") return c.redirect(path("fulfillment", asked), 303);
    const [locations, status] = await Promise.all([
      locationChoices(visit.calls),
      visit.calls.ask(getStatus),
    ]);
    const open = new Map(
      (status.ok ? status.value.fulfillmentOrders?.byLocation ?? [] : [])
        .map((each) => [each.locationId, each.open]),
    );
    return show(
      c,
      { title: "Fulfillment", section: "Fulfillment", live: {} },
      <Live id="places" url="/fulfillment">
        {locations.length === 0
          ? (
            <Empty>
              There is no location yet. <a href="/locations">Make the first</a>.
            </Empty>
          )
          : (
            <ul class="tiles">
              {locations.map(({ value, text }) => (
                <li class="tile">
                  <b>{visit.format.number(open.get(value) ?? 0)}</b>
                  <span>
                    <a href={path("fulfillment", value)}>{text}</a>
                  </span>
                </li>
              ))}
            </ul>
          )}
      </Live>,
    );
  });

  app.get("/fulfillment/:locationId", async (c) => {
    const visit = c.get("visit");
    const locationId = c.req.param("locationId");
    const filters = given(c, ["status", "cursor"]);
    const target = path("fulfillment", locationId);
    const { status, ...rest } = filters;
    const [told, now] = await Promise.all([
      visit.calls.ask(listFulfillmentOrders, {
        query: {
          ...rest,
          locationId,
          limit: String(dashboardLimits.rowsPerPage),
          ...inQueue(status),
        },
      }),
      visit.calls.ask(getStatus),
    ]);
    const places = now.ok ? now.value.fulfillmentOrders?.byLocation : undefined;
    const counts = places &&
      (places.find((each) => each.locationId === locationId)?.byStatus ?? {});
    return show(
      c,
      { title: `Fulfillment at ${locationId}`, section: "Fulfillment", live: { locationId } },
      <>
        <Scan visit={visit} locationId={locationId} missed={c.req.query("missed")} />
        {told.ok
          ? (
            <Live id="queue" calm url={withQuery(target, filters)}>
              <div class="row spread">
                <Views visit={visit} target={target} chosen={status} counts={counts} />
                <a href={path("fulfillment", locationId, "pick-list")}>
                  Pick list of what is accepted
                </a>
                <ExportLink
                  target="/fulfillment-orders.csv"
                  query={{ locationId, ...inQueue(status) }}
                />
              </div>
              <Queue visit={visit} page={told.value} target={target} query={filters} />
            </Live>
          )
          : <Refusal refused={told} />}
      </>,
      told.ok ? 200 : told.status,
    );
  });

  app.post("/fulfillment/:locationId/scan", async (c) => {
    const { calls } = c.get("visit");
    const locationId = c.req.param("locationId");
    const code = field(c.get("fields"), "code");
    // A scanner may hold down Shift, or its keyboard Caps Lock.
    const cases = new Set([code, code.toLowerCase(), code.toUpperCase()]);
    for (const each of cases) {
      const found = await fulfillmentOrderIn(calls, locationId, each);
      if (found !== null) return c.redirect(path("fulfillment-orders", found), 303);
    }
    const missed = withQuery(path("fulfillment", locationId), { missed: code.slice(0, 100) });
    return c.redirect(missed, 303);
  });
};
