/** What is asked of an order's payments: made, captured, given up, recorded, and settled by what providers say. */
import { Result } from "effect";
import { cancel } from "./cancel.ts";
import { captureDue, captureNeed } from "./capture-due.ts";
import { epochMsOf, instantOf } from "../kernel/instant.ts";
import { paymentIdOf } from "./ids.ts";
import { paymentLimits } from "./limits.ts";
import type { Order, OrderEvent, OrderFacts, OrderRejection } from "./order.ts";
import type { Payment, PaymentCommand, Transaction } from "./payment.ts";
import {
  amountsOf,
  capturableOf,
  failedCapturesOf,
  isPending,
  refundableOf,
} from "./payment-amounts.ts";
import { askFor, giveUp, hasRoom, isCalled, settlementOf } from "./payment-asks.ts";
import { nextTransactionId } from "./payment-evolve.ts";
import { isCardNumber } from "./card-numbers.ts";
import { captureRetryMs, expiryDueMs, mayBeUnpaid } from "./payment-links.ts";
import {
  amountIn,
  exceeded,
  illegalForPayment,
  paymentOf,
  unresolved,
} from "./payment-refusals.ts";
import type { OrderDecision } from "./refusals.ts";
import { invalid } from "./refusals.ts";
import { credit } from "./credit.ts";
import { refund } from "./refund.ts";
import { Unfolding } from "./unfolding.ts";

type Of<Type extends PaymentCommand["type"]> = Extract<PaymentCommand, { readonly type: Type }>;

const nothing: OrderDecision = Result.succeed([]);

/** The payment that this provider calls so, if the order has it. */
const sameReference = (
  order: Order,
  provider: string,
  reference: string | undefined,
): Payment | undefined =>
  reference === undefined
    ? undefined
    : settlementOf(order).payments.find((each) =>
      each.provider === provider && each.reference === reference
    );

const full = (): OrderDecision =>
  invalid(
    "",
    `An order has at most ${paymentLimits.payments} payments and ${paymentLimits.transactions} ` +
      "transactions.",
  );

const addPayment = (order: Order, command: Of<"add-payment">, facts: OrderFacts): OrderDecision => {
  const { provider, method, reference, expiresAt, status, capture = false } = command;
  const { payments } = settlementOf(order);
  const minorUnits = amountIn(order, command.amount);
  if (Result.isFailure(minorUnits)) return Result.fail(minorUnits.failure);
  const amount = minorUnits.success;
  if (amount === 0) return invalid("/amount/amount", "A payment is of more than nothing.");
  const rules = facts.provider(provider);
  if (rules === null) return invalid("/provider", `There is no payment provider ${provider}.`);
  for (const [name, text] of [["reference", reference], ["method", method]] as const) {
    if (text !== undefined && isCardNumber(text)) {
      return invalid(`/${name}`, "This looks like the number of a card, which is never kept here.");
    }
  }
  const known = sameReference(order, provider, reference);
  if (known !== undefined) {
    return known.amount === amount
      ? nothing
      : Result.fail({ _tag: "PaymentDiffers", paymentId: known.id });
  }
  if (payments.length >= paymentLimits.payments || !hasRoom(order)) return full();
  const isAsked = status === undefined && rules.type !== "manual";
  const reported = status ?? "promised";
  const paymentId = paymentIdOf(order.id, payments.length + 1);
  const unfolding = new Unfolding(order, facts);
  unfolding.add({
    ...{ type: "payment.added", paymentId, provider, amount, currency: order.currency },
    reported,
    ...(method === undefined ? {} : { method }),
    ...(reference === undefined ? {} : { reference }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(isAsked || (reported === "promised" && rules.type === "manual") ? {} : {
      transactionId: nextTransactionId(order.id, payments),
      ask: rules.type === "manual" ? "hand" : "find",
    }),
  });
  const isLater = settlementOf(order).policy.authorizeAt === "allocation" && !capture;
  if (isAsked && !isLater) {
    askFor(unfolding, { paymentId, kind: capture ? "sale" : "authorize", amount });
  }
  return Result.succeed(unfolding.events);
};

const capture = (order: Order, command: Of<"capture">, facts: OrderFacts): OrderDecision => {
  const found = paymentOf(order, command.paymentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const payment = found.success;
  if (!isCalled(payment, facts)) {
    return illegalForPayment("capture", payment, "record what was done by hand.");
  }
  if (!hasRoom(order)) return full();
  const capturable = capturableOf(payment, amountsOf(payment), facts.now);
  if (capturable === 0) {
    return illegalForPayment("capture", payment, "nothing of it is authorized and not captured.");
  }
  const asked = command.amount === undefined
    ? Result.succeed(Math.min(capturable, captureNeed(order).ever))
    : amountIn(order, command.amount);
  if (Result.isFailure(asked)) return Result.fail(asked.failure);
  const amount = asked.success;
  if (amount > capturable) return exceeded(order, capturable);
  if (amount === 0) return exceeded(order, command.amount === undefined ? 0 : capturable);
  const rules = facts.provider(payment.provider);
  const isOnly = rules?.capabilities.multipleCaptures !== true && amount < capturable;
  const unfolding = new Unfolding(order, facts);
  askFor(unfolding, {
    ...{ paymentId: payment.id, kind: "capture", amount },
    final: isOnly || (command.final === true && amount < capturable),
  });
  return Result.succeed(unfolding.events);
};

const voidPayment = (order: Order, command: Of<"void">, facts: OrderFacts): OrderDecision => {
  const found = paymentOf(order, command.paymentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const payment = found.success;
  const pending = payment.transactions.find((each) =>
    isPending(each) && (each.kind === "capture" || each.kind === "void")
  );
  if (pending !== undefined) return unresolved(payment, pending);
  if (!hasRoom(order)) return full();
  const capturable = capturableOf(payment, amountsOf(payment), facts.now);
  if (capturable === 0) {
    return illegalForPayment("void", payment, "nothing of it is authorized and not captured.");
  }
  const unfolding = new Unfolding(order, facts);
  giveUp(unfolding, payment, capturable);
  return Result.succeed(unfolding.events);
};

const observedAs = (
  order: Order,
  payment: Payment,
  { kind, reference }: Pick<Of<"observe">, "kind" | "reference">,
  amount: number,
): OrderDecision => {
  const { authorized, captured } = amountsOf(payment);
  // Money that came without having been authorized was authorized by coming.
  const isUncovered = kind === "capture" && authorized === captured;
  return Result.succeed([{
    ...{ type: "payment.observed", paymentId: payment.id, amount, reference },
    currency: order.currency,
    transactionId: nextTransactionId(order.id, settlementOf(order).payments),
    kind: isUncovered ? "sale" : kind,
  }]);
};

const isSameKind = (known: Transaction, kind: Transaction["kind"]): boolean =>
  known.kind === kind || (known.kind === "sale" && kind === "capture");

/** Whatever our bounds say: the provider is the truth about money, and what is asked of it stays asked. */
const observe = (order: Order, command: Of<"observe">): OrderDecision => {
  const found = paymentOf(order, command.paymentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const payment = found.success;
  const minorUnits = amountIn(order, command.amount);
  if (Result.isFailure(minorUnits)) return Result.fail(minorUnits.failure);
  const isKnown = payment.transactions.some((each) =>
    each.reference === command.reference && each.status === "succeeded" &&
    isSameKind(each, command.kind)
  );
  if (isKnown) return nothing;
  return hasRoom(order) ? observedAs(order, payment, command, minorUnits.success) : full();
};

const record = (order: Order, command: Of<"record">, facts: OrderFacts): OrderDecision => {
  const { paymentId, kind, reference } = command;
  const found = paymentOf(order, paymentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const payment = found.success;
  const minorUnits = amountIn(order, command.amount);
  if (Result.isFailure(minorUnits)) return Result.fail(minorUnits.failure);
  const amount = minorUnits.success;
  if (amount === 0 && kind !== "void") {
    return invalid("/amount/amount", "Nothing was moved by nothing.");
  }
  if (isCardNumber(reference)) {
    return invalid("/reference", "This looks like the number of a card, which is never kept here.");
  }
  const known = payment.transactions.find((each) =>
    each.reference === reference && each.status === "succeeded"
  );
  if (known !== undefined) {
    return known.amount === amount && isSameKind(known, kind)
      ? nothing
      : Result.fail({ _tag: "PaymentDiffers", paymentId });
  }
  const asked = payment.transactions.find((each) =>
    isPending(each) && each.kind === kind && each.amount === amount
  );
  if (asked !== undefined) {
    return Result.succeed([
      { type: "payment.succeeded", paymentId, transactionId: asked.id, reference },
    ]);
  }
  if (!hasRoom(order)) return full();
  const amounts = amountsOf(payment);
  if (kind === "refund" && !isCalled(payment, facts) && amount > refundableOf(amounts)) {
    return exceeded(order, refundableOf(amounts));
  }
  return observedAs(order, payment, command, amount);
};

interface Found {
  readonly payment: Payment;
  readonly transaction: Transaction;
}

const transactionOf = (
  order: Order,
  transactionId: string,
): Result.Result<Found, OrderRejection> => {
  for (const payment of settlementOf(order).payments) {
    const transaction = payment.transactions.find(({ id }) => id === transactionId);
    if (transaction !== undefined) return Result.succeed({ payment, transaction });
  }
  return Result.fail({ _tag: "UnknownTransaction", transactionId });
};

/** When is looked again: after half of the time that it has been unknown, within bounds. */
const nextLook = ({ at }: Transaction, nowMs: number) => {
  const { firstLookMs, lastLookMs, overdueMs, overdueLookMs } = paymentLimits;
  const ageMs = Math.max(0, nowMs - epochMsOf(at));
  const overdue = ageMs >= overdueMs;
  const waitMs = overdue ? overdueLookMs : Math.min(lastLookMs, Math.max(firstLookMs, ageMs / 2));
  return { overdue, dueAt: instantOf(nowMs + Math.round(waitMs)) };
};

/** What a provider says. At most one success counts, and a failure that comes after it says nothing. */
const settle = (order: Order, command: Of<"settle">, { now }: OrderFacts): OrderDecision => {
  const { transactionId, outcome, reference, expiresAt, code } = command;
  return Result.map(
    transactionOf(order, transactionId),
    ({ payment: { id: paymentId }, transaction }): readonly OrderEvent[] => {
      if (transaction.status === "succeeded") return [];
      if (outcome === "succeeded") {
        return [{
          ...{ type: "payment.succeeded", paymentId, transactionId },
          ...(reference === undefined ? {} : { reference }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        }];
      }
      if (transaction.status === "failed") return [];
      if (outcome === "failed") {
        return [{ type: "payment.failed", paymentId, transactionId, code: code ?? "failed" }];
      }
      if (!isPending(transaction) || transaction.ask === "hand") return [];
      const { attempt = transaction.attempt } = command;
      return [{
        ...{ type: "payment.unresolved", paymentId, transactionId, code: code ?? outcome, attempt },
        ...nextLook(transaction, epochMsOf(now)),
      }];
    },
  );
};

const resolve = (order: Order, command: Of<"resolve">): OrderDecision => {
  const { paymentId, outcome, reference, reason, transactionId } = command;
  const found = paymentOf(order, paymentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const payment = found.success;
  const open = payment.transactions.filter((each) =>
    (isPending(each) || each.status === "expected") &&
    (transactionId === undefined || each.id === transactionId)
  );
  const [transaction, other] = open;
  if (transaction === undefined) {
    return illegalForPayment("resolve", payment, "it is known what became of all that was asked.");
  }
  if (other !== undefined) {
    return invalid("/transactionId", "Several of its transactions are not known: say which.");
  }
  if (outcome === "succeeded") {
    if (reference === undefined) return invalid("/reference", "What does the provider call it?");
    return Result.succeed([{
      ...{ type: "payment.succeeded", paymentId, transactionId: transaction.id, reference, reason },
    }]);
  }
  return Result.succeed([{
    ...{ type: "payment.failed", paymentId, transactionId: transaction.id },
    ...{ code: "by_hand", reason },
  }]);
};

const expirePayment = (
  order: Order,
  { paymentId }: Of<"expire-payment">,
  { now }: OrderFacts,
): OrderDecision => {
  const found = paymentOf(order, paymentId);
  if (Result.isFailure(found)) return Result.fail(found.failure);
  const dueMs = expiryDueMs(found.success);
  return dueMs === null || dueMs > epochMsOf(now)
    ? nothing
    : Result.succeed([{ type: "payment.expired", paymentId }]);
};

const captureAgain = (order: Order, facts: OrderFacts): OrderDecision => {
  const nowMs = epochMsOf(facts.now);
  const isAgain = (payment: Payment): boolean => {
    const dueMs = captureRetryMs(payment);
    return dueMs !== null && dueMs <= nowMs;
  };
  const unfolding = new Unfolding(order, facts);
  captureDue(unfolding, (payment) => failedCapturesOf(payment) === 0 || isAgain(payment));
  if (unfolding.events.length > 0 || !hasRoom(order)) return Result.succeed(unfolding.events);
  const { now: amount } = captureNeed(order);
  const payment = settlementOf(order).payments.find(isAgain);
  if (payment === undefined || amount === 0) return nothing;
  // The provider can not capture this much, or nobody can ask him: this try has failed too, or it would be due
  // for ever.
  const { id: paymentId } = payment;
  const transactionId = nextTransactionId(order.id, settlementOf(order).payments);
  return Result.succeed([
    {
      ...{ type: "payment.requested", paymentId, transactionId, kind: "capture", amount },
      ...{ ask: "hand", currency: order.currency },
    },
    { type: "payment.failed", paymentId, transactionId, code: "not_capturable" },
  ]);
};

/** Cancels an order that was not paid in time, once no provider says otherwise. */
const cancelUnpaid = (order: Order, facts: OrderFacts): OrderDecision => {
  if (!mayBeUnpaid(order)) return nothing;
  const unfolding = new Unfolding(order, facts);
  for (const { id: paymentId, provider, transactions } of settlementOf(order).payments) {
    if (!isCalled({ provider }, facts)) continue;
    for (const { id: transactionId, status, kind, amount } of transactions) {
      if (status !== "expected") continue;
      unfolding.add({
        ...{ type: "payment.requested", paymentId, transactionId, kind, amount, ask: "find" },
        currency: order.currency,
      });
    }
  }
  return unfolding.events.length > 0
    ? Result.succeed(unfolding.events)
    : cancel(order, "It was not paid in time.", undefined, facts);
};

export const pay = (order: Order, command: PaymentCommand, facts: OrderFacts): OrderDecision => {
  switch (command.type) {
    case "add-payment":
      return addPayment(order, command, facts);
    case "capture":
      return capture(order, command, facts);
    case "void":
      return voidPayment(order, command, facts);
    case "record":
      return record(order, command, facts);
    case "observe":
      return observe(order, command);
    case "settle":
      return settle(order, command, facts);
    case "resolve":
      return resolve(order, command);
    case "expire-payment":
      return expirePayment(order, command, facts);
    case "capture-due":
      return captureAgain(order, facts);
    case "cancel-unpaid":
      return cancelUnpaid(order, facts);
    case "credit":
      return credit(order, command, facts);
    case "refund":
      return hasRoom(order) ? refund(order, command, facts) : full();
  }
};
