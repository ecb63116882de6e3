/** The page of one order: its content, its history, and the actions that it allows now. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import { orderTransitions } from "../../../src/order/status.ts";
import {
  bodyIn,
  doneWords,
  OfferedAction,
  onPost,
  saidDone,
} from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import { nameOf } from "../../dashboard/names.ts";
import {
  Amount,
  Card,
  Count,
  Field,
  Live,
  Refusal,
  Said,
  Table,
  When,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  type FormFields,
  type Notice,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import type { Action } from "../../http/actions.ts";
import { operation } from "../../http/in-process.ts";
import { orderActions, reason } from "../actions.ts";
import { EventItem, type NamedEvent } from "./history.tsx";
import { codesIn, HeldMark, HoldForm, HoldList, ReleaseForm, releaseOne } from "./holds.tsx";
import { type EventView, getOrder, listOrderEvents, type OrderView } from "./operations.ts";
import { StatusBadge } from "./status-badge.tsx";
import { typedLines } from "./typed-lines.ts";

const Facts = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => {
  const address = order.shippingAddress;
  const lines = address === undefined ? [] : [
    address.name,
    address.company,
    address.line1,
    address.line2,
    [address.postalCode, address.city, address.region].filter(Boolean).join(" "),
    address.country,
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

const Lines = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => (
  <Card title="Lines">
    <Table
      label="Lines"
      head={[
        { text: "SKU" },
        { text: "Method", wide: true },
        ...quantities.map((name) => ({
          text: words(name),
          number: true,
          wide: wideQuantities.has(name),
        })),
        { text: "Unit price", number: true, wide: true },
      ]}
    >
      {order.lines.map((line) => (
        <tr>
          <td>
            <a href={withQuery("/inventory", { sku: line.sku })}>{line.sku}</a>
          </td>
          <td class="wide">{words(line.fulfillment.method)}</td>
          {quantities.map((name) => (
            <td
              class={`number ${wideQuantities.has(name) ? "wide" : ""}`}
              data-line={line.id}
              data-quantity={name}
            >
              <Count of={line[name] ?? 0} visit={visit} />
            </td>
          ))}
          <td class="number wide">
            <Amount of={line.unitPrice} visit={visit} />
          </td>
        </tr>
      ))}
    </Table>
  </Card>
);

const Totals = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => (
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

const Fulfillment = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => (
  <Card title="Fulfillment orders and shipments">
    {order.fulfillmentOrders.length === 0 ? <p class="empty">None yet.</p> : (
      <Table
        label="Fulfillment orders"
        head={[{ text: "Fulfillment order" }, { text: "Status" }, { text: "Location" }, {
          text: "Units",
        }, { text: "Since" }]}
      >
        {order.fulfillmentOrders.map((each) => (
          <tr>
            <td>
              <a href={path("fulfillment-orders", each.id)} class="code">{each.id}</a>
            </td>
            <td>
              <StatusBadge status={each.status} />
            </td>
            <td>{each.locationId ?? "Digital"}</td>
            <td>
              {each.lines.map(({ sku, quantity }) => (
                <>
                  {visit.format.number(quantity)} × {sku}
                  <br />
                </>
              ))}
            </td>
            <td>
              <When at={each.createdAt} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    )}
    {order.shipments.length === 0 ? null : (
      <Table
        label="Shipments"
        head={[{ text: "Shipment" }, { text: "Status" }, { text: "Carrier" }, {
          text: "Tracking number",
        }, { text: "Shipped" }]}
      >
        {order.shipments.map((each) => (
          <tr>
            <td class="code">{each.id}</td>
            <td>
              <StatusBadge status={each.status} />
            </td>
            <td>{each.carrier}</td>
            <td>{each.trackingNumber ?? "–"}</td>
            <td>
              <When at={each.shippedAt} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

const History = ({ events, visit, next, order }: {
  readonly events: readonly NamedEvent[];
  readonly visit: Visit;
  readonly next: string | null;
  readonly order: OrderView;
}) => (
  <Card title="History">
    <ol class="history">
      {events.map((event) => <EventItem event={event} visit={visit} />)}
    </ol>
    {next === null
      ? null
      : <a href={withQuery(path("orders", order.id), { events: next })}>Later events</a>}
  </Card>
);

/** Some units of the order: the dashboard's own form of the same action. */
const cancelLines = {
  says: {
    opens: "Cancel lines…",
    button: "Cancel these units",
    tone: "danger",
    fields: [reason],
    done: "The units are cancelled.",
  },
} as const;

const done = {
  ...doneWords(orderActions),
  "cancel-lines": cancelLines.says.done,
  "release-one": releaseOne.says.done,
};

/** The actions that the order's status, its holds and the key's role allow: each asks for its reason. */
const Actions = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => {
  const { actions: allowed } = orderTransitions[order.status];
  const to = (name: string) => path("orders", order.id, name);
  const can = (name: "hold" | "cancel") =>
    allowed.includes(name) && visit.calls.may(operation(orderActions[name]));
  // An order is cancelled as a whole only before any of it has left.
  const anyShipped = order.lines.some((line) => (line.shipped ?? 0) > 0);
  const cancellable = order.lines.filter((line) =>
    line.quantity - (line.shipped ?? 0) - (line.cancelled ?? 0) > 0
  );
  return (
    <div class="actions" id="actions">
      <ReleaseForm order={order} visit={visit} />
      {can("hold") ? <HoldForm order={order} visit={visit} /> : null}
      {can("cancel") && !anyShipped
        ? (
          <OfferedAction
            visit={visit}
            name="cancel"
            action={orderActions.cancel}
            to={to("cancel")}
          />
        )
        : null}
      {can("cancel")
        ? (
          <OfferedAction
            visit={visit}
            name="cancel-lines"
            action={cancelLines}
            to={to("cancel-lines")}
          >
            {cancellable.map((line) => (
              <Field
                label={`Units of ${line.sku} (line ${line.id})`}
                name={`line:${line.id}`}
                id={`cancel-line-${line.id}`}
                type="number"
                minimum={0}
                maximum={line.quantity - (line.shipped ?? 0) - (line.cancelled ?? 0)}
                value="0"
              />
            ))}
          </OfferedAction>
        )
        : null}
    </div>
  );
};

const named = async (events: readonly EventView[], visit: Visit): Promise<readonly NamedEvent[]> =>
  await Promise.all(
    events.map(async (event) => ({ ...event, name: await nameOf(visit.calls, event.by) })),
  );

const orderPage = async (c: PageContext, orderId: string, message: Notice) => {
  const visit = c.get("visit");
  const cursor = c.req.query("events");
  const params = { orderId };
  const [told, events] = await Promise.all([
    visit.calls.ask(getOrder, { params }),
    visit.calls.ask(listOrderEvents, {
      params,
      query: {
        limit: String(dashboardLimits.historyEvents),
        ...(cursor === undefined ? {} : { cursor }),
      },
    }),
  ]);
  const page = { title: "Order", section: "Orders" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const order = told.value;
  const history = events.ok ? await named(events.value.data, visit) : [];
  return show(
    c,
    { ...page, title: `Order ${order.externalId}`, live: { orderId } },
    <>
      <Said message={message} />
      <Live id="order" url={withQuery(path("orders", orderId), { events: cursor })}>
        <div class="row">
          <span id="order-status">
            <StatusBadge status={order.status} />
          </span>
          <HeldMark codes={codesIn(order)} />
          <span class="muted">Version {visit.format.number(order.version)}</span>
        </div>
        <Actions order={order} visit={visit} />
        <HoldList order={order} visit={visit} />
        <Lines order={order} visit={visit} />
        <Fulfillment order={order} visit={visit} />
        <div class="columns">
          <Facts order={order} visit={visit} />
          <Totals order={order} visit={visit} />
        </div>
        {events.ok
          ? (
            <History
              events={history}
              visit={visit}
              next={events.value.nextCursor}
              order={order}
            />
          )
          : <Refusal refused={events} />}
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

export const orderPages = (app: Dashboard): void => {
  const idOf = (c: PageContext) => c.req.param("orderId") ?? "";

  app.get("/orders/:orderId", (c) => orderPage(c, idOf(c), { done: saidDone(c, done) }));

  const onAction = (name: string, action: Action, body: (fields: FormFields) => object) =>
    onPost(app, {
      path: `/orders/:orderId/${name}`,
      operation: operation(action),
      params: (c) => ({ orderId: idOf(c) }),
      body,
      back: (c) => path("orders", idOf(c)),
      done: name,
      again: (c, refused) => orderPage(c, idOf(c), { refused }),
    });

  for (const [name, action] of Object.entries(orderActions)) {
    onAction(name, action, (fields) => bodyIn(action, fields));
  }
  onAction("release-one", orderActions.release, (fields) => bodyIn(releaseOne, fields));
  onAction("cancel-lines", orderActions.cancel, (fields) => ({
    ...bodyIn(cancelLines, fields),
    lines: typedLines(fields),
  }));
};
