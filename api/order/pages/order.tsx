/** The page of one order: its content, its history, and the actions that it allows now. */
import { dashboardLimits } from "../../dashboard/limits.ts";
import { orderTransitions } from "../../../src/order/status.ts";
import { itemNames, type Names, Place, placeNames } from "../../catalog/pages/names.tsx";
import {
  bodyIn,
  doneWords,
  OfferedAction,
  onPost,
  saidDone,
} from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import { nameOf } from "../../dashboard/names.ts";
import { Card, Live, Refusal, Said, Table, When } from "../../dashboard/parts.tsx";
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
import { orderActions } from "../actions.ts";
import { cancelLinesDone, CancelLinesForm, onCancelLinesPost } from "./cancel-lines.tsx";
import { DocumentsCard } from "./documents-card.tsx";
import { editDone, EditForm, onEditPost } from "./edit-form.tsx";
import { EventItem, type NamedEvent } from "./history.tsx";
import { DateCells, datesHead } from "./goods-dates.tsx";
import { codesIn, HeldMark, HoldForm, HoldList, ReleaseForm, releaseOne } from "./holds.tsx";
import { type EventView, getOrder, listOrderEvents, type OrderView } from "./operations.ts";
import { Facts, Lines, type LinesProps, Totals } from "./order-content.tsx";
import { Messages, messagesOf } from "./messages.tsx";
import { onRequestReturn, OrderReturns, RequestReturn } from "./order-returns.tsx";
import { MoneyCard, onPaymentPost, PaymentsCard, paymentsDone } from "./payment-cards.tsx";
import type { ShownAgain } from "./preview.ts";
import { StatusBadge } from "./status-badge.tsx";
import { promisedPlaces, Waits } from "./waits.tsx";

const Fulfillment = ({ order, visit, items, places }: LinesProps & { readonly places: Names }) => (
  <Card title="Fulfillment orders and shipments">
    {order.fulfillmentOrders.length === 0 ? <p class="empty">None yet.</p> : (
      <Table
        label="Fulfillment orders"
        head={[
          { text: "Fulfillment order" },
          { text: "Status" },
          { text: "Location" },
          {
            text: "Units",
          },
          { text: "Since" },
          ...datesHead(order.fulfillmentOrders),
        ]}
      >
        {order.fulfillmentOrders.map((each) => (
          <tr>
            <td>
              <a href={path("fulfillment-orders", each.id)} class="code">{each.id}</a>
            </td>
            <td>
              <StatusBadge status={each.status} />
            </td>
            <td>
              <Place id={each.locationId} names={places} />
            </td>
            <td>
              {each.lines.map(({ sku, quantity }) => (
                <>
                  {visit.format.number(quantity)} × {sku}{" "}
                  <span class="muted">{items.get(sku)}</span>
                  <br />
                </>
              ))}
            </td>
            <td>
              <When at={each.createdAt} visit={visit} />
            </td>
            <DateCells of={each} among={order.fulfillmentOrders} visit={visit} />
          </tr>
        ))}
      </Table>
    )}
    {order.shipments.length === 0 ? null : (
      <Table
        label="Shipments"
        head={[{ text: "Shipment" }, { text: "Status" }, { text: "Carrier" }, {
          text: "Tracking numbers",
        }, { text: "Shipped" }]}
      >
        {order.shipments.map((each) => (
          <tr>
            <td>
              <a href={path("shipments", each.id)} class="code">{each.id}</a>
            </td>
            <td>
              <StatusBadge status={each.status} />
            </td>
            <td>{each.carrier}</td>
            <td>{each.trackingNumbers.join(", ") || "–"}</td>
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

const done = {
  ...doneWords(orderActions),
  ...cancelLinesDone,
  "release-one": releaseOne.says.done,
  ...paymentsDone,
  ...editDone,
};

/** The actions that the order's status, its holds and the key's role allow: each asks for its reason. */
const Actions = ({ order, visit }: { readonly order: OrderView; readonly visit: Visit }) => {
  const { actions: allowed } = orderTransitions[order.status];
  const to = (name: string) => path("orders", order.id, name);
  const can = (name: "hold" | "cancel") =>
    allowed.includes(name) && visit.calls.may(operation(orderActions[name]));
  // An order is cancelled as a whole only before any of it has left.
  const anyShipped = order.lines.some((line) => (line.shipped ?? 0) > 0);
  return (
    <div class="actions" id="actions">
      <ReleaseForm order={order} visit={visit} />
      {can("hold") ? <HoldForm order={order} visit={visit} /> : null}
      <EditForm order={order} visit={visit} />
      <RequestReturn order={order} visit={visit} />
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
      {can("cancel") ? <CancelLinesForm order={order} visit={visit} /> : null}
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
  const { calls } = visit;
  const [history, items, places, messages] = await Promise.all([
    events.ok ? named(events.value.data, visit) : [],
    itemNames(calls, order.lines.map(({ sku }) => sku)),
    placeNames(calls, [
      ...order.fulfillmentOrders.map(({ locationId }) => locationId),
      ...promisedPlaces(order),
    ]),
    messagesOf(visit, order.id),
  ]);
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
        <Lines order={order} visit={visit} items={items} />
        <Waits order={order} visit={visit} places={places} />
        <Fulfillment order={order} visit={visit} items={items} places={places} />
        <OrderReturns order={order} visit={visit} />
        <PaymentsCard order={order} visit={visit} />
        <DocumentsCard order={order} visit={visit} />
        <div class="columns">
          <Facts order={order} visit={visit} />
          <Totals order={order} visit={visit} />
          <MoneyCard order={order} visit={visit} />
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
      {messages === null ? null : (
        // What becomes of a message is no event of the order.
        <Live
          id="messages"
          url={withQuery(path("orders", orderId), { events: cursor })}
          on="beats"
        >
          <Messages visit={visit} told={messages} />
        </Live>
      )}
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
  onRequestReturn(app, (c, refused) => orderPage(c, idOf(c), { refused }));
  onAction("release-one", orderActions.release, (fields) => bodyIn(releaseOne, fields));
  const shownAgain: ShownAgain = {
    refused: (c, refused) => orderPage(c, idOf(c), { refused }),
    told: (c, told) => orderPage(c, idOf(c), { done: told }),
  };
  onCancelLinesPost(app, shownAgain);
  onEditPost(app, (c, refused) => orderPage(c, idOf(c), { refused }));
  onPaymentPost(app, shownAgain);
};
