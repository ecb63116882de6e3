/** The form that cancels some units of an order on its page, and says before what that would do. */
import { cancelCodes } from "../../../src/order/order.ts";
import { bodyIn, OfferedAction, onPost } from "../../dashboard/action-form.tsx";
import { Field, Select, words } from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { operation, type RefusedReply } from "../../http/in-process.ts";
import { orderActions, reason } from "../actions.ts";
import { getOrder, type OrderView, previewCancel } from "./operations.ts";
import { typedLines } from "./typed-lines.ts";

/** Some units of the order: the dashboard's own form of the same action. */
const form = {
  says: {
    opens: "Cancel lines…",
    button: "Cancel these units",
    tone: "danger",
    fields: [reason],
    done: "The units are cancelled.",
  },
} as const;

export const cancelLinesDone: Readonly<Record<string, string>> = {
  "cancel-lines": form.says.done,
};

const codes = [
  { value: "", text: "–" },
  ...cancelCodes.map((code) => ({ value: code, text: words(code) })),
];

const shippingChoices = [
  { value: "", text: "Given back only where nothing has left" },
  { value: "yes", text: "Given back" },
];

export const CancelLinesForm = (
  { order, visit }: { readonly order: OrderView; readonly visit: Visit },
) => {
  const to = path("orders", order.id, "cancel-lines");
  const cancellable = order.lines.flatMap(({ id, sku, quantity, shipped = 0, cancelled = 0 }) => {
    const most = quantity - shipped - cancelled;
    return most > 0 ? [{ id, sku, most }] : [];
  });
  return (
    <OfferedAction visit={visit} name="cancel-lines" action={form} to={to}>
      {cancellable.map(({ id, sku, most }) => (
        <Field
          label={`Units of ${sku} (line ${id})`}
          name={`line:${id}`}
          id={`cancel-line-${id}`}
          type="number"
          minimum={0}
          maximum={most}
          value="0"
        />
      ))}
      <Select label="Because of" name="code" id="cancel-lines-code" choices={codes} />
      <Field label="Fee to keep; none when empty" name="fee" id="cancel-lines-fee" maxLength={16} />
      <Select
        label="Shipping"
        name="shipping"
        id="cancel-lines-shipping"
        choices={shippingChoices}
      />
      <input type="hidden" name="currency" value={order.currency} />
      <button type="submit" formaction={`${to}/preview`}>Say what it would do</button>
    </OfferedAction>
  );
};

const bodyOf = (fields: FormFields): object => {
  const [code, fee] = [field(fields, "code"), field(fields, "fee")];
  return {
    ...bodyIn(form, fields),
    lines: typedLines(fields),
    ...(code === "" ? {} : { code }),
    ...(fee === "" ? {} : { fee: { amount: fee, currency: field(fields, "currency") } }),
    ...(field(fields, "shipping") === "yes" ? { refundShipping: true } : {}),
  };
};

/** What would be owed and given back, in a sentence. */
const previewWords = ({ balance, currentTotals, payments = [] }: OrderView, before: OrderView) => {
  const text = ({ amount, currency }: OrderView["totals"]["total"]) => `${amount} ${currency}`;
  if (balance === undefined) {
    return `Nothing is done. The order would cost ${text((currentTotals ?? before.totals).total)}.`;
  }
  const asked = payments.flatMap(({ id, transactions }) => {
    const known = before.payments?.find((each) => each.id === id)?.transactions.length ?? 0;
    return transactions.slice(known).map(({ kind, amount }) => `${words(kind)} ${text(amount)}`);
  });
  return [
    `Nothing is done. ${text(balance.owed)} would be owed`,
    `${text(balance.refundDue)} be due to the customer`,
    ...(asked.length === 0 ? [] : [`asked of providers: ${asked.join(", ")}`]),
  ].join("; ") + ".";
};

type Shown = Response | Promise<Response>;

/** Takes the form: `refused` and `told` show the page again. */
export const onCancelLinesPost = (
  app: Dashboard,
  refused: (c: PageContext, reply: RefusedReply) => Shown,
  told: (c: PageContext, words: string) => Shown,
): void => {
  const idOf = (c: PageContext) => c.req.param("orderId") ?? "";
  const back = (c: PageContext) => path("orders", idOf(c));
  onPost(app, {
    path: "/orders/:orderId/cancel-lines",
    operation: operation(orderActions.cancel),
    params: (c) => ({ orderId: idOf(c) }),
    body: bodyOf,
    back,
    done: "cancel-lines",
    again: refused,
  });
  app.post("/orders/:orderId/cancel-lines/preview", async (c) => {
    const { sent, ...visit } = c.get("visit");
    // What was typed stays in the form.
    if (sent !== undefined) {
      const action = `${back(c)}/cancel-lines`;
      c.set("visit", { ...visit, sent: { ...sent, action, page: back(c) } });
    }
    const [would, is] = await Promise.all([
      visit.calls.ask(previewCancel, {
        params: { orderId: idOf(c) },
        json: bodyOf(c.get("fields")),
      }),
      visit.calls.ask(getOrder, { params: { orderId: idOf(c) } }),
    ]);
    if (!would.ok) return await refused(c, would);
    return await (is.ok ? told(c, previewWords(would.value, is.value)) : refused(c, is));
  });
};
