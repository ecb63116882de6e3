/** Goods that come back with a refund: back on the shelf once, whatever came back before or comes after. */
import assert from "node:assert/strict";
import { balanceOf } from "../../src/order/balance.ts";
import { faultsOf } from "../../src/order/faults.ts";
import type { Order, OrderCommand } from "../../src/order/order.ts";
import { refundBetween } from "../../src/order/refund.ts";
import { gbp, line, request, World } from "./support.ts";

const orderOf = ({ order }: World): Order => order ?? assert.fail("there is no order");

/** Mugs at 10.00 that were paid and have left; ten stay. */
const sold = (quantity: number): World => {
  const world = new World({ stock: { "north mug": quantity + 10 } });
  world.place(request([line("mug", quantity, { unitPrice: gbp("10.00") })], {
    payments: [{ provider: "manual", amount: gbp(`${quantity}0.00`), status: "captured" }],
  }));
  world.shipAll(1);
  return world;
};

const stockOf = (world: World) => {
  const { onHand, unavailable } = world.row("north", "mug");
  return [onHand, unavailable];
};

const restock = (
  quantity: number,
  disposition: "restock" | "scrap" | "quarantine" = "restock",
) => ({
  ...{ lineId: "1", quantity, locationId: "north", disposition },
});

const refund = (
  units: readonly ReturnType<typeof restock>[],
  credited: number,
): Extract<OrderCommand, { readonly type: "refund" }> => ({
  ...{ type: "refund", reason: "came back", restock: units },
  credit: { lines: [{ lineId: "1", quantity: credited }] },
});

const returned = (quantity: number): OrderCommand => ({
  ...{ type: "request-return", goodsBack: true },
  lines: [{ lineId: "1", quantity, reason: "unwanted" }],
  received: {
    locationId: "north",
    inspected: [{ lineId: "1", quantity, disposition: "restock", accepted: true }],
  },
});

Deno.test("a refund takes goods back, credits them and gives them back in one step", () => {
  const world = sold(4);
  const before = orderOf(world);
  world.do(refund([restock(1), restock(1, "scrap"), restock(1, "quarantine")], 2));
  assert.deepEqual(stockOf(world), [12, 1]);
  assert.equal(balanceOf(orderOf(world)).refundPending, 2000);
  const { amount, credit, parts } = refundBetween(before, orderOf(world));
  assert.deepEqual([amount, credit?.amount, parts.length], [2000, 2000, 1]);
  assert.deepEqual(faultsOf(orderOf(world)), []);
});

Deno.test("each unit comes back once, by a refund or by a return, in whatever order", () => {
  const world = sold(3);
  world.do(refund([restock(1)], 1), returned(1));
  assert.deepEqual(stockOf(world), [12, 0]);
  assert.deepEqual(world.refused(refund([restock(2)], 1)), {
    _tag: "NotReturnable",
    lines: [{ lineId: "1", reason: "more-than-left", eligible: 1 }],
  });
  world.do(refund([restock(1)], 2));
  assert.equal(world.refused(returned(1))._tag, "NotReturnable");
  assert.equal(world.refused(refund([restock(1)], 1))._tag, "NotReturnable");
  assert.deepEqual([stockOf(world), balanceOf(orderOf(world)).owed], [[13, 0], 0]);
  assert.deepEqual(faultsOf(orderOf(world)), []);
});

Deno.test("what is cancelled is on its shelf, and does not come back to it", () => {
  const world = new World({ stock: { "north mug": 9 } });
  world.place(request([line("mug", 3, { unitPrice: gbp("10.00") })], {
    payments: [{ provider: "manual", amount: gbp("30.00"), status: "captured" }],
  }));
  world.do({ type: "cancel", reason: "changed mind", lines: [{ lineId: "1", quantity: 1 }] });
  world.shipAll(1);
  assert.deepEqual(stockOf(world), [7, 0]);
  assert.equal(world.refused(refund([restock(3)], 3))._tag, "NotReturnable");
  world.do(refund([restock(2)], 2));
  assert.deepEqual([stockOf(world), world.row("north", "mug").reserved], [[9, 0], 0]);
});

Deno.test("a refund that gives nothing back takes nothing back", () => {
  const world = sold(2);
  const before = orderOf(world);
  const { credit: _, ...nothing } = refund([restock(1)], 1);
  assert.equal(world.refused(nothing)._tag, "NothingToRefund");
  const wrong = [
    { ...restock(1), lineId: "9" },
    { ...restock(1), locationId: "moon" },
    { ...restock(1), quantity: 0 },
  ];
  for (const each of wrong) assert.equal(world.refused(refund([each], 1))._tag, "InvalidCommand");
  assert.deepEqual(world.refused({ type: "refund", reason: "sorry", to: "storeCredit" }), {
    ...{ _tag: "InvalidCommand", pointer: "/to" },
    detail: "There are no accounts that could have store credit: it goes to the payments.",
  });
  assert.equal(orderOf(world), before);
  assert.deepEqual(stockOf(world), [10, 0]);
});

Deno.test("goods, their tax, shipping and its tax are credited each up to its own rest", () => {
  const world = new World({ stock: { "north mug": 9 } });
  world.place(request([line("mug", 1, { unitPrice: gbp("10.00"), tax: gbp("2.00") })], {
    shipping: { amount: gbp("6.00"), tax: gbp("1.20") },
    payments: [{ provider: "manual", amount: gbp("19.20"), status: "captured" }],
  }));
  world.shipAll(1);
  const credit = { type: "credit", reason: "late" } as const;
  assert.deepEqual(world.refused({ ...credit, shippingAmount: gbp("6.01") }), {
    ...{ _tag: "AmountExceeded", available: 600, currency: "GBP" },
  });
  assert.deepEqual(world.refused({ ...credit, shippingTax: gbp("1.21") }), {
    ...{ _tag: "AmountExceeded", available: 120, currency: "GBP" },
  });
  assert.equal(world.refused({ ...credit, shippingAmount: gbp("0.00") })._tag, "InvalidCommand");
  world.do({ ...credit, shippingAmount: gbp("2.00") });
  world.do({ ...credit, shippingTax: gbp("0.50") });
  assert.equal(balanceOf(orderOf(world)).owed, 1920 - 240 - 50);
  assert.deepEqual(world.refused({ ...credit, shippingTax: gbp("0.31") }), {
    ...{ _tag: "AmountExceeded", available: 30, currency: "GBP" },
  });
  world.do({ ...credit, shipping: true });
  assert.equal(balanceOf(orderOf(world)).owed, 1200);
  assert.equal(world.refused({ ...credit, shippingAmount: gbp("0.01") })._tag, "InvalidCommand");
  assert.equal(world.refused({ ...credit, shipping: true })._tag, "InvalidCommand");
  assert.deepEqual(faultsOf(orderOf(world)), []);
});
