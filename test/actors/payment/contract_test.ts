/**
 * The contract of payment providers, against stand-ins at the other end of a connection: the same for all that
 * are called, through the engine's own way to the outside.
 */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { balanceOf } from "../../../src/order/balance.ts";
import type { OrderCommand } from "../../../src/order/order.ts";
import type { Order } from "../../../src/order/order.ts";
import { amountsOf, paymentStatusOf } from "../../../src/order/payment-amounts.ts";
import type { Chance } from "../../sim/random.ts";
import { paymentOf, transactionsOf, usd, withEach } from "../../support/payment/stage.ts";
import { questionOf } from "../../../actors/payment/call.ts";
import { References } from "../../../actors/reference/references.ts";
import { providers } from "../../../src/payment/references.ts";

const hourMs = 3_600_000;

const goodwill = (minorUnits: number): OrderCommand => ({
  ...{ type: "refund", reason: "scratched", goodwill: true, amount: usd(minorUnits) },
});

Deno.test("a capture at shipment takes what is owed, gives up the rest, and is given back to the cent", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "authorized");
      const lines = [{ lineId: "1", quantity: 6 }];
      yield* stage.asked(order.id, { type: "cancel", reason: "changed mind", lines });
      yield* stage.ship(order, 4);
      yield* stage.round;
      assert.deepEqual(stage.stand.sumsOf(paymentOf(yield* stage.order(order.id))), {
        ...{ captured: 4_000, refunded: 0 },
      });
      yield* stage.asked(order.id, goodwill(333));
      yield* stage.round;
      yield* stage.agrees([order.id]);
      assert.equal(balanceOf(yield* stage.order(order.id)).refunded, 333);
      yield* stage.quiet();
      yield* stage.agrees([order.id]);
    })
  ));

Deno.test("an answer that is lost is looked for, and nothing is asked for twice", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "captured");
      yield* stage.asked(order.id, goodwill(333));
      stage.stand.day.planned.push("lost answer");
      yield* stage.round;
      assert.equal(stage.stand.day.keys.length, 1);
      yield* stage.quiet();
      assert.equal(stage.stand.day.keys.length, 1);
      yield* stage.agrees([order.id]);
      assert.equal(balanceOf(yield* stage.order(order.id)).refunded, 333);
    })
  ));

Deno.test("a failure that the provider keeps is asked anew under another key, once it knows of nothing", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "captured");
      const { settlement } = yield* stage.asked(order.id, goodwill(333));
      const [refund] = (settlement?.payments[0]?.transactions ?? []).slice(-1);
      stage.stand.day.planned.push("stored failure");
      yield* stage.round;
      const unresolved = transactionsOf(yield* stage.order(order.id)).at(-1);
      assert.equal(unresolved?.status, "unresolved");
      yield* stage.quiet();
      assert.deepEqual(stage.stand.day.keys, [refund?.id, `${refund?.id}.2`]);
      yield* stage.agrees([order.id]);
      assert.equal(balanceOf(yield* stage.order(order.id)).refunded, 333);
    })
  ));

Deno.test("a failure that the provider keeps of what it did is found to be done", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "captured");
      yield* stage.asked(order.id, goodwill(333));
      stage.stand.day.planned.push("stored failure of what was done");
      yield* stage.round;
      yield* stage.quiet();
      assert.equal(stage.stand.day.keys.length, 1);
      yield* stage.agrees([order.id]);
      assert.equal(balanceOf(yield* stage.order(order.id)).refunded, 333);
    })
  ));

Deno.test("what was called before a crash is looked for when keys are long forgotten", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "captured");
      const state = yield* stage.asked(order.id, goodwill(333));
      const payment = paymentOf(state);
      const transaction = payment.transactions.at(-1);
      const references = yield* References;
      const provider = yield* references.get(providers, "card");
      assert.ok(transaction !== undefined);
      // Whoever called has gone before it could say so, and what says who called is gone as well.
      const { at: _, ...ask } = questionOf({ order: state, payment, transaction });
      const port = stage.ports[stage.stand.type];
      assert.ok(port !== undefined);
      yield* port.ask(provider, { ...ask, key: transaction.id });
      stage.pass(30 * hourMs);
      yield* stage.quiet();
      yield* stage.agrees([order.id]);
      assert.equal(stage.stand.sumsOf(payment).refunded, 333);
    })
  ));

Deno.test("a decline is a failure, with the provider's word for it", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "authorized");
      const reference = stage.stand.method();
      stage.stand.day.planned.push("declined");
      yield* stage.asked(order.id, {
        ...{ type: "add-payment", provider: "card", amount: usd(500) },
        ...(reference === undefined ? {} : { reference }),
      });
      yield* stage.round;
      const added = paymentOf(yield* stage.order(order.id), 1);
      assert.equal(paymentStatusOf(added), "failed");
      assert.equal(added.transactions[0]?.code, "insufficient_funds");
      yield* stage.quiet();
      yield* stage.agrees([order.id]);
    })
  ));

Deno.test("a webhook that comes before our own answer settles it, and does nothing when it comes again", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "authorized");
      yield* stage.ship(order, 10);
      stage.stand.messages.splice(0);
      stage.stand.day.planned.push("lost answer");
      yield* stage.round;
      assert.equal(transactionsOf(yield* stage.order(order.id)).at(-1)?.status, "unresolved");
      const [body = ""] = stage.stand.messages;
      assert.equal(yield* stage.told(body), "taken");
      const settled = yield* stage.order(order.id);
      assert.equal(balanceOf(settled).captured, 10_000);
      for (let n = 0; n < 3; n++) assert.equal(yield* stage.told(body), "taken");
      assert.deepEqual(yield* stage.order(order.id), settled);
      yield* stage.quiet();
      yield* stage.agrees([order.id]);
    })
  ));

Deno.test("what the customer was expected to pay is paid when the provider says so, and not by a message", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "promised");
      const payment = paymentOf(order);
      const reference = payment.reference ?? "";
      stage.stand.pay(reference, payment);
      const [body = ""] = stage.stand.messages.splice(0);
      const other = yield* stage.placed("other", "promised");
      const forged = body.replaceAll(payment.transactions[0]?.id ?? "", () =>
        paymentOf(other).transactions[0]?.id ?? "").replaceAll(
          payment.id,
          paymentOf(other).id,
        ).replaceAll(reference, paymentOf(other).reference ?? "");
      assert.notEqual(forged, body);
      yield* stage.told(forged);
      assert.equal(balanceOf(yield* stage.order(other.id)).captured, 0);
      assert.equal(yield* stage.told(body), "taken");
      assert.equal(balanceOf(yield* stage.order(order.id)).captured, 10_000);
      yield* stage.agrees([order.id, other.id]);
    })
  ));

Deno.test("a message is refused that is not signed with the secret, was changed, or is old", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "promised");
      const payment = paymentOf(order);
      stage.stand.pay(payment.reference ?? "", payment);
      const [body = ""] = stage.stand.messages.splice(0);
      const fresh = stage.stand.headersOf(body, stage.nowMs);
      const wrong = new Headers(fresh);
      for (const name of ["webhook-signature", "stripe-signature"]) {
        const value = wrong.get(name);
        if (value !== null) wrong.set(name, value.replace(/.{4}$/, "0000"));
      }
      const old = stage.stand.headersOf(body, stage.nowMs - 6 * 60_000);
      assert.equal(yield* stage.told(body, wrong), "NotSigned");
      assert.equal(yield* stage.told(body, new Headers()), "NotSigned");
      assert.equal(yield* stage.told(body, old), "NotSigned");
      assert.equal(yield* stage.told(`${body} `, fresh), "NotSigned");
      assert.equal(balanceOf(yield* stage.order(order.id)).captured, 0);
      assert.equal(yield* stage.told(body, fresh), "taken");
      assert.equal(balanceOf(yield* stage.order(order.id)).captured, 10_000);
    })
  ));

Deno.test("a message about something that is not known here is passed over", () =>
  withEach((stage) =>
    Effect.gen(function* () {
      const order = yield* stage.placed("one", "promised");
      const unknown = order.id.replace(/.$/, (last) => last === "0" ? "1" : "0");
      const paymentId = paymentOf(order).id;
      const bodies = [
        { data: { transactionId: "trx_none" } },
        { data: { paymentId: paymentId.replace(order.id.slice(4), unknown.slice(4)) } },
        { data: { object: { object: "payment_intent", id: "pi_unknown", metadata: {} } } },
        {
          data: {
            object: {
              ...{ object: "payment_intent", id: "pi_unknown" },
              metadata: { allot_order: unknown, allot_payment: "pay_none" },
            },
          },
        },
        { data: {} },
        [],
        "text",
      ];
      for (const body of bodies) {
        assert.equal(yield* stage.told(JSON.stringify(body)), "taken", JSON.stringify(body));
      }
      assert.deepEqual(yield* stage.order(order.id), order);
    })
  ));

/** What is done to one order of a run, step by step. */
const steps: readonly ((order: Order, chance: Chance) => OrderCommand | number)[] = [
  (_, chance) => chance.between(1, 4),
  (_, chance) => ({
    type: "cancel",
    reason: "changed mind",
    lines: [{ lineId: "1", quantity: chance.between(1, 3) }],
  }),
  () => goodwill(333),
  () => ({ type: "refund", reason: "over-paid" }),
  (order) => ({ type: "void", paymentId: order.settlement?.payments[0]?.id ?? "" }),
  () => ({ type: "cancel", reason: "changed mind" }),
];

/** One run on a bad day with what is told of it late, early, twice, in any order; and the quiet after it. */
const play = (seed: number, singleCapture: "captureOnFirst" | "reauthorize") =>
  withEach(
    (stage, chance) =>
      Effect.gen(function* () {
        const { stand } = stage;
        const ids: string[] = [];
        for (const n of [1, 2, 3]) {
          const status = chance.pick(["authorized", "captured", "promised"] as const);
          const paymentPolicy = { captureAt: chance.pick(["order", "shipment"] as const) };
          const order = yield* stage.placed(`order ${n}`, status, { paymentPolicy });
          const payment = paymentOf(order);
          if (status === "promised" && chance.happens(0.7)) {
            stand.pay(payment.reference ?? "", payment);
          }
          ids.push(order.id);
        }
        stand.day.isBad = true;
        for (let n = 0; n < 25; n++) {
          const order = yield* stage.order(chance.pick(ids));
          const reference = stand.method();
          const doing = chance.happens(0.2)
            ? stage.asked(order.id, {
              ...{ type: "add-payment", provider: "card", capture: chance.happens(0.5) },
              amount: usd(chance.between(1, 30) * 100),
              ...(reference === undefined ? {} : { reference }),
            })
            : Effect.suspend(() => {
              const step = chance.pick(steps)(order, chance);
              return typeof step === "number"
                ? stage.ship(order, step)
                : stage.asked(order.id, step);
            });
          yield* Effect.exit(doing);
          const payment = chance.pick(order.settlement?.payments ?? []);
          if (chance.happens(0.1)) stand.refundThere?.(payment, chance.between(1, 500));
          if (chance.happens(0.05)) stand.captureThere?.(payment, chance.between(1, 10_000));
          if (chance.happens(0.7)) yield* stage.round;
          if (chance.happens(0.4) && stand.messages.length > 0) {
            const body = chance.pick(stand.messages);
            yield* stage.told(body);
          }
          stage.pass(chance.between(1, 400_000));
        }
        const { messages } = stand;
        messages.push(...messages.filter(() => chance.happens(0.3)));
        messages.sort(() => chance.happens(0.5) ? 1 : -1);
        yield* stage.quiet();
        yield* stage.agrees(ids, `seed ${seed}`);
        for (const id of ids) {
          for (const payment of (yield* stage.order(id)).settlement?.payments ?? []) {
            const { captured, refunded } = amountsOf(payment);
            assert.ok(refunded <= captured, `seed ${seed}: more came back than was taken`);
          }
        }
      }),
    { singleCapture, capabilities: { reauthorize: singleCapture === "reauthorize" } },
    seed,
  );

Deno.test("after a bad day and all that was told of it, Allot has what the provider has, to the cent", async () => {
  for (let seed = 1; seed <= 6; seed++) {
    await play(seed, seed % 2 === 0 ? "reauthorize" : "captureOnFirst");
  }
});
