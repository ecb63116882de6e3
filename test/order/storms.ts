/** Anything that may happen to an order that costs something, in steps of any order. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatAmount } from "../../src/kernel/money.ts";
import type { EditChange } from "../../src/order/edit.ts";
import type { ExchangeRequest } from "../../src/order/exchange.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import type { CreditRequest, Payment, Transaction } from "../../src/order/payment.ts";

/** What comes back, is credited and given back, beside what leaves, is cancelled and edited. */
export const returnKinds = [
  ...["ship", "ship", "cancel", "return", "return", "reject", "claim", "request", "receive"],
  ...["inspect", "credit", "credit all", "credit shipping", "refund", "refund all"],
  ...["refund credit", "goodwill", "goodwill", "edit", "edit shipping"],
] as const;

/** The same, with new prices and lines, and all that payment providers and people do. */
export const allKinds = [
  ...returnKinds,
  ...["set price", "set discount", "add line", "more", "cancel all"],
  ...["exchange", "exchange", "decline"],
  ...["capture", "capture some", "void", "add payment", "pay by hand"],
  ...["settle", "settle", "settle", "fail", "by hand", "capture again"],
  ...["ship", "ship", "ship", "ship", "request", "receive", "receive", "inspect", "inspect"],
  ...["refund all", "refund credit", "credit all"],
] as const;
export type StepKind = typeof allKinds[number];

export const stepOf = <Kind extends StepKind>(kinds: readonly Kind[]) =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    line: fc.nat({ max: 3 }),
    units: fc.integer({ min: 1, max: 3 }),
    amount: fc.integer({ min: 0, max: 3_000 }),
  });

export interface Step {
  readonly kind: StepKind;
  readonly line: number;
  readonly units: number;
  readonly amount: number;
}

const paymentsOf = ({ settlement }: Order): readonly Payment[] => settlement?.payments ?? [];

/** The first transaction of which nobody knows yet what became of it. */
const pendingOf = (
  order: Order,
  isByHand: boolean,
): { readonly payment: Payment; readonly transaction: Transaction } | null => {
  for (const payment of paymentsOf(order)) {
    for (const transaction of payment.transactions) {
      const { status, ask } = transaction;
      if (status !== "requested" && status !== "unresolved") continue;
      if ((ask === "hand") === isByHand) return { payment, transaction };
    }
  }
  return null;
};

const changeOf = (order: Order, { kind, line: at, units, amount }: Step): EditChange => {
  const { id: lineId } = order.lines[at % order.lines.length] ?? assert.fail("no line");
  const money = (of: number) => ({
    amount: formatAmount(of, order.currency),
    currency: order.currency,
  });
  switch (kind) {
    case "set price":
      return { type: "set-price", lineId, unitPrice: money(amount), tax: money(amount % 101) };
    case "set discount":
      return {
        type: "set-discount",
        lineId,
        discount: money(amount % 701),
        tax: money(amount % 53),
      };
    case "more":
      return {
        ...{ type: "add-line", basedOn: lineId, quantity: units },
        ...{ discount: money(amount % 31), tax: money(amount % 97) },
      };
    default:
      return {
        ...{ type: "add-line", sku: `s${at}`, quantity: units, unitPrice: money(amount) },
        tax: money(amount % 89),
      };
  }
};

/** What is asked of payments, and what becomes of it. */
const moneyCommands = (
  order: Order,
  { kind, line: at, amount: minorUnits }: Step,
): OrderCommand[] => {
  const payments = paymentsOf(order);
  const payment = payments[at % Math.max(1, payments.length)];
  const paymentId = payment?.id ?? "pay_none";
  const amount = {
    amount: formatAmount(minorUnits, order.currency),
    currency: order.currency,
  };
  const called = pendingOf(order, false)?.transaction;
  const hand = pendingOf(order, true);
  const settle = (outcome: "succeeded" | "failed"): OrderCommand[] =>
    called === undefined ? [] : [{
      ...{ type: "settle", transactionId: called.id, outcome, reference: `r_${called.id}` },
      code: "declined",
    }];
  switch (kind) {
    case "capture":
      return [{ type: "capture", paymentId }];
    case "capture some":
      return [{ type: "capture", paymentId, amount, final: minorUnits % 5 === 0 }];
    case "void":
      // It ends what can be captured: seldom, so that most storms go on.
      return minorUnits % 4 === 0 ? [{ type: "void", paymentId }] : [];
    case "add payment": {
      const capture = minorUnits % 2 === 0;
      return [{ type: "add-payment", provider: "card", amount, capture }];
    }
    case "pay by hand":
      return payment?.provider !== "manual" ? [] : [{
        ...{ type: "record", paymentId, kind: "capture", amount, reference: `m${minorUnits}` },
      }];
    case "by hand":
      return hand === null ? [] : [{
        ...{ type: "record", paymentId: hand.payment.id, kind: hand.transaction.kind },
        amount: {
          amount: formatAmount(hand.transaction.amount, order.currency),
          currency: order.currency,
        },
        reference: `h_${hand.transaction.id}`,
      }];
    case "settle":
      return settle("succeeded");
    case "fail":
      return settle("failed");
    default:
      return [{ type: "capture-due" }];
  }
};

/** Goods for goods: of the same line, or dearer or cheaper ones, ahead or when the others are back. */
const exchangeOf = (order: Order, { line: at, units, amount }: Step): ExchangeRequest => {
  const { id, sku } = order.lines[at % order.lines.length] ?? assert.fail("no line");
  const money = (of: number) => ({
    amount: formatAmount(of, order.currency),
    currency: order.currency,
  });
  return {
    lines: amount % 3 === 0
      ? [{ basedOn: id, quantity: units, discount: money(amount % 29), tax: money(amount % 83) }]
      : [{ sku, quantity: units, unitPrice: money(amount), tax: money(amount % 79) }],
    shipWhen: amount % 2 === 0 ? "received" : "now",
  };
};

export const commandsOf = (order: Order, step: Step): OrderCommand[] => {
  const { kind, line: at, units, amount } = step;
  const { id: lineId } = order.lines[at % order.lines.length] ?? assert.fail("no line");
  const money = { amount: formatAmount(amount, order.currency), currency: order.currency };
  const lines = [{ lineId, quantity: units }];
  const asked = {
    type: "request-return" as const,
    lines: [{ lineId, quantity: units, reason: "unwanted" as const }],
  };
  const openReturn = order.returns?.findLast(({ status }) => status !== "closed");
  const inspected = (accepted: boolean, id = lineId) => [
    { lineId: id, quantity: units, disposition: "restock" as const, accepted },
  ];
  const returnId = openReturn?.id ?? "ret_none";
  const fee = amount % 3 === 0 ? { fee: money } : {};
  switch (kind) {
    case "ship":
      return order.fulfillmentOrders.flatMap(({ id: fulfillmentOrderId, status }) => [
        ...(status !== "open" ? [] : [
          { type: "accept" as const, fulfillmentOrderId },
          { type: "pick" as const, fulfillmentOrderId },
        ]),
        { type: "ship" as const, fulfillmentOrderId, carrier: "DHL", lines },
      ]);
    case "cancel":
      return [{ type: "cancel", reason: "changed mind", lines }];
    case "return":
    case "reject": {
      const received = { locationId: "north", inspected: inspected(kind === "return") };
      return [{ ...asked, goodsBack: true, received }];
    }
    case "claim":
      return [{ ...asked, goodsBack: false }, { type: "authorize-return", returnId }];
    case "request":
      return [{ ...asked, goodsBack: true }];
    case "exchange":
      return [{ ...asked, goodsBack: true, exchange: exchangeOf(order, step) }];
    case "decline":
      return [
        { type: "decline-return", returnId, reason: "it was worn" },
        { type: "cancel-return", returnId, reason: "kept after all" },
      ];
    case "receive":
      return [{ type: "authorize-return", returnId }, { type: "receive-return", returnId }];
    case "inspect":
      return [{
        type: "inspect-return",
        returnId,
        lines: inspected(true, openReturn?.lines[0]?.lineId),
      }];
    case "credit":
      return [{ type: "credit", reason: "came back", lines, ...fee }];
    case "credit all":
      return [{ type: "credit", reason: "came back", ...fee }];
    case "credit shipping":
      return [{ type: "credit", reason: "late", shipping: true, ...fee }];
    case "refund":
      return [{ type: "refund", reason: "due", amount: money }];
    case "refund all":
      return [{ type: "refund", reason: "due" }];
    case "refund credit": {
      const credit: CreditRequest = amount % 2 === 0 ? { lines, ...fee } : fee;
      return [{ type: "refund", reason: "came back", credit }];
    }
    case "edit":
      return [{
        ...{ type: "edit", reason: "other units" },
        changes: [{ type: "set-quantity", lineId, quantity: units }],
      }];
    case "edit shipping":
      return [{
        ...{ type: "edit", reason: "other shipping" },
        changes: [{ type: "set-shipping", amount: money }],
      }];
    case "set price":
    case "set discount":
    case "add line":
    case "more":
      return [{ type: "edit", reason: "other prices", changes: [changeOf(order, step)] }];
    case "cancel all":
      // A storm is over when all is cancelled: seldom, so that most go on.
      return amount % 8 === 0 ? [{ type: "cancel", reason: "changed mind" }] : [];
    case "capture":
    case "capture some":
    case "void":
    case "add payment":
    case "pay by hand":
    case "settle":
    case "fail":
    case "by hand":
    case "capture again":
      return moneyCommands(order, step);
    case "goodwill":
      return [{
        type: "refund",
        reason: "sorry",
        goodwill: true,
        amount: money,
        ...(amount % 2 === 0 ? {} : { lineIds: [lineId] }),
      }];
  }
};
