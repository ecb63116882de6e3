/** One stock row: what is there, its changes, and the ways to change it. */
import type { StockLevel } from "../../../actors/stock/inventory.ts";
import type { StockHistoryEntry } from "../../../actors/stock/stock-history.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { RecordOwner } from "../../../src/subject/record.ts";
import {
  availablePlace,
  bucketNames,
  bucketUnits,
  unspecifiedPlace,
} from "../../../src/stock/buckets.ts";
import type { Tracking } from "../../../src/lot/lot.ts";
import { getItem } from "../../catalog/pages/operations.ts";
import { LotFields, LotsCard, lotsIn } from "../../lot/pages/lots.tsx";
import { listLots } from "../../lot/pages/operations.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { itemNames, placeNames } from "../../catalog/pages/names.tsx";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import { nameOf } from "../../dashboard/names.ts";
import {
  Card,
  type Choice,
  Empty,
  Field,
  FoldedForm,
  Live,
  Refusal,
  Said,
  Select,
  Table,
  When,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  given,
  type Notice,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import type { Operation } from "../../http/in-process.ts";
import {
  adjustStock,
  countStock,
  listStock,
  listStockChanges,
  moveStock,
  type StockHistory,
} from "./operations.ts";
import { typedReference } from "./typed-reference.ts";
import { isUrgent, unitNames, units } from "./units.ts";

const signed = (visit: Visit, units: number): string =>
  units > 0 ? `+${visit.format.number(units)}` : units === 0 ? "" : visit.format.number(units);

/** The page of the aggregate whose change it was. */
const pageOf = ({ aggregate, id }: RecordOwner): string =>
  path(`${aggregate.replaceAll("_", "-")}s`, id);

interface NamedChange extends StockHistoryEntry {
  readonly name: string;
}

/** One commit may change a row several times. */
const rowName = (changes: readonly NamedChange[], n: number): string => {
  const { position = "" } = changes[n] ?? {};
  const before = changes.slice(0, n).filter((other) => other.position === position).length;
  return `change-${position}-${before}`;
};

const History = ({ visit, page, changes, row }: {
  readonly visit: Visit;
  readonly page: StockHistory;
  readonly changes: readonly NamedChange[];
  readonly row: { readonly locationId: string; readonly sku: string };
}) => (
  <Card title="History">
    {changes.length === 0 ? <Empty>No change among what was looked at.</Empty> : (
      <Table
        label="Changes, newest first"
        head={[
          { text: "When" },
          { text: "What" },
          { text: "Who" },
          { text: "On hand", number: true },
          { text: "Reserved", number: true },
          { text: "Unavailable", number: true },
          { text: "Safety stock", number: true },
          { text: "Claimed", number: true },
        ]}
      >
        {changes.map((change, n) => (
          <tr id={rowName(changes, n)}>
            <td>
              <When at={change.at} visit={visit} />
            </td>
            <td>
              {change.types.map(words).join(", ")}
              {change.reason === undefined ? "" : `: ${change.reason}`}
              {change.reference === undefined ? "" : ` (${change.reference})`}
              {change.owner === null ? null : (
                <>
                  {" "}
                  <a href={pageOf(change.owner)} class="code">{change.owner.id}</a>
                </>
              )}
            </td>
            <td>{change.name}</td>
            <td class="number">{signed(visit, change.delta.onHand)}</td>
            <td class="number">{signed(visit, change.delta.reserved)}</td>
            <td class="number">{signed(visit, change.delta.unavailable)}</td>
            <td class="number">{signed(visit, change.delta.safetyStock)}</td>
            <td class="number">{signed(visit, change.delta.claimed ?? 0)}</td>
          </tr>
        ))}
      </Table>
    )}
    <p class="hint">
      Found in {visit.format.number(page.entries)} entries of the log.
      {page.nextCursor === null ? " That is all of it." : null}
    </p>
    {page.nextCursor === null ? null : (
      <a
        href={withQuery(path("inventory", row.locationId, row.sku), { before: page.nextCursor })}
      >
        Look further back
      </a>
    )}
  </Card>
);

/** The places that units of a row may come from, with how many are there. */
const placesOf = ({ unavailable, buckets }: StockLevel): readonly Choice[] => {
  const unspecified = unavailable - bucketUnits(buckets);
  return [
    { value: availablePlace, text: "Available" },
    ...(unspecified > 0
      ? [{ value: unspecifiedPlace, text: `Unavailable, in no bucket (${unspecified})` }]
      : []),
    ...Object.entries(buckets).map(([name, units]) => ({
      value: name,
      text: `${words(name)} (${units})`,
    })),
  ];
};

const Move = ({ visit, row, to }: {
  readonly visit: Visit;
  readonly row: StockLevel;
  readonly to: string;
}) => (
  <FoldedForm opens="Move…" id="act-move" visit={visit} action={to} label="Move" tone="main">
    <Field label="Units" name="quantity" type="number" minimum={1} value="1" required />
    <Select label="From" name="from" choices={placesOf(row)} />
    <Field
      label="To"
      name="to"
      list="places"
      required
      maxLength={textLimits.id}
      hint="A bucket such as damaged, or any name; available; or unspecified"
    />
    <datalist id="places">
      {[availablePlace, ...bucketNames, unspecifiedPlace].map((place) => (
        <option value={place}></option>
      ))}
    </datalist>
    <Field label="Reason" name="reason" id="move-reason" maxLength={textLimits.id} />
    <Field label="Reference" name="reference" id="move-reference" />
  </FoldedForm>
);

/** Why units are unavailable, where somebody has said so. */
const Buckets = ({ visit, row: { buckets } }: {
  readonly visit: Visit;
  readonly row: StockLevel;
}) => {
  const entries = Object.entries(buckets);
  if (entries.length === 0) return null;
  return (
    <dl class="facts" aria-label="Unavailable, by bucket">
      {entries.map(([name, units]) => (
        <>
          <dt>{words(name)}</dt>
          <dd data-bucket={name}>{visit.format.number(units)}</dd>
        </>
      ))}
    </dl>
  );
};

const Changes = ({ visit, row, tracking }: {
  readonly visit: Visit;
  readonly row: StockLevel;
  readonly tracking: Tracking | undefined;
}) => {
  const to = (action: string) => path("inventory", row.locationId, row.sku, action);
  return (
    <div class="actions">
      {visit.calls.may(adjustStock)
        ? (
          <FoldedForm
            opens="Adjust…"
            id="act-adjust"
            visit={visit}
            action={to("adjust")}
            label="Adjust"
            tone="main"
          >
            <Field
              label="Units more, or less with a minus"
              name="delta"
              type="number"
              value="0"
              required
            />
            <Field
              label="Units made unavailable out of those on hand"
              name="unavailable"
              type="number"
              value="0"
              required
            />
            <LotFields tracking={tracking} />
            <Field
              label="Their bucket"
              name="bucket"
              list="buckets"
              maxLength={textLimits.id}
              hint="Why they are unavailable; none is asked for"
            />
            <datalist id="buckets">
              {bucketNames.map((name) => <option value={name}></option>)}
            </datalist>
            <Field
              label="Reason"
              name="reason"
              id="adjust-reason"
              list="reasons"
              required
              maxLength={textLimits.id}
            />
            <datalist id="reasons">
              {["received", "damaged", "correction", "returned", "lost"].map((reason) => (
                <option value={reason}></option>
              ))}
            </datalist>
            <Field label="Reference" name="reference" id="adjust-reference" />
          </FoldedForm>
        )
        : null}
      {visit.calls.may(moveStock) ? <Move visit={visit} row={row} to={to("move")} /> : null}
      {visit.calls.may(countStock)
        ? (
          <FoldedForm
            opens="Count…"
            id="act-count"
            visit={visit}
            action={to("count")}
            label="Set what was counted"
            tone="main"
          >
            <Field
              label="Units on hand as counted"
              name="onHand"
              type="number"
              minimum={0}
              required
            />
            <Field
              label="Reason"
              name="reason"
              id="count-reason"
              list="count-reasons"
              required
              maxLength={textLimits.id}
            />
            <datalist id="count-reasons">
              {["cycle count", "stocktaking", "found", "missing at picking"].map((reason) => (
                <option value={reason}></option>
              ))}
            </datalist>
            <Field label="Reference" name="reference" id="count-reference" />
            <input type="hidden" name="expected" value={String(row.onHand)} />
            <p class="hint">
              Refused if there are not {visit.format.number(row.onHand)} on hand any more.
            </p>
          </FoldedForm>
        )
        : null}
    </div>
  );
};

const rowOf = (c: PageContext) => ({
  locationId: c.req.param("locationId") ?? "",
  sku: c.req.param("sku") ?? "",
});

/** How the units of the SKU are told apart, and its lots there: for whoever may see them. */
const lotsOf = async (visit: Visit, { locationId, sku }: ReturnType<typeof rowOf>) => {
  const item = await visit.calls.ask(getItem, { params: { sku } });
  const tracking = item.ok ? item.value.tracking : undefined;
  if (tracking === undefined || !visit.calls.may(listLots)) return { tracking, lots: [] };
  const told = await visit.calls.ask(listLots, {
    query: { sku, locationId, limit: String(dashboardLimits.rowsPerPage) },
  });
  return { tracking, lots: told.ok ? told.value.data : [] };
};

const rowPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const row = rowOf(c);
  const before = given(c, ["before"])["before"];
  const [told, items, places] = await Promise.all([
    visit.calls.ask(listStock, { query: row }),
    itemNames(visit.calls, [row.sku]),
    placeNames(visit.calls, [row.locationId]),
  ]);
  const place = places.get(row.locationId) ?? row.locationId;
  const page = { title: `${row.sku} at ${place}`, section: "Inventory" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  // A SKU with a comma in it may be taken for several.
  const level = told.value.data.find(({ locationId, sku }) =>
    locationId === row.locationId && sku === row.sku
  );
  if (level === undefined) {
    return show(c, page, <Empty>There is no stock row of this SKU there.</Empty>, 404);
  }
  const own = path("inventory", row.locationId, row.sku);
  const { tracking, lots } = await lotsOf(visit, row);
  const levels = (
    <Live id="stock-levels" url={withQuery(own, { part: "levels" })}>
      <ul class="tiles">
        {units.map((name) => (
          <li class={`tile ${isUrgent(name, level) ? "bad" : ""}`}>
            <b data-units={name}>{visit.format.number(level[name])}</b>
            {name === "claimed" && level.claimed > 0
              ? <a href="/reservations">{unitNames[name]}</a>
              : <span>{unitNames[name]}</span>}
          </li>
        ))}
      </ul>
      <Buckets visit={visit} row={level} />
      <Changes visit={visit} row={level} tracking={tracking} />
      <LotsCard visit={visit} lots={lots} />
    </Live>
  );
  // Levels move with each change; looking through the log for them each time would be dear.
  if (c.req.query("part") === "levels") return show(c, page, levels);
  const history = await visit.calls.ask(listStockChanges, {
    params: row,
    query: before === undefined ? {} : { cursor: before },
  });
  if (!history.ok) return show(c, page, <Refusal refused={history} />, history.status);
  const changes = await Promise.all(history.value.data.map(async (change) => ({
    ...change,
    name: await nameOf(visit.calls, change.by),
  })));
  return show(
    c,
    { ...page, live: { locationId: row.locationId } },
    <>
      <Said message={message} />
      <p class="row">
        {items.size === 0 ? null : <span class="muted">{items.get(row.sku)}</span>}
        <a href={path("inventory", row.sku)}>At all locations, and on its way</a>
      </p>
      {levels}
      <Live id="stock-history" url={withQuery(own, { before })} on="beats" calm>
        <History visit={visit} page={history.value} changes={changes} row={row} />
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

const done: Readonly<Record<string, string>> = {
  adjust: "The stock is adjusted.",
  count: "The count is taken over.",
  move: "The units are moved.",
};

export const stockRowPages = (app: Dashboard): void => {
  app.get("/inventory/:locationId/:sku", (c) => rowPage(c, { done: saidDone(c, done) }));

  const onChange = (
    name: keyof typeof done,
    operation: Operation,
    changeIn: (fields: FormFields, sku: string) => object,
  ) =>
    onPost(app, {
      path: `/inventory/:locationId/:sku/${name}`,
      operation,
      body: (fields, c) => {
        const { locationId, sku } = rowOf(c);
        return { locationId, ...typedReference(fields), ...changeIn(fields, sku) };
      },
      back: (c) => {
        const { locationId, sku } = rowOf(c);
        return path("inventory", locationId, sku);
      },
      done: name,
      again: (c, refused) => rowPage(c, { refused }),
    });

  onChange("adjust", adjustStock, (fields, sku) => {
    const unavailable = Number(field(fields, "unavailable"));
    const bucket = field(fields, "bucket");
    return {
      reason: field(fields, "reason"),
      changes: [{
        sku,
        delta: Number(field(fields, "delta")),
        ...(unavailable === 0 ? {} : { unavailable }),
        ...(bucket === "" ? {} : { bucket }),
        ...lotsIn(fields),
      }],
    };
  });
  onChange("move", moveStock, (fields, sku) => {
    const reason = field(fields, "reason");
    return {
      ...(reason === "" ? {} : { reason }),
      moves: [{
        sku,
        quantity: Number(field(fields, "quantity")),
        from: field(fields, "from"),
        to: field(fields, "to"),
      }],
    };
  });
  onChange("count", countStock, (fields, sku) => ({
    reason: field(fields, "reason"),
    counts: [{
      sku,
      onHand: Number(field(fields, "onHand")),
      expected: Number(field(fields, "expected")),
    }],
  }));
};
