/** Stripe: what it alone does, and what is made there by people and by customers. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import fc from "fast-check";
import { balanceOf } from "../../../src/order/balance.ts";
import { paymentStatusOf } from "../../../src/order/payment-amounts.ts";
import { moneyOfStripe, stripeAmountOf } from "../../../src/payment/stripe-amounts.ts";
import { providerLimits } from "../../../src/payment/limits.ts";
import { paymentOf, transactionsOf, usd, withStripe } from "../../support/payment/stage.ts";

Deno.test("amounts are those of Stripe's smallest units, and come back as they were", () => {
  const stripe = (amount: string, currency: string) => stripeAmountOf({ amount, currency });
  assert.equal(stripe("12.34", "USD"), 1_234);
  assert.equal(stripe("500", "JPY"), 500);
  assert.equal(stripe("1.230", "KWD"), 1_230);
  assert.equal(stripe("5", "ISK"), 500);
  assert.equal(stripe("5", "UGX"), 500);
  assert.equal(stripe("5.00", "MGA"), 5);
  // Parts of what it counts, and currencies that it does not take.
  for (const [amount, currency] of [["1.234", "KWD"], ["5.50", "MGA"], ["1.000", "IQD"]] as const) {
    assert.equal(stripe(amount, currency), null, `${amount} ${currency}`);
  }
  assert.equal(stripe("0.00", "USD"), null);
  assert.equal(moneyOfStripe(550, "isk"), null);
  const digits = { USD: 2, JPY: 0, KWD: 3, ISK: 0, MGA: 2, UGX: 0, BHD: 3, EUR: 2 } as const;
  fc.assert(fc.property(
    fc.constantFrom(...Object.keys(digits) as (keyof typeof digits)[]),
    fc.integer({ min: 1, max: 10 ** 9 }),
    (currency, minorUnits) => {
      const padded = String(minorUnits).padStart(digits[currency] + 1, "0");
      const whole = padded.length - digits[currency];
      const amount = digits[currency] === 0
        ? padded
        : `${padded.slice(0, whole)}.${padded.slice(whole)}`;
      const units = stripeAmountOf({ amount, currency });
      if (units !== null) {
        assert.deepEqual(moneyOfStripe(units, currency.toLowerCase()), { amount, currency });
      }
    },
  ));
});

Deno.test("an authorization that a search does not show yet is not made twice", () =>
  withStripe((stage) =>
    Effect.gen(function* () {
      const { stand } = stage;
      stand.searchLagMs = 10 * 60_000;
      const order = yield* stage.placed("one", "captured");
      stand.day.planned.push("stored failure of what was done");
      yield* stage.asked(order.id, {
        ...{ type: "add-payment", provider: "card", amount: usd(500), reference: stand.method() },
      });
      yield* stage.round;
      for (let n = 0; n < 10; n++) {
        stage.pass(60_000);
        yield* stage.round;
      }
      assert.equal(stand.day.keys.length, 1);
      yield* stage.quiet();
      assert.equal(stand.intents.length, 2);
      const added = paymentOf(yield* stage.order(order.id), 1);
      assert.equal(added.reference, stand.intents[1]?.id);
    })
  ));

Deno.test("an authorization ends when Stripe says", () =>
  withStripe((stage) =>
    Effect.gen(function* () {
      const { stand } = stage;
      const order = yield* stage.placed("one", "captured");
      yield* stage.asked(order.id, {
        ...{ type: "add-payment", provider: "card", amount: usd(500), reference: stand.method() },
      });
      yield* stage.round;
      const added = paymentOf(yield* stage.order(order.id), 1);
      assert.equal(paymentStatusOf(added), "authorized");
      const expiresMs = stand.intents[1]?.expiresMs ?? 0;
      assert.equal(Date.parse(added.expiresAt ?? ""), Math.floor(expiresMs / 1_000) * 1_000);
    }), { capabilities: { reauthorize: true } }));

Deno.test("parts of an order are captured of authorizations that are made anew, and given back from any", () =>
  withStripe((stage) =>
    Effect.gen(function* () {
      const { stand } = stage;
      const order = yield* stage.placed("one", "authorized");
      for (const quantity of [3, 3, 4]) {
        yield* stage.ship(yield* stage.order(order.id), quantity);
        yield* stage.round;
        yield* stage.round;
      }
      assert.equal(stand.intents.length, 3);
      for (const amount of [2_500, 2_500, 3_000]) {
        yield* stage.asked(order.id, {
          ...{ type: "refund", reason: "scratched", goodwill: true, amount: usd(amount) },
        });
        yield* stage.round;
      }
      yield* stage.quiet();
      yield* stage.agrees([order.id]);
      assert.deepEqual(stand.sumsOf(paymentOf(order)), { captured: 10_000, refunded: 8_000 });
    }), { singleCapture: "reauthorize", capabilities: { reauthorize: true } }));

Deno.test("a payment that the customer began is told whose it is, and not made once more", () =>
  withStripe((stage) =>
    Effect.gen(function* () {
      const { stand } = stage;
      const order = yield* stage.placed("one", "captured");
      const reference = stand.begin("authorized", 500);
      yield* stage.asked(order.id, {
        ...{ type: "add-payment", provider: "card", amount: usd(500), reference },
      });
      yield* stage.round;
      const added = paymentOf(yield* stage.order(order.id), 1);
      assert.equal(paymentStatusOf(added), "authorized");
      assert.equal(stand.intents.length, 2);
      assert.deepEqual(stand.intents[1]?.metadata, {
        allot_transaction: added.transactions[0]?.id,
        allot_order: order.id,
        allot_payment: added.id,
      });
      const other = stand.begin("authorized", 400);
      yield* stage.asked(order.id, {
        ...{ type: "add-payment", provider: "card", amount: usd(500), reference: other },
      });
      yield* stage.round;
      const differs = transactionsOf(yield* stage.order(order.id)).at(-1);
      assert.deepEqual([differs?.status, differs?.code], ["failed", "amount_differs"]);
    })
  ));

Deno.test("what people capture and give back at Stripe is seen by its webhooks, once", () =>
  withStripe((stage) =>
    Effect.gen(function* () {
      const { stand } = stage;
      const order = yield* stage.placed("one", "authorized");
      const paid = yield* stage.placed("two", "captured");
      stand.messages.splice(0);
      stand.captureThere(paymentOf(order), 7_000);
      stand.refundThere(paymentOf(paid), 1_200);
      const messages = [...stand.messages];
      for (const body of [...messages, ...messages]) yield* stage.told(body);
      stand.messages.splice(0);
      const captured = yield* stage.order(order.id);
      assert.equal(balanceOf(captured).captured, 7_000);
      // The rest was given up with it.
      assert.equal(paymentOf(captured).ended, "voided");
      assert.equal(balanceOf(yield* stage.order(paid.id)).refunded, 1_200);
      yield* stage.agrees([order.id, paid.id]);
    })
  ));

Deno.test("all refunds of a payment are looked through, page by page", () =>
  withStripe((stage) =>
    Effect.gen(function* () {
      const { stand } = stage;
      const order = yield* stage.placed("one", "captured");
      yield* stage.asked(order.id, {
        ...{ type: "refund", reason: "scratched", goodwill: true, amount: usd(333) },
      });
      stand.day.planned.push("lost answer");
      yield* stage.round;
      const many = 2 * providerLimits.stripePageSize;
      for (let n = 0; n < many; n++) stand.refundThere(paymentOf(order), 10);
      stage.pass(3_600_000);
      yield* stage.round;
      assert.equal(transactionsOf(yield* stage.order(order.id)).at(-1)?.status, "succeeded");
      assert.equal(stand.day.keys.length, 1);
      // One message is enough to see them all.
      assert.equal(yield* stage.told(stand.messages.at(-1) ?? ""), "taken");
      yield* stage.agrees([order.id]);
    })
  ));

Deno.test("a card without funds is declined in Stripe's word for it", () =>
  withStripe((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "captured");
      const reference = "pm_without_funds";
      yield* stage.asked(order.id, {
        ...{ type: "add-payment", provider: "card", amount: usd(500), reference, capture: true },
      });
      yield* stage.round;
      const failed = transactionsOf(yield* stage.order(order.id)).at(-1);
      assert.deepEqual([failed?.status, failed?.code], ["failed", "insufficient_funds"]);
    })
  ));
