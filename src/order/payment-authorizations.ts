/** The authorizations of a payment by what its provider calls them: a payment that is authorized anew has several. */
import type { Payment, Transaction } from "./payment.ts";

/** What was done by hand, or seen to be done, is called otherwise than an authorization. */
const isFirst = ({ kind, ask }: Transaction): boolean =>
  (kind === "authorize" || kind === "sale") && ask !== "hand";

const isAuthorization = (transaction: Transaction): boolean =>
  isFirst(transaction) && transaction.status === "succeeded";

const since = ({ settledAt, at }: Transaction): string => settledAt ?? at;

/**
 * The authorization that a transaction is of: the last one that there was when it was decided upon, whatever was
 * authorized since. Undefined where the provider has told of none.
 */
export const authorizationOf = (
  { reference, transactions }: Payment,
  transaction: Transaction,
): string | undefined => {
  const { at } = transaction;
  if (isFirst(transaction)) {
    return transaction.status === "succeeded" ? transaction.reference ?? reference : reference;
  }
  const before = transactions.slice(0, transactions.indexOf(transaction));
  return before.findLast((each) => isAuthorization(each) && since(each) <= at)?.reference ??
    reference;
};

/** All that the provider has told of, the newest first. */
export const authorizationsOf = ({ reference, transactions }: Payment): readonly string[] => {
  const all = new Set<string>();
  if (reference !== undefined) all.add(reference);
  for (const each of transactions.toReversed()) {
    if (isAuthorization(each) && each.reference !== undefined) all.add(each.reference);
  }
  return [...all];
};

/** What is captured of one of them. */
export const capturedOf = (payment: Payment, of: string): number => {
  let captured = 0;
  for (const each of payment.transactions) {
    const { kind, status, amount } = each;
    if (status !== "succeeded" || (kind !== "capture" && kind !== "sale")) continue;
    if (authorizationOf(payment, each) === of) captured += amount;
  }
  return captured;
};
