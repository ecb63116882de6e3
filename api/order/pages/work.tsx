/** One fulfillment order at its location: each step by a press, each pick by a scan. */
import type { FulfillmentAction } from "../../../src/order/order.ts";
import {
  bodyIn,
  doneWords,
  OfferedAction,
  onPost,
  saidDone,
} from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import { Card, Field, Live, Refusal, Said, Table, When, words } from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type Notice,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import type { Action } from "../../http/actions.ts";
import { operation } from "../../http/in-process.ts";
import { fulfillmentActions } from "../fulfillment-actions.ts";
import { PickedLotFields, pickedLotsIn } from "../../lot/pages/lots.tsx";
import { DateFacts } from "./goods-dates.tsx";
import { conflict, heldDetail, HeldMark } from "./holds.tsx";
import { KitGoods } from "./kit-goods.tsx";
import { type FulfillmentOrderView, getFulfillmentOrder } from "./operations.ts";
import { scannedLine, scansAnswer, ScanStateData, scanStateOf, Station } from "./station.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { typedNumbers } from "./tracking-numbers.ts";
import { typedLines } from "./typed-lines.ts";
import { stationScripts, stationStyles } from "./assets.ts";

const done = { ...doneWords(fulfillmentActions), "scan": "One unit picked." };

/** What has left of each line; what is picked stands at the station. */
const Lines = ({ each, visit }: { readonly each: FulfillmentOrderView; readonly visit: Visit }) =>
  each.lines.every(({ shipped }) => shipped === 0) ? null : (
    <Card title="Lines">
      <Table
        label="Lines"
        head={[{ text: "SKU" }, { text: "To do", number: true }, { text: "Shipped", number: true }]}
      >
        {each.lines.map((line) => (
          <tr>
            <td>
              {line.sku}
              <KitGoods of={line} visit={visit} />
            </td>
            <td class="number">{visit.format.number(line.quantity)}</td>
            <td class="number" data-shipped={line.sku}>{visit.format.number(line.shipped)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );

/** Number fields for the units of each line, up to the units left. */
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

/** The dashboard's own forms of the same actions, for some units. */
const pickSome = {
  says: { ...fulfillmentActions.pick.says, opens: "Pick some…", button: "These are picked" },
};
const { tone: _main, ...shipWords } = fulfillmentActions.ship.says;
const shipSome = { says: { ...shipWords, opens: "Ship some…", button: "Ship these" } };

interface StepProps {
  readonly each: FulfillmentOrderView;
  readonly visit: Visit;
  readonly to: (name: string) => string;
}

const Pick = ({ each, visit, to }: StepProps) => (
  <>
    <OfferedAction visit={visit} name="pick" action={fulfillmentActions.pick} to={to("pick")} />
    <OfferedAction visit={visit} name="pick-some" action={pickSome} to={to("pick")}>
      <UnitFields
        purpose="pick"
        lines={each.lines.map(({ lineId, sku, quantity, picked }) => ({
          lineId,
          sku,
          left: quantity - picked,
        }))}
      />
      <PickedLotFields
        suggested={each.suggestedLots ?? []}
        skuOf={(lineId) => each.lines.find((line) => line.lineId === lineId)?.sku ?? ""}
      />
    </OfferedAction>
  </>
);

const Ship = ({ each, visit, to }: StepProps) => (
  <>
    <OfferedAction visit={visit} name="ship" action={fulfillmentActions.ship} to={to("ship")} />
    <OfferedAction visit={visit} name="ship-some" action={shipSome} to={to("ship")}>
      <UnitFields
        purpose="ship"
        lines={each.lines.map(({ lineId, sku, quantity, shipped }) => ({
          lineId,
          sku,
          left: quantity - shipped,
        }))}
      />
    </OfferedAction>
  </>
);

/** The actions that the API says are supported, the next one first. None of them has the focus by itself. */
const Actions = (
  { each, visit }: { readonly each: FulfillmentOrderView; readonly visit: Visit },
) => {
  const to = (name: string) => path("fulfillment-orders", each.id, name);
  const can = (name: FulfillmentAction) =>
    each.supportedActions.includes(name) && visit.calls.may(operation(fulfillmentActions[name]));
  const offered = (name: FulfillmentAction) =>
    can(name)
      ? (
        <OfferedAction
          visit={visit}
          name={name}
          action={fulfillmentActions[name]}
          to={to(name)}
        />
      )
      : null;
  return (
    <div class="actions" id="actions">
      {offered("accept")}
      {can("pick") ? <Pick each={each} visit={visit} to={to} /> : null}
      {offered("pack")}
      {can("ship") ? <Ship each={each} visit={visit} to={to} /> : null}
      {offered("ready-for-pickup")}
      {offered("collect")}
      {each.supportedActions.length > 0 || each.locationId === null
        ? null
        : (
          <a class="button" href={path("fulfillment", each.locationId)}>
            Back to the queue
          </a>
        )}
      {offered("reject")}
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
        <DateFacts of={each} visit={visit} />
        <dt>Order</dt>
        <dd>
          <a href={path("orders", each.orderId)}>{each.externalId}</a>
        </dd>
        <dt>Waiting since</dt>
        <dd>
          <When at={each.createdAt} visit={visit} />
        </dd>
        {each.shipments.map(({ id, carrier, trackingNumbers, status }) => (
          <>
            <dt>Shipment</dt>
            <dd>
              <a href={path("shipments", id)} class="code">{id}</a>{" "}
              {[carrier, ...trackingNumbers].join(" ")} <StatusBadge status={status} />
            </dd>
          </>
        ))}
      </dl>
    </Card>
  );
};

const workPage = async (c: PageContext, id: string, message: Notice) => {
  const visit = c.get("visit");
  const told = await visit.calls.ask(getFulfillmentOrder, { params: { fulfillmentOrderId: id } });
  const page = { title: "Fulfillment order", section: "Fulfillment" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const each = told.value;
  const isLive = c.req.header("hx-request") === "true";
  return show(
    c,
    {
      ...page,
      title: `Fulfillment of ${each.externalId}`,
      live: { orderId: each.orderId },
      scripts: stationScripts,
      styles: stationStyles,
    },
    <>
      <Said message={message} />
      <Live id="work" url={path("fulfillment-orders", id)}>
        <div class="row">
          <span id="work-status">
            <StatusBadge status={each.status} />
          </span>
          <HeldMark codes={each.holds} />
          <span>{words(each.method)}</span>
          {each.locationId === null
            ? null
            : (
              <a href={path("fulfillment", each.locationId)} class="back">
                Queue of {each.locationId}
              </a>
            )}
          {each.held ? null : (
            <>
              <a href={path("fulfillment-orders", id, "pick-list")}>Pick list</a>
              <a href={path("fulfillment-orders", id, "packing-slip")}>Packing slip</a>
            </>
          )}
        </div>
        {each.held ? <p class="message bad" role="alert">{heldDetail(each.holds)}</p> : null}
        <ScanStateData state={scanStateOf(each, visit)} />
        {each.method === "digital" ? null : <Station each={each} visit={visit} isLive={isLive} />}
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

/** Several tracking numbers stand in one field. */
const numbersIn = (fields: FormFields) => {
  const numbers = typedNumbers(field(fields, "trackingNumber"));
  return numbers.length === 0 ? {} : { trackingNumbers: numbers };
};

const bodyOf = (action: Pick<Action, "says">, fields: FormFields) => {
  const { trackingNumber: _typed, ...body } = bodyIn(action, fields);
  return { ...body, ...numbersIn(fields), ...linesIn(fields) };
};

/** All that is left, unless the form asked line by line. */
const linesIn = (fields: FormFields) =>
  [...fields.keys()].some((name) => name.startsWith("line:"))
    ? {
      lines: typedLines(fields).map((line) => ({
        ...line,
        ...pickedLotsIn(fields, line.lineId),
      })),
    }
    : {};

export const workPages = (app: Dashboard): void => {
  const idOf = (c: PageContext) => c.req.param("id") ?? "";

  app.get("/fulfillment-orders/:id", (c) => workPage(c, idOf(c), { done: saidDone(c, done) }));

  for (const [name, action] of Object.entries(fulfillmentActions)) {
    onPost(app, {
      path: `/fulfillment-orders/:id/${name}`,
      operation: operation(action),
      params: (c) => ({ fulfillmentOrderId: idOf(c) }),
      body: (fields) => bodyOf(action, fields),
      back: (c) => path("fulfillment-orders", idOf(c)),
      done: name,
      again: (c, refused) => workPage(c, idOf(c), { refused }),
    });
  }

  app.post("/fulfillment-orders/:id/scan", async (c) => {
    const id = c.req.param("id");
    const { calls } = c.get("visit");
    const fields = c.get("fields");
    const code = field(fields, "code");
    const params = { fulfillmentOrderId: id };
    const told = await calls.ask(getFulfillmentOrder, { params });
    if (!told.ok) return await workPage(c, id, { refused: told });
    if (told.value.held) {
      return await workPage(c, id, {
        refused: conflict("Not picked", heldDetail(told.value.holds)),
      });
    }
    const { isHere, line } = scannedLine(told.value, code);
    if (line === undefined) {
      const detail = isHere
        ? `All units of ${code} are picked already.`
        : `${code} does not belong to this fulfillment order.`;
      return await workPage(c, id, { refused: conflict("Not picked", detail) });
    }
    const picked = await calls.ask(operation(fulfillmentActions.pick), {
      params,
      json: { lines: [{ lineId: line.lineId, quantity: 1 }] },
      idempotencyKey: field(fields, "once") || undefined,
    });
    return picked.ok
      ? c.redirect(withQuery(path("fulfillment-orders", id), { done: "scan" }), 303)
      : await workPage(c, id, { refused: picked });
  });

  /** A batch of scans, as the station's script sends it: told as data. */
  app.post("/fulfillment-orders/:id/scans", async (c) => {
    const { calls } = c.get("visit");
    const fields = c.get("fields");
    const params = { fulfillmentOrderId: c.req.param("id") };
    const told = await calls.ask(operation<FulfillmentOrderView>(fulfillmentActions.pick), {
      params,
      json: { lines: typedLines(fields) },
      idempotencyKey: field(fields, "once") || undefined,
    });
    return await scansAnswer(c, told, () => calls.ask(getFulfillmentOrder, { params }));
  });
};
