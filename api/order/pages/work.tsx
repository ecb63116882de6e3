/** One fulfillment order at its location: each step by one press, each pick by one scan. */
import { textLimits } from "../../../src/kernel/limits.ts";
import type { FulfillmentAction } from "../../../src/order/order.ts";
import type { FulfillmentOrderView, OperationName } from "../../dashboard/answers.ts";
import { show } from "../../dashboard/layout.tsx";
import {
  ActionForm,
  Badge,
  Card,
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
  field,
  type FormFields,
  type Message,
  type PageContext,
  path,
  typedLines,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";

const operations = {
  "accept": "acceptFulfillmentOrder",
  "reject": "rejectFulfillmentOrder",
  "pick": "pickFulfillmentOrder",
  "pack": "packFulfillmentOrder",
  "ship": "shipFulfillmentOrder",
  "ready-for-pickup": "readyFulfillmentOrder",
  "collect": "collectFulfillmentOrder",
} as const satisfies Readonly<Record<FulfillmentAction, OperationName>>;

const done: Readonly<Record<string, string>> = {
  "accept": "Accepted: now pick it.",
  "reject": "Rejected: it goes elsewhere or waits for stock.",
  "pick": "Picked.",
  "scan": "One unit picked.",
  "pack": "Packed.",
  "ship": "Shipped.",
  "ready-for-pickup": "Ready for pickup.",
  "collect": "Collected.",
};

const Lines = ({ each, visit }: { readonly each: FulfillmentOrderView; readonly visit: Visit }) => (
  <Card title="Lines">
    <Table
      label="Lines"
      head={[{ text: "SKU" }, { text: "To do", number: true }, { text: "Picked", number: true }, {
        text: "Shipped",
        number: true,
      }]}
    >
      {each.lines.map(({ sku, quantity, picked, shipped }) => (
        <tr>
          <td>{sku}</td>
          <td class="number">{visit.format.number(quantity)}</td>
          <td class="number" data-picked={sku}>{visit.format.number(picked)}</td>
          <td class="number">{visit.format.number(shipped)}</td>
        </tr>
      ))}
    </Table>
  </Card>
);

/** Digits for the units of each line, up to what is left. */
const UnitFields = ({ lines, purpose }: {
  readonly lines: readonly {
    readonly lineId: string;
    readonly sku: string;
    readonly left: number;
  }[];
  readonly purpose: string;
}) => (
  <>
    {lines.filter(({ left }) => left > 0).map(({ lineId, sku, left }) => (
      <Field
        label={`Units of ${sku} (line ${lineId})`}
        name={`line:${lineId}`}
        id={`${purpose}-line-${lineId}`}
        type="number"
        minimum={0}
        maximum={left}
        value={String(left)}
      />
    ))}
  </>
);

const Pick = ({ each, visit, to }: {
  readonly each: FulfillmentOrderView;
  readonly visit: Visit;
  readonly to: (action: string) => string;
}) => (
  <>
    <ActionForm visit={visit} action={to("scan")} label="Pick one" tone="main">
      <Field label="Scan or type a SKU to pick one unit" name="code" id="scan" required focus />
    </ActionForm>
    <ActionForm visit={visit} action={to("pick")} label="All picked" />
    <details class="act" id="act-pick">
      <summary>Pick some…</summary>
      <ActionForm visit={visit} action={to("pick")} label="These are picked">
        <UnitFields
          purpose="pick"
          lines={each.lines.map(({ lineId, sku, quantity, picked }) => ({
            lineId,
            sku,
            left: quantity - picked,
          }))}
        />
      </ActionForm>
    </details>
  </>
);

const Ship = ({ each, visit, to }: {
  readonly each: FulfillmentOrderView;
  readonly visit: Visit;
  readonly to: (action: string) => string;
}) => (
  <>
    <ActionForm visit={visit} action={to("ship")} label="Ship" tone="main">
      <Field
        label="Carrier"
        name="carrier"
        required
        focus={each.status === "packed" || each.status === "partially_shipped"}
        maxLength={textLimits.id}
      />
      <Field label="Tracking number" name="trackingNumber" maxLength={textLimits.id} />
    </ActionForm>
    <details class="act" id="act-ship">
      <summary>Ship some…</summary>
      <ActionForm visit={visit} action={to("ship")} label="Ship these">
        <Field
          label="Carrier"
          name="carrier"
          id="ship-some-carrier"
          required
          maxLength={textLimits.id}
        />
        <Field
          label="Tracking number"
          name="trackingNumber"
          id="ship-some-tracking"
          maxLength={textLimits.id}
        />
        <UnitFields
          purpose="ship"
          lines={each.lines.map(({ lineId, sku, quantity, shipped }) => ({
            lineId,
            sku,
            left: quantity - shipped,
          }))}
        />
      </ActionForm>
    </details>
  </>
);

/** The actions that the API says are supported, the next one first and in focus. */
const Actions = (
  { each, visit }: { readonly each: FulfillmentOrderView; readonly visit: Visit },
) => {
  const to = (action: string) => path("fulfillment-orders", each.id, action);
  const can = (action: FulfillmentAction) =>
    each.supportedActions.includes(action) && visit.calls.may(operations[action]);
  const simple = (action: FulfillmentAction, label: string) =>
    can(action)
      ? <ActionForm visit={visit} action={to(action)} label={label} tone="main" focus />
      : null;
  return (
    <div class="actions" id="actions">
      {simple("accept", "Accept")}
      {can("pick") ? <Pick each={each} visit={visit} to={to} /> : null}
      {simple("pack", "Packed")}
      {can("ship") ? <Ship each={each} visit={visit} to={to} /> : null}
      {simple("ready-for-pickup", "Ready for pickup")}
      {simple("collect", "Collected")}
      {each.supportedActions.length > 0 || each.locationId === null
        ? null
        : (
          <a class="button" href={path("fulfillment", each.locationId)} autofocus>
            Back to the queue
          </a>
        )}
      {can("reject")
        ? (
          <details class="act" id="act-reject">
            <summary>Reject…</summary>
            <ActionForm visit={visit} action={to("reject")} label="Reject" tone="danger">
              <Field
                label="Reason"
                name="reason"
                id="reject-reason"
                required
                maxLength={textLimits.reason}
              />
            </ActionForm>
          </details>
        )
        : null}
    </div>
  );
};

const Facts = ({ each, visit }: { readonly each: FulfillmentOrderView; readonly visit: Visit }) => {
  const { name, phone, address } = each.recipient;
  return (
    <Card title="For">
      <dl class="facts">
        <dt>Recipient</dt>
        <dd>{name}</dd>
        {phone === undefined ? null : (
          <>
            <dt>Phone</dt>
            <dd>{phone}</dd>
          </>
        )}
        {address === undefined ? null : (
          <>
            <dt>Address</dt>
            <dd>
              {[address.line1, address.line2, address.postalCode, address.city, address.country]
                .filter(Boolean).join(", ")}
            </dd>
          </>
        )}
        {each.shippingService === undefined ? null : (
          <>
            <dt>Service</dt>
            <dd>{each.shippingService}</dd>
          </>
        )}
        <dt>Order</dt>
        <dd>
          <a href={path("orders", each.orderId)}>{each.externalId}</a>
        </dd>
        <dt>Waiting since</dt>
        <dd>
          <When at={each.createdAt} visit={visit} />
        </dd>
        {each.shipments.map(({ id, carrier, trackingNumber, status }) => (
          <>
            <dt>Shipment</dt>
            <dd>
              <code>{id}</code> {carrier} {trackingNumber ?? ""} <Badge status={status} />
            </dd>
          </>
        ))}
      </dl>
    </Card>
  );
};

const workPage = async (c: PageContext, id: string, message: Message) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask("getFulfillmentOrder", { params: { fulfillmentOrderId: id } });
  const page = { title: "Fulfillment order", section: "Fulfillment" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const each = told.value;
  return show(
    c,
    { ...page, title: `Fulfillment of ${each.externalId}`, live: { orderId: each.orderId } },
    <>
      <Said message={message} />
      <Live id="work" url={path("fulfillment-orders", id)}>
        <div class="row">
          <span id="work-status">
            <Badge status={each.status} />
          </span>
          <span>{words(each.method)}</span>
          {each.locationId === null
            ? null
            : <a href={path("fulfillment", each.locationId)}>Queue of {each.locationId}</a>}
          <a href={path("fulfillment-orders", id, "pick-list")}>Pick list</a>
          <a href={path("fulfillment-orders", id, "packing-slip")}>Packing slip</a>
        </div>
        <Actions each={each} visit={visit} />
        <div class="columns">
          <Lines each={each} visit={visit} />
          <Facts each={each} visit={visit} />
        </div>
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

/** All that is left, unless the form asked line by line. */
const linesIn = (fields: FormFields) =>
  [...fields.keys()].some((name) => name.startsWith("line:")) ? { lines: typedLines(fields) } : {};

const bodies: Readonly<Record<FulfillmentAction, (fields: FormFields) => object>> = {
  "accept": () => ({}),
  "reject": (fields) => ({ reason: field(fields, "reason") }),
  "pick": linesIn,
  "pack": () => ({}),
  "ship": (fields) => {
    const trackingNumber = field(fields, "trackingNumber");
    return {
      carrier: field(fields, "carrier"),
      ...(trackingNumber === "" ? {} : { trackingNumber }),
      ...linesIn(fields),
    };
  },
  "ready-for-pickup": () => ({}),
  "collect": () => ({}),
};

const actions = Object.keys(operations) as readonly FulfillmentAction[];

export const workPages = (app: Dashboard): void => {
  app.get("/fulfillment-orders/:id", (c) => {
    const said = done[c.req.query("done") ?? ""];
    return workPage(c, c.req.param("id"), { done: said });
  });

  for (const action of actions) {
    app.post(`/fulfillment-orders/:id/${action}`, async (c) => {
      const id = c.req.param("id");
      const fields = c.get("fields");
      const told = await c.get("visit").calls.ask(operations[action], {
        params: { fulfillmentOrderId: id },
        json: bodies[action](fields),
        idempotencyKey: field(fields, "once") || undefined,
      });
      return told.ok
        ? c.redirect(withQuery(path("fulfillment-orders", id), { done: action }), 303)
        : await workPage(c, id, { refused: told });
    });
  }

  app.post("/fulfillment-orders/:id/scan", async (c) => {
    const id = c.req.param("id");
    const { calls } = c.get("visit");
    const fields = c.get("fields");
    const code = field(fields, "code");
    const params = { fulfillmentOrderId: id };
    const told = await calls.ask("getFulfillmentOrder", { params });
    if (!told.ok) return await workPage(c, id, { refused: told });
    const line = told.value.lines.find(({ sku, quantity, picked }) =>
      sku === code && picked < quantity
    );
    if (line === undefined) {
      const isHere = told.value.lines.some(({ sku }) => sku === code);
      const detail = isHere
        ? `All units of ${code} are picked already.`
        : `${code} does not belong to this fulfillment order.`;
      const problem = { name: "conflict", detail } as const;
      return await workPage(c, id, {
        refused: { ok: false, status: 409, title: "Not picked", problem },
      });
    }
    const picked = await calls.ask("pickFulfillmentOrder", {
      params,
      json: { lines: [{ lineId: line.lineId, quantity: 1 }] },
      idempotencyKey: field(fields, "once") || undefined,
    });
    return picked.ok
      ? c.redirect(withQuery(path("fulfillment-orders", id), { done: "scan" }), 303)
      : await workPage(c, id, { refused: picked });
  });
};
