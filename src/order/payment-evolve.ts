/** The payments of an order after an event. */
import type { Instant } from "../kernel/instant.ts";
import { transactionIdOf } from "./ids.ts";
import type {
  AuthorizationEnd,
  Payment,
  PaymentEvent,
  PaymentPolicy,
  ReportedPayment,
  Settlement,
  Transaction,
  WayToAsk,
} from "./payment.ts";
import { amountsOf, isWithinBounds } from "./payment-amounts.ts";

/** As it is where nobody said otherwise. */
export const usualPolicy: PaymentPolicy = {
  captureAt: "shipment",
  fulfillWhen: "any",
  onLatePayment: "refund",
  refundOnCancel: "automatic",
};

export const noSettlement: Settlement = { policy: usualPolicy, payments: [], credits: [] };

/** The id that the next transaction of an order gets. */
export const nextTransactionId = (
  orderId: string,
  payments: readonly Payment[],
  ahead = 1,
): string => {
  let count = 0;
  for (const { transactions } of payments) count += transactions.length;
  return transactionIdOf(orderId, count + ahead);
};

const reportedKind = { authorized: "authorize", captured: "sale", promised: "sale" } as const;

/** A payment as it begins: with the transaction that was reported, or that the customer is expected to make. */
export const newPayment = (
  id: string,
  { provider, method, amount, status, reference, expiresAt }: ReportedPayment,
  reported: { readonly transactionId: string; readonly ask: WayToAsk } | undefined,
  at: Instant,
): Payment => ({
  id,
  provider,
  ...(method === undefined ? {} : { method }),
  amount,
  ...(reference === undefined ? {} : { reference }),
  authorized: status === "promised" ? 0 : amount,
  ...(expiresAt === undefined ? {} : { expiresAt }),
  transactions: reported === undefined ? [] : [{
    id: reported.transactionId,
    kind: reportedKind[status],
    amount,
    status: status === "promised" ? "expected" : "succeeded",
    ask: reported.ask,
    at,
    attempt: 1,
    isFinal: false,
    ...(reference === undefined || status === "promised" ? {} : { reference }),
  }],
});

/** An authorization that ended covers what was captured of it, and what is being captured. */
const withEnd = (payment: Payment, ended: AuthorizationEnd): Payment => {
  const { captured, capturePending } = amountsOf(payment);
  return { ...payment, ended, authorized: captured + capturePending };
};

const withDisagreement = (payment: Payment): Payment =>
  isWithinBounds(amountsOf(payment)) ? payment : { ...payment, disagrees: true };

const withoutEnd = ({ ended: _, ...payment }: Payment): Payment => payment;

/** What the success of a transaction makes of the authorization. */
const withSuccess = (
  payment: Payment,
  { kind, amount, isFinal }: Transaction,
  wasFailed: boolean,
): Payment => {
  switch (kind) {
    case "authorize":
    case "sale":
      return withoutEnd({ ...payment, authorized: payment.authorized + amount });
    case "capture": {
      // Its room was given up when it failed.
      const covering = wasFailed && payment.ended !== undefined
        ? { ...payment, authorized: payment.authorized + amount }
        : payment;
      return isFinal && covering.ended === undefined ? withEnd(covering, "released") : covering;
    }
    case "void":
      return payment.ended === undefined ? withEnd(payment, "voided") : payment;
    case "refund":
      return payment;
  }
};

/** What the failure of a transaction makes of the authorization. */
const withFailure = (payment: Payment, { kind, amount }: Transaction): Payment => {
  if (kind === "capture" && payment.ended !== undefined) {
    return { ...payment, authorized: payment.authorized - amount };
  }
  const isNothing = (kind === "authorize" || kind === "sale") && payment.authorized === 0 &&
    payment.ended === undefined;
  return isNothing ? { ...payment, ended: "failed" } : payment;
};

const withTransaction = (
  payment: Payment,
  transactionId: string,
  change: (transaction: Transaction) => Transaction,
): Payment => ({
  ...payment,
  transactions: payment.transactions.map((each) => each.id === transactionId ? change(each) : each),
});

/** It is known what became of it: nobody is asked any more. */
const settled = (
  { dueAt: _, isOverdue: __, code: ___, ...transaction }: Transaction,
  status: "succeeded" | "failed",
  said: { readonly reference?: string; readonly code?: string },
  at: Instant,
): Transaction => ({ ...transaction, status, ...said, settledAt: at });

const succeeded = (
  payment: Payment,
  { transactionId, reference, expiresAt }: Extract<PaymentEvent, { type: "payment.succeeded" }>,
  at: Instant,
): Payment => {
  const before = payment.transactions.find(({ id }) => id === transactionId);
  if (before === undefined) return payment;
  const { kind } = before;
  const isFirst = kind === "authorize" || kind === "sale";
  const known = withTransaction(
    payment,
    transactionId,
    (each) => settled(each, "succeeded", reference === undefined ? {} : { reference }, at),
  );
  const { expiresAt: _, ...rest } = known;
  const named: Payment = !isFirst ? known : {
    ...rest,
    ...(reference === undefined ? {} : { reference }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  return withDisagreement(withSuccess(named, before, before.status === "failed"));
};

const failed = (
  payment: Payment,
  { transactionId, code }: Extract<PaymentEvent, { type: "payment.failed" }>,
  at: Instant,
): Payment => {
  const before = payment.transactions.find(({ id }) => id === transactionId);
  if (before === undefined) return payment;
  return withFailure(
    withTransaction(payment, transactionId, (each) => settled(each, "failed", { code }, at)),
    before,
  );
};

const requested = (
  payment: Payment,
  event: Extract<PaymentEvent, { type: "payment.requested" }>,
  at: Instant,
): Payment => {
  const { transactionId, kind, amount, ask, final = false } = event;
  const isAsked = ask !== "hand";
  // One that the customer was expected to make is asked for now.
  if (payment.transactions.some(({ id }) => id === transactionId)) {
    return withTransaction(
      payment,
      transactionId,
      (each) => ({ ...each, status: "requested", ask, at, ...(isAsked ? { dueAt: at } : {}) }),
    );
  }
  const transaction: Transaction = {
    ...{ id: transactionId, kind, amount, status: "requested", ask, at },
    ...(isAsked ? { dueAt: at } : {}),
    ...{ attempt: 1, isFinal: final },
  };
  return { ...payment, transactions: [...payment.transactions, transaction] };
};

const observed = (
  payment: Payment,
  { transactionId, kind, amount, reference }: Extract<PaymentEvent, { type: "payment.observed" }>,
  at: Instant,
): Payment => {
  const transaction: Transaction = {
    ...{ id: transactionId, kind, amount, status: "succeeded", ask: "hand", at },
    ...{ attempt: 1, isFinal: false, reference, settledAt: at },
  };
  const known = { ...payment, transactions: [...payment.transactions, transaction] };
  return withDisagreement(withSuccess(known, transaction, false));
};

const changedPayment = (payment: Payment, event: PaymentEvent, at: Instant): Payment => {
  switch (event.type) {
    case "payment.requested":
      return requested(payment, event, at);
    case "payment.succeeded":
      return succeeded(payment, event, at);
    case "payment.failed":
      return failed(payment, event, at);
    case "payment.unresolved":
      return withTransaction(payment, event.transactionId, (each) => ({
        ...each,
        ...{ status: "unresolved", code: event.code, attempt: event.attempt, dueAt: event.dueAt },
        ...(event.overdue ? { isOverdue: true } : {}),
      }));
    case "payment.expired":
      return withEnd(payment, "expired");
    case "payment.observed":
      return observed(payment, event, at);
    case "payment.added":
    case "order.credited":
      return payment;
  }
};

/** The settlement after an event; an order that has payments from now on has one from now on. */
export const settlementAfter = (
  before: Settlement = noSettlement,
  event: PaymentEvent,
  at: Instant,
): Settlement => {
  if (event.type === "order.credited") {
    const { type: _, amount: __, currency: ___, ...named } = event;
    // By its place, and by its order, they are known.
    const { creditMemoId: ____, taxesIncluded: _____, ...credit } = named;
    return { ...before, credits: [...before.credits, { ...credit, at }] };
  }
  if (event.type === "payment.added") {
    const { paymentId, transactionId, ask = "hand" } = event;
    const reported = transactionId === undefined ? undefined : { transactionId, ask };
    const added = newPayment(
      paymentId,
      { ...event, status: event.reported },
      reported,
      at,
    );
    return { ...before, payments: [...before.payments, added] };
  }
  return {
    ...before,
    payments: before.payments.map((payment) =>
      payment.id === event.paymentId ? changedPayment(payment, event, at) : payment
    ),
  };
};
