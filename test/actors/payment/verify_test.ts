/** What verify says of payments whose keys or sums are not what they should be. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { Orders } from "../../../actors/order/orders.ts";
import { References } from "../../../actors/reference/references.ts";
import { faultsOf } from "../../../src/order/faults.ts";
import { orderKeys } from "../../../src/order/keys.ts";
import type { Order } from "../../../src/order/order.ts";
import type { Payment } from "../../../src/order/payment.ts";
import { epochMsOf } from "../../../src/kernel/instant.ts";
import { providers } from "../../../src/payment/references.ts";
import { Store } from "../../../src/store/store.ts";
import { encodeJson } from "../../../src/store/values.ts";
import { verify } from "../../../src/verify/verify.ts";
import { bySystem, request, stockUp, withEngine } from "../../support/engine.ts";
import { cardProvider } from "../../support/payment-commands.ts";

const { createdAt: _, updatedAt: __, version: ___, ...card } = cardProvider;
const usd = (amount: string) => ({ amount, currency: "USD" });

/** An order of which a refund of 20.00 is asked for. */
const refunding = Effect.gen(function* () {
  yield* stockUp({ ams: { mug: 5 } });
  const references = yield* References;
  yield* references.save(providers, card, bySystem);
  const orders = yield* Orders;
  const { document } = yield* orders.place(
    request("one", { mug: 2 }, {
      payments: [{ provider: "card", amount: usd("20.00"), status: "captured", reference: "p" }],
    }),
    bySystem,
  );
  const cancel = { type: "cancel", reason: "changed mind" } as const;
  return (yield* orders.command(document.state.id, cancel, bySystem)).state;
});

const dueOf = (order: Order) => {
  const asked = order.settlement?.payments[0]?.transactions.at(-1);
  return asked?.dueAt === undefined
    ? assert.fail("nothing is due")
    : orderKeys.providerCall(epochMsOf(asked.dueAt), asked.id);
};

const invariants = Effect.map(
  verify(),
  ({ violations }) => violations.map(({ invariant }) => invariant),
);

Deno.test("a call that nobody is going to make is found, and a key that no order asks for", () =>
  withEngine(Effect.gen(function* () {
    const order = yield* refunding;
    assert.deepEqual(yield* invariants, []);
    const store = yield* Store;
    const key = dueOf(order);
    yield* store.commit({ checks: [], mutations: [{ type: "delete", key }] });
    assert.deepEqual(yield* invariants, ["payments"]);
    const value = encodeJson({ orderId: order.id, provider: "card" });
    const other = orderKeys.providerCall(1, "trx_none");
    yield* store.commit({
      checks: [],
      mutations: [{ type: "set", key, value }, { type: "set", key: other, value }],
    });
    assert.deepEqual(yield* invariants, ["payments"]);
  })));

Deno.test("sums of payments that cannot be are found", () =>
  withEngine(Effect.gen(function* () {
    const order = yield* refunding;
    const { settlement } = order;
    const [payment] = settlement?.payments ?? [];
    if (settlement === undefined || payment === undefined) assert.fail("no payment");
    const invariantsOf = (changed: Partial<Payment>) =>
      faultsOf({ ...order, settlement: { ...settlement, payments: [{ ...payment, ...changed }] } })
        .map(({ invariant }) => invariant);
    const [sale, refund] = payment.transactions;
    if (sale === undefined || refund === undefined) assert.fail("no transactions");
    assert.deepEqual(invariantsOf({}), []);
    assert.deepEqual(invariantsOf({ authorized: 1_999 }), ["payments"]);
    assert.deepEqual(invariantsOf({ authorized: 1_999, disagrees: true }), []);
    const more = { ...refund, amount: 2_001 };
    assert.deepEqual(invariantsOf({ transactions: [sale, more] }), ["payments"]);
    const { dueAt: _due, ...forgotten } = refund;
    assert.deepEqual(invariantsOf({ transactions: [sale, forgotten] }), ["payments"]);
    const twice = invariantsOf({ authorized: 4_000, transactions: [sale, sale, refund] });
    assert.deepEqual(twice, ["payments"]);
    assert.deepEqual(
      faultsOf({
        ...order,
        settlement: {
          ...settlement,
          credits: [
            {
              reason: "",
              at: order.createdAt,
              by: "",
              lines: [{ lineId: "1", amount: -1, units: 2 }],
            },
          ],
        },
      }).map(({ invariant }) => invariant),
      ["order-balance"],
    );
  })));
