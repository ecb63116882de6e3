/** The overview of the status now. Every number is one of `GET /v1/status`. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import { orderStatuses } from "../../../src/order/order.ts";
import { type Names, placeNames } from "../../catalog/pages/names.tsx";
import { unitNames } from "../../stock/pages/units.ts";
import { show } from "../../dashboard/layout.tsx";
import type { ShownStatus } from "../shown.ts";
import { Card, Live, Refusal, Table, words } from "../../dashboard/parts.tsx";
import { type Dashboard, type Visit, withQuery } from "../../dashboard/visit.ts";
import { type Ages, makeAges } from "./ages.ts";
import { chartScripts, chartStyles } from "./assets.ts";
import { Attention, OpenWork } from "./attention.tsx";
import { getStatus } from "./operations.ts";

const urgent: Readonly<Record<string, string>> = { held: "bad", backordered: "warn" };

const Orders = ({ visit, orders }: {
  readonly visit: Visit;
  readonly orders: NonNullable<ShownStatus["orders"]>;
}) => (
  <Card
    title="Orders by status"
    more={<span class="muted">{visit.format.number(orders.total)} in all</span>}
  >
    <ul class="strip">
      {orderStatuses.map((status) => {
        const count = orders.byStatus[status] ?? 0;
        return (
          <li class={count > 0 ? urgent[status] ?? "" : "none"}>
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

const rateWords: Readonly<Record<string, string>> = {
  placed: "Orders placed",
  allocated: "Allocations",
  shipped: "Shipments",
  cancelled: "Cancellations",
};

const Rates = ({ visit, rates }: {
  readonly visit: Visit;
  readonly rates: NonNullable<ShownStatus["rates"]>;
}) => (
  <Card title="In the last minute">
    <ul class="strip">
      {Object.entries(rates).map(([name, { lastMinute }]) => (
        <li>
          <b data-rate={name}>{visit.format.number(Math.round(lastMinute * 60))}</b>
          <span>{rateWords[name] ?? words(name)}</span>
        </li>
      ))}
    </ul>
  </Card>
);

/** The chart's numbers as a table, for people who cannot see the chart or want to read the numbers. */
const LastMinutes = ({ visit, hour }: {
  readonly visit: Visit;
  readonly hour: NonNullable<ShownStatus["lastHour"]>;
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
  readonly hour: NonNullable<ShownStatus["lastHour"]>;
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
      <div class="charts">
        {(["orders", "units"] as const).map((name) => (
          <figure>
            <figcaption>{words(name)} a minute</figcaption>
            <div
              id={`chart-${name}`}
              class="chart"
              data-series={name}
              hx-morph-skip
              role="img"
              aria-label={`${words(name)} a minute over the last hour`}
            >
            </div>
          </figure>
        ))}
      </div>
      <LastMinutes visit={visit} hour={hour} />
    </Card>
  );
};

const Units = ({ visit, units }: {
  readonly visit: Visit;
  readonly units: NonNullable<ShownStatus["units"]>;
}) => (
  <Card title="Units">
    <ul class="strip">
      {(["onHand", "reserved", "unavailable", "safetyStock", "claimed", "available"] as const).map((
        name,
      ) => (
        <li>
          <b data-units={name}>{visit.format.number(units[name])}</b>
          <span>{unitNames[name]}</span>
        </li>
      ))}
    </ul>
  </Card>
);

const reasons = {
  full: "its disk is full",
  locked: "another process keeps it locked",
  gone: "its file was taken away or replaced",
  unanswered: "it does not answer",
} as const;

const whyNot = ({ reason }: NonNullable<ShownStatus["store"]>): string =>
  reason === undefined ? "it does not confirm them" : reasons[reason];

const Health = ({ visit, status }: { readonly visit: Visit; readonly status: ShownStatus }) => {
  const consumers = status.consumers ?? [];
  const setAside = consumers.filter((consumer) => consumer.setAside > 0);
  const isBehind = consumers.some(({ secondsBehind }) => secondsBehind > 5);
  return (
    <Card title="Engine">
      <p>
        {status.store?.takesCommits === false
          ? <span class="badge bad">The store takes no changes: {whyNot(status.store)}</span>
          : setAside.length > 0
          ? <span class="badge bad">Not everything could be handled</span>
          : isBehind
          ? <span class="badge warn">Consumers are behind</span>
          : <span class="badge good">Healthy</span>}{" "}
        <span class="muted">
          Everything up to log position <code>{status.position || "0"}</code> is counted.{" "}
          Open streams: {visit.format.number(status.stream?.readers ?? 0)}.
        </span>
      </p>
      {setAside.map(({ name, setAside }) => (
        <p>
          {words(name)}: {visit.format.number(setAside)}{" "}
          log entries could not be handled and were left out; what it shows is incomplete.{" "}
          <code>{status.setAside?.find(({ consumer }) => consumer === name)?.error}</code>
        </p>
      ))}
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

const Overview = ({ visit, status, ages, places }: {
  readonly visit: Visit;
  readonly status: ShownStatus;
  readonly ages: Ages;
  readonly places: Names;
}) => (
  <Live id="overview" url="/">
    <div class="columns">
      {status.orders === undefined ? null : <Attention visit={visit} status={status} />}
      <div class="stack">
        {status.rates === undefined ? null : <Rates visit={visit} rates={status.rates} />}
        {status.units === undefined ? null : <Units visit={visit} units={status.units} />}
      </div>
    </div>
    {status.orders === undefined ? null : <Orders visit={visit} orders={status.orders} />}
    {status.lastHour === undefined ? null : <LastHour visit={visit} hour={status.lastHour} />}
    <div class="columns uneven">
      {status.fulfillmentOrders === undefined
        ? null
        : <OpenWork visit={visit} status={status} ages={ages} places={places} />}
      {status.consumers === undefined ? null : <Health visit={visit} status={status} />}
    </div>
  </Live>
);

export const overviewPages = (app: Dashboard): void => {
  const ageOf = makeAges();

  app.get("/", async (c) => {
    const visit = c.get("visit");
    const told = await visit.calls.ask(getStatus);
    const page = {
      title: "Overview",
      section: "Overview",
      live: {},
      scripts: chartScripts,
      styles: chartStyles,
    };
    if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
    const status = told.value;
    const open = (status.fulfillmentOrders?.byLocation ?? [])
      .flatMap(({ locationId, open }) => locationId === null || open === 0 ? [] : [locationId]);
    const [ages, places] = await Promise.all([
      Promise.all(
        open.slice(0, dashboardLimits.locationsWithAge)
          .map(async (id) => [id, await ageOf(visit, id)] as const),
      ),
      placeNames(visit.calls, open),
    ]);
    const overview = (
      <Overview visit={visit} status={status} ages={new Map(ages)} places={places} />
    );
    return show(c, page, overview);
  });
};
