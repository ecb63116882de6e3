/** Pick lists and packing slips, each with the barcode that opens it again. Of held orders there are none. */
import { raw } from "hono/html";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { barcode } from "./barcode.ts";
import { show, showPaper } from "../../dashboard/layout.tsx";
import { lotsText } from "../../lot/pages/lots.tsx";
import { conflict, heldDetail } from "./holds.tsx";
import { goodsToPick } from "./kit-goods.tsx";
import { Empty, Refusal, words } from "../../dashboard/parts.tsx";
import { type Dashboard, type PageContext, path, type Visit } from "../../dashboard/visit.ts";
import {
  type FulfillmentOrderView,
  getFulfillmentOrder,
  listFulfillmentOrders,
} from "./operations.ts";
import { itemNames, type Names } from "../../catalog/pages/names.tsx";

const Print = ({ back }: { readonly back: string }) => (
  <p class="row no-print">
    <button type="button" data-print class="main">Print</button>
    <a href={back}>Back</a>
  </p>
);

/** The library makes the SVG out of nothing but bars. */
const Barcode = ({ svg, text }: { readonly svg: string | null; readonly text: string }) => (
  <figure class="stack">
    {svg === null
      ? null
      : <div class="barcode" role="img" aria-label={`Barcode of ${text}`}>{raw(svg)}</div>}
    <figcaption class="code">{text}</figcaption>
  </figure>
);

const Address = ({ each }: { readonly each: FulfillmentOrderView }) => {
  const { name, address } = each.recipient;
  const lines = address === undefined ? [name] : [
    name,
    address.company,
    address.line1,
    address.line2,
    [address.postalCode, address.city].filter(Boolean).join(" "),
    address.region,
    address.country,
  ];
  return (
    <address>
      {lines.filter((line) => line !== undefined && line !== "").map((line) => (
        <>
          {line}
          <br />
        </>
      ))}
    </address>
  );
};

/** Names of the items in these. */
const namesOf = ({ calls }: Visit, all: readonly FulfillmentOrderView[]): Promise<Names> =>
  itemNames(
    calls,
    all.flatMap(({ lines }) =>
      lines.flatMap(({ sku, components = [] }) => [sku, ...components.map((part) => part.sku)])
    ),
  );

const PickLines = ({ each, visit, names }: {
  readonly each: FulfillmentOrderView;
  readonly visit: Visit;
  readonly names: Names;
}) => (
  <table>
    <thead>
      <tr>
        <th scope="col" class="done">Done</th>
        <th scope="col">SKU</th>
        <th scope="col">Item</th>
        <th scope="col" class="number">To pick</th>
      </tr>
    </thead>
    <tbody>
      {goodsToPick(each.lines).map(({ lineId, sku, left, kit }) => (
        <tr>
          <td>
            <span class="box"></span>
          </td>
          <td>{sku}</td>
          <td>
            {names.get(sku)}
            {kit === undefined ? null : ` (for ${names.get(kit) ?? kit})`}
            {each.suggestedLots?.filter((lots) => lots.lineId === lineId).map((lots) => (
              <div class="code">{lotsText(lots)}</div>
            ))}
          </td>
          <td class="number">{visit.format.number(left)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const PackedLines = ({ each, visit, names }: {
  readonly each: FulfillmentOrderView;
  readonly visit: Visit;
  readonly names: Names;
}) => (
  <table>
    <thead>
      <tr>
        <th scope="col">SKU</th>
        <th scope="col">Item</th>
        <th scope="col" class="number">Quantity</th>
      </tr>
    </thead>
    <tbody>
      {each.lines.map((line) => (
        <tr>
          <td>{line.sku}</td>
          <td>{names.get(line.sku)}</td>
          <td class="number">{visit.format.number(line.quantity)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const paper = async (
  c: PageContext,
  title: string,
  content: (each: FulfillmentOrderView, visit: Visit, names: Names) => unknown,
) => {
  const visit = c.get("visit");
  const fulfillmentOrderId = c.req.param("id") ?? "";
  const told = await visit.calls.ask(getFulfillmentOrder, { params: { fulfillmentOrderId } });
  if (!told.ok) return show(c, { title }, <Refusal refused={told} />, told.status);
  const each = told.value;
  if (each.held) {
    const refused = conflict("Not printed", heldDetail(each.holds));
    return show(c, { title }, <Refusal refused={refused} />, refused.status);
  }
  const [svg, names] = await Promise.all([barcode(each.id), namesOf(visit, [each])]);
  return showPaper(
    c,
    `${title} ${each.externalId}`,
    <>
      <Print back={path("fulfillment-orders", each.id)} />
      <h1>{title}</h1>
      <Barcode svg={svg} text={each.id} />
      <dl class="facts">
        <dt>Order</dt>
        <dd>{each.externalId} ({each.channel})</dd>
        <dt>Location</dt>
        <dd>{each.locationId ?? "–"}</dd>
        <dt>Service</dt>
        <dd>{each.shippingService ?? words(each.method)}</dd>
        <dt>For</dt>
        <dd>
          <Address each={each} />
        </dd>
      </dl>
      {content(each, visit, names)}
    </>,
  );
};

export const paperPages = (app: Dashboard): void => {
  app.get(
    "/fulfillment-orders/:id/pick-list",
    (c) =>
      paper(
        c,
        "Pick list",
        (each, visit, names) => <PickLines each={each} visit={visit} names={names} />,
      ),
  );

  app.get(
    "/fulfillment-orders/:id/packing-slip",
    (c) =>
      paper(
        c,
        "Packing slip",
        (each, visit, names) => <PackedLines each={each} visit={visit} names={names} />,
      ),
  );

  /** One list for a round through the shelves: units that are accepted and not picked, summed by SKU. */
  app.get("/fulfillment/:locationId/pick-list", async (c) => {
    const visit = c.get("visit");
    const locationId = c.req.param("locationId");
    const title = `Pick list of ${locationId}`;
    const asked = await Promise.all(
      ["accepted", "partially_picked"].map((status) =>
        visit.calls.ask(listFulfillmentOrders, {
          query: { locationId, status, limit: String(dashboardLimits.rowsPerPage) },
        })
      ),
    );
    const refused = asked.find((told) => !told.ok);
    if (refused !== undefined && !refused.ok) {
      return show(c, { title }, <Refusal refused={refused} />, refused.status);
    }
    const found = asked.flatMap((told) => told.ok ? told.value.data : []);
    const all = found.filter(({ held }) => !held);
    const heldBack = found.length - all.length;
    const units = new Map<string, number>();
    for (const { sku, left } of all.flatMap(({ lines }) => goodsToPick(lines))) {
      units.set(sku, (units.get(sku) ?? 0) + left);
    }
    const [codes, names] = await Promise.all([
      Promise.all(all.map(({ id }) => barcode(id))),
      namesOf(visit, all),
    ]);
    return showPaper(
      c,
      title,
      <>
        <Print back={path("fulfillment", locationId)} />
        <h1>{title}</h1>
        {heldBack === 0
          ? null
          : <p>Left out, because their orders are held: {visit.format.number(heldBack)}</p>}
        {all.length === 0 ? <Empty>Nothing is accepted and waits to be picked.</Empty> : (
          <>
            <table>
              <thead>
                <tr>
                  <th scope="col" class="done">Done</th>
                  <th scope="col">SKU</th>
                  <th scope="col">Item</th>
                  <th scope="col" class="number">To pick</th>
                </tr>
              </thead>
              <tbody>
                {[...units].sort().map(([sku, count]) => (
                  <tr>
                    <td>
                      <span class="box"></span>
                    </td>
                    <td>{sku}</td>
                    <td>{names.get(sku)}</td>
                    <td class="number">{visit.format.number(count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <h2>Fulfillment orders on this list: {visit.format.number(all.length)}</h2>
            {all.map((each, index) => (
              <section class="stack" aria-label={each.externalId}>
                <h3>{each.externalId}</h3>
                <Barcode svg={codes[index] ?? null} text={each.id} />
                <PickLines each={each} visit={visit} names={names} />
              </section>
            ))}
          </>
        )}
      </>,
    );
  });
};
