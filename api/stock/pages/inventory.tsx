/** Stock by location and SKU: what is there, what is low, and each row with its changes. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { StockLevel } from "../../../actors/stock/inventory.ts";
import type { ApiPage, SessionApi } from "../../dashboard/calls.ts";
import { isUrgent, unitNames, units } from "./units.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import { csvDownload } from "../../dashboard/csv.tsx";
import { show } from "../../dashboard/layout.tsx";
import { locationChoices } from "../../catalog/pages/choices.ts";
import { itemNames, type Names, Place, placeNames } from "../../catalog/pages/names.tsx";
import {
  type Choice,
  Count,
  Empty,
  ExportLink,
  Field,
  FoldedForm,
  Live,
  Pager,
  Refusal,
  Said,
  Select,
  Table,
} from "../../dashboard/parts.tsx";
import type { Reply } from "../../http/in-process.ts";
import {
  type Dashboard,
  field,
  given,
  type Notice,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import { adjustStock, listStock } from "./operations.ts";
import { typedReference } from "./typed-reference.ts";

const levels: readonly Choice[] = [
  { value: "zero", text: "Nothing available" },
  { value: "low", text: "Low: at or below a number" },
];

const defaultLow = 10;

/** Whether a row is shown; null when all are. */
const filterOf = (filters: Readonly<Record<string, string>>) => {
  const { show, below } = filters;
  if (show === "zero") return ({ available }: StockLevel) => available <= 0;
  const most = Number(below ?? defaultLow);
  if (show === "low" && Number.isSafeInteger(most)) {
    return ({ available }: StockLevel) => available <= most;
  }
  return null;
};

/**
 * A page of the rows that pass the filter. Rows are looked through up to a bound: a page may be short, and
 * the next one goes on where it stopped.
 */
const rowsFor = async (
  calls: SessionApi,
  filters: Readonly<Record<string, string>>,
  rows: number = dashboardLimits.rowsPerPage,
): Promise<Reply<ApiPage<StockLevel>>> => {
  const { sku, locationId, cursor } = filters;
  const passes = filterOf(filters);
  const found: StockLevel[] = [];
  let next: string | null = cursor ?? null;
  let scanned = 0;
  while (true) {
    const told: Reply<ApiPage<StockLevel>> = await calls.ask(listStock, {
      query: {
        limit: String(rows),
        ...(sku === undefined ? {} : { sku }),
        ...(locationId === undefined ? {} : { locationId }),
        ...(next === null ? {} : { cursor: next }),
      },
    });
    if (!told.ok || passes === null) return told;
    found.push(...told.value.data.filter(passes));
    scanned += told.value.data.length;
    next = told.value.nextCursor;
    const isEnough = found.length >= rows ||
      scanned >= dashboardLimits.stockRowsScanned;
    if (next === null || isEnough) {
      return { ...told, value: { data: found, nextCursor: next } };
    }
  }
};

const Filters = ({ filters, locations }: {
  readonly filters: Readonly<Record<string, string>>;
  readonly locations: readonly Choice[];
}) => (
  <form method="get" action="/inventory" class="filters card" role="search" aria-label="Stock">
    <Field label="SKU" name="sku" value={filters["sku"]} maxLength={textLimits.sku} />
    <Select
      label="Location"
      name="locationId"
      value={filters["locationId"]}
      all="All"
      choices={locations}
    />
    <Select label="Rows" name="show" value={filters["show"]} all="All" choices={levels} />
    <Field
      label="Low is at most"
      name="below"
      type="number"
      value={filters["below"] ?? String(defaultLow)}
    />
    <button type="submit" class="main">Show</button>
    <a href="/inventory">Clear</a>
  </form>
);

/** Seldom looked at on a phone. */
const wideUnits: ReadonlySet<string> = new Set([
  "reserved",
  "unavailable",
  "safetyStock",
  "claimed",
]);

const Units = ({ row, visit }: { readonly row: StockLevel; readonly visit: Visit }) => (
  <>
    {units.map((name) => (
      <td class={`number ${wideUnits.has(name) ? "wide" : ""}`} data-units={name}>
        <Count of={row[name]} visit={visit} urgent={isUrgent(name, row)} />
      </td>
    ))}
  </>
);

interface RowsProps {
  readonly visit: Visit;
  readonly page: ApiPage<StockLevel>;
  readonly filters: Readonly<Record<string, string>>;
  readonly items: Names;
  readonly places: Names;
}

const Rows = ({ visit, page, filters, items, places }: RowsProps) => (
  <section class="card" aria-label="Stock rows">
    <ExportLink target="/inventory.csv" query={filters} />
    {page.data.length === 0
      ? (
        <Empty>
          {page.nextCursor === null
            ? "There are no such rows."
            : "None among the rows looked at: go on."}
        </Empty>
      )
      : (
        <Table
          label="Stock"
          head={[
            { text: "Item" },
            { text: "Location", wide: true },
            ...units.map((name) => ({
              text: unitNames[name],
              number: true,
              wide: wideUnits.has(name),
            })),
          ]}
        >
          {page.data.map((row) => (
            <tr id={`row-${encodeURIComponent(row.locationId)}-${encodeURIComponent(row.sku)}`}>
              <td>
                <a href={path("inventory", row.locationId, row.sku)}>{row.sku}</a>{" "}
                <span class="muted">{items.get(row.sku)}</span>{" "}
                <a
                  href={path("inventory", row.sku)}
                  class="muted"
                  aria-label={`${row.sku} at all locations`}
                >
                  All
                </a>{" "}
                <span class="muted compact">
                  {places.get(row.locationId) ?? row.locationId}
                </span>
              </td>
              <td class="wide">
                <Place id={row.locationId} names={places} />
              </td>
              <Units row={row} visit={visit} />
            </tr>
          ))}
        </Table>
      )}
    <Pager target="/inventory" query={filters} next={page.nextCursor} />
  </section>
);

/** New stock at a place or of a SKU that has no row yet. */
const Receive = (
  { visit, locations }: { readonly visit: Visit; readonly locations: readonly Choice[] },
) => (
  <FoldedForm
    opens="Receive stock…"
    id="act-receive"
    visit={visit}
    action="/inventory/receive"
    label="Receive"
    tone="main"
  >
    <Select label="Location" name="locationId" id="receive-location" choices={locations} />
    <Field label="SKU" name="sku" id="receive-sku" required maxLength={textLimits.sku} />
    <Field label="Units" name="delta" id="receive-delta" type="number" minimum={1} required />
    <Field label="Reference" name="reference" id="receive-reference" />
    <input type="hidden" name="reason" value="received" />
  </FoldedForm>
);

const done: Readonly<Record<string, string>> = {
  receive: "The stock is received.",
};

const filterNames = ["sku", "locationId", "show", "below", "cursor"];

const listPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const filters = given(c, filterNames);
  const [told, locations] = await Promise.all([
    rowsFor(visit.calls, filters),
    locationChoices(visit.calls),
  ]);
  const { locationId } = filters;
  const rows = told.ok ? told.value.data : [];
  const [items, places] = await Promise.all([
    itemNames(visit.calls, rows.map(({ sku }) => sku)),
    placeNames(visit.calls, rows.map((row) => row.locationId)),
  ]);
  return show(
    c,
    {
      title: "Inventory",
      section: "Inventory",
      live: locationId === undefined ? {} : { locationId },
    },
    <>
      <Said message={message} />
      <Filters filters={filters} locations={locations} />
      {visit.calls.may(adjustStock) ? <Receive visit={visit} locations={locations} /> : null}
      {told.ok
        ? (
          <Live id="rows" calm url={withQuery("/inventory", filters)}>
            <Rows
              visit={visit}
              page={told.value}
              filters={filters}
              items={items}
              places={places}
            />
          </Live>
        )
        : <Refusal refused={told} />}
    </>,
    message.refused?.status ?? (told.ok ? 200 : told.status),
  );
};

export const inventoryPages = (app: Dashboard): void => {
  app.get("/inventory", (c) => listPage(c, { done: saidDone(c, done) }));

  app.get("/inventory.csv", (c) => {
    const { calls } = c.get("visit");
    const { cursor: _, ...filters } = given(c, filterNames);
    return csvDownload<StockLevel>(
      c,
      {
        name: "inventory",
        section: "Inventory",
        heading: ["locationId", "sku", ...units],
        cells: (row) => [row.locationId, row.sku, ...units.map((name) => row[name])],
        page: ({ limit, ...query }) => rowsFor(calls, { ...filters, ...query }, Number(limit)),
      },
    );
  });

  onPost(app, {
    path: "/inventory/receive",
    operation: adjustStock,
    body: (fields) => ({
      locationId: field(fields, "locationId"),
      reason: field(fields, "reason"),
      ...typedReference(fields),
      changes: [{ sku: field(fields, "sku"), delta: Number(field(fields, "delta")) }],
    }),
    back: (c) => withQuery("/inventory", { sku: field(c.get("fields"), "sku") }),
    done: "receive",
    again: (c, refused) => listPage(c, { refused }),
  });
};
