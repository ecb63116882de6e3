/** Orders that are paid, and what clients ask about their money: mostly what makes sense, sometimes what does not. */
import { formatAmount, parseAmount } from "../../src/kernel/money.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { balanceOf } from "../../src/order/balance.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import type { CreditRequest, Payment, Transaction } from "../../src/order/payment.ts";
import { amountsOf, isPending } from "../../src/order/payment-amounts.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { ProviderAnswer } from "../../src/payment/port.ts";
import { manualProvider } from "../../src/payment/provider.ts";
import { editCommand } from "../support/edit-commands.ts";
import { cardProvider } from "../support/payment-commands.ts";
import type { Chance } from "./random.ts";
import { startMs } from "./world.ts";

type PlacedPayment = NonNullable<PlaceOrderRequest["payments"]>[number];

const hourMs = 3_600_000;
/** Of the orders of a run in which orders are paid at all. */
const paidShare = 0.9;

const moneyIn = (currency: string, minorUnits: number) => ({
  amount: formatAmount(minorUnits, currency),
  currency,
});

/** The price of the lines alone: orders with charges are paid a little too much or too little by it. */
const priceOf = ({ lines, currency }: PlaceOrderRequest): number =>
  lines.reduce(
    (sum, { quantity, unitPrice }) =>
      sum + quantity * (parseAmount(unitPrice.amount, currency) ?? 0),
    0,
  );

const paymentOf = (
  chance: Chance,
  { externalId, currency }: PlaceOrderRequest,
  minorUnits: number,
  n: number,
): PlacedPayment => {
  const status = chance.weighted({ authorized: 5, captured: 2, promised: 5 });
  const expiresAt = instantOf(startMs + chance.between(2, 60) * hourMs);
  return {
    provider: chance.happens(0.8) ? cardProvider.id : manualProvider,
    method: "card",
    amount: moneyIn(currency, minorUnits),
    status,
    reference: `p-${externalId}-${n}`,
    ...(status === "authorized" && chance.happens(0.15) ? { expiresAt } : {}),
  };
};

/** The order, or the same one with payments and a policy of its own. */
export const paid = (chance: Chance, order: PlaceOrderRequest): PlaceOrderRequest => {
  const price = priceOf(order);
  if (!chance.happens(paidShare) || price < 2) return order;
  const some = chance.happens(0.8)
    ? price
    : Math.max(2, price + chance.between(-price, Math.floor(price / 2)));
  const first = chance.happens(0.3) ? chance.between(1, some - 1) : some;
  const amounts = first === some ? [some] : [first, some - first];
  const payments = amounts.map((amount, n) => paymentOf(chance, order, amount, n));
  const isPromised = payments.some(({ status }) => status === "promised");
  return {
    ...order,
    payments,
    paymentPolicy: {
      captureAt: chance.weighted({ order: 5, shipment: 4, delivery: 1, manual: 1 }),
      fulfillWhen: chance.weighted({ any: 6, authorized: 2, paid: 2 }),
      onLatePayment: chance.weighted({ refund: 3, hold: 1 }),
      refundOnCancel: chance.weighted({ automatic: 3, manual: 1 }),
      ...(isPromised && chance.happens(0.8) ? { unpaidCancelAfterHours: 1 } : {}),
      ...(isPromised && chance.happens(0.3) ? { authorizeAt: "allocation" } : {}),
    },
  };
};

const creditOf = (chance: Chance, { lines, currency }: Order): CreditRequest => ({
  ...(chance.happens(0.6) ? {} : { lines: [{ lineId: chance.pick(lines).id, quantity: 1 }] }),
  ...(chance.happens(0.2) ? { shipping: true } : {}),
  ...(chance.happens(0.2) ? { fee: moneyIn(currency, chance.between(0, 300)) } : {}),
});

const pendingIn = (payment: Payment): readonly Transaction[] =>
  payment.transactions.filter(isPending);

/** What people have been asked to do, done under one name however often it is told. */
const byHand = (
  { currency }: Order,
  payment: Payment,
  { id, kind, amount }: Transaction,
): OrderCommand => ({
  ...{ type: "record", paymentId: payment.id, kind, amount: moneyIn(currency, amount) },
  reference: `hand-${id}`,
});

/** What people found out at the provider: only what it says for sure. */
const resolved = (
  payment: Payment,
  knownOf: (transactionId: string) => ProviderAnswer | null,
): OrderCommand | null => {
  for (const { id: transactionId, status, ask } of payment.transactions) {
    const known = status === "unresolved" && ask !== "hand" ? knownOf(transactionId) : null;
    if (known === null || known.status === "pending") continue;
    return {
      ...{ type: "resolve", paymentId: payment.id, transactionId, outcome: known.status },
      ...(known.reference === undefined ? {} : { reference: known.reference }),
      reason: "seen at the provider",
    };
  }
  return null;
};

const isManual = ({ provider }: Payment): boolean => provider === manualProvider;

const refundOf = (chance: Chance, order: Order): OrderCommand => {
  const { captured, refunded } = balanceOf(order);
  const most = Math.max(1, captured - refunded);
  const amount = moneyIn(order.currency, chance.between(1, most));
  const refund = { type: "refund", reason: "returned" } as const;
  switch (chance.weighted({ all: 3, some: 2, goodwill: 3, credit: 3 })) {
    case "all":
      return refund;
    case "some":
      return { ...refund, amount };
    case "goodwill": {
      const little = moneyIn(order.currency, chance.between(1, Math.min(most, 500)));
      return { ...refund, goodwill: true, amount: chance.happens(0.3) ? amount : little };
    }
    case "credit":
      return { ...refund, credit: creditOf(chance, order) };
  }
};

/** A command about the money of an order; null where there is none of it. */
export const moneyCommand = (
  chance: Chance,
  order: Order,
  knownOf: (transactionId: string) => ProviderAnswer | null,
): OrderCommand | null => {
  const { settlement, currency } = order;
  if (settlement === undefined || settlement.payments.length === 0) return null;
  const payment = chance.pick(settlement.payments);
  const { id: paymentId } = payment;
  const hand = pendingIn(payment).find(({ ask }) => ask === "hand");
  if (hand !== undefined && chance.happens(0.6)) return byHand(order, payment, hand);
  const known = chance.happens(0.5) ? resolved(payment, knownOf) : null;
  if (known !== null) return known;
  const { due } = balanceOf(order);
  switch (
    chance.weighted({
      ...{ capture: 5, some: 3, void: 1.5, refund: 8, credit: 3, edit: 7, again: 1, unpaid: 1 },
      add: due > 0 ? 4 : 0.5,
      hand: isManual(payment) ? 6 : 0,
    })
  ) {
    case "capture":
      return { type: "capture", paymentId };
    case "some": {
      const { authorized, captured } = amountsOf(payment);
      const amount = moneyIn(currency, chance.between(1, Math.max(1, authorized - captured)));
      return { type: "capture", paymentId, amount, final: chance.happens(0.2) };
    }
    case "void":
      return { type: "void", paymentId };
    case "refund":
      return refundOf(chance, order);
    case "credit":
      return { type: "credit", reason: "returned", ...creditOf(chance, order) };
    case "edit":
      return editCommand(order, chance.between(0, 20), chance.between(1, 4));
    case "again":
      return { type: "capture-due" };
    case "unpaid":
      return { type: "cancel-unpaid" };
    case "add":
      return {
        ...{ type: "add-payment", provider: cardProvider.id, capture: chance.happens(0.5) },
        amount: moneyIn(currency, due > 0 && chance.happens(0.7) ? due : chance.between(1, 900)),
      };
    case "hand": {
      const amount = moneyIn(currency, chance.between(1, Math.max(1, due)));
      const kind = chance.weighted({ sale: 3, capture: 3, refund: 1 });
      return {
        ...{ type: "record", paymentId, kind, amount },
        reference: `${paymentId}-${chance.between(1, 99_999)}`,
      };
    }
  }
};
