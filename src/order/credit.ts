/**
 * Credits what came back, so that it is owed no more. Inspecting says which units the seller stands for, a
 * credit lowers what is owed by them, and a refund moves the money: three things, each of which may be there
 * without the next. A unit is credited once, by its stored shares of its line's discount and tax, and less
 * what was given off it before.
 */
import { Result } from "effect";
import { part } from "../money/apportion.ts";
import { givenIn, type GivenTo } from "./balance.ts";
import {
  creditableUnits,
  creditedUnits,
  isShippingCredited,
  shippingCredited,
  shippingLeft,
  shippingPrice,
} from "./credit-units.ts";
import { creditMemoIdOf } from "./ids.ts";
import { paymentLimits } from "./limits.ts";
import type { Order, OrderEvent, OrderFacts, OrderLine, OrderRejection } from "./order.ts";
import type {
  Credit,
  CreditedUnits,
  CreditRequest,
  PaymentCommand,
  ShippingCredit,
} from "./payment.ts";
import { settlementOf } from "./payment-asks.ts";
import { amountIn, exceeded } from "./payment-refusals.ts";
import { lineIndexOf } from "./quantities.ts";
import { chosenUnits, invalid, type OrderDecision } from "./refusals.ts";

/** What a credit does, without who made it and why. */
export type CreditParts = Omit<Credit, "reason" | "at" | "by">;

export interface CreditPlan extends CreditParts {
  /** What is owed less. */
  readonly amount: number;
}

/** What of shipping a credit takes off. */
const shippingIn = (order: Order, { shipping, shippingCredit }: CreditParts): ShippingCredit =>
  shippingCredit ?? (shipping === true ? shippingPrice(order) : { amount: 0, tax: 0 });

/** Sums of a credit in minor units, by what they are for; tax is a part of the rest where prices include it. */
export interface CreditSums {
  readonly goods: number;
  readonly tax: number;
  readonly shipping: number;
  readonly shippingTax: number;
  /** Fees of the order that are owed no more. */
  readonly fees: number;
  readonly feeTax: number;
  /** Kept back. */
  readonly fee: number;
  readonly total: number;
}

export const creditSums = (order: Order, credit: CreditParts): CreditSums => {
  const isIncluded = order.charges?.taxesIncluded === true;
  const { lines, returned = [], fee = 0, cancelled } = credit;
  let goods = 0, tax = 0;
  for (const line of lines) {
    const { tax: share = 0 } = line;
    goods += isIncluded ? line.amount : line.amount - share;
    tax += share;
  }
  for (const units of [...returned, ...cancelled?.units ?? []]) {
    const { givenTax = 0 } = units;
    goods += units.goods - (isIncluded ? units.given : units.given - givenTax);
    tax += units.tax - givenTax;
  }
  const shipped = shippingIn(order, credit);
  const shipping = shipped.amount + (cancelled?.shipping.amount ?? 0);
  const shippingTax = shipped.tax + (cancelled?.shipping.tax ?? 0);
  const { amount: fees = 0, tax: feeTax = 0 } = cancelled?.fees ?? {};
  const before = goods + shipping + fees - fee;
  return {
    ...{ goods, tax, shipping, shippingTax, fees, feeTax, fee },
    total: isIncluded ? before : before + tax + shippingTax + feeTax,
  };
};

/** What is owed less by a credit. */
export const creditAmountOf = (order: Order, credit: CreditParts): number =>
  creditSums(order, credit).total;

/** The order once this is credited: for what is decided on top of it. */
export const withCredit = (order: Order, { amount: _, ...parts }: CreditPlan): Order => {
  const settlement = settlementOf(order);
  const credit = { reason: "", at: order.updatedAt, by: "", ...parts };
  return { ...order, settlement: { ...settlement, credits: [...settlement.credits, credit] } };
};

export const creditedEvent = (
  order: Order,
  reason: string,
  { amount, ...parts }: CreditPlan,
  { by }: OrderFacts,
): OrderEvent => ({
  ...{ type: "order.credited", reason, by, amount, currency: order.currency },
  ...parts,
  creditMemoId: creditMemoIdOf(order.id, settlementOf(order).credits.length + 1),
  ...(order.charges?.taxesIncluded === true ? { taxesIncluded: true } : {}),
});

/** Why an order cannot have another credit; null when it can. */
export const noRoomForCredit = (
  order: Order,
  pointer: string,
): Result.Result<never, OrderRejection> | null =>
  settlementOf(order).credits.length < paymentLimits.credits
    ? null
    : invalid(pointer, `An order has at most ${paymentLimits.credits} credits.`);

type Chosen = Result.Result<ReadonlyMap<string, number>, OrderRejection>;

/** The units to credit, by line: the named ones, or all that may be. */
const unitsOf = (order: Order, named: CreditRequest["lines"]): Chosen => {
  const creditable = creditableUnits(order);
  if (named === undefined) {
    return Result.succeed(
      new Map(order.lines.flatMap(({ id }, index) => {
        const units = creditable[index] ?? 0;
        return units > 0 ? [[id, units] as const] : [];
      })),
    );
  }
  const units = chosenUnits(
    named,
    (lineId) => lineIndexOf(order, lineId) < 0 ? undefined : Number.MAX_SAFE_INTEGER,
    "accepted",
  );
  if (Result.isFailure(units)) return units;
  const lines = [...units.success].flatMap(([lineId, quantity]) => {
    const most = Math.max(0, creditable[lineIndexOf(order, lineId)] ?? 0);
    return quantity > most ? [{ lineId, quantity: most }] : [];
  });
  return lines.length > 0 ? Result.fail({ _tag: "NotCreditable", lines }) : units;
};

/** What was given off units, and of that the tax. */
export interface Given {
  readonly amount: GivenTo;
  readonly tax: GivenTo;
}

export const givenOf = (order: Order): Given => ({
  amount: givenIn(order),
  tax: givenIn(order, "tax"),
});

/** Some units of a line, by their shares of what the line costs. */
export const creditOfUnits = (
  line: OrderLine,
  from: number,
  quantity: number,
  given: Given,
): CreditedUnits => {
  const to = from + quantity;
  const givenTax = given.tax(line, from, to);
  return {
    ...{ lineId: line.id, quantity },
    goods: line.unitPrice * quantity - part(line.discount, line.quantity, from, to),
    tax: part(line.tax, line.quantity, from, to),
    given: given.amount(line, from, to),
    ...(givenTax === 0 ? {} : { givenTax }),
    ...(from === 0 ? {} : { from }),
  };
};

type ShippingParts = Pick<CreditParts, "shipping" | "shippingCredit">;

/** What of shipping is credited: each of its amount and its tax has a rest of its own. */
const shippingOf = (
  order: Order,
  request: CreditRequest,
  pointer: string,
): Result.Result<ShippingParts, OrderRejection> => {
  const { shipping = false, shippingAmount, shippingTax } = request;
  if (!shipping && shippingAmount === undefined && shippingTax === undefined) {
    return Result.succeed({});
  }
  if (isShippingCredited(order) || order.status === "cancelled") {
    return invalid(`${pointer}/shipping`, "Shipping is not owed any more.");
  }
  const rest = shippingLeft(order);
  if (shipping) {
    return shippingAmount === undefined && shippingTax === undefined
      ? Result.succeed({ shipping: true, shippingCredit: rest })
      : invalid(`${pointer}/shippingAmount`, "All of it is credited by `shipping` already.");
  }
  const asked = { amount: 0, tax: undefined as number | undefined };
  if (shippingAmount !== undefined) {
    const amount = amountIn(order, shippingAmount, `${pointer}/shippingAmount`);
    if (Result.isFailure(amount)) return Result.fail(amount.failure);
    asked.amount = amount.success;
  }
  if (shippingTax !== undefined) {
    const tax = amountIn(order, shippingTax, `${pointer}/shippingTax`);
    if (Result.isFailure(tax)) return Result.fail(tax.failure);
    asked.tax = tax.success;
  }
  const { amount } = asked;
  if (amount > rest.amount) return exceeded(order, rest.amount);
  const [price, gone] = [shippingPrice(order), shippingCredited(order)];
  const share = amount === rest.amount
    ? rest.tax
    : part(price.tax, price.amount, 0, gone.amount + amount) - gone.tax;
  const tax = asked.tax ?? Math.max(0, Math.min(rest.tax, share));
  const isIncluded = order.charges?.taxesIncluded === true;
  if (tax > rest.tax) return exceeded(order, rest.tax);
  if (isIncluded && tax > amount) return exceeded(order, amount);
  if (amount === 0 && tax === 0) {
    return invalid(`${pointer}/shippingAmount`, "Nothing is credited by nothing.");
  }
  const isAll = amount === rest.amount && tax === rest.tax;
  return Result.succeed({
    ...(isAll ? { shipping: true } : {}),
    shippingCredit: { amount, tax },
  });
};

/** What a credit would be, or why it is refused. */
export const planCredit = (
  order: Order,
  request: CreditRequest,
  pointer = "",
): Result.Result<CreditPlan, OrderRejection> => {
  const { lines, fee: asked } = request;
  const full = noRoomForCredit(order, pointer);
  if (full !== null) return full;
  const units = unitsOf(order, lines);
  if (Result.isFailure(units)) {
    const { failure } = units;
    return Result.fail(
      failure._tag === "InvalidCommand"
        ? { ...failure, pointer: `${pointer}${failure.pointer}` }
        : failure,
    );
  }
  const shipping = shippingOf(order, request, pointer);
  if (Result.isFailure(shipping)) return Result.fail(shipping.failure);
  const fee = asked === undefined ? Result.succeed(0) : amountIn(order, asked, `${pointer}/fee`);
  if (Result.isFailure(fee)) return Result.fail(fee.failure);
  if (units.success.size === 0 && shipping.success.shippingCredit === undefined) {
    return Result.fail({ _tag: "NotCreditable", lines: [] });
  }
  const gone = creditedUnits(order);
  const given = givenOf(order);
  const returned = [...units.success].flatMap(([lineId, quantity]) => {
    const index = lineIndexOf(order, lineId);
    const line = order.lines[index];
    return line === undefined ? [] : [creditOfUnits(line, gone[index] ?? 0, quantity, given)];
  });
  const parts: CreditParts = {
    lines: [],
    ...(returned.length === 0 ? {} : { returned }),
    ...shipping.success,
  };
  const worth = creditAmountOf(order, parts);
  if (fee.success > Math.max(0, worth)) return exceeded(order, Math.max(0, worth));
  return Result.succeed({
    ...parts,
    ...(fee.success === 0 ? {} : { fee: fee.success }),
    amount: worth - fee.success,
  });
};

/** Lowers what is owed, and moves no money. */
export const credit = (
  order: Order,
  command: Extract<PaymentCommand, { readonly type: "credit" }>,
  facts: OrderFacts,
): OrderDecision =>
  Result.map(
    planCredit(order, command),
    (plan) => [creditedEvent(order, command.reason, plan, facts)],
  );
