/** An order's money: what is owed and paid, its payments, and what may be done with them now. */
import { parseAmount } from "../../../src/kernel/money.ts";
import { transactionKinds } from "../../../src/order/payment.ts";
import { bodyIn, doneWords, OfferedAction, onPost } from "../../dashboard/action-form.tsx";
import { Amount, Card, Select, Table, When, words } from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import type { Action, ActionField } from "../../http/actions.ts";
import { operation } from "../../http/in-process.ts";
import { reason } from "../actions.ts";
import { paymentActions, reference } from "../payment-actions.ts";
import { type OrderView, previewRefund, refundOrder, type RefundPreviewOf } from "./operations.ts";
import { amountText, onPreview, previewPath, type ShownAgain } from "./preview.ts";
import { StatusBadge } from "./status-badge.tsx";

const amountField: ActionField = {
  name: "amount",
  label: "Amount",
  required: false,
  maxLength: 16,
};

/** The dashboard's own form: of what is due, or off the price of what stays. */
const refundForm = {
  says: {
    opens: "Refund…",
    button: "Give it back",
    tone: "danger",
    fields: [{ ...amountField, label: "Amount; all that is due when empty" }, reason],
    done: "It is on its way back.",
  },
} as const;

type OrderPayment = NonNullable<OrderView["payments"]>[number];
type ActionName = keyof typeof paymentActions;

const actionNames = Object.keys(paymentActions) as readonly ActionName[];

/** The notices of these forms. */
export const paymentsDone: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(doneWords(paymentActions)).map(([name, text]) => [`payment-${name}`, text]),
  ),
  refund: refundForm.says.done,
};

const outcomes = [
  { value: "succeeded", text: "It was done" },
  { value: "failed", text: "It was not done" },
];

const kinds = transactionKinds.map((kind) => ({ value: kind, text: words(kind) }));

/** What an action asks for beside its texts. */
const MoreFields = ({ name, purpose, payment }: {
  readonly name: ActionName;
  readonly purpose: string;
  readonly payment: OrderPayment;
}) => {
  if (name === "resolve") {
    return <Select label="Outcome" name="outcome" id={`${purpose}-outcome`} choices={outcomes} />;
  }
  return name !== "record" ? null : (
    <>
      <Select
        label="What was done"
        name="kind"
        id={`${purpose}-kind`}
        value="capture"
        choices={kinds}
      />
      <input type="hidden" name="currency" value={payment.amount.currency} />
    </>
  );
};

const formOf = (name: ActionName): Pick<Action, "says"> =>
  name === "record"
    ? {
      says: {
        ...paymentActions.record.says,
        fields: [{ ...amountField, required: true }, reference],
      },
    }
    : paymentActions[name];

/** The actions that a payment and the key's role allow. */
export const PaymentActions = ({ payment, orderId, n, visit }: {
  readonly payment: OrderPayment;
  readonly orderId: string;
  /** Tells the forms of a page apart. */
  readonly n: number;
  readonly visit: Visit;
}) => (
  <div class="actions">
    {actionNames.filter((name) =>
      payment.supportedActions.includes(name) &&
      visit.calls.may(operation(paymentActions[name]))
    ).map((name) => (
      <OfferedAction
        visit={visit}
        name={`${name}-payment-${n}`}
        action={formOf(name)}
        to={path("orders", orderId, "payments", payment.id, name)}
      >
        <MoreFields name={name} purpose={`${name}-payment-${n}`} payment={payment} />
      </OfferedAction>
    ))}
  </div>
);

export const PaymentsCard = ({ order, visit }: {
  readonly order: OrderView;
  readonly visit: Visit;
}) => {
  const { payments } = order;
  if (payments === undefined || payments.length === 0) return null;
  return (
    <Card title="Payments" id="payments">
      <Table
        label="Payments"
        stacked
        head={[
          { text: "Payment" },
          { text: "Status" },
          { text: "Authorized", number: true, wide: true },
          { text: "Captured", number: true },
          { text: "Refunded", number: true },
          { text: "Actions", wide: true },
        ]}
      >
        {payments.map((payment, n) => (
          <tr id={payment.id} role="row">
            <td role="cell">
              {words(payment.provider)}
              {payment.method === undefined ? null : `, ${words(payment.method)}`}
              <br />
              <span class="code muted">{payment.reference ?? payment.id}</span>
            </td>
            <td role="cell">
              <StatusBadge status={payment.status} />
              {payment.attention.map((each) => <p class="urgent">{words(each)}</p>)}
              {payment.expiresAt === undefined ? null : (
                <p class="muted">
                  Until <When at={payment.expiresAt} visit={visit} />
                </p>
              )}
            </td>
            <td role="cell" class="number wide">
              <Amount of={payment.authorized} visit={visit} />
            </td>
            <td role="cell" class="number">
              <Amount of={payment.captured} visit={visit} />
            </td>
            <td role="cell" class="number">
              <Amount of={payment.refunded} visit={visit} />
            </td>
            <td role="cell" class="below">
              <PaymentActions payment={payment} orderId={order.id} n={n + 1} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
};

const rows = ["owed", "authorized", "captured", "refunded", "pending", "due", "refundDue"] as const;

const purposes = [
  { value: "", text: "What is due to the customer" },
  { value: "returned", text: "What came back, and is accepted" },
  { value: "goodwill", text: "Something off the price" },
];

/** What a purpose adds to the body of the refund. */
const askedBy: Readonly<Record<string, object>> = {
  returned: { credit: {} },
  goodwill: { goodwill: true },
};

type OrderCredit = NonNullable<OrderView["credits"]>[number];

/** What a credit is for, in a few words. */
const creditWords = ({ returned, lines, shipping, fee }: OrderCredit): string => {
  const units = returned.reduce((sum, { quantity }) => sum + quantity, 0);
  return [
    ...(units === 0 ? [] : [`${units} returned`]),
    ...(lines.length === 0 ? [] : ["off the price"]),
    ...(shipping === undefined ? [] : ["shipping"]),
    ...(fee === undefined ? [] : ["less a fee"]),
  ].join(", ");
};

const Credits = ({ credits, visit }: {
  readonly credits: readonly OrderCredit[];
  readonly visit: Visit;
}) => (
  <table id="credits">
    <caption>Credited</caption>
    <tbody>
      {credits.map((credit) => (
        <tr>
          <th scope="row">
            {credit.reason}
            <br />
            <span class="muted">
              {creditWords(credit)}, <When at={credit.at} visit={visit} />
            </span>
          </th>
          <td class="number">
            <Amount of={credit.amount} visit={visit} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const isPaid = ({ balance }: OrderView): boolean =>
  balance !== undefined &&
  (parseAmount(balance.captured.amount, balance.captured.currency) ?? 0) > 0;

/** What is owed and paid of an order, and the form that gives money back. */
export const MoneyCard = ({ order, visit }: {
  readonly order: OrderView;
  readonly visit: Visit;
}) => {
  const { balance, paymentStatus, credits } = order;
  if (balance === undefined || paymentStatus === undefined) return null;
  const refundPath = path("orders", order.id, "refund");
  return (
    <Card title="Money" id="money">
      <p>
        <StatusBadge status={paymentStatus} />
      </p>
      <table>
        <tbody>
          {rows.map((name) => (
            <tr data-balance={name}>
              <th scope="row">{name === "refundDue" ? "To be given back" : words(name)}</th>
              <td class="number">
                <Amount of={balance[name]} visit={visit} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {credits === undefined ? null : <Credits credits={credits} visit={visit} />}
      {isPaid(order) && visit.calls.may(refundOrder)
        ? (
          <OfferedAction
            visit={visit}
            name="refund"
            action={refundForm}
            to={refundPath}
            preview={previewPath(refundPath)}
          >
            <Select label="Refund of" name="purpose" id="refund-purpose" choices={purposes} />
            <input type="hidden" name="currency" value={balance.owed.currency} />
          </OfferedAction>
        )
        : null}
    </Card>
  );
};

/** An amount as it was typed, in the currency of the form. */
const withMoney = (body: Readonly<Record<string, string>>, fields: FormFields) =>
  body["amount"] === undefined
    ? body
    : { ...body, amount: { amount: body["amount"], currency: field(fields, "currency") } };

const bodyOf = (name: ActionName, fields: FormFields): object => {
  const body = withMoney(bodyIn(formOf(name), fields), fields);
  if (name === "record") return { ...body, kind: field(fields, "kind") };
  return name === "resolve" ? { ...body, outcome: field(fields, "outcome") } : body;
};

const refundOf = (typed: Readonly<Record<string, string>>, fields: FormFields): object => ({
  ...withMoney(typed, fields),
  ...(askedBy[field(fields, "purpose")] ?? {}),
});

const refundBody = (fields: FormFields): object => refundOf(bodyIn(refundForm, fields), fields);

/** Nothing is done, and so for no reason. */
const refundPreviewBody = (fields: FormFields): object => {
  const { reason: _, ...typed } = bodyIn(refundForm, fields);
  return refundOf(typed, fields);
};

/** Which payments would give back how much. */
const refundWords = ({ amount, payments }: RefundPreviewOf, order: OrderView): string => {
  const parts = payments.map(({ paymentId, amount }) => {
    const provider = order.payments?.find(({ id }) => id === paymentId)?.provider;
    return `${amountText(amount)} by ${provider ?? paymentId}`;
  });
  return `Nothing is done. ${amountText(amount)} would be given back: ${parts.join(", ")}.`;
};

/** Takes the forms of these cards. */
export const onPaymentPost = (app: Dashboard, again: ShownAgain): void => {
  const back = (c: PageContext) => path("orders", c.req.param("orderId") ?? "");
  for (const name of actionNames) {
    onPost(app, {
      path: `/orders/:orderId/payments/:paymentId/${name}`,
      operation: operation(paymentActions[name]),
      params: (c) => ({ paymentId: c.req.param("paymentId") ?? "" }),
      body: (fields) => bodyOf(name, fields),
      back,
      done: `payment-${name}`,
      again: again.refused,
    });
  }
  onPost(app, {
    path: "/orders/:orderId/refund",
    operation: refundOrder,
    params: (c) => ({ orderId: c.req.param("orderId") ?? "" }),
    body: refundBody,
    back,
    done: "refund",
    again: again.refused,
  });
  onPreview(app, {
    ...{ form: "refund", operation: previewRefund, words: refundWords },
    body: refundPreviewBody,
    ...again,
  });
};
