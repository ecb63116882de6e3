/** The problems of payments, and which refusals become them. */
import { Schema } from "effect";
import { moneyOf } from "../../src/kernel/money.ts";
import { Money } from "../../src/kernel/vocabulary.ts";
import type { OrderRejection } from "../../src/order/order.ts";
import type { PaymentRejection } from "../../src/order/payment.ts";
import { type Problem, problem, type ProblemType } from "../http/problems.ts";

const paymentId = Schema.optionalKey(Schema.String);

export const amountExceeded: ProblemType = {
  name: "amount-exceeded",
  status: 409,
  title: "There is not as much",
  meaning:
    "No more can be captured than was authorized, and no more given back than was paid and is not owed; " +
    "what is under way counts. Or another amount can be given back than the request expected. Nothing was " +
    "done.",
  remedy: "Read the order's `balance`, and ask for at most `available`.",
  members: {
    available: Schema.optionalKey(Money).annotate({ description: "Of `amount-exceeded`" }),
  },
};

export const nothingToRefund: ProblemType = {
  name: "nothing-to-refund",
  status: 409,
  title: "Nothing is due to the customer",
  meaning: "All that was paid is owed, was given back, or is on its way back. Nothing was done.",
  remedy:
    "Cancel what is not wanted first, or give something off with `goodwill`. A refund that was asked for " +
    "twice finds nothing left: read the order's payments.",
};

export const notCreditable: ProblemType = {
  name: "not-creditable",
  status: 409,
  title: "So many units cannot be credited",
  meaning:
    "Units are credited once, and only those that an inspection or a claim has accepted. Nothing was done.",
  remedy:
    "Have the returned units inspected first, and ask for as many as are `creditable`. A credit that was " +
    "asked for twice finds nothing left.",
  members: {
    creditable: Schema.optionalKey(
      Schema.Array(
        Schema.Struct({ lineId: Schema.String, quantity: Schema.Int }).annotate({
          identifier: "CreditableLine",
        }),
      ).annotate({ description: "Of `not-creditable`: units of the lines that were asked for" }),
    ),
  },
};

export const paymentUnresolved: ProblemType = {
  name: "payment-unresolved",
  status: 409,
  title: "It is not known yet what became of the payment",
  meaning:
    "The provider was asked for something that stands in the way, and nobody knows yet what became of it.",
  remedy: "Wait: it is looked at again by itself. Once somebody knows, say so with `resolve`.",
  members: { paymentId, transactionId: Schema.optionalKey(Schema.String) },
};

export const paymentDiffers: ProblemType = {
  name: "payment-differs",
  status: 409,
  title: "The order has another payment of this reference",
  meaning:
    "A reference of a provider stands for one payment of an order, and what is there is of another amount.",
  remedy: "Read the payment of `paymentId`. The same one told again is answered as it was.",
  members: { paymentId },
};

/** The problems that what is asked of payments can meet. */
export const paymentProblems = [
  amountExceeded,
  paymentUnresolved,
  paymentDiffers,
];

const tags: Readonly<Record<PaymentRejection["_tag"], true>> = {
  UnknownPayment: true,
  UnknownTransaction: true,
  AmountExceeded: true,
  NothingToRefund: true,
  NotCreditable: true,
  PaymentUnresolved: true,
  PaymentDiffers: true,
};

export const isOfPayment = (rejection: OrderRejection): rejection is PaymentRejection =>
  rejection._tag in tags;

/** Those that stand whatever the caller sends again. */
export const isDecidedOfPayment = ({ _tag }: PaymentRejection): boolean =>
  _tag !== "UnknownPayment" && _tag !== "UnknownTransaction";

export const paymentProblem = (rejection: PaymentRejection): Problem => {
  switch (rejection._tag) {
    case "UnknownPayment":
      return problem("not-found", `There is no payment ${rejection.paymentId}.`);
    case "UnknownTransaction":
      return problem("not-found", `There is no transaction ${rejection.transactionId}.`);
    case "AmountExceeded": {
      const available = moneyOf(rejection.available, rejection.currency);
      return problem(
        amountExceeded,
        `There are ${available.amount} ${available.currency}.`,
        { extensions: { available } },
      );
    }
    case "NothingToRefund":
      return problem(nothingToRefund, "Nothing of what was paid is due to the customer.");
    case "NotCreditable": {
      const { lines: creditable } = rejection;
      const [first] = creditable;
      return problem(
        notCreditable,
        first === undefined
          ? "No unit of the order is accepted and not credited."
          : `Line ${first.lineId} has ${first.quantity} units that are accepted and not credited.`,
        { extensions: { creditable } },
      );
    }
    case "PaymentUnresolved": {
      const { paymentId, transactionId } = rejection;
      return problem(paymentUnresolved, `It is not known yet what became of ${transactionId}.`, {
        extensions: { paymentId, transactionId },
      });
    }
    case "PaymentDiffers":
      return problem(
        paymentDiffers,
        `The order has ${rejection.paymentId} of this reference, with another amount.`,
        { extensions: { paymentId: rejection.paymentId } },
      );
  }
};
