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
import { operation } from "../../http/in-process.ts";
import { orderActions, reason } from "../actions.ts";
import { type OrderView, previewCancel } from "./operations.ts";
import { amountText, onPreview, previewPath, type ShownAgain } from "./preview.ts";
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
    <OfferedAction
      visit={visit}
      name="cancel-lines"
      action={form}
      to={to}
      preview={previewPath(to)}
    >
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
  if (balance === undefined) {
    return `Nothing is done. The order would cost ${
      amountText((currentTotals ?? before.totals).total)
    }.`;
  }
  const asked = payments.flatMap(({ id, transactions }) => {
    const known = before.payments?.find((each) => each.id === id)?.transactions.length ?? 0;
    return transactions.slice(known).map(({ kind, amount }) =>
      `${words(kind)} ${amountText(amount)}`
    );
  });
  return [
    `Nothing is done. ${amountText(balance.owed)} would be owed`,
    `${amountText(balance.refundDue)} be due to the customer`,
    ...(asked.length === 0 ? [] : [`asked of providers: ${asked.join(", ")}`]),
  ].join("; ") + ".";
};

/** Takes the form. */
export const onCancelLinesPost = (app: Dashboard, again: ShownAgain): void => {
  const idOf = (c: PageContext) => c.req.param("orderId") ?? "";
  onPost(app, {
    path: "/orders/:orderId/cancel-lines",
    operation: operation(orderActions.cancel),
    params: (c) => ({ orderId: idOf(c) }),
    body: bodyOf,
    back: (c) => path("orders", idOf(c)),
    done: "cancel-lines",
    again: again.refused,
  });
  onPreview(app, {
    ...{ form: "cancel-lines", operation: previewCancel, body: bodyOf, words: previewWords },
    ...again,
  });
};
