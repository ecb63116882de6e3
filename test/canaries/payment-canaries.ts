/** Bugs of those that capture money, and give it back. */
import type { Canary } from "./canary.ts";

const pay = (name: string) => ({ file: "test/order/pay_test.ts", name });
const credit = (name: string) => ({ file: "test/order/credit_test.ts", name });
const storm = {
  file: "test/order/storm_test.ts",
  name: "in any storm of cancellations",
};
const collector = (name: string) => ({
  file: "test/actors/payment/collector_test.ts",
  name,
});

const contract = (name: string) => ({ file: "test/actors/payment/contract_test.ts", name });
const stripe = (name: string) => ({ file: "test/actors/payment/stripe_test.ts", name });

export const paymentCanaries: readonly Canary[] = [
  {
    name: "a capture that can not be made is tried again for ever",
    file: "src/order/pay.ts",
    find: "  if (payment === undefined || amount === 0) return nothing;",
    replace: "  if (nowMs > 0 || payment === undefined) return nothing;",
    test: pay("a capture that a provider can not make at all"),
  },
  {
    name: "what is on its way back counts as not given back",
    file: "src/order/balance.ts",
    find: "    refundDue: Math.max(0, paid - refundPending - owed),",
    replace: "    refundDue: Math.max(0, paid - owed),",
    test: pay("what is pending counts as used"),
  },
  {
    name: "a transaction succeeds once more when it is told of once more",
    file: "src/order/pay.ts",
    find: '      if (transaction.status === "succeeded") return [];',
    replace: "",
    test: pay("a transaction succeeds once"),
  },
  {
    name: "a refund is due for what was taken away, whether it was paid or not",
    file: "src/order/pay-follow.ts",
    find: "    balanceOf(order).refundDue,",
    replace: "    order.totals.total - balanceOf(order).owed,",
    test: pay("refund due is read from the balance"),
  },
  {
    name: "what has expired is captured",
    file: "src/order/payment-amounts.ts",
    find: "    (payment.expiresAt !== undefined && payment.expiresAt <= now)",
    replace: "    payment.expiresAt === now",
    test: pay("what has expired is not captured"),
  },
  {
    name: "the whole authorization is captured with the first parcel",
    file: "src/order/capture-due.ts",
    find: '  const amount = multipleCaptures || singleCapture === "reauthorize"',
    replace: '  const amount = singleCapture === "reauthorize"',
    test: pay("an order goes the way of the example"),
  },
  {
    name: "a credit stays with an order whose units are gone",
    file: "src/order/balance.ts",
    find: "      sum += part(amount, units - first, within(from), within(to));",
    replace: "      sum += amount;",
    test: pay("a goodwill refund leaves with its units"),
  },
  {
    name: "a unit is credited twice",
    file: "src/order/credit-units.ts",
    find: "  const left = creditedUnits(order).map((units) => -units);",
    replace: "  const left = order.lines.map(() => 0);",
    test: credit("a unit is credited once"),
  },
  {
    name: "the tax of returned units is worked out anew, and not taken from their shares",
    file: "src/order/credit.ts",
    find: "    tax: part(line.tax, line.quantity, from, to),",
    replace: "    tax: Math.round(line.tax * quantity / line.quantity),",
    test: credit("whatever leaves, comes back, is credited and given back"),
  },
  {
    name: "an unpaid order is cancelled without asking the provider",
    file: "src/order/pay.ts",
    find: '      if (status !== "expected") continue;',
    replace: '      if (status !== "failed") continue;',
    test: pay("an unpaid order is cancelled only when"),
  },
  {
    name: "a call of which nobody knows what became is made once more under the same key",
    file: "actors/payment/call.ts",
    find: '    return yield* this.#ask(status === "unresolved" ? attempt + 1 : attempt);',
    replace: "    return yield* this.#ask(attempt);",
    test: collector("after a bad day of its provider"),
  },
  {
    name: "a call is made anew after its key was forgotten, and nobody is asked before",
    file: "actors/payment/call.ts",
    find: '    const isNew = status === "requested" && !isUnclear && !isOld;',
    replace: '    const isNew = status === "requested" && !isUnclear || isOld;',
    test: contract("what was called before a crash is looked for"),
  },
  {
    name: "a webhook is believed without asking the provider",
    file: "actors/payment/provider-webhooks.ts",
    find: "      Effect.catch(port.find(provider, questionOf(due)), () => this.#unclear),",
    replace: '      Effect.succeed({ status: "succeeded" as const }),',
    test: contract("what the customer was expected to pay"),
  },
  {
    name: "a webhook is taken however old it is",
    file: "src/outbound/signature.ts",
    find: "  if (Math.abs(atMs - sentMs) > toleranceMs) return false;",
    replace: "  if (sentMs - atMs > toleranceMs) return false;",
    test: contract("a message is refused that is not signed"),
  },
  {
    name: "a failure of Stripe that it keeps and answers with again is taken for its last word",
    file: "actors/payment/stripe/errors.ts",
    find: "const refusals: ReadonlySet<number> = new Set([400, 402, 404]);",
    replace: "const refusals: ReadonlySet<number> = new Set([400, 402, 404, 500]);",
    test: contract("a failure that the provider keeps is asked anew"),
  },
  {
    name: "Stripe is asked for hundredths of money that has none",
    file: "src/payment/stripe-amounts.ts",
    find: "  if (withoutDecimals.has(currency)) return 0;",
    replace: "  if (withoutDecimals.has(currency)) return 2;",
    test: stripe("amounts are those of Stripe's smallest units"),
  },
  {
    name: "what a search does not show yet is taken for what is not there",
    file: "actors/payment/stripe/transactions.ts",
    find: "    if (nowMs - epochMsOf(at) < (isCharge ? searchLagMs : arrivalMs)) {",
    replace: "    if (nowMs - epochMsOf(at) < 0 * (isCharge ? searchLagMs : arrivalMs)) {",
    test: stripe("an authorization that a search does not show yet"),
  },
  {
    name: "money that is known is counted once more when a webhook tells of it",
    file: "actors/payment/provider-webhooks.ts",
    find: "      return amount === null ? 0 : amount - capturedOf(payment, of);",
    replace: "      return amount ?? 0;",
    test: stripe("what people capture and give back at Stripe"),
  },
  {
    name: "what is cancelled takes the discount of the first units along, not of the last",
    file: "src/order/balance.ts",
    find: "    discount += part(line.discount, line.quantity, from, to);",
    replace:
      "    discount += part(line.discount, line.quantity, line.quantity - to + from, line.quantity);",
    test: storm,
  },
  {
    name: "a refund gives back what is owed for what stays",
    file: "src/order/refund.ts",
    find: "      : Result.succeed({ amount: amount.success, credit: null });",
    replace:
      "      : Result.succeed({ amount: asked === undefined ? captured : amount.success, credit: null });",
    test: storm,
  },
  {
    name: "goodwill is spread over what lines cost once, not over what is left of them",
    file: "src/order/refund.ts",
    find: "  const shares = spread(amount, worth);",
    replace:
      "  const shares = spread(amount, lines.map(({ line }) => line.unitPrice * line.quantity));",
    test: storm,
  },
  {
    name: "a process whose clock is days ahead takes a call away for days",
    file: "actors/payment/collector.ts",
    find: "  by !== self && until > nowMs && until <= nowMs + 2 * providerLimits.claimMs;",
    replace: "  by !== self && until > nowMs;",
    test: collector("a process whose clock is days ahead"),
  },
];
