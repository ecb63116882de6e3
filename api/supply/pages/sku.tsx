/** All about the units of one SKU: where they are, what is to come, what may be promised, and who waits. */
import type { StockLevel } from "../../../actors/stock/inventory.ts";
import { itemNames, Place, placeNames } from "../../catalog/pages/names.tsx";
import type { Names } from "../../catalog/pages/names.tsx";
import type { ApiPage } from "../../dashboard/calls.ts";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { Badge, Card, Count, Empty, Live, Refusal, Table, When } from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  given,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import type { Ask, Operation, Reply } from "../../http/in-process.ts";
import { chartLibraryScript, chartStyles } from "../../status/pages/assets.ts";
import { listStock } from "../../stock/pages/operations.ts";
import { isUrgent, unitNames, units } from "../../stock/pages/units.ts";
import { availabilityScripts } from "./assets.ts";
import {
  type AvailabilityShown,
  type BackorderShown,
  getAvailability,
  listBackorders,
  listPurchaseOrders,
  listTransfers,
  type PurchaseOrderShown,
  type TransferShown,
} from "./operations.ts";
import { Due } from "./parts.tsx";
import { SupplyLink } from "./supply-link.tsx";

/** What is asked for one part of the page; null for whoever may not ask. */
type Told<Value> = Reply<Value> | null;

/** Seldom looked at on a phone; the page of the row has them. */
const wideUnits: ReadonlySet<string> = new Set(["unavailable", "safetyStock", "claimed"]);

const Stock = ({ told, sku, visit, places }: {
  readonly told: Reply<ApiPage<StockLevel>>;
  readonly sku: string;
  readonly visit: Visit;
  readonly places: Names;
}) => (
  <Card
    title="Stock by location"
    more={<a href={withQuery("/inventory", { sku })}>In the inventory</a>}
  >
    {!told.ok
      ? <Refusal refused={told} />
      : told.value.data.length === 0
      ? <Empty>No location has any.</Empty>
      : (
        <Table
          label="Stock by location"
          head={[
            { text: "Location" },
            ...units.map((name) => ({
              text: unitNames[name],
              number: true,
              wide: wideUnits.has(name),
            })),
          ]}
        >
          {told.value.data.map((row) => (
            <tr>
              <td>
                <a href={path("inventory", row.locationId, sku)}>
                  <Place id={row.locationId} names={places} />
                </a>
              </td>
              {units.map((name) => (
                <td class={`number ${wideUnits.has(name) ? "wide" : ""}`} data-units={name}>
                  <Count of={row[name]} visit={visit} urgent={isUrgent(name, row)} />
                </td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    {told.ok && told.value.nextCursor !== null
      ? <p class="hint">There are more locations: see the inventory.</p>
      : null}
  </Card>
);

type SkuAvailability = AvailabilityShown["data"][number];

const Promisable = ({ of, asOf, visit }: {
  readonly of: SkuAvailability;
  readonly asOf: string;
  readonly visit: Visit;
}) => (
  <Card
    title="May be promised"
    more={<span class="muted">{visit.format.number(of.available)} now</span>}
  >
    <div id="availability-steps" hidden data-from={asOf} data-steps={JSON.stringify(of.byDate)}>
    </div>
    <div class="charts">
      <figure>
        <figcaption>Units that may be promised, by when they can be shipped</figcaption>
        <div
          id="availability-chart"
          class="chart"
          hx-morph-skip
          role="img"
          aria-label="Units that may be promised, by day: the table below has the numbers"
        >
        </div>
      </figure>
    </div>
    <Table
      label="Units that may be promised"
      head={[{ text: "From" }, { text: "Units", number: true }]}
    >
      {of.byDate.map(({ from, available }, n) => (
        <tr>
          <td>{n === 0 ? "Now" : <When at={from} visit={visit} />}</td>
          <td class="number" data-available={n}>{visit.format.number(available)}</td>
        </tr>
      ))}
    </Table>
    {of.method === "exact"
      ? null
      : <p class="hint">There is more supply than was looked at: later units are left out.</p>}
    {of.overdue.map(({ supplyId, quantity, dueAt }) => (
      <p class="message bad">
        {visit.format.number(quantity)} units were due <When at={dueAt} visit={visit} />{" "}
        and count no more: <SupplyLink supplyId={supplyId} visit={visit} />
      </p>
    ))}
  </Card>
);

/** A line of a document that brings units of the SKU. */
interface Coming {
  readonly supplyId: string;
  readonly document: string;
  readonly locationId: string;
  readonly dueAt: string;
  readonly quantity: number;
}

const comingOf = (
  sku: string,
  purchases: Told<ApiPage<PurchaseOrderShown>>,
  transfers: Told<ApiPage<TransferShown>>,
): readonly Coming[] => {
  const bought = purchases?.ok === true ? purchases.value.data : [];
  const moved = transfers?.ok === true ? transfers.value.data : [];
  return [
    ...bought.flatMap(({ id, externalId, locationId, lines }) =>
      lines.filter((line) => line.sku === sku && line.expected > 0).map((line): Coming => ({
        ...{ supplyId: line.id, document: externalId ?? id, locationId },
        ...{ dueAt: line.expectedAt, quantity: line.expected },
      }))
    ),
    ...moved.flatMap(({ id, externalId, to, expectedAt, lines }) =>
      lines.filter((line) => line.sku === sku && line.inTransit > 0).map((line): Coming => ({
        ...{ supplyId: line.id, document: externalId ?? id, locationId: to },
        ...{ dueAt: expectedAt, quantity: line.inTransit },
      }))
    ),
  ].sort((one, other) => one.dueAt < other.dueAt ? -1 : 1);
};

/** Units of each supply that those who wait are promised. */
const promisedOf = (waiting: readonly BackorderShown[]): ReadonlyMap<string, number> => {
  const promised = new Map<string, number>();
  for (const { supplyId, quantity } of waiting.flatMap(({ promises }) => promises)) {
    promised.set(supplyId, (promised.get(supplyId) ?? 0) + quantity);
  }
  return promised;
};

const SupplyByDate = ({ coming, waiting, hasMore, visit, places }: {
  readonly coming: readonly Coming[];
  /** Null where it is not known. */
  readonly waiting: readonly BackorderShown[] | null;
  readonly hasMore: boolean;
  readonly visit: Visit;
  readonly places: Names;
}) => {
  const promised = promisedOf(waiting ?? []);
  return (
    <Card title="On its way">
      {coming.length === 0 ? <Empty>Nothing is to come.</Empty> : (
        <Table
          label="On its way, the earliest first"
          head={[
            { text: "Document" },
            { text: "Due" },
            { text: "To", wide: true },
            { text: "Units", number: true },
            ...(waiting === null ? [] : [
              { text: "Promised", number: true },
              { text: "Not promised", number: true, wide: true },
            ]),
          ]}
        >
          {coming.map(({ supplyId, document, locationId, dueAt, quantity }) => {
            const taken = promised.get(supplyId) ?? 0;
            return (
              <tr data-supply={supplyId}>
                <td>
                  <SupplyLink supplyId={supplyId} text={document} visit={visit} />
                </td>
                <td>
                  <Due at={dueAt} isOpen visit={visit} />
                </td>
                <td class="wide">
                  <Place id={locationId} names={places} />
                </td>
                <td class="number">{visit.format.number(quantity)}</td>
                {waiting === null ? null : (
                  <>
                    <td class="number">{visit.format.number(taken)}</td>
                    <td class="number wide">
                      {visit.format.number(Math.max(0, quantity - taken))}
                    </td>
                  </>
                )}
              </tr>
            );
          })}
        </Table>
      )}
      {hasMore ? <p class="hint">Not all documents, or orders that wait, were looked at.</p> : null}
    </Card>
  );
};

const Waiting = ({ told, own, visit }: {
  readonly told: Reply<ApiPage<BackorderShown>>;
  readonly own: string;
  readonly visit: Visit;
}) => (
  <Card title="Who waits, whoever is served next first">
    {!told.ok
      ? <Refusal refused={told} />
      : told.value.data.length === 0
      ? <Empty>Nobody waits among those who were looked at.</Empty>
      : (
        <Table
          label="Who waits"
          head={[
            { text: "Turn", number: true },
            { text: "Order" },
            { text: "Units", number: true },
            { text: "Promised", number: true },
            { text: "Expected", wide: true },
          ]}
        >
          {told.value.data.map((row) => (
            <tr id={row.orderId}>
              <td class="number">{visit.format.number(row.position)}</td>
              <td>
                <a href={path("orders", row.orderId)}>{row.externalId}</a>{" "}
                <span class="muted">{row.channel}</span>
                {row.held.length > 0 ? <Badge status="held" tones={{ held: "bad" }} /> : null}
                <p class="hint">
                  {row.why}
                  {row.shipComplete === true ? "; ships as a whole" : ""}
                </p>
              </td>
              <td class="number">{visit.format.number(row.quantity)}</td>
              <td class="number">{visit.format.number(row.promised)}</td>
              <td class="wide">
                {row.promises.length === 0
                  ? "–"
                  : row.promises.map(({ expectedAt, supplyId }, n) => (
                    <>
                      {n === 0 ? null : ", "}
                      <SupplyLink supplyId={supplyId} visit={visit} />{" "}
                      <When at={expectedAt} visit={visit} />
                    </>
                  ))}
              </td>
            </tr>
          ))}
        </Table>
      )}
    {told.ok && told.value.nextCursor !== null
      ? <a href={withQuery(own, { cursor: told.value.nextCursor })}>Who comes after</a>
      : null}
  </Card>
);

const askIfMay = <Value,>(
  { calls }: Visit,
  operation: Operation<Value>,
  ask: Ask,
): Promise<Told<Value>> => calls.may(operation) ? calls.ask(operation, ask) : Promise.resolve(null);

const openStatuses = {
  purchaseOrders: "open,changing,partially_received",
  transfers: "requested,partially_shipped,in_transit,changing,partially_received",
} as const;

const askAll = async (visit: Visit, sku: string, cursor: string | undefined) => {
  const limit = String(dashboardLimits.rowsPerSkuPage);
  const [stock, availability, waiting, first, purchases, transfers] = await Promise.all([
    visit.calls.ask(listStock, { query: { sku, limit } }),
    askIfMay(visit, getAvailability, { query: { sku } }),
    askIfMay(visit, listBackorders, {
      query: { sku, limit, ...(cursor === undefined ? {} : { cursor }) },
    }),
    cursor === undefined ? null : askIfMay(visit, listBackorders, { query: { sku, limit } }),
    askIfMay(visit, listPurchaseOrders, {
      query: { sku, status: openStatuses.purchaseOrders, limit },
    }),
    askIfMay(visit, listTransfers, { query: { sku, status: openStatuses.transfers, limit } }),
  ]);
  return { stock, availability, waiting, first: first ?? waiting, purchases, transfers };
};

const skuPage = async (c: PageContext) => {
  const visit = c.get("visit");
  const sku = c.req.param("sku") ?? "";
  const { cursor } = given(c, ["cursor"]);
  const { stock, availability, waiting, first, purchases, transfers } = await askAll(
    visit,
    sku,
    cursor,
  );
  const page = { title: sku, section: "Inventory" };
  if (!stock.ok) return show(c, page, <Refusal refused={stock} />, stock.status);
  const coming = comingOf(sku, purchases, transfers);
  // A SKU with a comma in it may be taken for several.
  const rows = stock.value.data.filter((row) => row.sku === sku);
  const [items, places] = await Promise.all([
    itemNames(visit.calls, [sku]),
    placeNames(visit.calls, [...rows, ...coming].map(({ locationId }) => locationId)),
  ]);
  const own = path("inventory", sku);
  const found = availability?.ok === true
    ? availability.value.data.find((each) => each.sku === sku)
    : undefined;
  // Those whom a key of a part is told of are not all.
  const { channel, locationId } = visit.by.scope;
  const everybody = channel === undefined && locationId === undefined && first?.ok === true
    ? first.value.data
    : null;
  const hasMore = [purchases, transfers, first].some((told) =>
    told?.ok === true && told.value.nextCursor !== null
  );
  return show(
    c,
    {
      ...page,
      live: {},
      scripts: [chartLibraryScript, ...availabilityScripts],
      styles: chartStyles,
    },
    <Live id="sku" url={withQuery(own, { cursor })} on="beats" calm>
      <p class="row">
        {items.has(sku) ? <span class="muted">{items.get(sku)}</span> : null}
        <a href={path("items", sku)}>Its item</a>
        <a href={withQuery("/orders", { in: "sku", q: sku })}>Its orders</a>
      </p>
      <Stock
        told={{ ...stock, value: { ...stock.value, data: rows } }}
        {...{ sku, visit, places }}
      />
      {found === undefined || availability?.ok !== true
        ? null
        : <Promisable of={found} asOf={availability.value.asOf} visit={visit} />}
      {purchases === null && transfers === null ? null : (
        <SupplyByDate
          waiting={everybody}
          {...{ coming, hasMore, visit, places }}
        />
      )}
      {waiting === null ? null : <Waiting told={waiting} {...{ own, visit }} />}
    </Live>,
  );
};

export const skuPages = (app: Dashboard): void => {
  app.get("/inventory/:sku", skuPage);
};
