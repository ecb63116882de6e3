/**
 * Storms of everything that moves what an order is worth: after each step it must owe, and be owed, what an
 * exact model of the same steps says.
 */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { formatAmount } from "../../src/kernel/money.ts";
import { balanceOf, currentTotals } from "../../src/order/balance.ts";
import { faultsOf } from "../../src/order/faults.ts";
import type { Order, OrderCommand, OrderEvent } from "../../src/order/order.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { ProviderRules } from "../../src/payment/provider.ts";
import { minorUnits, MoneyModel, MovedMoney, parts } from "./money-model.ts";
import { placedOrder, pricing } from "./priced.ts";
import { allKinds, commandsOf, stepOf } from "./storms.ts";
import { World } from "./support.ts";

const card: ProviderRules = {
  type: "http",
  capabilities: { multipleCaptures: true, partialCapture: true, reauthorize: false },
  singleCapture: "captureOnFirst",
};

const ways = ["card", "card, more", "card, captured", "manual", "two", "promised", "none"] as const;

const storm = fc.record({
  ...pricing,
  percentOff: fc.nat({ max: 40 }),
  fee: fc.nat({ max: 500 }),
  way: fc.constantFrom(...ways),
  captureAt: fc.constantFrom("order" as const, "shipment" as const, "manual" as const),
  refundOnCancel: fc.constantFrom("automatic" as const, "manual" as const),
  steps: fc.array(stepOf(allKinds), { minLength: 20, maxLength: 50, size: "max" }),
});
type Storm = typeof storm extends fc.Arbitrary<infer A> ? A : never;

const paymentsOf = (
  { way, currency }: Storm,
  total: number,
): NonNullable<PlaceOrderRequest["payments"]> => {
  const money = (units: number) => ({ amount: formatAmount(units, currency), currency });
  const by = (
    provider: "card" | "manual",
    status: "authorized" | "captured" | "promised",
    units: number,
  ) => units === 0 ? [] : [{ provider, status, amount: money(units) }];
  const half = Math.floor(total / 2);
  switch (way) {
    case "card":
      return by("card", "authorized", total);
    case "card, more":
      return by("card", "authorized", total + 1_001);
    case "card, captured":
      return by("card", "captured", total);
    case "manual":
      return by("manual", "captured", total);
    case "two":
      return [...by("card", "authorized", half), ...by("manual", "captured", total - half)];
    case "promised":
      return by("manual", "promised", total);
    case "none":
      return [];
  }
};

/** The order as it is placed, its model, and what moves. */
const begin = (given: Storm) => {
  const { currency, included, lines, percentOff, shipping } = given;
  const money = (units: number) => ({ amount: formatAmount(units, currency), currency });
  const stock = Object.fromEntries([0, 1, 2, 3].map((n) => [`north s${n}`, 1_000]));
  const plain = placedOrder(given);
  const afterDiscounts = lines.reduce((sum, { unitPrice, quantity, discounted }) => {
    const goods = unitPrice * quantity;
    return sum + goods - Math.floor(goods * discounted / 100);
  }, 0);
  // A tax within prices would not fit any more into a line that costs less.
  const off = included ? 0 : Math.floor(afterDiscounts * percentOff / 100);
  const fee = included ? 0 : given.fee;
  const priced: PlaceOrderRequest = {
    ...plain,
    ...(off === 0 ? {} : { discounts: [{ amount: money(off) }] }),
    ...(fee === 0 ? {} : { fees: [{ code: "wrap", amount: money(fee), tax: money(fee % 7) }] }),
  };
  const { total } = new World({ stock }).place({ ...priced }).totals;
  const payments = paymentsOf(given, total);
  const { captureAt, refundOnCancel } = given;
  const world = new World({ stock, providers: { card } });
  const model = new MoneyModel({
    included,
    lines: priced.lines.map(({ unitPrice, quantity, discount, tax }) => ({
      unitPrice: minorUnits(unitPrice),
      units: BigInt(quantity),
      discount: discount === undefined ? 0n : minorUnits(discount),
      tax: tax === undefined ? 0n : minorUnits(tax),
    })),
    orderDiscount: BigInt(off),
    shipping: BigInt(shipping),
    ...{ fee: BigInt(fee), feeTax: BigInt(fee % 7) },
  });
  const moved = new MovedMoney();
  const order = world.place({
    ...priced,
    payments,
    paymentPolicy: { captureAt, refundOnCancel },
  });
  for (const [n, { amount, status }] of payments.entries()) {
    const { id } = order.settlement?.payments[n] ?? assert.fail("no payment");
    moved.add(id, minorUnits(amount), status);
  }
  for (const event of world.history) moved.see(event);
  return { world, model, moved };
};

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

const positive = (amount: bigint): bigint => amount > 0n ? amount : 0n;

const paidOf = (moved: MovedMoney): bigint =>
  moved.sum(({ captured, refunded }) => captured - refunded);

const refundDueOf = (model: MoneyModel, moved: MovedMoney): bigint =>
  positive(paidOf(moved) - moved.sum(({ refunding }) => refunding) - model.owed.whole);

/** The order says of its money what the model says. */
const assertSame = (order: Order, model: MoneyModel, moved: MovedMoney): void => {
  const { whole, exact, rounded } = model.owed;
  const off = whole * parts - exact;
  assert.ok(
    off <= rounded * parts && -off <= rounded * parts,
    `${whole} is off the exact sum by more than its ${rounded} roundings`,
  );
  const said = balanceOf(order);
  const paid = paidOf(moved);
  assert.deepEqual(
    {
      owed: BigInt(said.owed),
      total: BigInt(currentTotals(order).total),
      captured: BigInt(said.captured),
      refunded: BigInt(said.refunded),
      capturing: BigInt(said.capturePending),
      refunding: BigInt(said.refundPending),
      due: BigInt(said.due),
      refundDue: BigInt(said.refundDue),
    },
    {
      owed: whole,
      total: whole,
      captured: moved.sum(({ captured }) => captured),
      refunded: moved.sum(({ refunded }) => refunded),
      capturing: moved.sum(({ capturing }) => capturing),
      refunding: moved.sum(({ refunding }) => refunding),
      due: positive(whole - paid),
      refundDue: refundDueOf(model, moved),
    },
  );
  for (const [id, account] of moved.accounts) {
    const { authorized, captured, capturing, refunded, refunding } = account;
    const isManual = order.settlement?.payments.find((each) =>
      each.id === id
    )?.provider === "manual";
    assert.ok(isManual || captured + capturing <= authorized, `${id} captures too much`);
    assert.ok(refunded + refunding <= captured, `${id} gives back too much`);
  }
  assert.deepEqual(faultsOf(order), []);
};

/** What the order has, or has asked for, of what is owed. */
const hasOf = (moved: MovedMoney): bigint =>
  paidOf(moved) +
  moved.sum(({ refunding, capturing, selling }) => capturing + selling - refunding);

/** What was asked for follows from what happened: neither more nor less of it. */
const assertAsked = (
  events: readonly OrderEvent[],
  command: OrderCommand,
  { captureAt, refundOnCancel }: Storm,
  before: { readonly has: bigint },
  { model, moved, world }: ReturnType<typeof begin>,
): void => {
  const asked = (kind: string): bigint => {
    let sum = 0n;
    for (const event of events) {
      if (event.type === "payment.requested" && event.kind === kind) sum += BigInt(event.amount);
    }
    return sum;
  };
  const owed = model.owed.whole;
  if (command.type !== "capture") {
    const most = positive(owed - before.has);
    assert.ok(asked("capture") <= most || paidOf(moved) <= owed, "more is captured than is owed");
  }
  if (command.type === "refund") {
    const paid = paidOf(moved) - moved.sum(({ refunding }) => refunding);
    assert.ok(paid >= owed, "what is owed is given back");
    if (command.amount !== undefined) assert.equal(asked("refund"), minorUnits(command.amount));
    else assert.equal(refundDueOf(model, moved), 0n);
  }
  if (events.length === 0) return;
  const { status } = orderOf(world);
  if (command.type === "cancel" && refundOnCancel === "automatic") {
    assert.equal(refundDueOf(model, moved), 0n, "money is kept for what was cancelled");
  }
  const isOver = [...moved.accounts.values()].some((account) => account.isOver);
  if (status === "cancelled" || isOver || captureAt === "manual") return;
  const due = captureAt === "order" ? owed : model.owedForShipped.whole;
  const free = [...moved.accounts].some(([id, { authorized, captured, capturing }]) =>
    orderOf(world).settlement?.payments.some((each) =>
      each.id === id && each.provider === "card"
    ) &&
    authorized > captured + capturing
  );
  assert.ok(!free || hasOf(moved) >= (due < owed ? due : owed), "what is due is not captured");
};

/** Carries a step out in both; says by what it was counted where it was done. */
const carryOut = (
  given: Storm,
  run: ReturnType<typeof begin>,
  command: OrderCommand,
): boolean => {
  const { world, model, moved } = run;
  const before = orderOf(world);
  const has = hasOf(moved);
  const seen = world.history.length;
  const result = world.tryDo(command);
  if (Result.isFailure(result)) {
    assert.equal(world.order, before, "a refusal changes nothing");
    return false;
  }
  const events = world.history.slice(seen);
  // A repeat that changes nothing is not taken again.
  if (events.length > 0) model.take(command, orderOf(world));
  for (const event of events) moved.see(event);
  assertSame(orderOf(world), model, moved);
  assertAsked(events, command, given, { has }, run);
  return events.length > 0;
};

/** How often a storm has to get somewhere, so that it proves anything. */
const wanted: Readonly<Partial<Record<OrderCommand["type"], number>>> = {
  ...{ ship: 700, cancel: 120, edit: 700, credit: 150, refund: 90, settle: 250, capture: 60 },
  ...{ record: 70, "add-payment": 200, "receive-return": 30, "inspect-return": 10, void: 4 },
};

Deno.test("in any storm of cancellations, parcels, returns, exchanges, credits, captures, refunds and edits every prefix balances", () => {
  const done: Record<string, number> = {};
  let exchanged = 0;
  fc.assert(
    fc.property(storm, (given) => {
      const run = begin(given);
      assertSame(orderOf(run.world), run.model, run.moved);
      for (const step of given.steps) {
        for (const command of commandsOf(orderOf(run.world), step)) {
          if (!carryOut(given, run, command)) continue;
          done[command.type] = (done[command.type] ?? 0) + 1;
          if (command.type === "request-return" && command.exchange !== undefined) exchanged++;
        }
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(exchanged >= 20, `only ${exchanged} exchanges`);
  for (const [type, least] of Object.entries(wanted)) {
    assert.ok((done[type] ?? 0) >= least, `only ${done[type] ?? 0} times ${type} was done`);
  }
});
