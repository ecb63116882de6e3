/** The returns of an order on its page, and the form that asks for one. */
import { orderLimits } from "../../../src/order/limits.ts";
import { returnReasons } from "../../../src/order/return.ts";
import { countedUnits } from "../../../src/order/return-units.ts";
import { Card, Field, FoldedForm, Select, Table, When, words } from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import type { RefusedReply } from "../../http/in-process.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import { type OrderView, previewReturn, requestReturn } from "./operations.ts";
import { StatusBadge } from "./status-badge.tsx";
import { typedLines } from "./typed-lines.ts";

interface OrderProps {
  readonly order: OrderView;
  readonly visit: Visit;
}

/** Units of a line that have left, and of which no return is open or done. */
const leftOf = (order: OrderView, lineId: string, shipped: number): number =>
  (order.returns ?? []).reduce((left, each) => {
    const line = each.lines.find((line) => line.lineId === lineId);
    return line === undefined ? left : left - countedUnits(each, line);
  }, shipped);

const nothing = "";
const another = "another";

/** What is sent in place of what comes back: more of a line, or another item. */
const ExchangeFields = ({ order, visit }: OrderProps) =>
  !visit.calls.may(previewReturn) ? null : (
    <>
      <Select
        label="In exchange for"
        name="exchange"
        id="return-exchange"
        value={nothing}
        choices={[
          { value: nothing, text: "Nothing" },
          ...order.lines.map(({ id, sku }) => ({ value: id, text: `${sku} (as line ${id})` })),
          { value: another, text: "Another item" },
        ]}
      />
      <Field
        label="SKU of the other item"
        name="exchangeSku"
        id="return-exchangeSku"
        maxLength={textLimits.sku}
      />
      <Field
        label="Units in exchange"
        name="exchangeQuantity"
        id="return-exchangeQuantity"
        type="number"
        minimum={1}
        maximum={orderLimits.unitsPerLine}
        value="1"
      />
      <Field
        label="Unit price; that of the line when empty"
        name="exchangePrice"
        id="return-exchangePrice"
        maxLength={16}
      />
      <Select
        label="It leaves"
        name="shipWhen"
        id="return-shipWhen"
        value="received"
        choices={[
          { value: "received", text: "When the return has come" },
          { value: "now", text: "Ahead, once the return is authorized" },
        ]}
      />
      <input type="hidden" name="currency" value={order.currency} />
    </>
  );

export const RequestReturn = ({ order, visit }: OrderProps) => {
  const lines = order.lines.map((line) => ({
    ...line,
    left: leftOf(order, line.id, line.shipped ?? 0),
  })).filter(({ left }) => left > 0);
  if (lines.length === 0 || !visit.calls.may(requestReturn)) return null;
  return (
    <FoldedForm
      visit={visit}
      name="return"
      action={path("orders", order.id, "returns")}
      label="Ask for the return"
      opens="Return…"
      id="act-return"
    >
      {lines.map((line) => (
        <Field
          label={`Units of ${line.sku} (line ${line.id})`}
          name={`line:${line.id}`}
          id={`return-line-${line.id}`}
          type="number"
          minimum={0}
          maximum={line.left}
          value="0"
        />
      ))}
      <Select
        label="Reason"
        name="reason"
        id="return-reason"
        value="unwanted"
        choices={returnReasons.map((value) => ({ value, text: words(value) }))}
      />
      <Select
        label="Goods"
        name="goods"
        id="return-goods"
        value="back"
        choices={[
          { value: "back", text: "Come back" },
          { value: "claim", text: "Do not come back: a claim" },
        ]}
      />
      <Field label="Note" name="note" id="return-note" maxLength={textLimits.description} />
      <Field
        label="Why, if the policy forbids it"
        name="overrideReason"
        id="return-overrideReason"
        maxLength={textLimits.reason}
      />
      <ExchangeFields order={order} visit={visit} />
    </FoldedForm>
  );
};

export const OrderReturns = ({ order, visit }: OrderProps) =>
  order.returns === undefined ? null : (
    <Card title="Returns">
      <Table
        label="Returns"
        head={[{ text: "Return" }, { text: "Status" }, { text: "Units" }, { text: "Asked for" }]}
      >
        {order.returns.map((each) => (
          <tr>
            <td>
              <a href={path("returns", each.id)} class="code">{each.id}</a>
            </td>
            <td>
              <StatusBadge status={each.status} />
            </td>
            <td>
              {each.lines.map(({ sku, quantity, received }) => (
                <>
                  {visit.format.number(Math.max(quantity, received))} × {sku}
                  <br />
                </>
              ))}
              {each.exchange?.lines.map(({ sku, quantity, cancelled }) => (
                <span class="why">
                  {`in exchange for ${visit.format.number(quantity - cancelled)} × ${sku}`}
                  <br />
                </span>
              ))}
            </td>
            <td>
              <When at={each.createdAt} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );

const exchangeIn = (fields: FormFields): object => {
  const [chosen = nothing, sku, quantity, amount, shipWhen] = [
    ...["exchange", "exchangeSku", "exchangeQuantity", "exchangePrice", "shipWhen"],
  ].map((name) => field(fields, name));
  if (chosen === nothing) return {};
  const line = {
    ...(chosen === another ? { sku } : { basedOn: chosen }),
    quantity: Number(quantity),
    ...(amount === "" ? {} : { unitPrice: { amount, currency: field(fields, "currency") } }),
  };
  return { exchange: { lines: [line], shipWhen } };
};

const bodyIn = (fields: FormFields) => {
  const [reason, note, overrideReason] = ["reason", "note", "overrideReason"].map((name) =>
    field(fields, name)
  );
  return {
    lines: typedLines(fields).map((line) => ({ ...line, reason })),
    ...(field(fields, "goods") === "claim" ? { goodsBack: false } : {}),
    ...(note === "" ? {} : { note }),
    ...(overrideReason === "" ? {} : { overrideReason }),
    ...exchangeIn(fields),
  };
};

/** Leads to the page of the new return. */
export const onRequestReturn = (
  app: Dashboard,
  again: (c: PageContext, refused: RefusedReply) => Response | Promise<Response>,
): void => {
  app.post("/orders/:orderId/returns", async (c) => {
    const fields = c.get("fields");
    const orderId = c.req.param("orderId");
    const { sent, ...visit } = c.get("visit");
    const page = path("orders", orderId);
    if (sent !== undefined) c.set("visit", { ...visit, sent: { ...sent, page } });
    const told = await c.get("visit").calls.ask(requestReturn, {
      params: { orderId },
      json: bodyIn(fields),
      idempotencyKey: field(fields, "once") || undefined,
    });
    return told.ok
      ? c.redirect(withQuery(path("returns", told.value.id), { done: "requested" }), 303)
      : await again(c, told);
  });
};
