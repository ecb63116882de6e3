/** The page of one shipment: what the carrier reports, its parcels, its notes, and what may be done. */
import { bodyIn, doneWords, onPost, saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import { nameOf } from "../../dashboard/names.ts";
import { Card, Empty, Live, Refusal, Said, Table, When } from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { instantOf } from "../../../src/kernel/instant.ts";
import { operation } from "../../http/in-process.ts";
import { shipmentActions } from "../shipment-actions.ts";
import { exceptionsPage, exceptionsPath } from "./exceptions.tsx";
import { getShipment, type ShipmentView } from "./operations.ts";
import {
  CorrectForms,
  correctionIn,
  delivered,
  DeliveredForm,
  mayDo,
  NoteForm,
  NumbersForm,
  numbersIn,
  ReportForm,
  reportIn,
  ReshipForm,
  wasIn,
  withdrawn,
} from "./shipment-forms.tsx";
import { StatusBadge } from "./status-badge.tsx";

interface ShipmentProps {
  readonly shipment: ShipmentView;
  readonly visit: Visit;
}

const Reports = ({ shipment, visit }: ShipmentProps) => (
  <Card title="What the carrier reports">
    {shipment.tracking.length === 0 ? <Empty>Nothing yet.</Empty> : (
      <Table
        label="Reports, oldest first"
        stacked
        head={[
          { text: "Status" },
          { text: "When" },
          { text: "What" },
          { text: "Told", wide: true },
          ...(mayDo(visit, "correct-tracking") ? [{ text: "Correct", wide: true }] : []),
        ]}
      >
        {shipment.tracking.map((report, n) => (
          <tr role="row">
            <td role="cell">
              <StatusBadge status={report.status} />
            </td>
            <td role="cell">
              <When at={report.occurredAt} visit={visit} />
            </td>
            <td role="cell">{report.description ?? "–"}</td>
            <td role="cell" class="wide">
              <When at={report.recordedAt} visit={visit} />
            </td>
            {mayDo(visit, "correct-tracking")
              ? (
                <td role="cell" class="below">
                  <CorrectForms shipment={shipment} report={report} n={n} visit={visit} />
                </td>
              )
              : null}
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

const Notes = ({ notes, visit }: {
  readonly notes: readonly (ShipmentView["notes"][number] & { readonly name: string })[];
  readonly visit: Visit;
}) => (
  <Card title="Notes">
    {notes.length === 0 ? <Empty>None.</Empty> : (
      <ol class="history">
        {notes.map(({ text, at, name }) => (
          <li>
            <span>{text}</span>
            <When at={at} visit={visit} />
            <span class="why">{name}</span>
          </li>
        ))}
      </ol>
    )}
  </Card>
);

const Facts = ({ shipment, visit }: ShipmentProps) => (
  <Card title="Shipment">
    <dl class="facts">
      <dt>Id</dt>
      <dd>
        <code>{shipment.id}</code>
      </dd>
      <dt>Carrier</dt>
      <dd>{shipment.carrier}</dd>
      <dt>Tracking numbers</dt>
      <dd>
        {shipment.trackingNumbers.length === 0 ? "–" : shipment.trackingNumbers.map((number) => (
          <>
            <span class="code">{number}</span>
            <br />
          </>
        ))}
      </dd>
      <dt>From</dt>
      <dd>{shipment.locationId}</dd>
      <dt>Units</dt>
      <dd>
        {shipment.lines.map(({ sku, quantity }) => (
          <>
            {visit.format.number(quantity)} × {sku}
            <br />
          </>
        ))}
      </dd>
      <dt>Shipped</dt>
      <dd>
        <When at={shipment.shippedAt} visit={visit} />
      </dd>
      {shipment.replacedReason === undefined ? null : (
        <>
          <dt>Given up</dt>
          <dd>{shipment.replacedReason}</dd>
        </>
      )}
    </dl>
  </Card>
);

const shipmentPage = async (c: PageContext, shipmentId: string, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getShipment, { params: { shipmentId } });
  const page = { title: "Shipment", section: "Exceptions" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const shipment = told.value;
  const { orderId, fulfillmentOrderId } = shipment;
  const notes = await Promise.all(
    shipment.notes.map(async (each) => ({ ...each, name: await nameOf(visit.calls, each.by) })),
  );
  return show(
    c,
    { ...page, live: { orderId } },
    <>
      <Said message={message} />
      <Live id="shipment" url={path("shipments", shipmentId)}>
        <div class="row">
          <span id="shipment-status">
            <StatusBadge status={shipment.status} />
          </span>
          <a href={path("orders", orderId)}>Order</a>
          <a href={path("fulfillment-orders", fulfillmentOrderId)}>Fulfillment order</a>
          <a href={exceptionsPath}>Delivery exceptions</a>
        </div>
        <div class="actions" id="actions">
          <DeliveredForm shipment={shipment} visit={visit} />
          <ReportForm shipment={shipment} visit={visit} />
          <NumbersForm shipment={shipment} visit={visit} />
          <NoteForm shipment={shipment} visit={visit} />
          <ReshipForm shipment={shipment} visit={visit} />
        </div>
        <Reports shipment={shipment} visit={visit} />
        <div class="columns">
          <Facts shipment={shipment} visit={visit} />
          <Notes notes={notes} visit={visit} />
        </div>
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

const done = {
  ...doneWords(shipmentActions),
  "delivered": delivered.says.done,
  "withdraw-tracking": withdrawn.says.done,
};

export const shipmentPages = (app: Dashboard): void => {
  const idOf = (c: PageContext) => c.req.param("shipmentId") ?? "";

  app.get("/shipments/:shipmentId", (c) => shipmentPage(c, idOf(c), { done: saidDone(c, done) }));
  app.get(exceptionsPath, (c) => exceptionsPage(c, { done: saidDone(c, done) }));

  const onAction = (
    name: string,
    action: keyof typeof shipmentActions,
    body: (fields: FormFields, c: PageContext) => object,
  ) => {
    const isFromList = (c: PageContext) => field(c.get("fields"), "back") === exceptionsPath;
    onPost(app, {
      path: `/shipments/:shipmentId/${name}`,
      operation: operation(shipmentActions[action]),
      params: (c) => ({ shipmentId: idOf(c) }),
      body,
      back: (c) => isFromList(c) ? exceptionsPath : path("shipments", idOf(c)),
      done: name,
      again: (c, refused) =>
        isFromList(c) ? exceptionsPage(c, { refused }) : shipmentPage(c, idOf(c), { refused }),
    });
  };

  onAction("tracking", "tracking", (fields, c) => reportIn(fields, c.get("visit")));
  onAction("delivered", "tracking", (_, c) => ({
    status: "delivered",
    occurredAt: instantOf(c.get("visit").nowMs),
  }));
  onAction(
    "correct-tracking",
    "correct-tracking",
    (fields, c) => correctionIn(fields, c.get("visit")),
  );
  onAction("withdraw-tracking", "correct-tracking", (fields) => ({
    was: wasIn(fields),
    ...bodyIn(withdrawn, fields),
  }));
  onAction("set-tracking-numbers", "set-tracking-numbers", numbersIn);
  for (const name of ["note", "reship"] as const) {
    onAction(name, name, (fields) => bodyIn(shipmentActions[name], fields));
  }
};
