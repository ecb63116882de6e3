/** What an order says: its customer, its lines and its totals. */
import { type Money, moneyOf, parseAmount } from "../../../src/kernel/money.ts";
import type { Names } from "../../catalog/pages/names.tsx";
import { Amount, Card, Count, Table, When, words } from "../../dashboard/parts.tsx";
import { path, type Visit, withQuery } from "../../dashboard/visit.ts";
import { DateFacts, ShipBy } from "./goods-dates.tsx";
import { KitGoods } from "./kit-goods.tsx";
import type { OrderView } from "./operations.ts";

export const Facts = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => {
  const address = order.shippingAddress;
  const lines = address === undefined ? [] : [
    address.name,
    address.company,
    address.line1,
    address.line2,
    [address.postalCode, address.city, address.region].filter(Boolean).join(" "),
    address.country,
    address.phone,
  ].filter((line) => line !== undefined && line !== "");
  return (
    <Card title="Order">
      <dl class="facts">
        <dt>Id</dt>
        <dd>
          <code>{order.id}</code>
        </dd>
        <dt>Channel</dt>
        <dd>{order.channel}</dd>
        <dt>External id</dt>
        <dd>{order.externalId}</dd>
        <dt>Placed</dt>
        <dd>
          <When at={order.placedAt} visit={visit} />
        </dd>
        <dt>Customer</dt>
        <dd>
          {order.customer.name}
          {"id" in order.customer && order.customer.id !== undefined
            ? (
              <>
                {" "}
                <a href={withQuery("/orders", { in: "customerId", q: order.customer.id })}>
                  {order.customer.id}
                </a>
              </>
            )
            : null}
        </dd>
        {order.customer.email === undefined ? null : (
          <>
            <dt>E-mail</dt>
            <dd>
              <a href={`mailto:${encodeURIComponent(order.customer.email)}`}>
                {order.customer.email}
              </a>
            </dd>
          </>
        )}
        {order.customer.phone === undefined ? null : (
          <>
            <dt>Phone</dt>
            <dd>{order.customer.phone}</dd>
          </>
        )}
        {order.note === undefined ? null : (
          <>
            <dt>Note</dt>
            <dd class="note">{order.note}</dd>
          </>
        )}
        <dt>Ship to</dt>
        <dd>
          {lines.length === 0 ? "–" : lines.map((line) => (
            <>
              {line}
              <br />
            </>
          ))}
        </dd>
        <dt>If short</dt>
        <dd>{words(order.onShortage)}</dd>
        {order.shipping.service === undefined ? null : (
          <>
            <dt>Service</dt>
            <dd>{order.shipping.service}</dd>
          </>
        )}
        <DateFacts of={order} visit={visit} />
        {order.cancelReason === undefined ? null : (
          <>
            <dt>Cancelled</dt>
            <dd>{order.cancelReason}</dd>
          </>
        )}
        {Object.entries(order.metadata).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </Card>
  );
};

const quantities = [
  "quantity",
  "allocated",
  "backordered",
  "shipped",
  "delivered",
  "cancelled",
] as const;

/** On a phone the first columns say how far a line is; the history has the rest. */
const wideQuantities: ReadonlySet<string> = new Set(["backordered", "delivered", "cancelled"]);

/** Its goods less its discount and with its tax: these and the shipping are the total of the order. */
const totalOf = ({ quantity, unitPrice, discount, tax }: OrderView["lines"][number]): Money => {
  const { currency } = unitPrice;
  const units = ({ amount }: Money) => parseAmount(amount, currency) ?? 0;
  return moneyOf(units(unitPrice) * quantity - units(discount) + units(tax), currency);
};

/** Units that wait for stock are somebody's to find. */
const isUrgent = (name: (typeof quantities)[number], units: number): boolean =>
  name === "backordered" && units > 0;

export interface LinesProps {
  readonly order: OrderView;
  readonly visit: Visit;
  readonly items: Names;
}

type PromisedView = NonNullable<OrderView["lines"][number]["promises"]>[number];

/** Units that come with supply. */
const PromisedUnits = ({ of, visit }: { readonly of: PromisedView; readonly visit: Visit }) => (
  <>
    <br />
    <span class="muted">
      {visit.format.number(of.quantity)} expected <When at={of.expectedAt} visit={visit} />
      {of.shipBy === undefined ? null : (
        <>
          , ship by <ShipBy of={of} visit={visit} />
        </>
      )}
      {of.deliverBy === undefined ? null : `, deliver by ${of.deliverBy}`}
    </span>
  </>
);

export const Lines = ({ order, visit, items }: LinesProps) => (
  <Card title="Lines">
    <Table
      label="Lines"
      head={[
        { text: "Item" },
        { text: "Method", wide: true },
        ...quantities.map((name) => ({
          text: words(name),
          number: true,
          wide: wideQuantities.has(name),
        })),
        { text: "Unit price", number: true, wide: true },
        { text: "Line total", number: true },
      ]}
    >
      {order.lines.map((line) => (
        <tr>
          <td>
            <a href={path("inventory", line.sku)}>{line.sku}</a>{" "}
            <span class="muted">{items.get(line.sku)}</span>
            <KitGoods of={line} visit={visit} />
            {line.promises?.map((each) => <PromisedUnits of={each} visit={visit} />)}
          </td>
          <td class="wide">{words(line.fulfillment.method)}</td>
          {quantities.map((name) => (
            <td
              class={`number ${wideQuantities.has(name) ? "wide" : ""}`}
              data-line={line.id}
              data-quantity={name}
            >
              <Count of={line[name] ?? 0} visit={visit} urgent={isUrgent(name, line[name] ?? 0)} />
            </td>
          ))}
          <td class="number wide">
            <Amount of={line.unitPrice} visit={visit} />
          </td>
          <td class="number" data-line-total={line.id}>
            <Amount of={totalOf(line)} visit={visit} />
          </td>
        </tr>
      ))}
    </Table>
  </Card>
);

export const Totals = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => (
  <Card title="Totals">
    <table>
      <tbody>
        {(["subtotal", "discount", "tax", "shipping", "total"] as const).map((name) => (
          <tr>
            <th scope="row">{words(name)}</th>
            <td class="number">
              <Amount of={order.totals[name]} visit={visit} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Card>
);
