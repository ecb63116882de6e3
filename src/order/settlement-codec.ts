/** The settlement of an order as it is stored: by position, with times since the order was made. */
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import { at, given, type Json, json, numberOf, type Packed, trimmed } from "../kernel/packed.ts";
import { paymentIdOf, transactionIdOf } from "./ids.ts";
import {
  authorizationEnds,
  type CancelledCredit,
  cancelRefunds,
  capturePoints,
  type Credit,
  type CreditedUnits,
  fulfillConditions,
  latePayments,
  type Payment,
  type PaymentPolicy,
  type Settlement,
  type Transaction,
  transactionKinds,
  transactionStatuses,
  waysToAsk,
} from "./payment.ts";

/** Zero says something, and a zero at the end of a list is left out. */
export const boxedTime = (origin: number, instant: Instant | undefined): Json =>
  instant === undefined ? null : [epochMsOf(instant) - origin];

const packTransaction = (origin: number) => (each: Transaction): Packed =>
  trimmed([
    numberOf(each.id),
    transactionKinds.indexOf(each.kind),
    each.amount,
    transactionStatuses.indexOf(each.status),
    waysToAsk.indexOf(each.ask),
    epochMsOf(each.at) - origin,
    boxedTime(origin, each.dueAt),
    each.attempt,
    each.isFinal ? 1 : 0,
    json(each.reference),
    json(each.code),
    boxedTime(origin, each.settledAt),
    each.isOverdue === true ? 1 : 0,
  ]);

const packPayment = (origin: number) => (each: Payment): Packed =>
  trimmed([
    numberOf(each.id),
    each.provider,
    each.amount,
    each.authorized,
    each.transactions.map(packTransaction(origin)),
    json(each.method),
    json(each.reference),
    each.ended === undefined ? 0 : authorizationEnds.indexOf(each.ended) + 1,
    boxedTime(origin, each.expiresAt),
    each.disagrees === true ? 1 : 0,
  ]);

const packUnits = (line: CreditedUnits): Packed => {
  const { lineId, quantity, goods, tax, given, from = 0, givenTax = 0 } = line;
  return [
    ...[lineId, quantity, goods, tax, given],
    ...(from === 0 && givenTax === 0 ? [] : givenTax === 0 ? [from] : [from, givenTax]),
  ];
};

const packCancelled = ({ units, shipping, fees }: CancelledCredit): Packed => [
  units.map(packUnits),
  [shipping.amount, shipping.tax, fees.amount, fees.tax],
];

const packCredit = (origin: number) => (each: Credit): Packed =>
  trimmed([
    each.reason,
    epochMsOf(each.at) - origin,
    each.by,
    each.lines.map(({ lineId, amount, units, from = 0, tax = 0 }) => [
      ...[lineId, amount, units],
      ...(from === 0 && tax === 0 ? [] : tax === 0 ? [from] : [from, tax]),
    ]),
    each.returned === undefined ? null : each.returned.map(packUnits),
    each.shipping === true ? 1 : 0,
    each.fee ?? 0,
    each.shippingCredit === undefined
      ? null
      : [each.shippingCredit.amount, each.shippingCredit.tax],
    each.cancelled === undefined ? null : packCancelled(each.cancelled),
  ]);

const packPolicy = (policy: PaymentPolicy): Packed =>
  trimmed([
    capturePoints.indexOf(policy.captureAt),
    fulfillConditions.indexOf(policy.fulfillWhen),
    latePayments.indexOf(policy.onLatePayment),
    cancelRefunds.indexOf(policy.refundOnCancel),
    json(policy.unpaidCancelAfterHours),
    policy.authorizeAt === undefined ? 0 : 1,
  ]);

export const packSettlement = (
  { policy, payments, credits }: Settlement,
  origin: number,
): Packed =>
  trimmed([
    packPolicy(policy),
    payments.map(packPayment(origin)),
    credits.length === 0 ? null : credits.map(packCredit(origin)),
  ]);

const word = <Word>(words: readonly Word[], packed: Packed, index: number, otherwise: Word): Word =>
  words[at<number | undefined>(packed, index) ?? 0] ?? otherwise;

export const timeAt = (packed: Packed, index: number, origin: number): Instant | undefined => {
  const box = at<readonly number[] | null | undefined>(packed, index);
  return box === null || box === undefined ? undefined : instantOf(origin + (box[0] ?? 0));
};

const unpackTransaction = (orderId: string, origin: number) => (packed: Packed): Transaction => ({
  id: transactionIdOf(orderId, at(packed, 0)),
  kind: word(transactionKinds, packed, 1, "authorize"),
  amount: at<number | undefined>(packed, 2) ?? 0,
  status: word(transactionStatuses, packed, 3, "expected"),
  ask: word(waysToAsk, packed, 4, "call"),
  at: instantOf(origin + (at<number | undefined>(packed, 5) ?? 0)),
  ...given("dueAt", timeAt(packed, 6, origin)),
  attempt: at<number | undefined>(packed, 7) ?? 1,
  isFinal: at(packed, 8) === 1,
  ...given("reference", at<string | null | undefined>(packed, 9)),
  ...given("code", at<string | null | undefined>(packed, 10)),
  ...given("settledAt", timeAt(packed, 11, origin)),
  ...(at(packed, 12) === 1 ? { isOverdue: true } : {}),
});

const unpackPayment = (orderId: string, origin: number) => (packed: Packed): Payment => {
  const ended = at<number | undefined>(packed, 7) ?? 0;
  return {
    id: paymentIdOf(orderId, at(packed, 0)),
    provider: at(packed, 1),
    ...given("method", at<string | null | undefined>(packed, 5)),
    amount: at<number | undefined>(packed, 2) ?? 0,
    ...given("reference", at<string | null | undefined>(packed, 6)),
    authorized: at<number | undefined>(packed, 3) ?? 0,
    ...given("ended", authorizationEnds[ended - 1]),
    ...given("expiresAt", timeAt(packed, 8, origin)),
    ...(at(packed, 9) === 1 ? { disagrees: true } : {}),
    transactions: at<readonly Packed[]>(packed, 4).map(unpackTransaction(orderId, origin)),
  };
};

const unpackReturned = (packed: Packed): CreditedUnits => ({
  lineId: at(packed, 0),
  quantity: at(packed, 1),
  goods: at(packed, 2),
  tax: at(packed, 3),
  given: at(packed, 4),
  ...notZero("from", at(packed, 5)),
  ...notZero("givenTax", at(packed, 6)),
});

/** A member that is left out where it is zero. */
const notZero = <Name extends string>(
  name: Name,
  value: number | undefined,
): { readonly [key in Name]?: number } => given(name, value === 0 ? undefined : value);

const unpackCancelled = (packed: Packed): CancelledCredit => {
  const [shipping = 0, shippingTax = 0, fees = 0, feeTax = 0] = at<readonly number[]>(packed, 1);
  return {
    units: at<readonly Packed[]>(packed, 0).map(unpackReturned),
    shipping: { amount: shipping, tax: shippingTax },
    fees: { amount: fees, tax: feeTax },
  };
};

const shippingOf = (packed: readonly number[]) => ({ amount: packed[0] ?? 0, tax: packed[1] ?? 0 });

const feeOf = (fee = 0) => fee === 0 ? {} : { fee };

const unpackCredit = (origin: number) => (packed: Packed): Credit => ({
  reason: at(packed, 0),
  at: instantOf(origin + at<number>(packed, 1)),
  by: at(packed, 2),
  lines: (at<readonly Packed[] | undefined>(packed, 3) ?? []).map((line) => ({
    lineId: at(line, 0),
    amount: at(line, 1),
    units: at(line, 2),
    ...notZero("from", at(line, 3)),
    ...notZero("tax", at(line, 4)),
  })),
  ...given("returned", at<readonly Packed[] | null | undefined>(packed, 4)?.map(unpackReturned)),
  ...(at(packed, 5) === 1 ? { shipping: true } : {}),
  ...feeOf(at<number | undefined>(packed, 6)),
  ...unpackRare(packed),
});

/** Members that few credits have. */
const unpackRare = (packed: Packed): Pick<Credit, "shippingCredit" | "cancelled"> => {
  const shipping = at<readonly number[] | null | undefined>(packed, 7);
  const cancelled = at<Packed | null | undefined>(packed, 8);
  return {
    ...(shipping === null || shipping === undefined
      ? {}
      : { shippingCredit: shippingOf(shipping) }),
    ...(cancelled === null || cancelled === undefined
      ? {}
      : { cancelled: unpackCancelled(cancelled) }),
  };
};

const unpackPolicy = (packed: Packed): PaymentPolicy => ({
  captureAt: word(capturePoints, packed, 0, "shipment"),
  fulfillWhen: word(fulfillConditions, packed, 1, "any"),
  onLatePayment: word(latePayments, packed, 2, "refund"),
  refundOnCancel: word(cancelRefunds, packed, 3, "automatic"),
  ...given("unpaidCancelAfterHours", at<number | null | undefined>(packed, 4)),
  ...(at(packed, 5) === 1 ? { authorizeAt: "allocation" } : {}),
});

export const unpackSettlement = (
  packed: Packed | null | undefined,
  orderId: string,
  origin: number,
): Settlement | undefined =>
  packed === null || packed === undefined ? undefined : {
    policy: unpackPolicy(at(packed, 0)),
    payments: (at<readonly Packed[] | null | undefined>(packed, 1) ?? [])
      .map(unpackPayment(orderId, origin)),
    credits: (at<readonly Packed[] | null | undefined>(packed, 2) ?? []).map(unpackCredit(origin)),
  };
