/** Payments of an order: captured when goods leave, given back when they do not, and never twice. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { formatAmount } from "../../src/kernel/money.ts";
import { balanceOf, orderPaymentStatusOf } from "../../src/order/balance.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import type { Payment, PaymentCommand, Transaction } from "../../src/order/payment.ts";
import { amountsOf, isPending, paymentStatusOf } from "../../src/order/payment-amounts.ts";
import { attentionOf } from "../../src/order/payment-attention.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { linksOf } from "../../src/order/links.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { ProviderRules } from "../../src/payment/provider.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { gbp, line, now, request, World } from "./support.ts";

const card: ProviderRules = {
  type: "http",
  capabilities: { multipleCaptures: true, partialCapture: true, reauthorize: false },
  singleCapture: "captureOnFirst",
};
const once = (
  singleCapture: ProviderRules["singleCapture"],
  reauthorize = false,
): ProviderRules => ({
  ...card,
  capabilities: { ...card.capabilities, multipleCaptures: false, reauthorize },
  singleCapture,
});
const wholeOnly: ProviderRules = {
  ...card,
  capabilities: { ...card.capabilities, partialCapture: false },
};

type Placed = NonNullable<PlaceOrderRequest["payments"]>[number];

const authorized = (amount: string, more: Partial<Placed> = {}): Placed => ({
  ...{ provider: "card", amount: gbp(amount), status: "authorized", reference: "ref_1" },
  ...more,
});

const worldOf = (rules: ProviderRules = card): World =>
  new World({ stock: { "north mug": 100 }, providers: { card: rules } });

const mugs = (quantity: number) => [line("mug", quantity, { unitPrice: gbp("10.00") })];

const paymentIn = (order: Order, n = 1): Payment =>
  order.settlement?.payments[n - 1] ?? assert.fail("no payment");

const pendingIn = (order: Order): readonly Transaction[] =>
  (order.settlement?.payments ?? []).flatMap(({ transactions }) => transactions.filter(isPending));

/** Everything that is pending is answered so. */
const answer = (
  world: World,
  outcome: "succeeded" | "failed" = "succeeded",
  at = now,
): Order => {
  for (const { id, ask } of pendingIn(world.order ?? assert.fail("no order"))) {
    if (ask === "hand") continue;
    const settle: OrderCommand = {
      ...{ type: "settle", transactionId: id, outcome, reference: `r_${id}`, code: "declined" },
    };
    const settled = world.tryDo(settle, at);
    assert.ok(Result.isSuccess(settled));
  }
  return world.order ?? assert.fail("no order");
};

const sound = (order: Order): void => {
  assert.deepEqual(faultsOf(order), []);
  const packed = orderCodec.pack({
    state: order,
    personal: { customer: { name: "Ada" } },
    history: [],
  });
  assert.deepEqual(orderCodec.unpack(packed).state, order);
};

const shipOne = (world: World, n = 1): Order => {
  const fulfillmentOrderId = world.fulfillmentOrder(n);
  const lines = [{ lineId: "1", quantity: 1 }];
  return world.do({ type: "ship", fulfillmentOrderId, carrier: "DHL", lines });
};

Deno.test("an order goes the way of the example: cancelled in part, captured by parcels, the rest released", () => {
  const world = worldOf();
  const order = world.place({
    ...request([line("mug", 3, { unitPrice: gbp("10.00"), taxRatePercent: "20" })]),
    discounts: [{ amount: gbp("5.00") }],
    shipping: { amount: gbp("6.00"), tax: gbp("1.20") },
    payments: [authorized("37.20")],
  });
  assert.equal(order.totals.total, 3720);
  world.do({ type: "cancel", reason: "two are enough", lines: [{ lineId: "1", quantity: 1 }] });
  let balance = balanceOf(world.order ?? order);
  assert.deepEqual([balance.owed, balance.authorized], [2720, 3720]);
  world.prepare(1);
  shipOne(world);
  assert.deepEqual(pendingIn(world.order ?? order).map(({ amount }) => amount), [1720]);
  balance = balanceOf(answer(world));
  assert.deepEqual([balance.captured, balance.due], [1720, 1000]);
  shipOne(world);
  const [last] = pendingIn(world.order ?? order);
  assert.deepEqual([last?.amount, last?.isFinal], [1000, true]);
  const paid = answer(world);
  balance = balanceOf(paid);
  assert.deepEqual([balance.captured, balance.owed, balance.authorized], [2720, 2720, 2720]);
  assert.equal(orderPaymentStatusOf(paid, balance), "paid");
  assert.equal(paymentIn(paid).ended, "released");
  sound(paid);
});

Deno.test("what is pending counts as used: of two refunds at once of more than half, one is refused", () => {
  const world = worldOf();
  world.place(request(mugs(10), {
    payments: [authorized("100.00", { status: "captured" })],
    paymentPolicy: { refundOnCancel: "manual" },
  }));
  world.do({ type: "cancel", reason: "changed mind" });
  world.do({ type: "refund", amount: gbp("60.00"), reason: "cancelled" });
  assert.deepEqual(world.refused({ type: "refund", amount: gbp("60.00"), reason: "cancelled" }), {
    ...{ _tag: "AmountExceeded", available: 4000, currency: "GBP" },
  });
  world.do({ type: "refund", reason: "cancelled" });
  assert.equal(world.refused({ type: "refund", reason: "cancelled" })._tag, "NothingToRefund");
  const order = answer(world);
  assert.equal(orderPaymentStatusOf(order, balanceOf(order)), "refunded");
  sound(order);
});

Deno.test("a transaction succeeds once, and a failure after it says nothing", () => {
  const world = worldOf();
  world.place(request(mugs(1), { payments: [authorized("10.00")] }));
  world.shipAll(1);
  const [{ id: transactionId } = assert.fail("nothing is pending")] = pendingIn(
    world.order ?? assert.fail("no order"),
  );
  world.do({ type: "settle", transactionId, outcome: "failed", code: "declined" });
  const failed = world.order ?? assert.fail("no order");
  assert.deepEqual(attentionOf(failed, paymentIn(failed)), ["capture_failed"]);
  const settle = { type: "settle", transactionId, reference: "r" } as const;
  world.do({ ...settle, outcome: "succeeded" });
  const { version } = world.order ?? assert.fail("no order");
  world.do({ ...settle, outcome: "succeeded" }, { ...settle, outcome: "failed" });
  assert.equal(world.order?.version, version);
  assert.equal(balanceOf(world.order ?? failed).captured, 1000);
  sound(world.order ?? failed);
});

Deno.test("where a card can be captured once only, the provider's rule decides how", () => {
  const captures = (rules: ProviderRules) => {
    const world = worldOf(rules);
    world.place(request(mugs(3), { payments: [authorized("30.00")] }));
    world.prepare(1);
    const asked: (readonly [string, number])[][] = [];
    for (let n = 0; n < 3; n++) {
      shipOne(world);
      for (let answers = 0; answers < 2; answers++) {
        asked.push(
          pendingIn(world.order ?? assert.fail()).map(({ kind, amount }) => [kind, amount]),
        );
        answer(world);
      }
    }
    sound(world.order ?? assert.fail());
    return asked.filter(({ length }) => length > 0);
  };
  assert.deepEqual(captures(once("captureOnFirst")), [[["capture", 3000]]]);
  assert.deepEqual(captures(once("shipComplete")), [[["capture", 3000]]]);
  assert.deepEqual(captures(once("reauthorize")), [
    [["capture", 1000]],
    [["authorize", 2000]],
    [["capture", 1000]],
    [["authorize", 1000]],
    [["capture", 1000]],
  ]);
});

Deno.test("what has expired is not captured, and holds what was to leave only when it is paid for", () => {
  const world = worldOf();
  const expiresAt = instantOf(Date.parse(now) + 7 * 86_400_000);
  const order = world.place(request(mugs(2), {
    payments: [authorized("20.00", { expiresAt })],
    paymentPolicy: { fulfillWhen: "authorized" },
  }));
  assert.deepEqual(order.holds, []);
  const { id: paymentId } = paymentIn(order);
  const timers = linksOf(order, {}).filter((each) => each.type === "timer");
  assert.ok(timers.some(({ name }) => name.includes(paymentId)));
  assert.ok(Result.isSuccess(world.tryDo({ type: "expire-payment", paymentId }, now)));
  assert.equal(world.order?.version, order.version);
  const later = instantOf(Date.parse(expiresAt) + 1);
  assert.ok(Result.isFailure(world.tryDo({ type: "capture", paymentId }, later)));
  world.tryDo({ type: "expire-payment", paymentId }, expiresAt);
  const expired = world.order ?? assert.fail();
  assert.equal(paymentStatusOf(paymentIn(expired)), "expired");
  assert.deepEqual(expired.holds.map(({ code, by }) => [code, by]), [["payment", "system"]]);
  assert.equal(world.refused({ type: "capture", paymentId })._tag, "IllegalTransition");
  // Another payment covers it: the hold ends by itself.
  world.do({ type: "add-payment", provider: "card", amount: gbp("20.00"), status: "authorized" });
  assert.deepEqual(world.order?.holds, []);
  sound(world.order ?? expired);
});

Deno.test("an authorization that ends is made anew where the provider can", () => {
  const world = worldOf(once("captureOnFirst", true));
  const expiresAt = instantOf(Date.parse(now) + 86_400_000);
  const order = world.place(request(mugs(2), { payments: [authorized("20.00", { expiresAt })] }));
  world.tryDo({ type: "expire-payment", paymentId: paymentIn(order).id }, expiresAt);
  assert.deepEqual(pendingIn(world.order ?? order).map(({ kind, amount }) => [kind, amount]), [
    ["authorize", 2000],
  ]);
  const again = answer(world);
  assert.equal(paymentStatusOf(paymentIn(again)), "authorized");
  assert.equal(paymentIn(again).expiresAt, undefined);
});

Deno.test("an order that has to be paid first is held, and released by the payment", () => {
  const world = worldOf();
  const order = world.place(request(mugs(1), {
    payments: [{
      provider: "manual",
      method: "bank_transfer",
      amount: gbp("10.00"),
      status: "promised",
    }],
    paymentPolicy: { fulfillWhen: "paid" },
  }));
  assert.deepEqual(order.holds.map(({ code }) => code), ["payment"]);
  const { id: paymentId } = paymentIn(order);
  const record = { type: "record", paymentId, kind: "capture", reference: "b_1" } as const;
  world.do({ ...record, amount: gbp("4.00") });
  assert.equal(world.order?.holds.length, 1);
  world.do({ ...record, amount: gbp("4.00") });
  assert.equal(balanceOf(world.order ?? order).captured, 400);
  assert.equal(world.refused({ ...record, amount: gbp("5.00") })._tag, "PaymentDiffers");
  world.do({ ...record, reference: "b_2", amount: gbp("6.00") });
  assert.deepEqual(world.order?.holds, []);
  assert.equal(paymentStatusOf(paymentIn(world.order ?? order)), "captured");
  sound(world.order ?? order);
});

Deno.test("who releases an unpaid order has released it, until its payment goes missing once more", () => {
  const world = worldOf();
  const order = world.place(request(mugs(2), {
    payments: [authorized("20.00", { status: "promised" })],
    paymentPolicy: { fulfillWhen: "authorized" },
  }));
  assert.deepEqual(order.holds.map(({ code }) => code), ["payment"]);
  world.do({ type: "release", codes: ["payment"] });
  assert.deepEqual(world.order?.holds, []);
  world.prepare(1);
  const [{ id: transactionId } = assert.fail()] = paymentIn(order).transactions;
  world.do({ type: "settle", transactionId, outcome: "failed", code: "declined" });
  assert.deepEqual(world.order?.holds, []);
  world.do({ type: "add-payment", provider: "card", amount: gbp("20.00"), status: "authorized" });
  world.do({ type: "void", paymentId: paymentIn(world.order ?? order, 2).id });
  assert.deepEqual(world.order?.holds.map(({ code }) => code), ["payment"]);
});

Deno.test("a cancellation gives up what is authorized, and gives back what was captured", () => {
  const world = worldOf();
  world.place(request(mugs(3), {
    payments: [
      authorized("10.00", { status: "captured", reference: "a" }),
      authorized("20.00", { reference: "b" }),
    ],
  }));
  world.do({ type: "cancel", reason: "changed mind" });
  assert.deepEqual(
    pendingIn(world.order ?? assert.fail()).map(({ kind, amount }) => [kind, amount]),
    [
      ["refund", 1000],
      ["void", 2000],
    ],
  );
  const order = answer(world);
  assert.deepEqual(order.settlement?.payments.map(paymentStatusOf), ["refunded", "voided"]);
  assert.deepEqual(order.settlement?.payments.flatMap((each) => attentionOf(order, each)), []);
  sound(order);
});

Deno.test("money that comes for a cancelled order goes back, or waits for somebody, by its policy", () => {
  for (const onLatePayment of ["refund", "hold"] as const) {
    const world = worldOf();
    const order = world.place(request(mugs(1), {
      payments: [authorized("10.00", { status: "promised" })],
      paymentPolicy: { onLatePayment },
    }));
    const [{ id: transactionId } = assert.fail()] = paymentIn(order).transactions;
    world.do({ type: "cancel", reason: "changed mind" });
    world.do({ type: "settle", transactionId, outcome: "succeeded", reference: "late" });
    const late = world.order ?? assert.fail();
    assert.equal(balanceOf(late).refundPending, onLatePayment === "refund" ? 1000 : 0);
    assert.equal(
      attentionOf(late, paymentIn(late)).includes("refund_due"),
      onLatePayment === "hold",
    );
    sound(late);
  }
});

Deno.test("an unpaid order is cancelled only when the provider knows of no payment either", () => {
  for (const isPaid of [true, false]) {
    const world = worldOf();
    const order = world.place(request(mugs(1), {
      payments: [authorized("10.00", { status: "promised" })],
      paymentPolicy: { unpaidCancelAfterHours: 2 },
    }));
    const timers = () =>
      linksOf(world.order ?? order, {}).filter((each) => each.type === "timer").map(({ name }) =>
        name
      );
    assert.deepEqual(timers(), ["unpaid"]);
    world.do({ type: "cancel-unpaid" });
    assert.deepEqual(pendingIn(world.order ?? order).map(({ ask }) => ask), ["find"]);
    assert.deepEqual(timers(), []);
    answer(world, isPaid ? "succeeded" : "failed");
    assert.deepEqual(timers(), isPaid ? [] : ["unpaid"]);
    world.do({ type: "cancel-unpaid" });
    assert.equal(world.order?.status, isPaid ? "allocated" : "cancelled");
    sound(world.order ?? order);
  }
});

Deno.test("a goodwill refund leaves with its units: a later cancellation gives back the rest only", () => {
  const world = worldOf();
  world.place(request(mugs(2), { payments: [authorized("20.00", { status: "captured" })] }));
  const goodwill = { type: "refund", goodwill: true, reason: "scratched" } as const;
  assert.equal(world.refused({ ...goodwill, amount: gbp("20.01") })._tag, "AmountExceeded");
  assert.equal(
    world.refused({ ...goodwill, goodwill: false, amount: gbp("1.00"), lineIds: ["1"] })._tag,
    "InvalidCommand",
  );
  world.do({ ...goodwill, amount: gbp("4.00"), expectedRefundable: gbp("20.00") });
  // The same click once more expects another amount.
  assert.equal(
    world.refused({ ...goodwill, amount: gbp("4.00"), expectedRefundable: gbp("20.00") })._tag,
    "AmountExceeded",
  );
  answer(world);
  assert.deepEqual(balanceOf(world.order ?? assert.fail()).owed, 1600);
  world.do({ type: "cancel", reason: "one is enough", lines: [{ lineId: "1", quantity: 1 }] });
  assert.equal(balanceOf(answer(world)).refunded, 1200);
  world.do({ type: "cancel", reason: "none", lines: [{ lineId: "1", quantity: 1 }] });
  const order = answer(world);
  assert.equal(balanceOf(order).refunded, 2000);
  sound(order);
});

Deno.test("refund due is read from the balance: an unpaid unit that is taken away gives nothing back", () => {
  const world = worldOf();
  world.place(request(mugs(2), { payments: [authorized("10.00", { status: "captured" })] }));
  world.do({ type: "cancel", reason: "one is enough", lines: [{ lineId: "1", quantity: 1 }] });
  const order = world.order ?? assert.fail();
  assert.deepEqual(pendingIn(order), []);
  assert.equal(orderPaymentStatusOf(order, balanceOf(order)), "paid");
});

Deno.test("several payments give back by the order that is asked for, none more than it got", () => {
  const parts = (allocation: "lastFirst" | "firstFirst" | "proportional") => {
    const world = worldOf();
    world.place(request(mugs(10), {
      payments: [
        authorized("70.00", { status: "captured", reference: "a" }),
        authorized("30.00", { status: "captured", reference: "b" }),
      ],
      paymentPolicy: { refundOnCancel: "manual" },
    }));
    world.do({ type: "cancel", reason: "changed mind" });
    world.do({ type: "refund", amount: gbp("50.00"), reason: "cancelled", allocation });
    return world.order?.settlement?.payments.map((each) => amountsOf(each).refundPending);
  };
  assert.deepEqual(parts("lastFirst"), [2000, 3000]);
  assert.deepEqual(parts("firstFirst"), [5000, 0]);
  assert.deepEqual(parts("proportional"), [3500, 1500]);
});

Deno.test("what is not known for a day needs somebody, who says what became of it", () => {
  const world = worldOf();
  world.place(request(mugs(1), { payments: [authorized("10.00")] }));
  world.shipAll(1);
  const [{ id: transactionId } = assert.fail()] = pendingIn(world.order ?? assert.fail());
  const unclear: OrderCommand = {
    type: "settle",
    transactionId,
    outcome: "unclear",
    code: "timeout",
  };
  world.do(unclear);
  assert.deepEqual(
    attentionOf(world.order ?? assert.fail(), paymentIn(world.order ?? assert.fail())),
    [],
  );
  world.tryDo(unclear, instantOf(Date.parse(now) + 25 * 3_600_000));
  const order = world.order ?? assert.fail();
  assert.deepEqual(attentionOf(order, paymentIn(order)), ["unresolved"]);
  const { id: paymentId } = paymentIn(order);
  world.do({
    type: "resolve",
    paymentId,
    outcome: "succeeded",
    reference: "x",
    reason: "seen there",
  });
  assert.equal(balanceOf(world.order ?? order).captured, 1000);
  assert.equal(
    world.refused({ type: "resolve", paymentId, outcome: "failed", reason: "no" })._tag,
    "IllegalTransition",
  );
  sound(world.order ?? order);
});

Deno.test("numbers of cards are refused wherever somebody puts them", () => {
  const world = worldOf();
  world.place(request(mugs(1)));
  for (const reference of ["4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444"]) {
    assert.equal(
      world.refused({ type: "add-payment", provider: "card", amount: gbp("1.00"), reference })._tag,
      "InvalidCommand",
    );
  }
  world.do({
    ...{ type: "add-payment", provider: "card", amount: gbp("1.00"), status: "authorized" },
    reference: "4242424242424241",
  });
});

const step = fc.record({
  kind: fc.constantFrom(
    ...["ship", "ship", "cancel", "cancel all", "refund", "goodwill", "add", "capture", "void"],
    ...["record", "succeed", "succeed", "fail", "unclear", "resolve", "expire", "due", "unpaid"],
  ),
  which: fc.nat({ max: 20 }),
  amount: fc.integer({ min: 1, max: 4_000 }),
});
type Step = typeof step extends fc.Arbitrary<infer A> ? A : never;

const commandOf = (order: Order, { kind, which, amount }: Step): OrderCommand => {
  const money = { amount: formatAmount(amount, "GBP"), currency: "GBP" };
  const payments = order.settlement?.payments ?? [];
  const paymentId = payments[which % (payments.length || 1)]?.id ?? "pay_none";
  const all = payments.flatMap(({ transactions }) => transactions);
  const transactionId = all[which % (all.length || 1)]?.id ?? "trx_none";
  const provider = which % 3 === 0 ? "manual" : "card";
  const settle = (outcome: "succeeded" | "failed" | "unclear"): PaymentCommand => ({
    ...{ type: "settle", transactionId, outcome, reference: `r${which}`, code: "c" },
  });
  switch (kind) {
    case "cancel":
      return { type: "cancel", reason: "no", lines: [{ lineId: "1", quantity: 1 }] };
    case "cancel all":
      return { type: "cancel", reason: "no" };
    case "refund":
      return { type: "refund", reason: "no", ...(which % 2 === 0 ? {} : { amount: money }) };
    case "goodwill":
      return { type: "refund", reason: "sorry", goodwill: true, amount: money };
    case "add":
      return {
        ...{ type: "add-payment", provider, amount: money, reference: `n${which % 4}` },
        ...(which % 2 === 0 ? { capture: which % 4 === 0 } : { status: "authorized" }),
      };
    case "capture":
      return { type: "capture", paymentId, ...(which % 2 === 0 ? {} : { amount: money }) };
    case "void":
      return { type: "void", paymentId };
    case "record": {
      const kinds = ["authorize", "sale", "capture", "void", "refund"] as const;
      return {
        type: "record",
        paymentId,
        kind: kinds[which % 5] ?? "sale",
        amount: money,
        reference: `m${which}`,
      };
    }
    case "succeed":
      return settle("succeeded");
    case "fail":
      return settle("failed");
    case "unclear":
      return settle("unclear");
    case "resolve":
      return { type: "resolve", paymentId, outcome: "succeeded", reference: "z", reason: "seen" };
    case "expire":
      return { type: "expire-payment", paymentId };
    case "due":
      return { type: "capture-due" };
    case "unpaid":
      return { type: "cancel-unpaid" };
    default: {
      const fulfillmentOrderId = order.fulfillmentOrders[0]?.id ?? "ful_none";
      const lines = [{ lineId: "1", quantity: 1 }];
      return { type: "ship", fulfillmentOrderId, carrier: "DHL", lines };
    }
  }
};

Deno.test("nothing is authorized before there are goods, and then what is owed", () => {
  const place = (payment: Partial<Placed>, stock: number) => {
    const world = new World({ stock: { "north mug": stock }, providers: { card } });
    const order = world.place(request(mugs(4), {
      onShortage: "backorder",
      payments: [{ provider: "card", amount: gbp("60.00"), status: "promised", ...payment }],
      paymentPolicy: {
        ...{ authorizeAt: "allocation", captureAt: "shipment", fulfillWhen: "authorized" },
        unpaidCancelAfterHours: 2,
      },
    }));
    sound(order);
    return { world, order };
  };
  const { world, order: waiting } = place({ reference: "pm_1" }, 0);
  assert.equal(paymentStatusOf(paymentIn(waiting)), "promised");
  assert.deepEqual(paymentIn(waiting).transactions, []);
  assert.ok(linksOf(waiting, {}).every((link) => link.type !== "timer" || link.name !== "unpaid"));
  world.arrive("north", "mug", 4);
  const filled = world.do({ type: "fill", locationId: "north" });
  const [asked] = pendingIn(filled);
  assert.deepEqual([asked?.kind, asked?.amount, asked?.ask], ["authorize", 4000, "call"]);
  assert.deepEqual(filled.holds.map(({ code }) => code), ["payment"]);
  const authorizedNow = answer(world);
  assert.deepEqual(authorizedNow.holds, []);
  assert.equal(paymentIn(authorizedNow).authorized, 4000);
  sound(authorizedNow);
  // What is there at once is asked for at once; people are asked by nobody.
  assert.equal(pendingIn(place({}, 4).order).length, 1);
  const byHand = place({ provider: "manual" }, 4).order;
  assert.deepEqual(pendingIn(byHand), []);
  assert.ok(linksOf(byHand, {}).some((link) => link.type === "timer" && link.name === "unpaid"));
});

Deno.test("what a provider does not give back after so long is given back by people", () => {
  const rules: ProviderRules = {
    ...card,
    capabilities: { ...card.capabilities, refundWindowDays: 30 },
  };
  const askedAfter = (days: number) => {
    const world = worldOf(rules);
    world.place(request(mugs(4), { payments: [authorized("40.00", { status: "captured" })] }));
    const laterMs = Date.parse(now) + days * 86_400_000;
    const cancelled = world.tryDo({ type: "cancel", reason: "late" }, instantOf(laterMs));
    assert.ok(Result.isSuccess(cancelled));
    const order = world.order ?? assert.fail("no order");
    sound(order);
    return [...pendingIn(order).map(({ kind, ask, amount }) => [kind, ask, amount])];
  };
  assert.deepEqual(askedAfter(30), [["refund", "call", 4000]]);
  assert.deepEqual(askedAfter(31), [["refund", "hand", 4000]]);
});

/** Carries out what timers ask for by a time, and answers what is due even then. */
const stayingDue = (world: World, atMs: number): readonly string[] => {
  const due = () =>
    linksOf(world.order ?? assert.fail("no order"), {}).filter((link) =>
      link.type === "timer" && link.dueMs <= atMs
    );
  for (let round = 0; round < 20; round++) {
    const version = world.order?.version;
    for (const link of due()) {
      if (link.type === "timer") world.tryDo(link.command as OrderCommand, instantOf(atMs));
    }
    if (world.order?.version === version) break;
  }
  return due().map((link) => link.type === "timer" ? link.name : link.type);
};

Deno.test("a capture that a provider can not make at all is not tried for ever", () => {
  const world = worldOf(wholeOnly);
  world.place(request(mugs(4), {
    payments: [authorized("40.00")],
    paymentPolicy: { captureAt: "order" },
  }));
  answer(world, "failed");
  world.do({ type: "cancel", reason: "three are enough", lines: [{ lineId: "1", quantity: 1 }] });
  const laterMs = Date.parse(now) + 3_600_000;
  assert.deepEqual(stayingDue(world, laterMs), []);
  const order = world.order ?? assert.fail("no order");
  const [, again] = paymentIn(order).transactions.filter(({ kind }) => kind === "capture");
  assert.deepEqual([again?.status, again?.code, again?.amount], [
    "failed",
    "not_capturable",
    3000,
  ]);
  assert.deepEqual(attentionOf(order, paymentIn(order)), ["capture_failed"]);
  sound(order);
});

Deno.test("whatever is asked in whatever order, the bounds of every payment and the balance hold", () => {
  let done = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(
        card,
        once("captureOnFirst"),
        once("reauthorize", true),
        once("shipComplete"),
        wholeOnly,
      ),
      fc.constantFrom("any" as const, "authorized" as const, "paid" as const),
      fc.constantFrom("order" as const, "shipment" as const, "manual" as const),
      fc.constantFrom("authorized" as const, "captured" as const, "promised" as const),
      fc.constantFrom("placement" as const, "allocation" as const),
      fc.array(step, { minLength: 8, maxLength: 40 }),
      (rules, fulfillWhen, captureAt, status, authorizeAt, steps) => {
        const world = worldOf(rules);
        const expiresAt = instantOf(Date.parse(now) + 5 * 86_400_000);
        world.place(request(mugs(4), {
          payments: [authorized("40.00", { status, expiresAt })],
          paymentPolicy: { captureAt, fulfillWhen, unpaidCancelAfterHours: 1, authorizeAt },
        }));
        let atMs = Date.parse(now);
        if (world.order?.holds.length === 0) world.prepare(1);
        for (const each of steps) {
          const order = world.order ?? assert.fail();
          atMs += each.which * 3_600_000;
          const result = world.tryDo(commandOf(order, each), instantOf(atMs));
          if (Result.isSuccess(result) && result.success.version > order.version) done++;
          const after = world.order ?? assert.fail();
          sound(after);
          const { captured, refunded, refundPending, authorized: covered } = balanceOf(after);
          const disagrees = after.settlement?.payments.some((payment) =>
            payment.disagrees === true
          );
          if (disagrees !== true) {
            assert.ok(captured <= covered && refunded + refundPending <= captured);
          }
        }
        assert.deepEqual(stayingDue(world, atMs), []);
        sound(world.order ?? assert.fail());
      },
    ),
    { numRuns: 1_000 },
  );
  assert.ok(done > 4_000, `only ${done} commands were carried out`);
});
