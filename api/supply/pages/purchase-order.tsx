/** One purchase order: its lines, the desk that receives it, what came, and what may be done with it. */
import {
  bodyIn,
  doneWords,
  OfferedAction,
  onPost,
  saidDone,
} from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import {
  Card,
  Field,
  FoldedForm,
  Live,
  Refusal,
  Said,
  Table,
  When,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { operation } from "../../http/in-process.ts";
import { purchaseOrderActions } from "../purchase-order-actions.ts";
import { receivingScripts } from "./assets.ts";
import {
  changePurchaseOrder,
  getPurchaseOrder,
  listPurchaseOrderEvents,
  type PurchaseOrderShown,
  receivePurchaseOrder,
} from "./operations.ts";
import {
  countedReceipt,
  Due,
  type FurtherCount,
  History,
  nothingCounted,
  ReceivingDesk,
  Steps,
  SupplyStatus,
} from "./parts.tsx";
import { openLines, purchaseOrdersPath, purchaseOrdersSection } from "./purchase-orders.tsx";

const further: readonly FurtherCount[] = [
  { prefix: "rejected", label: "Of these, units unfit for sale" },
];

const done = doneWords(purchaseOrderActions);

interface OrderProps {
  readonly order: PurchaseOrderShown;
  readonly visit: Visit;
}

const Facts = ({ order, visit }: OrderProps) => (
  <Card title="Purchase order" more={<SupplyStatus status={order.status} />}>
    <dl class="facts">
      <dt>Id</dt>
      <dd class="code">{order.id}</dd>
      <dt>Supplier</dt>
      <dd>{order.supplierId ?? "–"}</dd>
      <dt>To</dt>
      <dd>{order.locationId}</dd>
      <dt>May come beyond it</dt>
      <dd>{order.overReceiptPercent} %</dd>
      <dt>Placed</dt>
      <dd>
        <When at={order.createdAt} visit={visit} />
      </dd>
    </dl>
  </Card>
);

const Lines = ({ order, visit }: OrderProps) => {
  const { number } = visit.format;
  return (
    <Card title="Lines">
      <Table
        label="Lines"
        head={[
          { text: "SKU" },
          { text: "Ordered", number: true },
          { text: "Received", number: true },
          { text: "Rejected", number: true, wide: true },
          { text: "Given up", number: true, wide: true },
          { text: "To come", number: true },
          { text: "Due" },
        ]}
      >
        {order.lines.map((line) => (
          <tr>
            <td class="code">{line.sku}</td>
            <td class="number">{number(line.ordered)}</td>
            <td class="number">{number(line.received)}</td>
            <td class="number wide">{number(line.rejected)}</td>
            <td class="number wide">{number(line.cancelled)}</td>
            <td class="number">{number(line.expected)}</td>
            <td>
              <Due at={line.expectedAt} isOpen={line.expected > 0} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
};

const hasEnded = ({ status }: PurchaseOrderShown): boolean =>
  status === "closed" || status === "cancelled";

const Actions = ({ order, visit }: OrderProps) => {
  const to = (name: string) => purchaseOrdersPath + path(order.id, name);
  const offered = (name: "receipts" | "close" | "cancel", isOffered: boolean) =>
    isOffered && visit.calls.may(operation(purchaseOrderActions[name]))
      ? (
        <OfferedAction
          visit={visit}
          name={name}
          action={purchaseOrderActions[name]}
          to={to(name === "receipts" ? "all" : name)}
        />
      )
      : null;
  if (hasEnded(order)) return null;
  const isOpen = openLines(order).length > 0;
  return (
    <div class="actions" id="actions">
      {offered("receipts", isOpen)}
      {isOpen && visit.calls.may(changePurchaseOrder)
        ? (
          <FoldedForm
            opens="Move the date…"
            id="act-date"
            visit={visit}
            action={to("date")}
            label="Move it"
          >
            <Field label="Expected on" name="day" id="date-day" type="date" required />
          </FoldedForm>
        )
        : null}
      {offered("cancel", order.receipts.length === 0)}
      {offered("close", true)}
    </div>
  );
};

const idOf = (c: PageContext): string => c.req.param("id") ?? "";
const own = (c: PageContext): string => purchaseOrdersPath + path(idOf(c));

const orderPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const params = { id: idOf(c) };
  const page = { title: "Purchase order", section: purchaseOrdersSection };
  const told = await visit.calls.ask(getPurchaseOrder, { params });
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const order = told.value;
  const events = await visit.calls.ask(listPurchaseOrderEvents, {
    params,
    query: { limit: String(dashboardLimits.historyEvents) },
  });
  const coming = openLines(order).map(({ id, sku, expected }) => ({
    ...{ lineId: id, sku, left: expected },
  }));
  const mayReceive = coming.length > 0 && visit.calls.may(receivePurchaseOrder);
  return show(
    c,
    {
      ...page,
      title: `Purchase order ${order.externalId ?? ""}`.trim(),
      live: { locationId: order.locationId },
      scripts: receivingScripts,
    },
    <>
      <Said message={message} />
      <div class="row">
        <a href={purchaseOrdersPath} class="back">Purchase orders</a>
      </div>
      {mayReceive
        ? (
          <ReceivingDesk
            id={order.id}
            lines={coming}
            further={further}
            action={`${own(c)}/receipts`}
            visit={visit}
          />
        )
        : null}
      <Live id="purchase-order" url={own(c)}>
        <Facts order={order} visit={visit} />
        <Lines order={order} visit={visit} />
        <Actions order={order} visit={visit} />
        <Steps title="Receipts" steps={order.receipts} visit={visit} />
        {events.ok ? <History events={events.value.data} visit={visit} /> : null}
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

export const purchaseOrderPages = (app: Dashboard): void => {
  const target = `${purchaseOrdersPath}/:id`;
  app.get(target, (c) => orderPage(c, { done: saidDone(c, done) }));

  const again = (c: PageContext, refused: Notice["refused"]) => orderPage(c, { refused });
  const form = { params: (c: PageContext) => ({ id: idOf(c) }), back: own, again };

  app.post(`${target}/receipts`, async (c, next) => {
    if (countedReceipt(c.get("fields"), further).lines.length === 0) {
      return await again(c, nothingCounted);
    }
    return await next();
  });
  onPost(app, {
    ...form,
    path: `${target}/receipts`,
    operation: receivePurchaseOrder,
    body: (fields) => countedReceipt(fields, further),
    done: "receipts",
  });
  onPost(app, {
    ...form,
    path: `${target}/all`,
    operation: receivePurchaseOrder,
    body: () => ({}),
    done: "receipts",
  });
  onPost(app, {
    ...form,
    path: `${target}/date`,
    operation: changePurchaseOrder,
    body: (fields) => ({ expectedAt: `${field(fields, "day")}T00:00:00Z` }),
    done: "change",
  });
  for (const name of ["close", "cancel"] as const) {
    onPost(app, {
      ...form,
      path: `${target}/${name}`,
      operation: operation(purchaseOrderActions[name]),
      body: (fields) => bodyIn(purchaseOrderActions[name], fields),
      done: name,
    });
  }
};
