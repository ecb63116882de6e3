/** Credits of what comes back: each unit once, by its stored shares, whatever else happens in whatever order. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { moneyOf } from "../../src/kernel/money.ts";
import { balanceOf, currentTotals } from "../../src/order/balance.ts";
import { creditedUnits, isShippingCredited } from "../../src/order/credit-units.ts";
import { faultsOf } from "../../src/order/faults.ts";
import { orderCodec } from "../../src/order/order-codec.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import { quantitiesOf } from "../../src/order/quantities.ts";
import { planRefund } from "../../src/order/refund.ts";
import { acceptedUnits } from "../../src/order/return-units.ts";
import { isWithin, placedOrder, pricing } from "./priced.ts";
import { commandsOf, returnKinds, stepOf } from "./storms.ts";
import { gbp, line, request, World } from "./support.ts";

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

const sound = (order: Order): void => {
  assert.deepEqual(faultsOf(order), []);
  const personal = { customer: { name: "Ada" } };
  const packed = orderCodec.pack({ state: order, personal, history: [] });
  assert.deepEqual(orderCodec.unpack(packed).state, order);
};

/** So many units of the first line come back, and the seller stands for them. */
const returned = (quantity: number, accepted = true): OrderCommand => ({
  ...{ type: "request-return", goodsBack: true },
  lines: [{ lineId: "1", quantity, reason: "unwanted" }],
  received: {
    locationId: "north",
    inspected: [{ lineId: "1", quantity, disposition: "restock", accepted }],
  },
});

/** Mugs that were paid for and have left. */
const soldMugs = (quantity: number, more: Parameters<typeof request>[1] = {}): World => {
  const world = new World({ stock: { "north mug": 100 } });
  world.place(request([line("mug", quantity, { unitPrice: gbp("10.00") })], {
    payments: [{ provider: "manual", amount: gbp(`${quantity}0.00`), status: "captured" }],
    ...more,
  }));
  world.shipAll(1);
  return world;
};

Deno.test("what is inspected is not credited by that, what is credited is not given back by that", () => {
  const world = soldMugs(2);
  world.do(returned(1));
  assert.equal(balanceOf(orderOf(world)).owed, 2000);
  world.do({ type: "credit", reason: "came back" });
  assert.deepEqual(
    [balanceOf(orderOf(world)).owed, balanceOf(orderOf(world)).refundDue],
    [1000, 1000],
  );
  world.do({ type: "refund", reason: "came back" });
  assert.deepEqual(
    [balanceOf(orderOf(world)).refundPending, balanceOf(orderOf(world)).refundDue],
    [1000, 0],
  );
  sound(orderOf(world));
});

Deno.test("a unit is credited once, and not when the seller does not stand for it", () => {
  const world = soldMugs(3);
  const one = [{ lineId: "1", quantity: 1 }];
  const credit = { type: "credit", reason: "came back" } as const;
  assert.deepEqual(world.refused(credit), { _tag: "NotCreditable", lines: [] });
  world.do(returned(1), returned(1, false));
  assert.deepEqual(world.refused({ ...credit, lines: [{ lineId: "1", quantity: 2 }] }), {
    _tag: "NotCreditable",
    lines: [{ lineId: "1", quantity: 1 }],
  });
  world.do({ ...credit, lines: one });
  assert.deepEqual(world.refused({ ...credit, lines: one }), {
    _tag: "NotCreditable",
    lines: [{ lineId: "1", quantity: 0 }],
  });
  assert.equal(
    world.refused({ type: "refund", reason: "again", credit: {} })._tag,
    "NotCreditable",
  );
  assert.equal(balanceOf(orderOf(world)).owed, 2000);
  sound(orderOf(world));
});

Deno.test("a goodwill credit stays with its units: returning them gives the rest only", () => {
  const world = soldMugs(2);
  world.do({ type: "refund", goodwill: true, reason: "scratched", amount: gbp("4.00") });
  world.do(returned(1));
  world.do({ type: "refund", reason: "came back", credit: {} });
  let { refundPending, owed } = balanceOf(orderOf(world));
  assert.deepEqual([refundPending, owed], [1200, 800]);
  // More off what stays: what came back has none of it.
  world.do({ type: "refund", goodwill: true, reason: "late", amount: gbp("3.00") });
  world.do(returned(1));
  world.do({ type: "refund", reason: "came back", credit: {} });
  ({ refundPending, owed } = balanceOf(orderOf(world)));
  assert.deepEqual([refundPending, owed], [2000, 0]);
  sound(orderOf(world));
});

Deno.test("a fee is kept back, of no more than is credited, and shipping is credited once", () => {
  const world = soldMugs(1, {
    shipping: { amount: gbp("5.00"), tax: gbp("1.00") },
    payments: [{ provider: "manual", amount: gbp("16.00"), status: "captured" }],
  });
  world.do(returned(1));
  const refund = { type: "refund", reason: "came back" } as const;
  assert.deepEqual(world.refused({ ...refund, credit: { fee: gbp("10.01") } }), {
    ...{ _tag: "AmountExceeded", available: 1000, currency: "GBP" },
  });
  world.do({ ...refund, credit: { fee: gbp("2.50") } });
  assert.equal(balanceOf(orderOf(world)).refundPending, 750);
  world.do({ ...refund, credit: { shipping: true } });
  assert.deepEqual(
    [balanceOf(orderOf(world)).refundPending, balanceOf(orderOf(world)).owed],
    [1350, 250],
  );
  assert.deepEqual(world.refused({ ...refund, credit: { shipping: true } }), {
    ...{ _tag: "InvalidCommand", pointer: "/credit/shipping" },
    detail: "Shipping is not owed any more.",
  });
  sound(orderOf(world));
});

Deno.test("what was credited is edited no more", () => {
  const world = new World({ stock: { "north mug": 9 } });
  world.place(request([line("mug", 2)], { shipping: { amount: gbp("5.00") }, paymentPolicy: {} }));
  world.do({ type: "credit", reason: "late", shipping: true });
  assert.equal(balanceOf(orderOf(world)).owed, 500);
  const edit = (amount: string): OrderCommand => ({
    ...{ type: "edit", reason: "another price" },
    changes: [{ type: "set-shipping", amount: gbp(amount) }],
  });
  assert.equal(world.refused(edit("6.00"))._tag, "InvalidCommand");
  assert.equal(balanceOf(orderOf(world)).owed, 500);
});

Deno.test("a refund that would credit and has nothing to give back changes nothing", () => {
  const world = soldMugs(1, {
    payments: [{ provider: "manual", amount: gbp("10.00"), status: "promised" }],
  });
  world.do(returned(1));
  const before = orderOf(world);
  const refund = { type: "refund", reason: "came back", credit: {} } as const;
  assert.equal(world.refused(refund)._tag, "NothingToRefund");
  assert.equal(world.refused({ ...refund, goodwill: true })._tag, "InvalidCommand");
  assert.equal(orderOf(world), before);
  world.do({ type: "credit", reason: "came back" });
  assert.deepEqual([balanceOf(orderOf(world)).owed, balanceOf(orderOf(world)).due], [0, 0]);
});

Deno.test("a unit that is credited twice, or for another amount, is found", () => {
  const world = soldMugs(3, { discounts: [{ amount: gbp("5.00") }] });
  world.do(returned(2), { type: "credit", reason: "one", lines: [{ lineId: "1", quantity: 1 }] });
  const order = orderOf(world);
  const { settlement } = order;
  const [credit] = settlement?.credits ?? [];
  const [units] = credit?.returned ?? [];
  if (settlement === undefined || credit === undefined || units === undefined) assert.fail();
  assert.deepEqual([units.goods, units.tax, units.given], [833, 0, 0]);
  const faults = (...credits: readonly (typeof credit)[]) => [
    ...new Set(
      faultsOf({ ...order, settlement: { ...settlement, credits } }).map(({ invariant }) =>
        invariant
      ),
    ),
  ];
  const next = { ...credit, returned: [{ ...units, goods: 834 }] };
  assert.deepEqual(faults(credit, next), [], "the second unit has another share");
  assert.deepEqual(faults(credit, credit), ["order-balance"]);
  assert.deepEqual(faults(credit, next, credit), ["order-balance"], "nobody accepted the third");
  assert.deepEqual(faults({ ...credit, returned: [{ ...units, tax: 1 }] }), ["order-balance"]);
  assert.deepEqual(faults({ ...credit, returned: [{ ...units, quantity: 4 }] }), [
    "order-balance",
    "line-money",
  ]);
  assert.deepEqual(faults({ ...credit, fee: -1 }), ["order-balance"]);
});

const setup = fc.record({
  ...pricing,
  isPaid: fc.boolean(),
  steps: fc.array(stepOf(returnKinds), { minLength: 6, maxLength: 24 }),
});

/** What is credited of each line is its first units, by exact fractions of what the line was placed with. */
const checkLines = (order: Order): void => {
  const credits = order.settlement?.credits ?? [];
  const accepted = new Map(acceptedUnits(order).map((each) => [each.lineId, each.quantity]));
  const gone = creditedUnits(order);
  const left = quantitiesOf(order);
  for (const [n, { id, unitPrice, quantity, discount, tax }] of order.lines.entries()) {
    const units = gone[n] ?? 0;
    assert.ok(units <= (accepted.get(id) ?? 0), `line ${id} has ${units} units credited`);
    assert.ok((accepted.get(id) ?? 0) <= (left[n]?.shipped ?? 0));
    const parts = credits.flatMap(({ returned = [] }) => returned).filter(({ lineId }) =>
      lineId === id
    );
    assert.equal(parts.reduce((sum, each) => sum + each.quantity, 0), units);
    const goods = parts.reduce((sum, each) => sum + each.goods, 0);
    const taxes = parts.reduce((sum, each) => sum + each.tax, 0);
    const [k, of] = [BigInt(units), BigInt(quantity)];
    assert.ok(isWithin(1n, unitPrice * units - goods, BigInt(discount) * k, of), "discount");
    assert.ok(isWithin(1n, taxes, BigInt(tax) * k, of), "tax");
  }
};

/** Where all that is left came back, only fees are owed, and shipping unless it is credited. */
const checkEnd = (order: Order): void => {
  const gone = creditedUnits(order);
  const isAll = order.lines.every(({ quantity, cancelled }, n) =>
    quantity - cancelled === (gone[n] ?? 0)
  );
  if (!isAll) return;
  const { subtotal, discount, tax, credited, total, returnFees, shipping } = currentTotals(order);
  assert.deepEqual([subtotal, discount, tax, credited], [0, 0, 0, 0]);
  assert.equal(total, returnFees + shipping);
  if (isShippingCredited(order)) assert.equal(shipping, 0);
};

/** Does it, and says by how much less is owed by what happened other than cancellations. */
const step = (world: World, command: OrderCommand): { credited: number; isDone: boolean } => {
  const before = orderOf(world);
  const plan = command.type === "refund" ? planRefund(before, command) : null;
  const first = world.history.length;
  const result = world.tryDo(command);
  if (plan !== null) assert.equal(Result.isSuccess(plan), Result.isSuccess(result));
  const order = orderOf(world);
  const now = balanceOf(order);
  if (plan !== null && Result.isSuccess(plan)) {
    // The preview is the refund, and what is given back was paid and is not owed.
    const was = balanceOf(before);
    assert.equal(now.refundPending - was.refundPending, plan.success.amount);
    assert.ok(now.captured - now.refunded - now.refundPending >= now.owed);
  }
  let credited = 0;
  for (const event of world.history.slice(first)) {
    if (event.type === "order.credited") credited += event.amount;
  }
  return { credited, isDone: Result.isSuccess(result) };
};

Deno.test("whatever leaves, comes back, is credited and given back in whatever order, every prefix balances", () => {
  let credits = 0;
  fc.assert(
    fc.property(setup, (given) => {
      const stock = Object.fromEntries(given.lines.map((_, n) => [`north s${n}`, 100]));
      const world = new World({ stock });
      const placed = placedOrder(given);
      const { total } = new World({ stock }).place(placed).totals;
      world.place(
        !given.isPaid || total === 0 ? placed : {
          ...placed,
          payments: [{
            provider: "manual",
            amount: moneyOf(total, given.currency),
            status: "captured",
          }],
        },
      );
      let takenOff = 0;
      for (const each of given.steps) {
        for (const command of commandsOf(orderOf(world), each)) {
          const before = currentTotals(orderOf(world)).total;
          const { credited, isDone } = step(world, command);
          const order = orderOf(world);
          const after = currentTotals(order).total;
          if (command.type === "cancel" || command.type === "edit") takenOff += before - after;
          else takenOff += credited;
          if (credited > 0 && isDone) credits++;
          // What was cancelled or edited, what was credited and what is left make the whole.
          assert.equal(after + takenOff, total);
          checkLines(order);
          checkEnd(order);
          sound(order);
        }
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(credits > 300, `only ${credits} credits were made`);
});
