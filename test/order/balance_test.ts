/** What an order costs after units left it: every sequence balances to the minor unit. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  balanceOf,
  currentTotals,
  orderPaymentStatusOf,
  owedFor,
} from "../../src/order/balance.ts";
import type { Order } from "../../src/order/order.ts";
import { isWithin, placedOrder, pricing } from "./priced.ts";
import { request, World } from "./support.ts";

const setup = fc.record({
  ...pricing,
  steps: fc.array(
    fc.record({
      ships: fc.boolean(),
      line: fc.nat({ max: 3 }),
      units: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 10 },
  ),
});

const checkComponents = (order: Order): void => {
  const totals = currentTotals(order);
  const units = order.lines.map(({ quantity, cancelled }) => quantity - cancelled);
  const gross = order.lines.reduce((sum, line, n) => sum + line.unitPrice * (units[n] ?? 0), 0);
  assert.equal(totals.subtotal, gross);
  for (const name of ["discount", "tax"] as const) {
    // Each line's share is the nearest to its exact fraction, so the sum is as near as there are lines.
    let [numerator, denominator] = [0n, 1n];
    for (const [n, line] of order.lines.entries()) {
      const [above, below] = [BigInt(line[name]) * BigInt(units[n] ?? 0), BigInt(line.quantity)];
      numerator = numerator * below + above * denominator;
      denominator *= below;
    }
    assert.ok(
      isWithin(BigInt(order.lines.length), totals[name], numerator, denominator),
      `${name} is ${totals[name]} for ${numerator}/${denominator}`,
    );
  }
};

Deno.test("what is owed is what is left, to the minor unit, after every prefix of cancellations and shipments", () => {
  fc.assert(
    fc.property(setup, (given) => {
      const stock = Object.fromEntries(given.lines.map((_, n) => [`north s${n}`, 100]));
      const world = new World({ stock });
      let order = world.place(placedOrder(given));
      const { total } = order.totals;
      let takenOff = 0;
      assert.equal(balanceOf(order).owed, total);
      for (const { ships, line, units } of given.steps) {
        const before = currentTotals(order).total;
        const one = order.lines[line % order.lines.length];
        if (one === undefined) continue;
        const lines = [{ lineId: one.id, quantity: units }];
        if (ships) {
          for (const [n, { id, status }] of order.fulfillmentOrders.entries()) {
            if (status === "open") world.prepare(n + 1);
            world.tryDo({ type: "ship", fulfillmentOrderId: id, carrier: "DHL", lines });
          }
        } else world.tryDo({ type: "cancel", reason: "changed mind", lines });
        order = world.order ?? order;
        const after = currentTotals(order).total;
        if (ships) assert.equal(after, before, "what leaves is owed as before");
        takenOff += before - after;
        // What was taken off and what is left make the whole, and no unit is taken off twice.
        assert.equal(after + takenOff, total);
        checkComponents(order);
        const { owed, due, refundDue } = balanceOf(order);
        assert.equal(owed, after);
        assert.equal(due, owed);
        assert.equal(refundDue, 0);
        const shipped = owedFor(order, "shipped");
        assert.ok(shipped <= owed && shipped >= 0, `${shipped} of ${owed}`);
        if (order.status === "shipped") assert.equal(shipped, owed);
        if (order.status === "cancelled") assert.equal(owed, 0);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("an order that costs nothing is paid, and never refunded", () => {
  const world = new World({ stock: { "north tea": 1 } });
  const free = { amount: "0.00", currency: "GBP" };
  const order = world.place(
    request([{ sku: "tea", quantity: 1, unitPrice: free }], { paymentPolicy: {} }),
  );
  assert.equal(orderPaymentStatusOf(order, balanceOf(order)), "paid");
  const cancelled = world.do({ type: "cancel", reason: "changed mind" });
  assert.equal(orderPaymentStatusOf(cancelled, balanceOf(cancelled)), "paid");
});
