/** What goes on now. Every number is one of `GET /v1/status`. */
import { dashboardLimits } from "../../src/limits.ts";
import { orderStatuses } from "../../src/order/order.ts";
import type { StatusSnapshot, Waiting } from "../../src/status/snapshot.ts";
import { unitNames } from "./units.ts";
import { show } from "./layout.tsx";
import { Badge, Card, Count, Empty, Live, Refusal, Table, When, words } from "./parts.tsx";
import { type Dashboard, path, type Visit, withQuery } from "./visit.ts";

type Ages = ReadonlyMap<string, Waiting | null>;

const urgent: Readonly<Record<string, string>> = { held: "bad", backordered: "warn" };

const Orders = ({ visit, orders }: {
  readonly visit: Visit;
  readonly orders: NonNullable<StatusSnapshot["orders"]>;
}) => (
  <Card
    title="Orders by status"
    more={<span class="muted">{visit.format.number(orders.total)} in all</span>}
  >
    <ul class="tiles">
      {orderStatuses.map((status) => {
        const count = orders.byStatus[status] ?? 0;
        return (
          <li class={`tile ${count > 0 ? urgent[status] ?? "" : ""}`}>
            <b data-count={status}>{visit.format.number(count)}</b>
            <span>
              <a href={withQuery("/orders", { status })}>{words(status)}</a>
            </span>
          </li>
        );
      })}
    </ul>
  </Card>
);

const Rates = ({ visit, rates }: {
  readonly visit: Visit;
  readonly rates: NonNullable<StatusSnapshot["rates"]>;
}) => (
  <ul class="tiles" aria-label="Over the last minute">
    {Object.entries(rates).map(([name, { lastMinute }]) => (
      <li class="tile">
        <b>
          <Count of={Math.round(lastMinute * 60)} visit={visit} />
        </b>
        <span>{words(name)} a minute</span>
      </li>
    ))}
  </ul>
);

/** The same numbers for who cannot see the chart, or wants to read them. */
const LastMinutes = ({ visit, hour }: {
  readonly visit: Visit;
  readonly hour: NonNullable<StatusSnapshot["lastHour"]>;
}) => {
  const minutes = 10;
  const orders = hour.orders.slice(-minutes).reverse();
  const units = hour.units.slice(-minutes).reverse();
  return (
    <details>
      <summary>The last ten minutes as a table</summary>
      <Table
        label="The last ten minutes"
        head={[{ text: "Minutes ago", number: true }, { text: "Orders", number: true }, {
          text: "Units",
          number: true,
        }]}
      >
        {orders.map((count, ago) => (
          <tr>
            <td class="number">{visit.format.number(ago)}</td>
            <td class="number">{visit.format.number(count)}</td>
            <td class="number">{visit.format.number(units[ago] ?? 0)}</td>
          </tr>
        ))}
      </Table>
    </details>
  );
};

const LastHour = ({ visit, hour }: {
  readonly visit: Visit;
  readonly hour: NonNullable<StatusSnapshot["lastHour"]>;
}) => {
  const sum = (counts: readonly number[]) => counts.reduce((one, other) => one + other, 0);
  const text = `${visit.format.number(sum(hour.orders))} orders and ${
    visit.format.number(sum(hour.units))
  } units in the last hour`;
  return (
    <Card title="Orders and units a minute" more={<span class="muted">{text}</span>}>
      <div
        id="series"
        hidden
        data-from={hour.from}
        data-orders={JSON.stringify(hour.orders)}
        data-units={JSON.stringify(hour.units)}
      >
      </div>
      <div
        id="chart"
        class="chart"
        hx-morph-skip
        role="img"
        aria-label="Orders and units a minute over the last hour"
      >
      </div>
      <LastMinutes visit={visit} hour={hour} />
    </Card>
  );
};

const Locations = ({ visit, status, ages }: {
  readonly visit: Visit;
  readonly status: StatusSnapshot;
  readonly ages: Ages;
}) => {
  const rows = (status.fulfillmentOrders?.byLocation ?? []).filter(({ open }) => open > 0);
  return (
    <Card title="Open fulfillment orders">
      {rows.length === 0 ? <Empty>Nothing waits at any location.</Empty> : (
        <Table
          label="Open fulfillment orders by location"
          head={[{ text: "Location" }, { text: "Open", number: true }, { text: "Oldest" }, {
            text: "By status",
          }]}
        >
          {rows.map(({ locationId, open, byStatus }) => {
            const oldest = ages.get(locationId ?? "");
            return (
              <tr>
                <td>
                  {locationId === null
                    ? "Digital"
                    : <a href={path("fulfillment", locationId)}>{locationId}</a>}
                </td>
                <td class="number">{visit.format.number(open)}</td>
                <td>
                  {oldest === undefined || oldest === null
                    ? "–"
                    : <When at={oldest.since} visit={visit} />}
                </td>
                <td>
                  <span class="row">
                    {Object.entries(byStatus).filter(([name]) => name in openNames).map((
                      [name, count],
                    ) => (
                      <span>
                        <Badge status={name} /> {visit.format.number(count)}
                      </span>
                    ))}
                  </span>
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </Card>
  );
};

const openNames: Readonly<Record<string, true>> = {
  open: true,
  accepted: true,
  partially_picked: true,
  picked: true,
  packed: true,
  ready_for_pickup: true,
  partially_shipped: true,
};

const Units = ({ visit, units }: {
  readonly visit: Visit;
  readonly units: NonNullable<StatusSnapshot["units"]>;
}) => (
  <Card title="Units">
    <ul class="tiles">
      {(["onHand", "reserved", "unavailable", "safetyStock", "available"] as const).map((name) => (
        <li class="tile">
          <b data-units={name}>{visit.format.number(units[name])}</b>
          <span>{unitNames[name]}</span>
        </li>
      ))}
    </ul>
  </Card>
);

const Exceptions = ({ visit, oldest }: {
  readonly visit: Visit;
  readonly oldest: NonNullable<StatusSnapshot["oldest"]>;
}) => {
  const rows = [
    { name: "Held", found: oldest.held },
    { name: "Backordered", found: oldest.backordered },
    { name: "Open at a location", found: oldest.openFulfillmentOrder },
  ];
  return (
    <Card title="Waiting longest">
      <dl class="facts">
        {rows.map(({ name, found }) => (
          <>
            <dt>{name}</dt>
            <dd>
              {found === null ? "Nothing" : (
                <>
                  <a
                    href={found.id.startsWith("ful_")
                      ? path("fulfillment-orders", found.id)
                      : path("orders", found.id)}
                  >
                    <code>{found.id}</code>
                  </a>{" "}
                  since <When at={found.since} visit={visit} />
                </>
              )}
            </dd>
          </>
        ))}
      </dl>
    </Card>
  );
};

const whyNot = ({ reason }: NonNullable<StatusSnapshot["store"]>): string =>
  reason === "full" ? "its disk is full" : "it does not confirm them";

const Health = ({ visit, status }: { readonly visit: Visit; readonly status: StatusSnapshot }) => {
  const consumers = status.consumers ?? [];
  const isBehind = consumers.some(({ secondsBehind }) => secondsBehind > 5);
  return (
    <Card title="Engine">
      <p>
        {status.store?.takesCommits === false
          ? <span class="badge bad">The store takes no changes: {whyNot(status.store)}</span>
          : isBehind
          ? <span class="badge warn">Consumers are behind</span>
          : <span class="badge good">Healthy</span>}{" "}
        <span class="muted">
          Everything up to log position <code>{status.position || "0"}</code> is counted.{" "}
          {visit.format.number(status.stream?.readers ?? 0)} open streams.
        </span>
      </p>
      <Table
        label="Consumers of the log"
        head={[{ text: "Consumer" }, { text: "Entries behind", number: true }, {
          text: "Seconds behind",
          number: true,
        }]}
      >
        {consumers.map(({ name, entriesBehind, secondsBehind }) => (
          <tr>
            <td>{words(name)}</td>
            <td class="number">{visit.format.number(entriesBehind)}</td>
            <td class="number">{visit.format.number(secondsBehind)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
};

const Overview = ({ visit, status, ages }: {
  readonly visit: Visit;
  readonly status: StatusSnapshot;
  readonly ages: Ages;
}) => (
  <Live id="overview" url="/">
    {status.rates === undefined ? null : <Rates visit={visit} rates={status.rates} />}
    {status.orders === undefined ? null : <Orders visit={visit} orders={status.orders} />}
    {status.lastHour === undefined ? null : <LastHour visit={visit} hour={status.lastHour} />}
    <div class="columns">
      {status.fulfillmentOrders === undefined
        ? null
        : <Locations visit={visit} status={status} ages={ages} />}
      {status.oldest === undefined ? null : <Exceptions visit={visit} oldest={status.oldest} />}
      {status.units === undefined ? null : <Units visit={visit} units={status.units} />}
      {status.consumers === undefined ? null : <Health visit={visit} status={status} />}
    </div>
  </Live>
);

export const overviewPages = (app: Dashboard): void => {
  app.get("/", async (c) => {
    const visit = c.get("visit");
    const told = await visit.calls.ask("getStatus");
    const page = {
      title: "Overview",
      section: "Overview",
      live: {},
      scripts: ["uplot.js", "chart.js"],
      styles: ["uplot.css"],
    };
    if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
    const status = told.value;
    const places = (status.fulfillmentOrders?.byLocation ?? [])
      .flatMap(({ locationId, open }) => locationId === null || open === 0 ? [] : [locationId])
      .slice(0, dashboardLimits.locationsWithAge);
    const ages = new Map(
      await Promise.all(
        places.map(async (id) => [id, await visit.engine.oldestOpen(id)] as const),
      ),
    );
    return show(c, page, <Overview visit={visit} status={status} ages={ages} />);
  });
};
