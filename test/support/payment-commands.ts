/** Anything that may be asked of an order's payments, and payments that an order may be placed with. */
import { formatAmount } from "../../src/kernel/money.ts";
import type { Order } from "../../src/order/order.ts";
import type { CreditRequest, PaymentCommand } from "../../src/order/payment.ts";
import { transactionKinds } from "../../src/order/payment.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { Provider } from "../../src/payment/provider.ts";
import type { Chance } from "../sim/random.ts";

const madeAt = "2026-01-01T00:00:00.000Z";

/** A provider that is called, of which a test plays the part. */
export const cardProvider: Provider = {
  ...{ id: "card", type: "http", url: "https://card.example", secret: null },
  capabilities: { multipleCaptures: true, partialCapture: true, reauthorize: true },
  singleCapture: "captureOnFirst",
  ...{ createdAt: madeAt, updatedAt: madeAt, version: 1 },
};

/** The request, now and then with payments and a policy of its own. */
export const withPayments = (chance: Chance, request: PlaceOrderRequest): PlaceOrderRequest => {
  if (chance.happens(0.5)) return request;
  const amount = {
    amount: formatAmount(chance.between(1, 20_000), request.currency),
    currency: request.currency,
  };
  const status = chance.pick(["authorized", "captured", "promised"] as const);
  return {
    ...request,
    payments: [
      {
        provider: chance.pick(["card", "manual"]),
        method: "card",
        amount,
        status,
        reference: "p1",
      },
    ],
    paymentPolicy: {
      captureAt: chance.pick(["order", "shipment", "delivery", "manual"] as const),
      fulfillWhen: chance.pick(["any", "any", "authorized", "paid"] as const),
      onLatePayment: chance.pick(["refund", "hold"] as const),
      refundOnCancel: chance.pick(["automatic", "manual"] as const),
      ...(chance.happens(0.3) ? { unpaidCancelAfterHours: 1 } : {}),
      ...(chance.happens(0.3) ? { authorizeAt: "allocation" } : {}),
    },
  };
};

const settleOf = (chance: Chance, transactionId: string): PaymentCommand => ({
  type: "settle",
  transactionId,
  outcome: chance.pick(["succeeded", "succeeded", "failed", "pending", "unclear"] as const),
  reference: `r${chance.between(1, 3)}`,
  code: "declined",
});

const creditOf = (chance: Chance, { lines, currency }: Order): CreditRequest => ({
  ...(chance.happens(0.5) ? {} : { lines: [{ lineId: chance.pick(lines).id, quantity: 1 }] }),
  ...(chance.happens(0.2) ? { shipping: true } : {}),
  ...(chance.happens(0.3)
    ? { fee: { amount: formatAmount(chance.between(0, 300), currency), currency } }
    : {}),
});

export const paymentCommand = (chance: Chance, order: Order): PaymentCommand => {
  const payments = order.settlement?.payments ?? [];
  const paymentId = payments.length === 0 ? "pay_none" : chance.pick(payments).id;
  const transactions = payments.flatMap((each) => each.transactions);
  const amount = {
    amount: formatAmount(chance.between(1, 9_000), order.currency),
    currency: order.currency,
  };
  const reference = `m${chance.between(1, 5)}`;
  const commands: readonly (() => PaymentCommand)[] = [
    () => ({ type: "add-payment", provider: chance.pick(["card", "manual"]), amount, reference }),
    () => ({ type: "capture", paymentId }),
    () => ({ type: "void", paymentId }),
    () => ({ type: "record", paymentId, kind: chance.pick(transactionKinds), amount, reference }),
    () => ({ type: "resolve", paymentId, outcome: "succeeded", reference, reason: "seen there" }),
    () => ({ type: "observe", paymentId, kind: chance.pick(transactionKinds), amount, reference }),
    () => ({ type: "expire-payment", paymentId }),
    () => ({ type: "capture-due" }),
    () => ({ type: "cancel-unpaid" }),
    () => ({ type: "refund", reason: "returned", ...(chance.happens(0.5) ? { amount } : {}) }),
    () => ({ type: "refund", reason: "scratched", goodwill: true, amount }),
    () => ({ type: "credit", reason: "returned", ...creditOf(chance, order) }),
    () => ({ type: "refund", reason: "returned", credit: creditOf(chance, order) }),
  ];
  return transactions.length > 0 && chance.happens(0.5)
    ? settleOf(chance, chance.pick(transactions).id)
    : chance.pick(commands)();
};
