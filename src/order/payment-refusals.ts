/** The refusals of what is asked of payments. */
import { Result } from "effect";
import { digitsOf, type Money, parseAmount } from "../kernel/money.ts";
import type { Order, OrderRejection } from "./order.ts";
import type { Payment, Transaction } from "./payment.ts";
import { paymentStatusOf } from "./payment-amounts.ts";
import { settlementOf } from "./payment-asks.ts";
import { invalid } from "./refusals.ts";

type Refused = Result.Result<never, OrderRejection>;

/** More than there is. */
export const exceeded = ({ currency }: Order, available: number): Refused =>
  Result.fail({ _tag: "AmountExceeded", available, currency });

/** Something that the payment does not allow as it is. */
export const illegalForPayment = (action: string, payment: Payment, why: string): Refused => {
  const status = paymentStatusOf(payment);
  return Result.fail({
    _tag: "IllegalTransition",
    action,
    status,
    paymentId: payment.id,
    detail: `A payment that is ${status} does not allow "${action}": ${why}`,
  });
};

/** Nobody knows yet what became of what was asked for before. */
export const unresolved = ({ id }: Payment, transaction: Transaction): Refused =>
  Result.fail({ _tag: "PaymentUnresolved", paymentId: id, transactionId: transaction.id });

/** Minor units of an amount above zero, or why it is none of this order. */
export const amountIn = (
  { currency }: Order,
  money: Money,
  pointer = "/amount",
): Result.Result<number, OrderRejection> => {
  if (money.currency !== currency) {
    return invalid(`${pointer}/currency`, `The order is in ${currency}, so its amounts must be.`);
  }
  const minorUnits = parseAmount(money.amount, currency);
  return minorUnits === null || minorUnits < 0
    ? invalid(
      `${pointer}/amount`,
      `An amount in ${currency} has exactly ${digitsOf(currency)} decimals and is not negative.`,
    )
    : Result.succeed(minorUnits);
};

export const paymentOf = (order: Order, paymentId: string): Result.Result<
  Payment,
  OrderRejection
> => {
  const found = settlementOf(order).payments.find(({ id }) => id === paymentId);
  return found === undefined
    ? Result.fail({ _tag: "UnknownPayment", paymentId })
    : Result.succeed(found);
};
