/** Payments, and what an order costs and owes now, as the API shows them. */
import type { OrderDocument } from "../../src/order/document.ts";
import { balanceOf, currentTotals, orderPaymentStatusOf } from "../../src/order/balance.ts";
import type { Order } from "../../src/order/order.ts";
import { creditAmountOf, type CreditParts, withCredit } from "../../src/order/credit.ts";
import type { Credit, Payment, Settlement, Transaction } from "../../src/order/payment.ts";
import { amountsOf, isPending, paymentStatusOf } from "../../src/order/payment-amounts.ts";
import { attentionOf } from "../../src/order/payment-attention.ts";
import type { RefundPlan } from "../../src/order/refund.ts";
import { type Money, moneyOf } from "../../src/kernel/money.ts";
import { manualProvider } from "../../src/payment/provider.ts";

type MoneyOf = (minorUnits: number) => Money;

const transactionView = ({ dueAt, isFinal, isOverdue, ...each }: Transaction, money: MoneyOf) => ({
  ...each,
  amount: money(each.amount),
  ...(isFinal ? { final: true } : {}),
  ...(dueAt === undefined ? {} : { nextLookAt: dueAt }),
  ...(isOverdue === true ? { overdue: true } : {}),
});

/** What may be asked of a payment now; the holds of its order do not stand in the way. */
export const paymentActionsOf = (payment: Payment): readonly string[] => {
  const { authorized, captured, capturePending, voidPending } = amountsOf(payment);
  const isOpen = payment.ended === undefined && voidPending === 0 &&
    authorized > captured + capturePending;
  const isUnknown = payment.transactions.some((each) =>
    isPending(each) || each.status === "expected"
  );
  return [
    ...(isOpen && payment.provider !== manualProvider ? ["capture"] : []),
    ...(isOpen && capturePending === 0 ? ["void"] : []),
    "record",
    ...(isUnknown ? ["resolve"] : []),
  ];
};

const paymentPart = (payment: Payment, order: Order, money: MoneyOf) => {
  const amounts = amountsOf(payment);
  const { disagrees = false } = payment;
  return {
    id: payment.id,
    provider: payment.provider,
    ...(payment.method === undefined ? {} : { method: payment.method }),
    status: paymentStatusOf(payment),
    amount: money(payment.amount),
    authorized: money(amounts.authorized),
    captured: money(amounts.captured),
    capturePending: money(amounts.capturePending),
    refunded: money(amounts.refunded),
    refundPending: money(amounts.refundPending),
    ...(payment.reference === undefined ? {} : { reference: payment.reference }),
    ...(payment.expiresAt === undefined ? {} : { expiresAt: payment.expiresAt }),
    ...(disagrees ? { providerDisagrees: true } : {}),
    attention: attentionOf(order, payment),
    transactions: payment.transactions.map((each) => transactionView(each, money)),
    supportedActions: paymentActionsOf(payment),
  };
};

const moneyIn = ({ currency }: Order): MoneyOf => (minorUnits) => moneyOf(minorUnits, currency);

/** A payment on its own. */
export const paymentView = (payment: Payment, { state: order }: OrderDocument) => ({
  ...paymentPart(payment, order, moneyIn(order)),
  orderId: order.id,
  channel: order.channel,
  externalId: order.externalId,
  version: order.version,
});

const currentView = (order: Order, money: MoneyOf) => {
  const { subtotal, discount, tax, shipping, total, ...more } = currentTotals(order);
  const { shippingDiscount, shippingTax, fees, feeTax, returnFees, cancellationFees } = more;
  return {
    subtotal: money(subtotal),
    discount: money(discount),
    tax: money(tax),
    shipping: money(shipping),
    ...(order.charges === undefined ? {} : {
      shippingDiscount: money(shippingDiscount),
      shippingTax: money(shippingTax),
      fees: money(fees),
      feeTax: money(feeTax),
    }),
    ...(more.credited === 0 ? {} : { credited: money(more.credited) }),
    ...(returnFees === 0 ? {} : { returnFees: money(returnFees) }),
    ...(cancellationFees === 0 ? {} : { cancellationFees: money(cancellationFees) }),
    total: money(total),
  };
};

const hasLeft = ({ lines }: Order): boolean => lines.some(({ cancelled }) => cancelled > 0);

/** What a credit does, or would do. */
const creditPartsView = (
  { lines, returned = [], shipping, shippingCredit, fee }: CreditParts,
  money: MoneyOf,
) => ({
  lines: lines.map(({ lineId, amount }) => ({ lineId, amount: money(amount) })),
  returned: returned.map(({ lineId, quantity, goods, tax, given }) => ({
    ...{ lineId, quantity, goods: money(goods), tax: money(tax), given: money(given) },
  })),
  ...(shipping === undefined ? {} : { shipping }),
  ...(shippingCredit === undefined ? {} : {
    shippingCredit: { amount: money(shippingCredit.amount), tax: money(shippingCredit.tax) },
  }),
  ...(fee === undefined ? {} : { fee: money(fee) }),
});

const creditView = (order: Order, money: MoneyOf) => ({ reason, at, by, ...parts }: Credit) => ({
  ...{ reason, at, by, amount: money(creditAmountOf(order, parts)) },
  ...creditPartsView(parts, money),
});

const settlementView = (order: Order, { policy, payments, credits }: Settlement) => {
  const money = moneyIn(order);
  const balance = balanceOf(order);
  return {
    currentTotals: currentView(order, money),
    balance: {
      owed: money(balance.owed),
      authorized: money(balance.authorized),
      captured: money(balance.captured),
      refunded: money(balance.refunded),
      pending: money(balance.pending),
      due: money(balance.due),
      refundDue: money(balance.refundDue),
    },
    paymentStatus: orderPaymentStatusOf(order, balance),
    paymentPolicy: policy,
    payments: payments.map((each) => paymentPart(each, order, money)),
    ...(credits.length === 0 ? {} : { credits: credits.map(creditView(order, money)) }),
  };
};

/**
 * The members of an order about its money as it is now. An order that is as it was placed, and of whose payments
 * nobody has told, has none of them.
 */
export const settlementViews = (
  order: Order,
): Partial<ReturnType<typeof settlementView>> | undefined => {
  const { settlement } = order;
  if (settlement !== undefined) return settlementView(order, settlement);
  return hasLeft(order) ? { currentTotals: currentView(order, moneyIn(order)) } : undefined;
};

/** What a refund would do. */
export const refundView = ({ amount, credit, parts }: RefundPlan, order: Order) => {
  const money = moneyIn(order);
  const { captured, refunded, refundPending } = balanceOf(order);
  // Of goodwill it is due by the same decision that gives it back.
  const isReturn = credit !== null && credit.lines.length === 0;
  const due = isReturn ? withCredit(order, credit) : order;
  return {
    amount: money(amount),
    refundDue: money(balanceOf(due).refundDue),
    refundable: money(captured - refunded - refundPending),
    credit: (credit?.lines ?? []).map(({ lineId, amount: given }) => ({
      ...{ lineId, amount: money(given) },
    })),
    ...(isReturn
      ? { credited: { amount: money(credit.amount), ...creditPartsView(credit, money) } }
      : {}),
    payments: parts.map(({ paymentId, amount: part }) => ({ paymentId, amount: money(part) })),
  };
};
