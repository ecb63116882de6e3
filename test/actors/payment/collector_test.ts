/** Calls to payment providers: once each, whatever is lost between here and there. */
import assert from "node:assert/strict";
import { Effect, Exit } from "effect";
import { Orders } from "../../../actors/order/orders.ts";
import { Collector } from "../../../actors/payment/collector.ts";
import { References } from "../../../actors/reference/references.ts";
import { Timers } from "../../../actors/aggregate/timers.ts";
import type { Order, OrderCommand } from "../../../src/order/order.ts";
import { balanceOf } from "../../../src/order/balance.ts";
import { amountsOf, isPending } from "../../../src/order/payment-amounts.ts";
import { attentionOf } from "../../../src/order/payment-attention.ts";
import { providers } from "../../../src/payment/references.ts";
import type { ProviderPort } from "../../../src/payment/port.ts";
import { verify } from "../../../src/verify/verify.ts";
import { Chance } from "../../sim/random.ts";
import { clockFrom } from "../../support/clock.ts";
import { bySystem, request, startEngine, stockUp, withEngine } from "../../support/engine.ts";
import { withFile } from "../../support/files.ts";
import { cardProvider } from "../../support/payment-commands.ts";
import { faultyPort, ProviderLedger, soundPort } from "../../support/provider.ts";

const usd = (amount: string) => ({ amount, currency: "USD" });
const startMs = Date.parse("2030-01-01T00:00:00.000Z");

const { createdAt: _, updatedAt: __, version: ___, ...card } = cardProvider;

const prepared = Effect.fnUntraced(function* (more: Partial<typeof card> = {}) {
  yield* stockUp({ ams: { mug: 1_000 } });
  const references = yield* References;
  yield* references.save(providers, { ...card, ...more }, bySystem);
});

const placed = Effect.fnUntraced(function* (
  externalId: string,
  status: "authorized" | "captured" | "promised",
  more: Parameters<typeof request>[2] = {},
) {
  const orders = yield* Orders;
  const { document } = yield* orders.place(
    request(externalId, { mug: 10 }, {
      payments: [{ provider: "card", amount: usd("100.00"), status, reference: externalId }],
      ...more,
    }),
    bySystem,
  );
  return document.state;
});

const asked = Effect.fnUntraced(function* (orderId: string, command: OrderCommand) {
  const orders = yield* Orders;
  const { state } = yield* orders.command(orderId, command, bySystem);
  return state;
});

const shipSome = Effect.fnUntraced(function* (order: Order, quantity: number) {
  const fulfillmentOrderId = order.fulfillmentOrders[0]?.id ?? "";
  if (order.fulfillmentOrders[0]?.status === "open") {
    for (const type of ["accept", "pick", "pack"] as const) {
      yield* asked(order.id, { type, fulfillmentOrderId });
    }
  }
  const lines = [{ lineId: "1", quantity }];
  return yield* asked(order.id, { type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
});

const openIn = (order: Order) =>
  (order.settlement?.payments ?? []).flatMap(({ transactions }) =>
    transactions.filter((each) => isPending(each) && each.ask !== "hand")
  );

Deno.test("a capture at shipment is made once, and settles the order", async () => {
  const ledger = new ProviderLedger();
  await withEngine(
    Effect.gen(function* () {
      yield* prepared();
      const orders = yield* Orders;
      const collector = yield* Collector;
      const order = yield* placed("one", "authorized");
      yield* shipSome(order, 4);
      yield* collector.callDue;
      const { state } = yield* orders.get(order.id);
      assert.equal(balanceOf(state).captured, 4000);
      assert.deepEqual(openIn(state), []);
      yield* collector.callDue;
      assert.equal(ledger.calls, 1);
      assert.deepEqual((yield* verify()).violations, []);
    }),
    { providers: { http: soundPort(ledger) } },
  );
});

Deno.test("where nobody can be called the payment waits, and is found once there is somebody", async () => {
  const ledger = new ProviderLedger();
  const clock = clockFrom(startMs);
  const ports: { http?: ProviderPort } = {};
  await withEngine(
    Effect.gen(function* () {
      yield* prepared();
      const orders = yield* Orders;
      const collector = yield* Collector;
      const order = yield* placed("one", "authorized");
      yield* shipSome(order, 10);
      yield* collector.callDue;
      const waiting = (yield* orders.get(order.id)).state;
      assert.deepEqual(openIn(waiting).map(({ code }) => code), ["no_provider"]);
      clock.moveTo(startMs + 26 * 3_600_000);
      yield* collector.callDue;
      const overdue = (yield* orders.get(order.id)).state;
      const [payment] = overdue.settlement?.payments ?? [];
      assert.ok(payment !== undefined);
      assert.deepEqual(attentionOf(overdue, payment), ["unresolved"]);
      ports.http = soundPort(ledger);
      clock.moveTo(startMs + 60 * 3_600_000);
      yield* collector.callDue;
      const { state } = yield* orders.get(order.id);
      assert.equal(balanceOf(state).captured, 10_000);
      assert.deepEqual((yield* verify()).violations, []);
    }),
    { providers: ports, clock },
  );
});

Deno.test("an order that is not paid in time is cancelled, unless the provider has its money", async () => {
  const ledger = new ProviderLedger();
  const clock = clockFrom(startMs);
  await withEngine(
    Effect.gen(function* () {
      yield* prepared();
      const orders = yield* Orders;
      const collector = yield* Collector;
      const timers = yield* Timers;
      const paymentPolicy = { unpaidCancelAfterHours: 1 };
      const lost = yield* placed("lost", "promised", { paymentPolicy });
      const unpaid = yield* placed("unpaid", "promised", { paymentPolicy });
      // The customer has paid, and the webhook that should say so was lost.
      const [payment] = lost.settlement?.payments ?? [];
      const [transaction] = payment?.transactions ?? [];
      assert.ok(payment !== undefined && transaction !== undefined);
      ledger.book({
        ...{ id: transaction.id, key: "", kind: "sale", paymentId: payment.id },
        ...{ amount: usd("100.00"), final: false, metadata: {} },
      });
      clock.moveTo(startMs + 3_700_000);
      for (let n = 0; n < 3; n++) {
        yield* timers.fireDue;
        yield* collector.callDue;
      }
      const paid = (yield* orders.get(lost.id)).state;
      assert.deepEqual([paid.status, balanceOf(paid).captured], ["allocated", 10_000]);
      assert.equal((yield* orders.get(unpaid.id)).state.status, "cancelled");
      assert.deepEqual((yield* verify()).violations, []);
    }),
    { providers: { http: soundPort(ledger) }, clock },
  );
});

Deno.test("a process whose clock is days ahead takes a call away from the others for minutes, not for days", () =>
  withFile(async (path) => {
    const ledger = new ProviderLedger();
    const right = clockFrom(startMs);
    // Its process ends with the call, and nobody hears what came of it.
    const gone: ProviderPort = {
      ask: () => Effect.interrupt,
      find: () => Effect.interrupt,
    };
    const first = startEngine({ path, clock: right });
    const ahead = startEngine({
      ...{ path, providers: { http: gone }, clock: clockFrom(startMs + 3 * 24 * 3_600_000) },
    });
    const next = startEngine({ path, providers: { http: soundPort(ledger) }, clock: right });
    try {
      const order = await first.runPromise(Effect.gen(function* () {
        yield* prepared();
        return yield* shipSome(yield* placed("one", "authorized"), 10);
      }));
      const callDue = Effect.flatMap(Collector, (collector) => Effect.exit(collector.callDue));
      await ahead.runPromise(callDue);
      let captured = 0;
      // Its own looks may be at it just now.
      for (let look = 0; look < 50 && captured === 0; look++) {
        await next.runPromise(callDue);
        const get = Effect.flatMap(Orders, (orders) => orders.get(order.id));
        captured = balanceOf((await next.runPromise(get)).state).captured;
      }
      assert.equal(captured, 10_000);
      assert.deepEqual((await next.runPromise(verify())).violations, []);
    } finally {
      for (const engine of [first, ahead, next]) await engine.dispose();
    }
  }));

/** What is done to one order of a run, step by step. */
const steps: readonly ((order: Order, chance: Chance) => OrderCommand | number)[] = [
  (_, chance) => chance.between(1, 4),
  (_, chance) => ({
    type: "cancel",
    reason: "changed mind",
    lines: [{ lineId: "1", quantity: chance.between(1, 3) }],
  }),
  () => ({ type: "refund", reason: "scratched", goodwill: true, amount: usd("3.33") }),
  () => ({ type: "refund", reason: "over-paid" }),
  (_, chance) => ({
    ...{ type: "add-payment", provider: "card", capture: chance.happens(0.5) },
    amount: usd(`${chance.between(1, 30)}.00`),
  }),
  (order) => ({ type: "void", paymentId: order.settlement?.payments[0]?.id ?? "" }),
  () => ({ type: "cancel", reason: "changed mind" }),
];

/** One run on a bad day, and the quiet after it. */
const play = (seed: number) => {
  const chance = new Chance(seed);
  const ledger = new ProviderLedger();
  const clock = clockFrom(startMs);
  let isBad = true;
  let nowMs = startMs;
  const pass = (ms: number) => clock.moveTo(nowMs += ms);
  return withEngine(
    Effect.gen(function* () {
      const singleCapture = chance.pick(["captureOnFirst", "reauthorize", "shipComplete"] as const);
      const capabilities = {
        ...card.capabilities,
        multipleCaptures: chance.happens(0.5),
      };
      yield* prepared({ singleCapture, capabilities });
      const orders = yield* Orders;
      const collector = yield* Collector;
      const timers = yield* Timers;
      const ids: string[] = [];
      for (const n of [1, 2, 3, 4]) {
        const status = chance.pick(["authorized", "captured"] as const);
        const order = yield* placed(`order ${n}`, status, {
          paymentPolicy: { captureAt: chance.pick(["order", "shipment"] as const) },
        });
        const [payment] = order.settlement?.payments ?? [];
        // What the channel reports is at the provider already.
        if (payment !== undefined && status === "captured") {
          ledger.book({
            ...{ id: `reported ${payment.id}`, key: "", kind: "sale", paymentId: payment.id },
            ...{ amount: usd("100.00"), final: false, metadata: {} },
          });
        }
        ids.push(order.id);
      }
      for (let n = 0; n < 40; n++) {
        const { state } = yield* orders.get(chance.pick(ids));
        const step = chance.pick(steps)(state, chance);
        const done = typeof step === "number" ? shipSome(state, step) : asked(state.id, step);
        yield* Effect.exit(done);
        if (chance.happens(0.7)) yield* collector.callDue;
        pass(chance.between(1, 40_000));
      }
      isBad = false;
      for (let n = 0; n < 40; n++) {
        pass(n < 20 ? 3_600_000 : 24 * 3_600_000);
        yield* timers.fireDue;
        yield* collector.callDue;
      }
      for (const id of ids) {
        const { state } = yield* orders.get(id);
        assert.deepEqual(openIn(state), [], `seed ${seed}: something is unresolved for ever`);
        for (const payment of state.settlement?.payments ?? []) {
          const { captured, refunded } = amountsOf(payment);
          assert.deepEqual(
            { captured, refunded },
            ledger.sumsOf(payment.id),
            `seed ${seed}: ${payment.id} is not what the provider has`,
          );
        }
      }
      assert.deepEqual((yield* verify()).violations, []);
      return ledger.calls;
    }),
    { providers: { http: faultyPort(ledger, chance, () => isBad) }, clock },
  );
};

Deno.test("after a bad day of its provider, Allot has what the provider has, to the cent, and nothing is open", async () => {
  let calls = 0;
  for (let seed = 1; seed <= 12; seed++) calls += await play(seed);
  assert.ok(calls > 150, `only ${calls} calls were made`);
});

Deno.test("fifty refunds at once through two processes give back what there is, and not more", () =>
  withFile(async (path) => {
    const ledger = new ProviderLedger();
    const options = { path, providers: { http: soundPort(ledger) } };
    const engines = [startEngine(options), startEngine(options)] as const;
    const [first] = engines;
    try {
      const order = await first.runPromise(Effect.gen(function* () {
        yield* prepared();
        const paymentPolicy = { refundOnCancel: "manual" } as const;
        const made = yield* placed("one", "captured", { paymentPolicy });
        return yield* asked(made.id, { type: "cancel", reason: "changed mind" });
      }));
      const refund: OrderCommand = { type: "refund", amount: usd("10.00"), reason: "cancelled" };
      const answers = await Promise.all(
        Array.from(
          { length: 50 },
          (_, n) => engines[n % 2 === 0 ? 0 : 1].runPromiseExit(asked(order.id, refund)),
        ),
      );
      assert.equal(answers.filter(Exit.isSuccess).length, 10);
      await Promise.all(
        engines.map((engine) =>
          engine.runPromise(Effect.flatMap(Collector, ({ callDue }) => callDue))
        ),
      );
      const { state } = await first.runPromise(
        Effect.flatMap(Orders, (orders) => orders.get(order.id)),
      );
      const [payment] = state.settlement?.payments ?? [];
      assert.equal(ledger.sumsOf(payment?.id ?? "").refunded, 10_000);
      assert.deepEqual((await first.runPromise(verify())).violations, []);
    } finally {
      await Promise.all(engines.map((engine) => engine.dispose()));
    }
  }));
